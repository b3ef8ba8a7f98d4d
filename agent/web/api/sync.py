"""The sync of couriers' phones: a batch of journalled events in, one verdict an event out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from annotated_types import Len
from werkzeug.exceptions import ServiceUnavailable

from agent.domain.phone_event import PhoneEvent, Verdict, read_event
from agent.errors import Forbidden, RuleViolation
from agent.intake.request import STRICT
from agent.store.phone_chain import standing
from agent.tracking.journal.ingest import ingest
from agent.tracking.phones.access import heard
from agent.web.api.phone_event_schema import Described
from agent.web.api.plain import plain
from agent.web.context import site
from agent.web.phone_access import current_phone

MOST_EVENTS: Final = 5_000
AT_ONCE: Final = 2  # batches that are taken in at the same time; the others wait their turn
PATIENCE: Final = 25.0  # seconds of waiting, then 503: a phone asks again
_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class PhoneBatch:
    """Up to 5,000 events of one phone, in any order; what an event holds is in docs/office-server.md.

    Events are judged one by one: what is wrong with one is said of that one.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    phone: UUID
    events: Annotated[tuple[Annotated[dict[str, Any], Described()], ...], Len(0, MOST_EVENTS)]


@dataclass(frozen=True)
class VerdictOut:
    """What became of one event: taken, known (held already), conflict, refused or waiting, in words for its courier."""

    id: str
    seq: int
    verdict: str
    code: str
    message: str


@dataclass(frozen=True)
class BatchOut:
    """One verdict an event, in the order sent, and how far the phone's sequence is held now."""

    verdicts: list[VerdictOut]
    next_seq: int
    missing: list[list[int]]
    server_time: str


def take_in(batch: PhoneBatch) -> BatchOut:
    """Take a batch of the phone that asks; sending the same again is harmless, whatever became of the answer."""
    phone = current_phone()
    if batch.phone != phone.uid:
        raise Forbidden("Gói sự kiện này của điện thoại khác. Gửi từ đúng điện thoại đã ghi.")
    read: list[PhoneEvent | VerdictOut] = [_read(data) for data in batch.events]
    events = [one for one in read if isinstance(one, PhoneEvent)]
    with _turn():
        said = iter(ingest(site(), phone, events))
    verdicts = [_out(next(said)) if isinstance(one, PhoneEvent) else one for one in read]
    if events:
        newest = max(events, key=lambda event: event.seq)
        heard(site(), phone, offset_ms=newest.offset_ms, app=newest.app)
    with site().store.reading():
        held = standing(phone.uid)
    return BatchOut(verdicts, held.next_seq, held.missing, server_time())


def server_time() -> str:
    """Now, as phones learn their clock's offset from it: ISO 8601 in UTC, ending in Z."""
    return str(plain(site().clock.now()))


def _read(data: dict[str, Any]) -> PhoneEvent | VerdictOut:
    """The event, or the verdict on what has not even a name to be kept under."""
    try:
        return read_event(data)
    except RuleViolation as error:
        uid, seq = data.get("id"), data.get("seq")
        named = uid[:36] if isinstance(uid, str) else ""
        return VerdictOut(named, seq if type(seq) is int else 0, "refused", "event-field", error.message)


def _out(verdict: Verdict) -> VerdictOut:
    return VerdictOut(str(verdict.id), verdict.seq, verdict.verdict.value, verdict.code, verdict.message)


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise ServiceUnavailable
    try:
        yield
    finally:
        _turns.release()
