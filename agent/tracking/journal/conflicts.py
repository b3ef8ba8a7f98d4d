"""Conflicts that a person decides: the event stands before or after another one, or has no effect."""

from __future__ import annotations

from uuid import UUID

from agent.domain import custody_order
from agent.domain.actor import Actor
from agent.domain.custody import Custody
from agent.domain.custody_order import Decision
from agent.domain.phone_event import VerdictKind
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.site import Site
from agent.store import journal, rows
from agent.store.base import locked
from agent.store.custody_events import CustodyConflict, DeviceEvent
from agent.store.items import Item
from agent.store.lookup import dossier_of
from agent.tracking.journal.applying import Applying
from agent.tracking.journal.held import Held, of_row

ASIDE = "set-aside"


def decide(site: Site, conflict: UUID, decision: Decision, *, by: Actor) -> Item:
    """Settle a conflict as `by` says, in one transaction, and then all that waited for it.

    Forbidden for whoever's own event is in question; RuleViolation when the rules do not allow the event there.
    """
    with site.store.writing():
        row = _open(conflict)
        item: Item = Item.get_by_id(row.item_id)
        work = Applying(site, at=site.clock.now())
        one = _event(row)
        if one is None:
            return _seen(site, row, item, decision, by=by)
        if f"user:{one.courier}" == by.name:
            raise Forbidden("Sự kiện này là của bạn. Nhờ người khác quyết định.")
        work.load([one], next_seq={})
        one = work.known[one.event.uid]
        one.item_id, chain = item.id, work.chain(item)
        item = chain.item
        if decision is Decision.ASIDE:
            one.refuse(ASIDE, "Bưu cục quyết định sự kiện này không có hiệu lực. Hỏi bưu cục nếu không đúng.")
        else:
            index, custody = _index(work, one, item, row.stands, decision)
            work.put(one, item, index, custody)
            if one.verdict is not VerdictKind.TAKEN:
                raise RuleViolation(one.message, code=one.code)
        _settled(site, row, decision, by=by)
        work.decided(one, item)
        work.save()
    return item


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
