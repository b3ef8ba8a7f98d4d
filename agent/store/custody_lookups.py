"""Look-ups of custody: who answers for an item, who holds what for an office, what a person has to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from peewee import fn

from agent.domain.custody_steps import ENDED
from agent.store.custody_events import CustodyConflict, DeviceEvent, PhoneChain
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item, Proof
from agent.store.phones import Phone

ENDED_STATES: Final = [state.value for state in ENDED]
PAGE: Final = 50


@dataclass(frozen=True)
class Answerable:
    """Who answers for an item now, since when, and by what evidence."""

    item: Item
    holder: str
    since: datetime | None
    event: CustodyEvent | None  # by which the holder became the holder
    device: DeviceEvent | None  # as the phone sent it, when it came from one
    proof: Proof | None  # of a delivery


def who_answers(number: str) -> Answerable | None:
    """Who answers for the item of this number (compact S10), from its row; None for an unknown item."""
    item = Item.get_or_none(Item.number == number)
    if item is None:
        return None
    event = CustodyEvent.get_or_none(CustodyEvent.uid == item.held_by) if item.held_by else None
    device = proof = None
    if event is not None:
        device = DeviceEvent.get_or_none(DeviceEvent.uid == (event.origin or event.uid))
        if event.step == "deliver":
            proof = Proof.get_or_none((Proof.item == item) & Proof.voided_at.is_null())
    return Answerable(item, item.holder, item.held_since, event, device, proof)


@dataclass(frozen=True)
class Holding:
    """How many items a holder answers for in a state, and since when the oldest."""

    holder: str
    state: str
    count: int
    oldest: datetime | None


def holdings(office_id: str | None) -> list[Holding]:
    """Who holds what of an office's items (None: of every office's) that are on their way; from an index alone."""
    columns = (Item.holder, Item.state, fn.COUNT(Item.id), fn.MIN(Item.held_since))
    query: Any = Item.select(*columns).where(Item.state.not_in(ENDED_STATES))
    if office_id is not None:
        query = query.where(Item.office_id == office_id)
    found = query.group_by(Item.holder, Item.state).order_by(Item.holder, Item.state).tuples()
    since = Item.held_since.python_value
    return [Holding(holder, state, count, since(oldest)) for holder, state, count, oldest in found]


def held_by(office_id: str | None, holder: str, *, after: int = 0, limit: int = PAGE) -> list[Item]:
    """The items of an office that a holder answers for and whose way is not over, longest held first, by pages."""
    mine = (Item.holder == holder) & Item.state.not_in(ENDED_STATES)
    if office_id is not None:
        mine &= Item.office_id == office_id
    return list(Item.select().where(mine).order_by(Item.held_since, Item.id).offset(after).limit(limit))


@dataclass(frozen=True)
class Step:
    """One event of an item's trail: what it says, when by each clock, and what a phone sent of it."""

    uid: UUID
    step: str
    actor: str
    from_holder: str
    to_holder: str
    claimed: datetime | None  # by the phone's own clock
    corrected: datetime
    received: datetime
    doubt_ms: int
    capture: str
    device: str
    seq: int | None
    phone: str  # its name, empty for a terminal
    bag: str
    reason: str
    action: str
    evidence: tuple[str, ...]
    upu_code: str
    note: str
    parent: UUID | None
    corrects: UUID | None
    countersigned_by: str
    declined: bool
    hash: str  # of the phone's event
    broken: bool


@dataclass(frozen=True)
class Outside:
    """What a phone sent about an item that has no effect: it waits, was refused, or is in conflict."""

    event: DeviceEvent
    phone: str
    conflict: CustodyConflict | None


@dataclass(frozen=True)
class Trail:
    """All that is known of an item's custody, in the order in which it happened."""

    item: Item
    dossier: Dossier
    steps: tuple[Step, ...]
    outside: tuple[Outside, ...]
    pending: frozenset[UUID]  # corrections that nobody countersigned yet
    corrected: frozenset[UUID]  # events that were taken back


def trail_of(item: Item) -> Trail:
    """The trail of one item, in a handful of queries."""
    events = list(CustodyEvent.select().where(CustodyEvent.item == item).order_by(CustodyEvent.place, CustodyEvent.id))
    origins = [event.origin for event in events if event.origin]
    mine = (DeviceEvent.item == item) | DeviceEvent.uid.in_(origins or [item.uid])
    sent = list(DeviceEvent.select().where(mine).order_by(DeviceEvent.received_at, DeviceEvent.seq))
    names = _names({one.phone_uid for one in sent})
    by_uid = {one.uid: one for one in sent if one.verdict == "taken"}
    conflicts = {one.disputes: one for one in CustodyConflict.select().where(CustodyConflict.item == item)}
    steps = tuple(_step(event, by_uid.get(event.origin or event.uid), names) for event in events)
    outside = tuple(
        Outside(one, names.get(one.phone_uid, ""), conflicts.get(one.uid)) for one in sent if one.verdict != "taken"
    )
    answered = {event.parent for event in events if event.countersigned_by}
    asked = {event.uid for event in events if event.step == "reverse" and not event.countersigned_by}
    agreed = (one for one in events if one.step == "strike" or (one.countersigned_by and not one.declined))
    done = frozenset(one.corrects for one in agreed)
    return Trail(item, Dossier.get_by_id(item.dossier_id), steps, outside, frozenset(asked - answered), done)


def _step(event: CustodyEvent, sent: DeviceEvent | None, names: dict[UUID, str]) -> Step:
    return Step(
        event.uid, event.step, event.actor, event.from_holder, event.to_holder,
        sent.claimed_at if sent else None, event.occurred_at, sent.received_at if sent else event.recorded_at,
        event.uncertain_ms, event.capture, event.device, event.device_seq,
        names.get(sent.phone_uid, "") if sent else "", event.bag, event.reason, event.action,
        tuple(event.evidence), event.upu_code, event.note, event.parent, event.corrects, event.countersigned_by,
        bool(event.declined), sent.hash if sent else "", bool(sent and sent.broken),
    )  # fmt: skip


def _names(uids: set[UUID]) -> dict[UUID, str]:
    query: Any = Phone.select(Phone.uid, Phone.name, Phone.courier).where(Phone.uid.in_(list(uids) or [None]))
    found = {uid: name or courier for uid, name, courier in query.tuples()}
    return {uid: found.get(uid, str(uid)[:8]) for uid in uids}


# --- what calls for somebody -------------------------------------------------------------------
def offers_since(office_id: str | None, before: datetime) -> list[Item]:
    """Items that were offered before this instant and that nobody has accepted, oldest offer first."""
    waiting = (Item.offered_to != "") & (Item.offered_at < before) & Item.state.not_in(ENDED_STATES)
    if office_id is not None:
        waiting &= Item.office_id == office_id
    return list(Item.select().where(waiting).order_by(Item.offered_at, Item.id))


def chains_with_gaps(office_id: str | None) -> list[PhoneChain]:
    """Phones whose sequence has a gap, longest first."""
    query = PhoneChain.select().where(PhoneChain.owes_since.is_null(False))
    if office_id is not None:
        query = query.where(PhoneChain.office_id == office_id)
    return list(query.order_by(PhoneChain.owes_since))


def broken_events(office_id: str | None) -> list[DeviceEvent]:
    """Events that do not follow the one before in their phone's chain, newest first."""
    query = DeviceEvent.select().where(DeviceEvent.broken)
    if office_id is not None:
        query = query.where(DeviceEvent.office_id == office_id)
    return list(query.order_by(DeviceEvent.id.desc()).limit(PAGE))


def waiting_since(office_id: str | None, before: datetime) -> list[DeviceEvent]:
    """Events that wait for something since before this instant, oldest first."""
    query = DeviceEvent.select().where((DeviceEvent.verdict == "waiting") & (DeviceEvent.received_at < before))
    if office_id is not None:
        query = query.where(DeviceEvent.office_id == office_id)
    return list(query.order_by(DeviceEvent.id).limit(PAGE * 4))


def open_conflicts(office_id: str | None) -> list[CustodyConflict]:
    """What a person still has to decide, oldest first."""
    query = CustodyConflict.select(CustodyConflict, Item).join(Item).where(CustodyConflict.decided_at.is_null())
    if office_id is not None:
        query = query.where(CustodyConflict.office_id == office_id)
    return list(query.order_by(CustodyConflict.id))


def pending_corrections(office_id: str | None) -> list[Item]:
    """Items with a correction that nobody countersigned yet."""
    query = Item.select().where(Item.pending > 0)
    if office_id is not None:
        query = query.where(Item.office_id == office_id)
    return list(query.order_by(Item.updated_at))


def device_events(uids: Sequence[UUID]) -> dict[UUID, DeviceEvent]:
    """Phones' events by their ids."""
    return {one.uid: one for one in DeviceEvent.select().where(DeviceEvent.uid.in_(list(uids) or [None]))}


def custody_events(uids: Sequence[UUID]) -> dict[UUID, CustodyEvent]:
    """Events of items by their ids."""
    return {one.uid: one for one in CustodyEvent.select().where(CustodyEvent.uid.in_(list(uids) or [None]))}
