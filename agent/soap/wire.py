"""The wire between the gateway and a province: one call becomes a checked envelope, and its answer a judged body."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agent.clock import Clock, Ids, RandomIds, SystemClock
from agent.errors import HandoffError
from agent.soap import messages
from agent.soap.contract import NAMESPACE, first_fault
from agent.soap.contract.chunk import MAX_CHUNK
from agent.soap.judge import Trust, body_of, rejected, unclear
from agent.soap.security.choices import WireChoices
from agent.soap.security.protection import Protection
from agent.soap.tls import Tls
from agent.soap.transport import HttpExchange, LostReply, Reply

if TYPE_CHECKING:
    from lxml.etree import _Element

WORTH_COMPRESSING = 1_000
"""Bytes; a shorter request does not get smaller."""


def open_wire(
    endpoint: str,
    *,
    connect_timeout: float,
    read_timeout: float,
    tls: Tls | None = None,
    choices: WireChoices | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Wire:
    """A wire to `endpoint`; times are seconds. Nothing is read or opened before the first call."""
    clock, choices = clock or SystemClock(), choices or WireChoices()
    exchange = HttpExchange(
        endpoint, connect_timeout=connect_timeout, read_timeout=read_timeout, tls=tls, now=clock.now
    )
    return Wire(exchange, Protection(choices, clock, ids or RandomIds()), compress=choices.gzip)


class Wire:
    """Calls operations at one address; safe to share between threads, each of which keeps its own connection.

    Envelopes are made with lxml straight from plain values, and both directions are checked against the XSD: that is
    several times as fast as a SOAP library, and needs none of its 180 ms to import.
    """

    def __init__(self, exchange: HttpExchange, protection: Protection, *, compress: bool = False) -> None:
        self._exchange, self._protection, self._compress = exchange, protection, compress

    @property
    def ahead(self) -> timedelta | None:
        """How far the other side's clock was ahead of ours at its last answer; None before any."""
        return self._exchange.ahead

    def close(self) -> None:
        """Close this thread's connection; keys are read again at the next call."""
        self._exchange.close()
        self._protection.forget()

    def call(self, operation: str, values: Mapping[str, Any]) -> _Element:
        """The validated `<Op>Response` element of one call of our contract; one of the hand-off errors otherwise."""
        part = self._large_part(values)
        request = messages.element_of(operation, {**values, "bytes": b"\0"} if part else values)
        wrong = first_fault(request)
        if wrong or len(part) > MAX_CHUNK:
            raise rejected("SCHEMA_INVALID", wrong or "bytes")
        action = f"{NAMESPACE}#{operation}"
        reply, trust = self.post(operation, request, action=action, issue=issue_of(values), part=part)
        try:
            return body_of(operation, reply, trust)
        except HandoffError:
            self.close()  # what follows on this connection may belong to another question
            raise

    def _large_part(self, values: Mapping[str, Any]) -> bytes:
        """The bytes of a file's part that can be laid into the finished envelope: a signature must see them before."""
        part = values.get("bytes", b"")
        return part if isinstance(part, bytes) and not self._protection.signs else b""

    def post(
        self, operation: str, request: _Element, *, action: str, issue: str = "", part: bytes = b""
    ) -> tuple[Reply, Trust]:
        """Send one element as the body of a protected envelope: the answer as it came, and how to believe it.

        `operation` names it in errors and in X-Road's service code, `action` is the SOAPAction, `issue` the
        dossier's code, `part` what the request says one byte for. HandoffUnavailable when nothing was sent, else what
        a lost answer means for the operation.
        """
        sent = self._protection.dress(request, operation, issue, part)
        headers, content = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}, sent.content
        if self._compress and len(content) >= WORTH_COMPRESSING:
            headers["Content-Encoding"], content = "gzip", gzip.compress(content, 6, mtime=0)
        try:
            reply = self._exchange.post(content, headers)
        except LostReply:
            raise unclear(operation, "mất kết nối hoặc quá giờ khi chờ trả lời") from None
        return reply, self._protection.trust(sent)


def issue_of(values: Mapping[str, Any]) -> str:
    """The code of the dossier that a call is about: its official number, else the provisional one, else the key."""
    for payload in values.values():
        if isinstance(payload, Mapping) and payload.get("provisional"):
            return str(payload.get("official") or payload["provisional"])
    return str(values.get("number") or values.get("key") or "")
