"""What calls for somebody at an office: offers nobody took, bags that did not arrive, phones that owe, promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from agent.domain.actor import Actor
from agent.domain.custody_order import ConflictKind
from agent.errors import NotFound
from agent.site import Site
from agent.store import custody_lookups as look
from agent.store.accounts import User
from agent.store.custody_events import DeviceEvent, PhoneChain
from agent.store.items import Item
from agent.store.minutes import manifests_not_arrived
from agent.store.money_surplus import Undecided, undecided_cash
from agent.store.phone_chain import standing
from agent.store.promises import about_to_break
from agent.tracking.journal.applying import Applying
from agent.tracking.journal.held import of_row

OFFER_LIMIT: Final = timedelta(hours=2)
"""How long an offer may wait for its acceptance."""
GAP_LIMIT: Final = timedelta(minutes=15)
"""How long a phone may owe events that lie before others it has sent."""
WAITING_LIMIT: Final = timedelta(hours=4)
"""How long an event may wait for another one before a person is asked."""


class AlarmKind(StrEnum):
    """What an alarm is about (loại cảnh báo)."""

    CONFLICT = "conflict"
    CASH = "cash"  # a courier took it and it is in no book: its delivery waits for a decision or another event
    CORRECTION = "correction"
    OFFER = "offer"
    BAG = "bag"
    PHONE = "phone"
    CHAIN = "chain"
    WAITING = "waiting"
    PROMISE = "promise"


@dataclass(frozen=True)
class Alarm:
    """One alarm: of what (an item, a manifest, a phone), since when, with figures for its words."""

    kind: AlarmKind
    subject: str
    since: datetime | None
    who: str = ""  # a holder or a courier
    count: int = 0
    detail: str = ""
    event: str = ""  # the id of a phone's event, where one can be put to a person's decision


def alarms(site: Site, office_id: str) -> list[Alarm]:
    """All alarms of an office, each kind oldest first. Takes its own snapshot."""
    now = site.clock.now()
    with site.store.reading():
        return [
            *_decisions(office_id),
            *_cash(office_id),
            *(Alarm(AlarmKind.OFFER, item.number, item.offered_at, item.offered_to, detail=item.holder)
              for item in look.offers_since(office_id, now - OFFER_LIMIT)),
            *(Alarm(AlarmKind.BAG, one.number, one.expected_at, one.from_holder, one.bags, one.to_holder)
              for one in manifests_not_arrived(office_id, now=now)),
            *_phones(office_id, now),
            *(Alarm(AlarmKind.WAITING, one.number, one.received_at, one.courier, detail=one.message, event=str(one.uid))
              for one in look.waiting_since(office_id, now - WAITING_LIMIT)),
            *(Alarm(AlarmKind.PROMISE, one.number, one.leg_due_at, one.leg.value, len(one.items), one.state.value)
              for one in about_to_break(office_id, settings=site.settings, now=now, expected=False)),
        ]  # fmt: skip


def _decisions(office_id: str) -> list[Alarm]:
    conflicts = [
        Alarm(AlarmKind.CONFLICT, row.item.number, row.raised_at, detail=row.kind)
        for row in look.open_conflicts(office_id)
    ]
    corrections = [
        Alarm(AlarmKind.CORRECTION, item.number, item.updated_at, count=item.pending)
        for item in look.pending_corrections(office_id)
    ]
    return conflicts + corrections


def _cash(office_id: str) -> list[Alarm]:
    by_courier: dict[str, list[Undecided]] = {}
    for one in undecided_cash(office_id=office_id):
        by_courier.setdefault(one.courier, []).append(one)
    return [
        Alarm(AlarmKind.CASH, courier, min(one.since for one in some), courier, sum(one.amount for one in some),
              ", ".join(one.item for one in some))
        for courier, some in by_courier.items()
    ]  # fmt: skip


def _phones(office_id: str, now: datetime) -> list[Alarm]:
    owing = [
        Alarm(AlarmKind.PHONE, chain.courier, chain.owes_since, chain.courier, standing(chain.phone_uid).owed,
              _ranges(chain))
        for chain in look.chains_with_gaps(office_id)
        if chain.owes_since is not None and now - chain.owes_since > GAP_LIMIT
    ]  # fmt: skip
    broken = [
        Alarm(AlarmKind.CHAIN, one.courier, one.received_at, one.courier, one.seq)
        for one in look.broken_events(office_id)
    ]
    return owing + broken


def _ranges(chain: PhoneChain) -> str:
    missing = standing(chain.phone_uid).missing
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in missing[:5])


def put_to_decision(site: Site, event: str, *, by: Actor) -> Item:
    """Let a person decide about an event that has waited too long: it becomes a conflict. NotFound when it is over."""
    with site.store.writing():
        work = Applying(site, at=site.clock.now())
        work.reach.lock([of_row(_waiting(event, by))])
        row = _waiting(event, by)  # as it stands now that nobody else can move it
        one = of_row(row)
        work.load([one], next_seq={})
        item: Item = Item.get_by_id(row.item_id)
        one.item_id, last = item.id, work.chain(item).links[-1].entry.uid
        one.dispute(ConflictKind.CLAIM.value, "Chờ quá lâu: bưu cục sẽ quyết định.")
        work.conflict(item, ConflictKind.CLAIM, last, one.event.uid, row.message)
        work.decided(one, item)
        work.save()
    return item


def _waiting(event: str, by: Actor) -> DeviceEvent:
    row: DeviceEvent | None = DeviceEvent.get_or_none((DeviceEvent.uid == event) & (DeviceEvent.verdict == "waiting"))
    if row is None or row.item_id is None or row.office_id != by.office_id:
        raise NotFound("Sự kiện này không còn chờ. Tải lại danh sách cảnh báo.")
    return row


def courier_names(usernames: set[str]) -> dict[str, str]:
    """Full names of couriers by their usernames, for the words of an alarm. Inside reading()."""
    return {one.username: one.full_name for one in User.select().where(User.username.in_(list(usernames) or [""]))}
