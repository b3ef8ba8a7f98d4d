"""A phone's event for a whole bag: the bag's own step and the same step of each thing that lies in it."""

from __future__ import annotations

import hashlib
import uuid
from typing import Final

from agent.domain import custody_order
from agent.domain.custody import Entry
from agent.domain.custody_order import ConflictKind, Here, Link, Refused
from agent.domain.custody_steps import STEP_NAME, CustodyStep, said
from agent.domain.phone_event import VerdictKind
from agent.errors import AgentError, RuleViolation
from agent.store.bags import BAG, Parcel, ParcelEvent, lines_of, parcel_of
from agent.store.custody_events import DeviceEvent
from agent.store.custody_keeping import Detail
from agent.store.gathered import savepoint
from agent.store.items import Item
from agent.store.lookup import items_to_change
from agent.tracking.custody import courier_holder
from agent.tracking.forward.parcels import record_parcel
from agent.tracking.journal.held import Held, of_row
from agent.tracking.journal.work import Work

STEPS: Final = (CustodyStep.OFFER, CustodyStep.ACCEPT, CustodyStep.WITHDRAW)


def apply_bag(work: Work, one: Held) -> None:
    """Say what becomes of an event for a bag; when it has its effect, those that waited for it are tried again."""
    try:
        _try(work, one)
    except AgentError as error:
        one.refuse_for(error)
        return
    if one.verdict is not VerdictKind.TAKEN:
        return
    mine = (DeviceEvent.number == one.event.bag) & DeviceEvent.item.is_null()
    waiting = DeviceEvent.select().where(mine & (DeviceEvent.verdict == VerdictKind.WAITING.value))
    for row in waiting.order_by(DeviceEvent.corrected_at, DeviceEvent.seq):
        other = work.known.setdefault(row.uid, of_row(row))
        if other.verdict is VerdictKind.WAITING:
            work.consider(other)


def _try(work: Work, one: Held) -> None:
    event, mine = one.event, courier_holder(one.courier)
    bag = parcel_of(event.bag)
    if bag is None or bag.kind != BAG:
        raise RuleViolation(
            f"Không có túi {event.bag} trong sổ. Quét lại mã túi, hoặc hỏi bưu cục.", code="unknown-bag"
        )
    assert event.step is not None and one.corrected is not None
    if event.step not in STEPS:
        raise RuleViolation(f"Không {STEP_NAME[event.step]} cả túi được. Mở túi rồi ghi từng bưu gửi.", code="bag-step")
    holder = event.to_holder if event.step is CustodyStep.ACCEPT else event.from_holder
    if holder != mine:
        raise RuleViolation(
            f"Sự kiện của túi ghi cho “{said(holder)}”, không phải bạn. Chỉ ghi việc của mình.", code="not-yours"
        )
    if event.parent is not None and not _is_here(work, event.parent):
        one.wait(f"event:{event.parent}", "waits-event", f"Sự kiện trước của túi {event.bag} chưa tới. Đã giữ.")
        return
    if event.step is CustodyStep.ACCEPT and mine not in (bag.offered_to, bag.holder):
        one.wait("offer", "waits-offer", f"Chưa có việc giao túi {event.bag}. Đã giữ; sẽ ghi khi bên giao đồng bộ.")
        return
    with savepoint():
        _step(work, one, bag)
    one.take()


def _is_here(work: Work, uid: uuid.UUID) -> bool:
    """Whether the bag's event that this one follows is held, or decided on."""
    if ParcelEvent.select().where(ParcelEvent.uid == uid).exists():
        return True
    known = work.known.get(uid)
    return known is not None and not known.pending


def _step(work: Work, one: Held, bag: Parcel) -> None:
    """The bag, its envelopes, then its items: those are only written down once nothing can be refused any more."""
    event, by, lines = one.event, work.actor(one), lines_of(bag)
    assert event.step is not None and one.corrected is not None
    items_to_change([line.number for line in lines if line.item_id is not None])
    record_parcel(
        work.site, bag, event.step, by=by, to=event.to_holder, capture=event.capture, uid=event.uid, at=one.corrected
    )
    for line in lines:
        if line.parcel_id is None:
            continue
        inside = Parcel.get_by_id(line.parcel_id)
        record_parcel(
            work.site, inside, event.step, by=by, to=event.to_holder, bag=bag.number, capture=event.capture,
            uid=part_uid(event.uid, inside.number), at=one.corrected,
        )  # fmt: skip
    for line in lines:
        if line.item_id is not None:
            _item_step(work, one, Item.get_by_id(line.item_id))


def part_uid(event: uuid.UUID, number: str) -> uuid.UUID:
    """The id of one thing's part in an event of its bag: the same whoever works it out."""
    return uuid.UUID(bytes=hashlib.sha256(event.bytes + number.encode()).digest()[:16], version=5)


def _item_step(work: Work, one: Held, item: Item) -> None:
    event, chain = one.event, work.chain(item)
    assert event.step is not None and one.corrected is not None and chain.custody is not None
    entry = Entry(
        part_uid(event.uid, item.number), event.step, one.corrected, f"user:{one.courier}", event.from_holder,
        event.to_holder, event.bag,
    )  # fmt: skip
    link = Link(entry, chain.custody.entries[-1].uid, str(event.phone), event.seq, one.doubt)
    place = custody_order.place(chain.links, chain.custody, link, work.calendar)
    if isinstance(place, Here):
        seen = {"phone": str(event.phone), "seq": event.seq, "hash": event.hash}
        work.keeper.add(chain, link, place.index, place.custody, Detail(event.capture, origin=event.uid, journal=seen))
        work.again(item)
        return
    words = place.error.message if isinstance(place, Refused) else f"Bưu gửi {item.number} không theo túi {event.bag}."
    work.conflict(item, ConflictKind.FORK, chain.custody.entries[-1].uid, event.uid, words)
