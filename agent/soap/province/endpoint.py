"""One SOAP request at the sandbox: gate, schema, operation, answer; and the fault switches around them."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.errors import AgentError
from agent.soap.contract import ENVELOPE, NAMESPACE, OPERATIONS, first_fault
from agent.soap.messages import element_of, local_name
from agent.soap.province.faults import Fault, Faults
from agent.soap.province.front import open_envelope
from agent.soap.province.guard import Guard
from agent.soap.province.operations import Operations
from agent.soap.province.refusal import Refusal

if TYPE_CHECKING:
    from lxml.etree import _Element

log = logging.getLogger(__name__)

HTML = b"<!doctype html><title>Bad Gateway</title><h1>502 Bad Gateway</h1>"


@dataclass(frozen=True)
class Answer:
    """What goes back: an HTTP answer, perhaps twice, or (`hang_up`) nothing at all."""

    status: int
    content: bytes
    content_type: str = "text/xml; charset=utf-8"
    hang_up: bool = False
    twice: bool = False


GONE = Answer(0, b"", hang_up=True)


class Endpoint:
    """Answers the bytes of one request."""

    def __init__(self, operations: Operations, faults: Faults, guard: Guard) -> None:
        self._operations, self._faults, self._guard = operations, faults, guard
        self._stopping = threading.Event()

    def answer(self, data: bytes, content_type: str = "text/xml; charset=utf-8") -> Answer:
        """The answer to one envelope; every refusal is a typed fault."""
        try:
            root = open_envelope(data, content_type, self._guard.understood)
        except Refusal as refusal:
            return self.refusal(refusal)
        try:
            request = self._guard.admit(root)
            operation = local_name(request)
            if operation not in OPERATIONS:
                raise Refusal("OPERATION_UNKNOWN", "Không có thao tác này.", field="Body")
            struck = self._faults.strike(operation)
            early = self._before(struck)
            if early is not None:
                return early
            wrong = first_fault(request)
            if wrong:
                raise Refusal("SCHEMA_INVALID", "Thông điệp không đúng lược đồ.", field=wrong)
            plain = self._operations.answer(operation, request, data)
            body = element_of(f"{operation}Response", distort(operation, plain, struck))
            if first_fault(body):
                raise Refusal("INTERNAL", "Trả lời của tỉnh không đúng lược đồ.", field=first_fault(body))
        except Refusal as refusal:
            return self.refusal(refusal, root, data)
        except AgentError as error:
            log.warning("operation %s failed: %s", local_name(request), error.code)
            return self.refusal(Refusal("INTERNAL", "Lỗi trong hệ thống tập huấn."), root, data)
        return _after(struck, Answer(200, self._guard.seal(body, root, data), twice="duplicate" in struck))

    def refusal(self, refusal: Refusal, root: _Element | None = None, data: bytes = b"") -> Answer:
        """A typed fault, protected as the answer to `root` would be."""
        return Answer(500, self._guard.seal(_fault(refusal), root, data))

    def stop(self) -> None:
        """Wake answers that are delayed."""
        self._stopping.set()

    def _before(self, struck: dict[str, Fault]) -> Answer | None:
        if "delay" in struck:
            self._stopping.wait(struck["delay"].ms / 1000)
        if "refuse" in struck or "cut-before" in struck:
            return GONE
        if "503" in struck:
            return Answer(503, b"<h1>503 Service Unavailable</h1>", "text/html")
        if "html" in struck:
            return Answer(200, HTML, "text/html; charset=utf-8")
        if "busy" in struck:
            raise Refusal("BUSY", "Tỉnh đang bận.")
        return None


def _after(struck: dict[str, Fault], answer: Answer) -> Answer:
    if "cut-after-commit" in struck:
        return GONE
    if "garbage" in struck:
        return Answer(200, b"\x00\xff<<<not xml>>>" * 7)
    if "empty" in struck:
        return Answer(200, b"")
    if "html-502" in struck:
        return Answer(502, HTML, "text/html; charset=utf-8")
    return answer


def distort(operation: str, plain: dict[str, Any], struck: dict[str, Fault]) -> dict[str, Any]:
    """The answer's values as the switches falsify them."""
    receipt = plain.get("receipt")
    if receipt and "wrong-digest" in struck:
        return {**plain, "receipt": {**receipt, "digest": receipt["digest"][::-1]}}
    if "other-key" in struck:
        if receipt:
            return {**plain, "receipt": {**receipt, "key": f"{receipt['key'][:70]}.khac"}}
        return {**plain, "key": f"{plain['key'][:70]}.khac"} if "key" in plain else plain
    changes = plain.get("changes")
    if changes and "status-regress" in struck:
        return {**plain, "changes": [*changes, {**changes[0], "cursor": changes[-1]["cursor"]}]}
    return plain


def _fault(refusal: Refusal) -> _Element:
    from lxml import etree

    fault = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap={"s": ENVELOPE, "t": NAMESPACE})
    side = "Server" if refusal.retryable else "Client"
    etree.SubElement(fault, "faultcode").text = f"s:{side}"
    etree.SubElement(fault, "faultstring").text = refusal.message
    detail = etree.SubElement(fault, "detail")
    detail.append(
        element_of(
            "Fault",
            {
                "errorCode": refusal.code,
                "retryable": refusal.retryable,
                "field": refusal.field,
                "message": refusal.message,
            },
        )
    )
    return fault


def envelope(child: _Element) -> bytes:
    """A SOAP 1.1 envelope around one element."""
    from lxml import etree

    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE, "t": NAMESPACE})
    etree.SubElement(root, f"{{{ENVELOPE}}}Body").append(child)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))
