"""What an answer of the province means: the body it carries, or one of the three outcomes that are not success."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.errors import AgentError, HandoffError, HandoffOutcomeUnknown, HandoffRejected, HandoffUnavailable
from agent.soap.contract import ENVELOPE, first_fault, qualified
from agent.soap.messages import local_name, truth
from agent.soap.transport import Reply

if TYPE_CHECKING:
    from lxml.etree import _Element

QUERIES = frozenset(
    {
        "GetProcedures",
        "LookupReusableDocuments",
        "GetUploadState",
        "GetSubmission",
        "GetStatusChanges",
        "CompareDigests",
        "ListBucket",
    }
)
"""Operations that change nothing: an unusable answer to them is "unavailable", never "unknown"."""

WORDS = {
    "CHUNK_INVALID": "một phần tệp đến nơi bị hỏng; phần đó sẽ được gửi lại",
    "CHUNK_GAP": "tỉnh chưa nhận đủ phần trước của tệp; sẽ hỏi lại rồi gửi tiếp",
    "FILE_DIGEST": "tệp ghép ở tỉnh không khớp; tệp sẽ được gửi lại từ đầu",
    "FILE_TOO_LARGE": "tệp lớn hơn mức tỉnh cho phép; hãy quét lại với dung lượng nhỏ hơn",
    "FILE_MISSING": "tỉnh chưa có đủ tệp của hồ sơ; gửi tệp rồi nộp lại",
    "DIGEST_MISMATCH": "nội dung đến nơi khác với nội dung đã gửi; báo người quản trị",
    "KEY_REUSE": "khóa gửi đã dùng cho nội dung khác; báo người quản trị, không gửi lại",
    "NUMBER_UNKNOWN": "số hồ sơ không do tỉnh cấp cho bưu cục này; xin cấp số lại",
    "NUMBER_TAKEN": "số hồ sơ đã thuộc hồ sơ khác; xin cấp số lại",
    "PROCEDURE_UNKNOWN": "tỉnh không nhận thủ tục này nữa; cập nhật danh mục rồi chọn lại",
    "OFFICE_UNKNOWN": "bưu cục chưa có trong hợp đồng với tỉnh; báo người quản trị",
    "DOSSIER_UNKNOWN": "tỉnh không có hồ sơ này; kiểm tra lại số hồ sơ",
    "RESULT_UNKNOWN": "tỉnh không có kết quả này của hồ sơ; kiểm tra lại danh sách kết quả",
    "NOT_ASKED": "tỉnh không đang chờ bổ sung hồ sơ này; xem lại trạng thái",
    "CONTENT_INVALID": "nội dung sai quy tắc; sửa mục được nêu rồi gửi lại",
    "SCHEMA_INVALID": "thông điệp không đúng lược đồ; báo người quản trị",
    "MESSAGE_INVALID": "thông điệp không hợp lệ; báo người quản trị",
    "MESSAGE_LIMIT": "thông điệp quá lớn; báo người quản trị",
    "OPERATION_UNKNOWN": "hệ thống của tỉnh không có thao tác này; báo người quản trị",
    "BUSY": "hệ thống của tỉnh đang bận; sẽ tự gửi lại",
}
"""What each error code of the contract asks of the clerk."""


def body_of(operation: str, reply: Reply) -> _Element:
    """The validated `<Op>Response` element of an answer; raises the outcome otherwise."""
    if reply.status in (429, 503) and not _is_xml(reply):
        raise HandoffUnavailable("Hệ thống của tỉnh đang tạm ngừng. Hồ sơ vẫn nằm trong hàng đợi và sẽ tự gửi lại.")
    if reply.status == 413:
        raise rejected("MESSAGE_LIMIT", "")
    if reply.status in (401, 403, 404, 405, 415):
        raise HandoffUnavailable(
            f"Địa chỉ của tỉnh trả lời mã HTTP {reply.status}. Báo người quản trị kiểm tra địa chỉ và quyền truy cập."
        )
    element = _body_child(reply)
    if element is None:
        raise unclear(operation)
    if element.tag == f"{{{ENVELOPE}}}Fault":
        raise _fault(operation, element)
    if reply.status != 200 or element.tag != qualified(f"{operation}Response") or first_fault(element):
        raise unclear(operation)
    return element


def rejected(code: str, field: str) -> HandoffRejected:
    """The province's refusal in words for the clerk; the province's own text is not repeated."""
    words = WORDS.get(code, f"mã lỗi {code}; báo người quản trị")
    place = f" (mục “{field}”)" if field else ""
    return HandoffRejected(f"Tỉnh không nhận{place}: {words}.", error_code=code, field=field)


def unclear(operation: str) -> HandoffError:
    """The outcome when an answer is missing, damaged or for something else."""
    if operation in QUERIES:
        return HandoffUnavailable(
            f"Hệ thống của tỉnh trả lời không đọc được ({operation}). Không có gì thay đổi; sẽ tự hỏi lại."
        )
    return HandoffOutcomeUnknown(
        f"Chưa rõ tỉnh đã nhận hay chưa ({operation}). Đang hỏi lại tỉnh; không gửi lại bằng tay."
    )


def _fault(operation: str, fault: _Element) -> AgentError:
    detail = fault.find(f"detail/{qualified('Fault')}")
    if detail is None or first_fault(detail):
        return unclear(operation)
    parts = {local_name(child): child.text or "" for child in detail}
    code, field = parts["errorCode"], parts.get("field", "")
    if code == "INTERNAL":
        return unclear(operation)
    if truth(parts["retryable"]):
        words = WORDS.get(code, f"mã lỗi {code}")
        return HandoffUnavailable(f"Tỉnh chưa xử lý được: {words}.", code=f"handoff-{code.lower().replace('_', '-')}")
    return rejected(code, field[:100])


def _is_xml(reply: Reply) -> bool:
    return reply.content_type.split(";")[0].strip().lower() in ("text/xml", "application/xml")


def _body_child(reply: Reply) -> _Element | None:
    """The only child of the only Body, or None when this is not a SOAP 1.1 answer."""
    from lxml import etree

    if not _is_xml(reply) or not reply.content:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(reply.content, parser)
    except etree.XMLSyntaxError:
        return None
    information: Any = root.getroottree().docinfo
    if information.doctype or root.tag != f"{{{ENVELOPE}}}Envelope":
        return None
    bodies = root.findall(f"{{{ENVELOPE}}}Body")
    return bodies[0][0] if len(bodies) == 1 and len(bodies[0]) == 1 else None
