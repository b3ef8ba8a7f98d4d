"""Receive a phone's events: known ones answered, the chain and its gaps followed, each set on our clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from agent.clock import local
from agent.domain.custody import CLOCK_SKEW
from agent.domain.custody_clock import PhoneClock, clock_doubt
from agent.domain.phone_event import FIRST, PhoneEvent, Verdict, VerdictKind
from agent.store import rows
from agent.store.base import locked
from agent.store.custody_events import DeviceEvent, PhoneChain
from agent.tracking.journal.held import FOREIGN, Held, Sender

BROKEN: Final = "chain-broken"
_AT_ONCE: Final = 500


@dataclass
class Received:
    """What came in one go: what is held already with its standing, what is new, where the chain turned out broken."""

    repeated: dict[int, Held | DeviceEvent]  # by position in the batch
    fresh: dict[int, Held]
    broken: list[DeviceEvent] = field(default_factory=list)  # held above a gap that is closed now; not marked yet


@dataclass(frozen=True)
class _Before:
    """The event before, as far as the chain and the clock need it."""

    hash: str
    clock: PhoneClock | None


def receive(phone: Sender, events: Sequence[PhoneEvent], *, at: datetime) -> Received:
    """Sort a batch, ordered by number, into what is known and what is new; inside writing(), with the phone's chain."""
    chain = chain_of(phone, at=at)
    known, numbers = _known(phone, events)
    received = Received({}, {})
    before: _Before | None = None
    before_seq = 0
    for position, event in enumerate(events):
        same = next((one.standing for one in known.get(event.uid, []) if one.hash == event.hash), None)
        if same is not None:
            received.repeated[position] = same
            continue
        one = Held(event, phone.uid, str(phone.courier), str(phone.office_id), at)
        if event.phone != phone.uid:
            one.refuse(FOREIGN, "Sự kiện này của điện thoại khác. Gửi từ đúng điện thoại đã ghi.")
        if before is None or before_seq != event.seq - 1:
            before = _before(phone, event.seq, chain)
        one.broken = before is not None and before.hash != event.previous
        _set_clock(one, before, at)
        _judge(one, numbers, known)
        received.fresh[position] = one
        known.setdefault(event.uid, []).append(_Known(event.hash, one))
        numbers.setdefault(event.seq, event.uid)
        before, before_seq = _Before(event.hash, _clock_of(one)), event.seq
    received.broken = follow_chain(chain, [one.event for one in received.fresh.values()], phone, at=at)
    return received


def mark_broken(found: Sequence[DeviceEvent]) -> None:
    """Say of events that they do not follow the one before. Whoever does it has locked their items."""
    for row in found:
        rows.change(DeviceEvent, row.id, broken=True)


@dataclass
class _Known:
    """An event that is held: its hash and what became of it."""

    hash: str
    standing: Held | DeviceEvent


def _known(phone: Sender, events: Sequence[PhoneEvent]) -> tuple[dict[UUID, list[_Known]], dict[int, UUID]]:
    known: dict[UUID, list[_Known]] = {}
    numbers: dict[int, UUID] = {}
    for start in range(0, len(events), _AT_ONCE):
        some = events[start : start + _AT_ONCE]
        mine = DeviceEvent.phone_uid == phone.uid
        first, last = some[0].seq, some[-1].seq
        here = (DeviceEvent.seq >= first) & (DeviceEvent.seq <= last)
        columns: Any = DeviceEvent.select(DeviceEvent.seq, DeviceEvent.uid).where(mine & here)
        numbers.update(dict(columns.order_by(DeviceEvent.id.desc()).tuples()))
        for row in DeviceEvent.select().where(DeviceEvent.uid.in_([event.uid for event in some])):
            known.setdefault(row.uid, []).append(_Known(row.hash, row))
    return known, numbers


def answer(event: PhoneEvent, standing: Held | DeviceEvent) -> Verdict:
    """The answer to an event that is held already: nothing is done again, and what is still open is said again."""
    verdict = VerdictKind(standing.verdict)
    if verdict is VerdictKind.TAKEN:
        return Verdict(event.uid, event.seq, VerdictKind.KNOWN)
    return Verdict(event.uid, event.seq, verdict, str(standing.code), str(standing.message))


def _judge(one: Held, numbers: dict[int, UUID], known: dict[UUID, list[_Known]]) -> None:
    """Refuse, or leave to a person, what contradicts something that is held; the rest waits to be applied."""
    event = one.event
    if one.verdict is VerdictKind.REFUSED:
        return
    if known.get(event.uid):
        one.refuse("duplicate", "Mã sự kiện này đã dùng với nội dung khác. Sự kiện đầu được giữ; ghi lại bưu gửi này.")
    elif event.fault:
        one.refuse(event.fault_code, event.fault)
    elif numbers.get(event.seq, event.uid) != event.uid:
        one.dispute("twice", f"Điện thoại có hai sự kiện số {event.seq}. Đã giữ cả hai; bưu cục sẽ xem.")
    elif one.corrected is not None and one.corrected > one.received_at + CLOCK_SKEW:
        one.refuse(
            "future",
            f"Giờ của sự kiện ({local(one.corrected):%H:%M %d/%m/%Y}) ở sau giờ máy chủ "
            f"({local(one.received_at):%H:%M %d/%m/%Y}). Chỉnh giờ điện thoại theo mạng, đồng bộ, rồi ghi lại.",
        )


def _set_clock(one: Held, before: _Before | None, at: datetime) -> None:
    clock = _clock_of(one)
    if clock is None:
        return
    one.doubt = clock_doubt(clock, before.clock if before else None, first=one.event.seq == 1)
    one.corrected = one.event.corrected
    if one.event.offset_ms is None and one.corrected is not None:
        one.corrected = min(one.corrected, at)  # a clock of which nothing is known; it was sent before now


def _clock_of(one: Held) -> PhoneClock | None:
    event = one.event
    if event.at is None:
        return None
    return PhoneClock(event.at, event.monotonic_ms, event.boot, event.offset_ms, one.doubt)


def _before(phone: Sender, seq: int, chain: PhoneChain) -> _Before | None:
    """The event before this number, from the store; None while it is missing."""
    if seq == 1:
        return _Before(FIRST, None)
    row = rows.first(DeviceEvent, phone_uid=phone.uid, seq=seq - 1)
    if row is None:
        return None
    clock = None
    if row.claimed_at is not None:
        doubt = timedelta(milliseconds=row.uncertain_ms)
        clock = PhoneClock(row.claimed_at, row.monotonic_ms, row.boot, row.offset_ms, doubt)
    return _Before(row.hash, clock)


def chain_of(phone: Sender, *, at: datetime) -> PhoneChain:
    """How far the phone's sequence is held, locked for this transaction."""
    made = rows.create_unless_there(
        PhoneChain, phone_uid=phone.uid, office_id=phone.office_id, courier=phone.courier, hash=FIRST, heard_at=at
    )
    found: PhoneChain = made or locked(PhoneChain.select().where(PhoneChain.phone_uid == phone.uid)).get()
    return found


def follow_chain(
    chain: PhoneChain, fresh: Sequence[PhoneEvent], phone: Sender, *, at: datetime
) -> list[DeviceEvent]:  # fmt: skip
    """Bring the chain's end up to what came, and beyond it to what was held above a gap that is closed now.

    Those of the latter that do not follow the one before are the answer.
    """
    broken = []
    mine = [event for event in fresh if event.phone == phone.uid]
    came = {event.seq: event.hash for event in mine}
    next_seq, last = chain.next_seq, chain.hash
    while True:
        if next_seq in came:
            last = came[next_seq]
        elif next_seq <= chain.top_seq and (row := rows.first(DeviceEvent, phone_uid=phone.uid, seq=next_seq)):
            if row.previous != last and not row.broken:
                broken.append(row)
            last = row.hash
        else:
            break
        next_seq += 1
    top = max([chain.top_seq, *came])
    owes = (chain.owes_since or at) if top >= next_seq else None
    chain.next_seq, chain.hash, chain.top_seq, chain.owes_since, chain.heard_at = next_seq, last, top, owes, at
    rows.change(PhoneChain, chain.id, next_seq=next_seq, hash=last, top_seq=top, owes_since=owes, heard_at=at)
    return broken
