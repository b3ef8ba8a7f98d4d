"""What an answer of a profiled province means: values, or one of the outcomes that are not success."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import (
    AgentError,
    HandoffDriftUnavailable,
    HandoffDriftUnknown,
    HandoffError,
    HandoffFailedInside,
    HandoffFault,
    HandoffOutcomeUnknown,
    HandoffRejected,
    HandoffUnavailable,
)
from agent.soap.contract import ENVELOPE
from agent.soap.judge import Trust, Untrusted, envelope_of
from agent.soap.profiles.mapping import texts
from agent.soap.profiles.ours import OPERATIONS
from agent.soap.profiles.profile import Errors
from agent.soap.profiles.wsdl import Operation, Service
from agent.soap.transport import Reply

if TYPE_CHECKING:
    from lxml.etree import _Element

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """A checked answer: its element, the code in it and what that code means (done, exists, absent)."""

    element: _Element
    code: str
    meaning: str


def judged(ours: str, theirs: Operation, service: Service, errors: Errors, told: tuple[Reply, Trust]) -> Answer:
    """The answer of one call; raises the outcome when it is not done, exists or absent."""
    reply, trust = told
    if reply.status in (429, 503) and not _is_xml(reply):
        raise HandoffUnavailable("Hệ thống của tỉnh đang tạm ngừng. Hồ sơ vẫn nằm trong hàng đợi và sẽ tự gửi lại.")
    if reply.status == 413:
        raise refused(theirs.name, "413", "thông điệp lớn hơn mức tỉnh nhận; quét lại với dung lượng nhỏ hơn", "")
    if reply.status in (401, 403, 404, 405, 415):
        raise HandoffUnavailable(
            f"Địa chỉ của tỉnh trả lời mã HTTP {reply.status}. Báo người quản trị kiểm tra địa chỉ và quyền truy cập."
        )
    element = _believed(ours, theirs, reply, trust)
    if element.tag != theirs.response:
        raise drift(ours, theirs.name, str(element.tag).rpartition("}")[2])
    wrong = service.first_fault(element)
    if wrong:
        raise drift(ours, theirs.name, wrong)
    code = "".join(texts(element, errors.code)).strip() if errors.code else ""
    meaning = errors.means.get(code, errors.other) if errors.code else "done"
    words = errors.words.get(code, f"mã lỗi {code}; báo người quản trị")
    if meaning == "retry":
        raise HandoffUnavailable(f"Tỉnh chưa xử lý được ({theirs.name}): {words}. Sẽ tự gửi lại.")
    if meaning == "reject" or (meaning == "absent" and not OPERATIONS[ours].query):
        raise refused(theirs.name, code, words, "")
    if meaning == "unknown":
        raise unclear(ours, theirs.name, answered=True)
    return Answer(element, code, meaning)


def refused(operation: str, code: str, words: str, place: str) -> HandoffRejected:
    """The province's refusal in words for the clerk; its own text is not repeated."""
    where = f", mục “{place}”" if place else ""
    return HandoffRejected(f"Tỉnh không nhận ({operation}{where}): {words}.", error_code=code, field=place)


def unclear(ours: str, theirs: str, *, answered: bool = False) -> AgentError:
    """The outcome when an answer is missing or damaged; `answered`: when it says that it is not known."""
    if OPERATIONS[ours].query:
        failed = HandoffFailedInside if answered else HandoffUnavailable
        return failed(f"Hệ thống của tỉnh trả lời không đọc được ({theirs}). Không có gì thay đổi; sẽ tự hỏi lại.")
    kind = HandoffFault if answered else HandoffOutcomeUnknown
    return kind(f"Chưa rõ tỉnh đã nhận hay chưa ({theirs}). Đang hỏi lại tỉnh; không gửi lại bằng tay.")


def drift(ours: str, theirs: str, place: str) -> AgentError:
    """The outcome when an answer is not of the contract: our operation, which pauses, theirs and the field in words."""
    paused = OPERATIONS[ours].contract
    words = f"Tỉnh trả lời khác hợp đồng ở thao tác {theirs}, mục “{place}”."
    if OPERATIONS[ours].query:
        return HandoffDriftUnavailable(
            f"{words} Không có gì thay đổi. Báo người quản trị chạy “profile lint --against” để so với tỉnh.",
            operation=paused, field=place,
        )  # fmt: skip
    return HandoffDriftUnknown(
        f"{words} Chưa rõ tỉnh đã nhận hay chưa; không gửi lại bằng tay. Báo người quản trị.",
        operation=paused, field=place,
    )  # fmt: skip


def _is_xml(reply: Reply) -> bool:
    return reply.content_type.split(";")[0].strip().lower() in ("text/xml", "application/xml")


def _believed(ours: str, theirs: Operation, reply: Reply, trust: Trust) -> _Element:
    """The only child of the only Body, checked as the profile's wire asks; a fault without their code is unclear."""
    try:
        element = trust(envelope_of(theirs.name, reply))
    except Untrusted as reason:
        log.warning("answer to %s cannot be trusted: %s", theirs.name, reason)
        raise unclear(ours, theirs.name) from None
    except HandoffError:
        raise unclear(ours, theirs.name) from None
    if element is None or element.tag == f"{{{ENVELOPE}}}Fault" or reply.status != 200:
        raise unclear(ours, theirs.name)
    return element
