"""One event of a phone on its way through ingestion: what was sent, when it was by our clock, what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from agent.domain.custody_order import Link
from agent.domain.phone_event import PhoneEvent, Verdict, VerdictKind, read_event
from agent.domain.s10 import S10
from agent.errors import AgentError
from agent.store import rows
from agent.store.custody_events import DeviceEvent

_AT_ONCE: Final = 200
FOREIGN: Final = "foreign-phone"  # sent by one phone in another's name: kept outside of both sequences
PENDING: Final = (VerdictKind.WAITING, VerdictKind.CONFLICT)


class Sender(Protocol):
    """The phone that speaks, as far as custody needs it: its id, its courier's username, his office."""

    uid: Any
    courier: Any
    office_id: Any


@dataclass
class Held:
    """An event with its standing; `row_id` is None until it is stored, `changed` asks for the row to be brought up."""

    event: PhoneEvent
    sender: UUID
    courier: str
    office_id: str
    received_at: datetime
    corrected: datetime | None = None
    doubt: timedelta = timedelta()
    broken: bool = False
    verdict: VerdictKind = VerdictKind.WAITING
    code: str = ""
    message: str = ""
    awaits: str = ""
    item_id: int | None = None
    parent: UUID | None = None  # the applied event that it follows, once that is known
    row_id: int | None = None
    changed: bool = False
    code_right: bool = False  # the receiver's one-time code is that of its item
    agreed: bool = False  # a person decided that it happened: what was collected beyond what is due is booked

    def take(self, code: str = "", message: str = "") -> None:
        """It has its effect."""
        self._settle(VerdictKind.TAKEN, code, message)

    def refuse(self, code: str, message: str) -> None:
        """It is kept without effect, and the courier is told why."""
        self._settle(VerdictKind.REFUSED, code, message)

    def refuse_for(self, error: AgentError) -> None:
        """As `refuse`, in the words of a rule that it breaks."""
        self.refuse(error.code, error.message)

    def wait(self, awaits: str, code: str, message: str) -> None:
        """It is kept until what it waits for is here."""
        self._settle(VerdictKind.WAITING, code, message, awaits)

    def dispute(self, code: str, message: str) -> None:
        """A person decides."""
        self._settle(VerdictKind.CONFLICT, code, message)

    def _settle(self, verdict: VerdictKind, code: str, message: str, awaits: str = "") -> None:
        self.changed |= (self.verdict, self.code, self.awaits) != (verdict, code, awaits)
        self.verdict, self.code, self.message, self.awaits = verdict, code, message, awaits

    @property
    def pending(self) -> bool:
        """Whether it may still have an effect."""
        return self.verdict in PENDING

    def told(self) -> Verdict:
        """The answer to the phone."""
        return Verdict(self.event.uid, self.event.seq, self.verdict, self.code, self.message)

    def link(self, entry: Any) -> Link:
        """What orders its entry among the item's."""
        return Link(entry, self.parent, str(self.event.phone), self.event.seq, self.doubt)


def of_row(row: DeviceEvent) -> Held:
    """The event of a stored row; one whose body was erased has no fields any more and only its standing."""
    event = (
        read_event(row.body)
        if "id" in row.body
        else PhoneEvent(row.uid, row.phone_uid, row.seq, row.previous, row.hash)
    )
    return Held(
        event, row.phone_uid, row.courier, row.office_id, row.received_at, row.corrected_at,
        timedelta(milliseconds=row.uncertain_ms), row.broken, VerdictKind(row.verdict), row.code, row.message,
        row.awaits, row.item_id, row.parent, row.id,
    )  # fmt: skip


def save(held: Iterable[Held], *, at: datetime) -> None:
    """Store the new ones and bring the rows of the others up to what became of them. Inside writing()."""
    fresh = []
    for one in held:
        if one.row_id is None:
            fresh.append(_row(one))
        elif one.changed:
            rows.change(
                DeviceEvent, one.row_id, verdict=one.verdict.value, code=one.code, message=one.message,
                awaits=one.awaits, item=one.item_id, decided_at=None if one.pending else at,
            )  # fmt: skip
        one.changed = False
    for start in range(0, len(fresh), _AT_ONCE):
        rows.insert(DeviceEvent, *fresh[start : start + _AT_ONCE])


def _row(one: Held) -> dict[str, Any]:
    event = one.event
    own = one.code != FOREIGN
    return {
        "uid": event.uid, "phone_uid": one.sender, "seq": event.seq if own else 0, "previous": event.previous,
        "hash": event.hash,
        "office_id": one.office_id, "courier": one.courier, "received_at": one.received_at, "claimed_at": event.at,
        "corrected_at": one.corrected, "uncertain_ms": int(one.doubt.total_seconds() * 1000),
        "monotonic_ms": event.monotonic_ms, "boot": event.boot, "offset_ms": event.offset_ms,
        "step": event.step.value if event.step else "", "item": one.item_id, "number": event.item or event.bag,
        "parent": event.parent, "verdict": one.verdict.value, "code": one.code, "message": one.message,
        "awaits": one.awaits, "broken": one.broken, "body": event.body,
    }  # fmt: skip


def compact(number: str) -> str:
    """The item number of a text as it is stored; empty for what is none."""
    try:
        return S10.parse(number).text if number else ""
    except AgentError:
        return ""
