"""What an answer of the province means: the body it carries, or one of the three outcomes that are not success."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.errors import (
    AgentError,
    HandoffDrift,
    HandoffDriftUnavailable,
    HandoffDriftUnknown,
    HandoffError,
    HandoffFailedInside,
    HandoffFault,
    HandoffOutcomeUnknown,
    HandoffRejected,
    HandoffUnavailable,
)
from agent.soap.caps import ANSWER, Forbidden, TooHeavy, weigh
from agent.soap.contract import ENVELOPE, QUERIES, first_fault, qualified
from agent.soap.contract.newer import leave_out_unknown
from agent.soap.encodings import Unreadable, utf8_of
from agent.soap.messages import local_name, truth
from agent.soap.tls import blocked
from agent.soap.transport import Reply

if TYPE_CHECKING:
    from lxml.etree import _Element

log = logging.getLogger(__name__)

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
    "LOOKUP_LIMIT": "đã tra cứu quá số lần cho phép; chờ rồi hỏi lại",
    "WITHDRAW_CLOSED": "hồ sơ đã kết thúc, không rút được nữa; xem lại trạng thái",
    "PAYMENT_CONFLICT": "bút toán tiền đã báo với nội dung khác; đối soát sổ thu rồi báo người quản trị",
    "AUTHENTICATION_FAILED": "tỉnh không xác thực được bưu cục; báo người quản trị kiểm tra tài khoản",
    "SIGNATURE_INVALID": "chữ ký của thông điệp không đúng; báo người quản trị kiểm tra chứng thư",
    "MESSAGE_EXPIRED": "đồng hồ của máy lệch quá mức; chỉnh giờ rồi gửi lại",
    "MESSAGE_REPLAYED": "thông điệp bị gửi lặp trên đường truyền; báo người quản trị",
    "BUSY": "hệ thống của tỉnh đang bận; sẽ tự gửi lại",
}
"""What each error code of the contract asks of the clerk."""

BLOCKED = {
    "AUTHENTICATION_FAILED": "Tỉnh không nhận tên hoặc mật khẩu kết nối ({place}). Kiểm tra [province] username và "
    "password_file.",
    "SIGNATURE_INVALID": "Tỉnh không nhận chữ ký của thông điệp ({place}). Kiểm tra [province] sign_certificate và "
    "sign_key, và chứng thư đã đăng ký với tỉnh.",
    "MESSAGE_EXPIRED": "Tỉnh không nhận thời điểm của thông điệp ({place}). Chỉnh đồng hồ của máy này.",
}
"""What a refused protection asks of the administrator: the dossier itself is not at fault."""


class Untrusted(Exception):
    """An answer is not protected as the province promised; the words say how."""


Trust = Callable[["_Element"], "_Element | None"]
"""Takes an answer's envelope to the only part that may be believed: the single child of its Body, None when there is
no such child; Untrusted when a promised protection is missing or broken."""


def body_of(operation: str, reply: Reply, trust: Trust | None = None) -> _Element:
    """The validated `<Op>Response` element of an answer; raises the outcome otherwise."""
    if reply.status in (429, 503) and not _is_xml(reply):
        raise HandoffUnavailable("Hệ thống của tỉnh đang tạm ngừng. Hồ sơ vẫn nằm trong hàng đợi và sẽ tự gửi lại.")
    if reply.status == 413:
        raise rejected("MESSAGE_LIMIT", "")
    if reply.status in (401, 403, 404, 405, 415):
        raise HandoffUnavailable(
            f"Địa chỉ của tỉnh trả lời mã HTTP {reply.status}. Báo người quản trị kiểm tra địa chỉ và quyền truy cập."
        )
    try:
        element = (trust or only_child)(envelope_of(operation, reply))
    except Untrusted as reason:
        log.warning("answer to %s cannot be trusted: %s", operation, reason)
        raise unclear(operation, f"trả lời của tỉnh {reason}") from None
    if element is None:
        raise unclear(operation, "trả lời không có nội dung")
    if element.tag == f"{{{ENVELOPE}}}Fault":
        raise _fault(operation, element)
    if element.tag != qualified(f"{operation}Response"):
        raise drift(operation, local_name(element))
    if first_fault(element) and (newer := leave_out_unknown(element)):
        log.info("answer to %s says more than our revision knows: %s", operation, ", ".join(sorted(set(newer))))
    wrong = first_fault(element)
    if wrong:
        raise drift(operation, wrong)
    if reply.status != 200:
        raise unclear(operation, f"mã HTTP {reply.status}")
    return element


def only_child(root: _Element) -> _Element | None:
    """The only child of the only Body of an envelope."""
    bodies = root.findall(f"{{{ENVELOPE}}}Body")
    return bodies[0][0] if len(bodies) == 1 and len(bodies[0]) == 1 else None


def rejected(code: str, field: str) -> HandoffRejected:
    """The province's refusal in words for the clerk; the province's own text is not repeated."""
    words = WORDS.get(code, f"mã lỗi {code}; báo người quản trị")
    place = f" (mục “{field}”)" if field else ""
    return HandoffRejected(f"Tỉnh không nhận{place}: {words}.", error_code=code, field=field)


def unclear(operation: str, why: str = "", *, answered: bool = False) -> HandoffError:
    """The outcome when an answer is missing, damaged or for something else; `answered`: it is the province's own word.

    What the province itself said speaks of this message, and not of the line.
    """
    why = f"{operation}: {why}" if why else operation
    if operation in QUERIES:
        failed = HandoffFailedInside if answered else HandoffUnavailable
        return failed(f"Hệ thống của tỉnh trả lời không đọc được ({why}). Không có gì thay đổi; sẽ tự hỏi lại.")
    kind = HandoffFault if answered else HandoffOutcomeUnknown
    return kind(f"Chưa rõ tỉnh đã nhận hay chưa ({why}). Đang hỏi lại tỉnh; không gửi lại bằng tay.")


def drift(operation: str, field: str, *, processed: bool = True) -> HandoffDrift:
    """The outcome when an answer is whole, but not what the contract says at `field`.

    `processed`: the request may have been; without it nothing was, whatever the operation.
    """
    log.warning("answer to %s does not fit the contract at %s", operation, field)
    kind = HandoffDriftUnknown if processed and operation not in QUERIES else HandoffDriftUnavailable
    return kind(
        f"Trả lời của tỉnh không đúng hợp đồng ({operation}, mục “{field}”). Thao tác này tạm dừng, việc khác chạy "
        "tiếp. Báo người quản trị đối chiếu WSDL của tỉnh.",
        operation=operation,
        field=field,
    )


def _fault(operation: str, fault: _Element) -> AgentError:
    detail = fault.find(f"detail/{qualified('Fault')}")
    if detail is None:
        return unclear(operation, "lỗi không có mã của hợp đồng")
    if first_fault(detail):
        leave_out_unknown(detail)
    if wrong := first_fault(detail):
        return drift(operation, wrong)
    parts = {local_name(child): child.text or "" for child in detail}
    code, field = parts["errorCode"], parts.get("field", "")
    if code in ("INTERNAL", "MESSAGE_REPLAYED"):  # of a replayed message the first copy may have been processed
        return unclear(operation, f"lỗi {code} của hệ thống tỉnh", answered=True)
    if code in BLOCKED:
        return blocked(BLOCKED[code].format(place=f"{operation}, {field[:100]}" if field else operation))
    if code == "OPERATION_UNKNOWN":  # nothing was processed, and no dossier is at fault
        return drift(operation, operation, processed=False)
    if code not in WORDS:
        log.warning("answer to %s has an error code that the contract does not know: %s", operation, code)
    if truth(parts["retryable"]):
        words = WORDS.get(code, f"mã lỗi {code}")
        return HandoffUnavailable(f"Tỉnh chưa xử lý được: {words}.", code=f"handoff-{code.lower().replace('_', '-')}")
    return rejected(code, field[:100])


def _is_xml(reply: Reply) -> bool:
    return reply.content_type.split(";")[0].strip().lower() in ("text/xml", "application/xml")


def envelope_of(operation: str, reply: Reply) -> _Element:
    """The root of an answer that is a SOAP 1.1 envelope."""
    from lxml import etree

    if not _is_xml(reply) or not reply.content:
        raise unclear(operation, "không phải XML" if reply.content else "trả lời rỗng")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        content = utf8_of(reply.content, reply.content_type)
        weigh(content, ANSWER)
        root = etree.fromstring(content, parser)
    except Unreadable:
        raise unclear(operation, "bảng mã không đọc được") from None
    except TooHeavy:
        raise unclear(operation, "trả lời quá lớn") from None
    except (Forbidden, etree.XMLSyntaxError):
        raise unclear(operation, "XML hỏng hoặc có phần bị cấm") from None
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise unclear(operation, "không phải SOAP 1.1")
    return root
