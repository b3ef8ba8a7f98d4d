"""The courier is back: what is given back by scan, what came to nothing, what is missing and what is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep, ItemState, allowed
from agent.domain.s10 import S10
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.delivery import DeliveryList, ListLine, TakeBack
from agent.store.delivery_lists import SETTLED, Entry, entries_of, line_waiting
from agent.store.items import Item
from agent.store.lookup import item_by_number
from agent.store.progress import announce
from agent.tracking.back.lists import list_by_uid
from agent.tracking.back.own import own_item, step
from agent.tracking.custody import courier_holder, office_holder


class Explanation(StrEnum):
    """Why a line has no outcome though the courier is back (lý do chưa có kết quả)."""

    PHONE_OWES = "phone_owes"
    CONFLICT = "conflict"
    WITH_COURIER = "with_courier"
    NOT_FOUND = "not_found"


NEXT_STEP: Final = {
    Explanation.PHONE_OWES: "chờ điện thoại gửi nốt: mở trang Điện thoại, nhắc bưu tá đồng bộ",
    Explanation.CONFLICT: "máy đã báo, có xung đột: quyết định ở trang Xung đột; tiền đã thu để riêng tới lúc đó",
    Explanation.WITH_COURIER: "bưu tá giữ qua đêm: sáng mai đi phát tiếp hoặc trả bưu cục",
    Explanation.NOT_FOUND: "tìm lại, hỏi bưu tá; không thấy thì lập hồ sơ thất lạc",
}
AFTER: Final = {
    "offered": "bưu tá chưa nhận: nhắc nhận, hoặc rút lại",
    "taken": "bưu tá đã nhận mà chưa đi phát: nhắc đi phát, hoặc bấm trả rồi quét nhận lại",
    "out": "đi phát mà chưa có kết quả: nhắc đồng bộ máy; bưu gửi còn thì bấm trả rồi quét nhận lại",
    "failed": "phát không thành, còn trên tay bưu tá: bấm trả rồi quét nhận lại",
    "coming": "bưu tá đã bấm trả: quét để nhận",
}
"""The next step of a line that waits, by what it has come to."""


@dataclass(frozen=True)
class CameBack:
    """One scan at the courier's return: `taken` when the office answers for the item now."""

    item: Item
    taken: bool
    on: DeliveryList | None


def come_back(site: Site, number: str, *, by: Actor) -> CameBack:
    """Scan an item that a courier lays on the counter.

    What the courier offered back is accepted and has arrived. What was not offered is only seen: custody cannot move
    before the courier gives it, and that it lies here is kept.
    """
    with site.store.writing():
        item = item_by_number(S10.parse(number).text)
        if item.offered_to != office_holder(by.office_id):
            item = own_item(number, by)
        line = line_waiting(item)
        on = line.day_list if line else None
        if item.offered_to == office_holder(by.office_id):
            _take_in(site, item, by)
            if line is not None:
                rows.change(ListLine, line.id, outcome="back", outcome_at=site.clock.now(), seen_at=site.clock.now())
            _tell(site, by)
            return CameBack(item, True, on)
        if on is None or item.holder != courier_holder(on.courier):
            raise RuleViolation(_not_back(item))
        rows.change(ListLine, line.id, seen_at=site.clock.now())  # type: ignore[union-attr]
        _tell(site, by)
    return CameBack(item, False, on)


def close_list(site: Site, uid: UUID, why: Mapping[str, str], *, by: Actor) -> list[Entry]:
    """End the day of a list: each line has its outcome, or an explanation (`why`: number to Explanation); the missing.

    Lines that are explained stay on the page of missing scans until their outcome comes.
    """
    with site.store.writing():
        on = list_by_uid(uid, by.office_id)
        if on.state != "offered":
            raise RuleViolation(f"Danh sách {on.number} {'đã khép' if on.state == 'closed' else 'chưa giao bưu tá'}.")
        entries = entries_of(on)
        waiting = [entry for entry in entries if entry.awaited]
        bare = [entry.item.number for entry in waiting if why.get(entry.item.number, "") not in list(Explanation)]
        if bare:
            raise RuleViolation(
                f"Còn {len(bare)} bưu gửi chưa có kết quả và chưa giải thích: {', '.join(bare[:5])}. "
                "Quét nhận lại, hoặc chọn lý do cho từng cái, rồi khép."
            )
        now = site.clock.now()
        for entry in entries:
            if entry.awaited:
                said = {"explained": why[entry.item.number], "explained_by": by.username, "explained_at": now}
                rows.change(ListLine, entry.line.id, **said)
            elif entry.outcome in SETTLED and not entry.line.outcome:
                rows.change(ListLine, entry.line.id, outcome=entry.outcome, outcome_at=now)
        on.state, on.closed_at, on.closed_by = "closed", now, by.username
        on.save()
        _tell(site, by)
    return waiting


def _take_in(site: Site, item: Item, by: Actor) -> None:
    step(site, item, CustodyStep.ACCEPT, by=by, to=office_holder(by.office_id))
    if item.office_id != by.office_id:
        item.office_id = by.office_id
        item.save()
        wanted = (TakeBack.item == item) & (TakeBack.holder == "")  # what nobody has taken yet is ours to ask for
        TakeBack.update(office_id=by.office_id, changed_at=site.clock.now()).where(wanted).execute()
    if CustodyStep.ARRIVE in allowed(ItemState(item.state)):
        step(site, item, CustodyStep.ARRIVE, by=by)


def _not_back(item: Item) -> str:
    mine = office_holder(item.office_id)
    if item.holder == mine and not item.offered_to:
        return f"Bưu gửi {item.number} bưu cục đang giữ, không phải nhận lại. Quét cái tiếp theo."
    if item.state in ("delivered", "returned"):
        return (
            f"Bưu gửi {item.number} đã ghi là đã phát hoặc đã chuyển hoàn mà lại ở đây. Giữ riêng, báo kiểm soát viên."
        )
    return (
        f"Bưu gửi {item.number} do “{item.holder}” giữ, không thuộc danh sách nào đang chờ. Người giữ phải giao trước."
    )


def _tell(site: Site, by: Actor) -> None:
    announce("delivery_list", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
