"""Conflicts that a person decides: the event stands before or after another one, or has no effect."""

from __future__ import annotations

from uuid import UUID

from agent.domain import custody_order
from agent.domain.actor import Actor
from agent.domain.custody import Custody
from agent.domain.custody_order import ConflictKind, Decision
from agent.domain.custody_steps import CustodyStep
from agent.domain.money import dong
from agent.domain.phone_event import VerdictKind
from agent.domain.roles import Action, Role, may
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.site import Site
from agent.store import journal, rows
from agent.store.accounts import User
from agent.store.base import locked
from agent.store.custody_events import CustodyConflict, DeviceEvent
from agent.store.items import CustodyEvent, Item
from agent.store.lookup import dossier_of
from agent.store.money_surplus import collected_of
from agent.tracking.journal import delivering, surplus
from agent.tracking.journal.applying import Applying
from agent.tracking.journal.held import Held, of_row

ASIDE = "set-aside"


def decide(site: Site, conflict: UUID, decision: Decision, *, by: Actor, due: int | None = None) -> Item:
    """Settle a conflict as `by` says, in one transaction, and then all that waited for it.

    `due` is the sum still to collect (đồng) that `by` saw, so that nobody books another one. Forbidden for whoever's
    own word is in question on either side; RuleViolation when the rules do not allow the event there.
    """
    with site.store.writing():
        row = _open(conflict)
        item: Item = Item.get_by_id(row.item_id)
        work = Applying(site, at=site.clock.now())
        one = _event(row)
        if one is None:
            return _seen(site, row, item, decision, by=by)
        work.load([one], next_seq={})
        one = work.known[one.event.uid]
        one.item_id, chain = item.id, work.chain(item)
        item = chain.item
        _require_other(row, item, f"user:{one.courier}", by)
        if decision is Decision.ASIDE:
            one.refuse(ASIDE, "Bưu cục quyết định sự kiện này không có hiệu lực. Hỏi bưu cục nếu không đúng.")
        else:
            _require_possible(row, item, decision, due)
            delivering.require_complete(one.event, item)
            index, custody = _index(work, one, item, row.stands, decision)
            one.agreed = True
            work.put(one, item, index, custody)
            if one.verdict is not VerdictKind.TAKEN:
                raise RuleViolation(one.message, code=one.code)
        _settled(site, row, decision, by=by)
        work.decided(one, item)
        work.save()
    return item


def _require_other(row: CustodyConflict, item: Item, courier: str, by: Actor) -> None:
    """Forbidden for the maker of either side, with who can decide."""
    if not is_maker(row, item, courier, by):
        return
    names = deciders(row, item, courier)
    others = f"Nhờ {', '.join(names[:5])} quyết định." if names else "Nhờ quản trị viên thêm một người nữa có quyền."
    raise Forbidden(f"Xung đột này có việc chính bạn đã ghi, bạn không tự quyết định. {others}")


def deciders(row: CustodyConflict, item: Item, courier: str) -> list[str]:
    """The names of those at the office who may decide: neither side is their own word. Inside a transaction."""
    makers = _makers(row, item, courier)
    roles = [role for role in Role if may(role, Action.CORRECT)]
    here = (User.office_id == row.office_id) & User.active & User.role.in_(roles)
    return [
        one.full_name for one in User.select().where(here).order_by(User.id) if f"user:{one.username}" not in makers
    ]


def is_maker(row: CustodyConflict, item: Item, courier: str, by: Actor) -> bool:
    """Whether one side of a conflict is this person's own word. Inside a transaction."""
    return by.name in _makers(row, item, courier)


def _makers(row: CustodyConflict, item: Item, courier: str) -> set[str]:
    makers = {courier}
    if row.stands is not None:
        makers |= {one.actor for one in CustodyEvent.select().where(CustodyEvent.uid == row.stands)}
    sent = DeviceEvent.get_or_none((DeviceEvent.uid == row.disputes) & (DeviceEvent.step == CustodyStep.DELIVER.value))
    over = sent is not None and collected_of(sent) > item.collect
    return makers | surplus.makers(item) if over or row.kind == ConflictKind.AMOUNT else makers


def _require_possible(row: CustodyConflict, item: Item, decision: Decision, due: int | None) -> None:
    if row.kind == ConflictKind.AMOUNT and decision is Decision.BEFORE:
        raise RuleViolation("Đây là xung đột về số tiền: chọn F8 nếu đã phát và đã cầm số tiền đó, F9 nếu không.")
    if due is not None and due != item.collect:
        raise RuleViolation(f"Số còn phải thu đã đổi thành {dong(item.collect)}. Xem lại rồi quyết định.")


def _open(uid: UUID) -> CustodyConflict:
    found: CustodyConflict | None = locked(CustodyConflict.select().where(CustodyConflict.uid == uid)).first()
    if found is None:
        raise NotFound("Không có xung đột này. Tải lại danh sách.")
    if found.decided_at is not None:
        raise RuleViolation(f"Xung đột này đã được {found.decided_by} quyết định. Tải lại danh sách.")
    return found


def _event(row: CustodyConflict) -> Held | None:
    """The phone's event that is in conflict; None when it has its effect already (a part of a bag's event)."""
    found = (DeviceEvent.uid == row.disputes) & DeviceEvent.verdict.in_(
        [VerdictKind.CONFLICT.value, VerdictKind.WAITING.value]
    )
    held = DeviceEvent.select().where(found).first()
    return None if held is None else of_row(held)


def _seen(site: Site, row: CustodyConflict, item: Item, decision: Decision, *, by: Actor) -> Item:
    """A conflict whose event has its effect already: an item that did not follow its bag. It can only be looked at."""
    if decision is not Decision.ASIDE:
        raise RuleViolation("Việc của túi đã ghi; bưu gửi này không theo túi. Xem bưu gửi ở đâu rồi chọn “đã xem”.")
    _settled(site, row, decision, by=by)
    return item


def _index(
    work: Applying, one: Held, item: Item, stands: UUID | None, decision: Decision
) -> tuple[int, Custody]:  # fmt: skip
    """The nearest index before or after the event that stands where the rules allow this one."""
    chain = work.chain(item)
    places = [index for index, link in enumerate(chain.links) if link.entry.uid == stands]
    at = places[0] if places else len(chain.links) - 1
    wanted = range(at, 0, -1) if decision is Decision.BEFORE else range(at + 1, len(chain.links) + 1)
    work.follow(one, item)
    why: RuleViolation | None = None
    for index in wanted:
        try:
            return index, custody_order.insert(chain.links, one.link(work.entry(one)), index, work.calendar)
        except RuleViolation as error:
            why = why or error
    where = "trước" if decision is Decision.BEFORE else "sau"
    raise RuleViolation(
        f"Không đặt được sự kiện này ở {where}: {why.message if why else 'không có chỗ hợp lệ.'} "
        "Chọn cách khác, hoặc đính chính sự kiện đang đứng rồi quyết định lại."
    )


def _settled(site: Site, row: CustodyConflict, decision: Decision, *, by: Actor) -> None:
    now = site.clock.now()
    rows.change(CustodyConflict, row.id, decided_at=now, decided_by=by.username, decision=decision.value)
    left = (CustodyConflict.item == row.item_id) & CustodyConflict.decided_at.is_null()
    item = Item.get_by_id(row.item_id)
    rows.change(Item, item.id, conflicts=CustodyConflict.select().where(left).count())
    dossier = dossier_of(item.dossier_id)
    journal.append(
        "custody", "conflict_decided", uid=site.ids.uid(), at=now, actor=by.name, office_id=dossier.office_id,
        terminal_id=by.terminal_id, dossier_id=dossier.id,
        body={
            "dossier": str(dossier.uid), "item": item.number, "kind": row.kind, "event": str(row.disputes),
            "stands": str(row.stands) if row.stands else "", "decision": decision.value,
        },
    )  # fmt: skip
