"""A courier's delivery list of the day: proposed by routes, made by scanning, offered to the courier's phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.custody_steps import STATE_NAME, CustodyStep, ItemState
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.base import locked
from agent.store.delivery import DeliveryList, ItemPlan, ListLine, Route
from agent.store.delivery_lists import entries_of, hold_lists, line_waiting, names_of, settle_all, settle_lines
from agent.store.delivery_view import arrived
from agent.store.items import Item
from agent.store.lookup import items_to_change, next_number
from agent.store.money_fees import check_limit
from agent.store.progress import announce
from agent.store.rounds import stops_of
from agent.tracking.back.own import own_item, plan_of, step, today
from agent.tracking.back.routes import areas_of, best_route, require_courier, routes_of
from agent.tracking.custody import courier_holder, office_holder

READY = (ItemState.AT_OFFICE, ItemState.HELD)
MOST_LINES = 400


@dataclass(frozen=True)
class Proposed:
    """How many items the routes put on lists, and how many no route takes."""

    items: int
    lists: int
    left: int


def open_list(site: Site, courier: str, *, by: Actor, route: Route | None = None) -> DeliveryList:
    """The courier's list of today that is being made, or a new one."""
    with site.store.writing():
        hold_lists(by.office_id)
        require_courier(courier, by.office_id)
        if not courier:
            raise RuleViolation("Chưa chọn bưu tá. Chọn bưu tá rồi lập danh sách.")
        return _open(site, courier, route, by)


def list_by_uid(uid: UUID, office_id: str) -> DeliveryList:
    """The office's list, or NotFound."""
    found: DeliveryList | None = DeliveryList.get_or_none(
        (DeliveryList.uid == uid) & (DeliveryList.office_id == office_id)
    )
    if found is None:
        raise NotFound("Không có danh sách phát này ở bưu cục. Tải lại trang danh sách.")
    return found


def propose(site: Site, *, by: Actor) -> Proposed:
    """Put every item that arrived, and is on no list, on the list of the courier whose route its address is on."""
    with site.store.writing():
        hold_lists(by.office_id)
        routes = [(route, areas_of(route)) for route in routes_of(by.office_id, active_only=True) if route.courier]
        items_to_change(item.number for item in arrived(by.office_id, today(site)))
        items = list(arrived(by.office_id, today(site)))  # as they are now that nobody else can move them
        made: dict[str, DeliveryList] = {}
        last: dict[str, int] = {}
        lines: list[dict[str, Any]] = []
        for stop in stops_of(items):
            route = best_route(stop.address, routes)
            if route is None:
                continue
            who = route.courier
            if who not in made:
                made[who] = _open(site, who, route, by)
                last[who] = _last(made[who])
            if last[who] >= MOST_LINES:
                continue
            last[who] += 1
            lines.append(_line(site, made[who], stop.item, last[who], scanned=False, by=by))
        settle_all([line["item"].id for line in lines], "back", site.clock.now())
        rows.insert(ListLine, *lines)
        _tell(site, by)
    return Proposed(len(lines), len(made), len(items) - len(lines))


def put_on(site: Site, uid: UUID, number: str, *, by: Actor) -> ListLine:
    """Scan an item onto a list that is being made: it is in the clerk's hand now."""
    with site.store.writing():
        on, item = _being_made(uid, by), own_item(number, by)
        known = ListLine.get_or_none((ListLine.day_list == on) & (ListLine.item == item))
        if known is not None and known.scanned:
            raise RuleViolation(f"Bưu gửi {item.number} đã quét vào danh sách này (dòng {known.position}). Quét tiếp.")
        _require_ready(site, item, plan_of(item))
        if known is not None:
            known.scanned, known.added_by, known.added_at = True, by.username, site.clock.now()
            known.save()
            _tell(site, by)
            return known
        _require_on_no_other(item, on)
        settle_lines(item, "back", site.clock.now())
        last = _last(on)
        if last >= MOST_LINES:
            raise RuleViolation(
                f"Một danh sách có nhiều nhất {MOST_LINES} bưu gửi. Giao danh sách này, lập danh sách mới."
            )
        line = _add(site, on, item, last + 1, scanned=True, by=by)
        _tell(site, by)
    return line


def take_off(site: Site, uid: UUID, number: str, *, by: Actor) -> Item:
    """Take an item off a list that is not offered yet."""
    with site.store.writing():
        on, item = _being_made(uid, by), own_item(number, by)
        gone = ListLine.delete().where((ListLine.day_list == on) & (ListLine.item == item)).execute()
        if not gone:
            raise RuleViolation(f"Bưu gửi {item.number} không có trong danh sách này.")
        _tell(site, by)
    return item


def drop_unscanned(site: Site, uid: UUID, *, by: Actor) -> int:
    """Take off what the route proposed and nobody scanned; how many."""
    with site.store.writing():
        on = _being_made(uid, by)
        gone = int(ListLine.delete().where((ListLine.day_list == on) & ~ListLine.scanned).execute())
        _tell(site, by)
    return gone


def offer(site: Site, uid: UUID, *, by: Actor) -> DeliveryList:
    """Offer the whole list to its courier; what was proposed and not scanned is named, and nothing is offered.

    Nor is it when he would carry more cash, with what these collect, than the office allows.
    """
    with site.store.writing():
        on = _being_made(uid, by)
        entries = entries_of(on)
        unscanned = [entry.item.number for entry in entries if not entry.line.scanned]
        if unscanned:
            raise RuleViolation(
                f"Còn {len(unscanned)} bưu gửi đề nghị mà chưa quét: {_some(unscanned)}. Quét từng cái, hoặc bỏ khỏi "
                "danh sách, rồi giao."
            )
        if not entries:
            raise RuleViolation("Danh sách chưa có bưu gửi nào. Quét bưu gửi vào danh sách trước.")
        items_to_change(entry.item.number for entry in entries)
        check_limit(site.settings.money, on.courier, [entry.item.number for entry in entries], by=by)
        to = courier_holder(on.courier)
        for entry in entries:
            item = Item.get_by_id(entry.item.id)
            _require_ready(site, item, plan_of(item))
            step(site, item, CustodyStep.OFFER, by=by, to=to)
            rows.change(ListLine, entry.line.id, collect=item.collect)
        on.state, on.offered_at = "offered", site.clock.now()
        on.save()
        _tell(site, by)
    return on


def withdraw(site: Site, uid: UUID, *, by: Actor) -> int:
    """Take back what the courier has not accepted; how many items."""
    with site.store.writing():
        on = list_by_uid(uid, by.office_id)
        waiting = [entry for entry in entries_of(on) if entry.outcome == "offered"]
        items_to_change(entry.item.number for entry in waiting)
        for entry in waiting:
            step(site, Item.get_by_id(entry.item.id), CustodyStep.WITHDRAW, by=by)
            settle_lines(entry.item, "withdrawn", site.clock.now(), only=on)
        _tell(site, by)
    if not waiting:
        raise RuleViolation("Không còn bưu gửi nào chờ bưu tá nhận trong danh sách này.")
    return len(waiting)


def _open(site: Site, courier: str, route: Route | None, by: Actor) -> DeliveryList:
    day = today(site)
    mine = (DeliveryList.office_id == by.office_id) & (DeliveryList.courier == courier)
    held: DeliveryList | None = DeliveryList.get_or_none(
        mine & (DeliveryList.day == day) & (DeliveryList.state == "open")
    )
    if held is not None:
        return held
    number = next_number(f"delivery list {by.office_id}", day)
    return rows.create(
        DeliveryList, uid=site.ids.uid(), office_id=by.office_id, terminal_id=by.terminal_id,
        number=f"DS{day:%y%m%d}-{number:02d}", day=day, courier=courier, route=route, made_by=by.username,
        made_at=site.clock.now(),
    )  # fmt: skip


def _being_made(uid: UUID, by: Actor) -> DeliveryList:
    list(locked(DeliveryList.select(DeliveryList.id).where(DeliveryList.uid == uid)))  # always before its items
    on = list_by_uid(uid, by.office_id)
    if on.state != "open":
        raise RuleViolation(f"Danh sách {on.number} đã giao bưu tá, không sửa được. Lập danh sách mới trong ngày.")
    return on


def _require_ready(site: Site, item: Item, plan: ItemPlan | None) -> None:
    """RuleViolation unless the item is in the office's hands, free, and nothing of it waits for a decision."""
    if item.holder != office_holder(item.office_id) or item.offered_to:
        raise RuleViolation(
            f"Bưu gửi {item.number} do “{item.holder}” giữ"
            + (f", đang chờ “{item.offered_to}” nhận" if item.offered_to else "")
            + ". Nhận về bưu cục trước khi đưa vào danh sách."
        )
    if ItemState(item.state) not in READY:
        raise RuleViolation(
            f"Bưu gửi {item.number} {STATE_NAME[ItemState(item.state)]}, không đưa vào danh sách phát được. "
            "Mở bưu gửi để xem bước tiếp theo."
        )
    if item.attempts > (plan.decided if plan else 0):
        raise RuleViolation(
            f"Bưu gửi {item.number} phát chưa được mà chưa quyết định. Mở bưu gửi, quyết định rồi quét."
        )
    if plan is not None and plan.redeliver_on is not None and plan.redeliver_on > today(site):
        raise RuleViolation(
            f"Bưu gửi {item.number} hẹn phát ngày {plan.redeliver_on:%d/%m/%Y}. Để lại, hoặc đổi ngày hẹn trước."
        )


def _require_on_no_other(item: Item, on: DeliveryList) -> None:
    other = line_waiting(item)
    if other is not None and other.day_list.state == "open" and other.day_list.id != on.id:
        name = names_of([other.day_list.courier]).get(other.day_list.courier, other.day_list.courier)
        raise RuleViolation(
            f"Bưu gửi {item.number} đang ở danh sách {other.day_list.number} của {name}. Bỏ khỏi danh sách đó trước."
        )


def _add(site: Site, on: DeliveryList, item: Item, position: int, *, scanned: bool, by: Actor) -> ListLine:
    return rows.create(ListLine, **_line(site, on, item, position, scanned=scanned, by=by))


def _line(site: Site, on: DeliveryList, item: Item, position: int, *, scanned: bool, by: Actor) -> dict[str, Any]:
    return {
        "day_list": on, "item": item, "position": position, "collect": item.collect, "added_by": by.username,
        "added_at": site.clock.now(), "scanned": scanned,
    }  # fmt: skip


def _last(on: DeliveryList) -> int:
    newest = ListLine.select().where(ListLine.day_list == on).order_by(ListLine.position.desc()).first()
    return newest.position if newest else 0


def _some(numbers: Sequence[str]) -> str:
    return ", ".join(numbers[:5]) + (" …" if len(numbers) > 5 else "")


def _tell(site: Site, by: Actor) -> None:
    announce("delivery_list", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
