"""Take in what couriers' phones sent: everything is kept, what can be applied is, the rest waits or is told why not.

`ingest(site, phone, events)` is for the sync endpoint; `resume(site, phone)` after a picture arrived. `phone` is any
object with uid, courier (username) and office_id: a row of agent.store.phones.Phone. The answer has one Verdict for
each event, in the order given; sending the same events again is harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from agent.domain.phone_event import PhoneEvent, Verdict, VerdictKind
from agent.site import Site
from agent.store.custody_events import DeviceEvent
from agent.store.gathered import gathering
from agent.tracking.journal.applying import GAP, OFFER, PLACE, Applying
from agent.tracking.journal.held import Held, Sender, of_row
from agent.tracking.journal.receiving import answer, chain_of, mark_broken, receive

AT_ONCE: Final = 500
"""Events a transaction: so long as it lasts nobody else writes, and a killed server loses no more than one."""


def ingest(site: Site, phone: Sender, events: Sequence[PhoneEvent]) -> list[Verdict]:
    """Keep a phone's events and give each what effect it can have; one answer an event, in the order given.

    Each part of AT_ONCE events is one transaction. Bad ones are refused with a reason; the others go on.
    """
    order = sorted(range(len(events)), key=lambda position: events[position].seq)
    answers: dict[int, Verdict] = {}
    for start in range(0, len(order), AT_ONCE):
        some = order[start : start + AT_ONCE]
        with site.store.writing(), gathering():
            said = _take(site, phone, [events[position] for position in some])
        answers.update(zip(some, said, strict=True))
    return [answers[position] for position in range(len(events))]


def resume(site: Site, phone: Sender) -> int:
    """Try again what of this phone waits, for pictures or for what others record; how many had their effect."""
    with site.store.writing(), gathering():
        work = Applying(site, at=site.clock.now())
        tried = _resume(work, phone)
        work.save()
    return sum(one.verdict is VerdictKind.TAKEN for one in tried)


@dataclass
class _Known:
    """A phone as its waiting events name it."""

    uid: UUID
    courier: str
    office_id: str


def sweep(site: Site) -> int:
    """`resume` for every phone that has waiting events: what terminals recorded since may be what they wait for."""
    with site.store.reading():
        columns: Any = DeviceEvent.select(DeviceEvent.phone_uid, DeviceEvent.courier, DeviceEvent.office_id)
        waiting = columns.where(DeviceEvent.verdict == VerdictKind.WAITING.value).distinct()
        phones = [_Known(*row) for row in waiting.tuples()]
    return sum(resume(site, phone) for phone in phones)


def _take(site: Site, phone: Sender, events: Sequence[PhoneEvent]) -> list[Verdict]:
    at = site.clock.now()
    received = receive(phone, events, at=at)
    fresh = received.fresh
    work = Applying(site, at=at)
    beside = [*received.broken, *(_stuck(phone) if fresh else [])]
    work.reach.lock([*fresh.values(), *map(of_row, beside)])
    mark_broken(received.broken)
    work.load(list(fresh.values()), next_seq={phone.uid: chain_of(phone, at=at).next_seq})
    for one in fresh.values():
        work.consider(one)
    if fresh:
        _resume(work, phone)
    work.save()
    told = {position: one.told() for position, one in fresh.items()}
    told |= {position: answer(events[position], standing) for position, standing in received.repeated.items()}
    return [told[position] for position in range(len(events))]


def _resume(work: Applying, phone: Sender) -> list[Held]:
    """Try again what waits for a picture, for a gap in the phone's sequence to close, or for what others record."""
    if not (stuck := _stuck(phone)):
        return []
    next_seq = chain_of(phone, at=work.at).next_seq  # the phone's chain is locked before any item, as when it sends
    work.reach.lock([of_row(row) for row in stuck])
    waiting = [
        work.known.get(row.uid) or of_row(row) for row in _stuck(phone)
    ]  # as they are now that nobody moves them
    if waiting:
        work.load(waiting, next_seq={phone.uid: next_seq})
        waiting = [work.known[one.event.uid] for one in waiting]
        for one in waiting:
            if one.verdict is VerdictKind.WAITING:
                work.consider(one)
    return waiting


def _stuck(phone: Sender) -> list[DeviceEvent]:
    mine: Any = (DeviceEvent.phone_uid == phone.uid) & (DeviceEvent.verdict == VerdictKind.WAITING.value)
    stuck = DeviceEvent.awaits.in_([GAP, OFFER, PLACE]) | DeviceEvent.awaits.startswith("blob:")
    return list(DeviceEvent.select().where(mine & stuck).order_by(DeviceEvent.seq))
