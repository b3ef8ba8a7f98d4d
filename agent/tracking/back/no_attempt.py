"""Say that a courier made no attempt: a fact of its own, charged to the courier, with what shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from agent.clock import LOCAL, local
from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.delivery import NoAttemptEvidence
from agent.domain.roles import Action, may
from agent.errors import Duplicate, Forbidden, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.delivery import DeliveryList, ListLine, NoAttempt
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item
from agent.store.progress import announce, note
from agent.tracking.back.own import own_item, take_word_back, today
from agent.tracking.custody import CustodyFact, events_of, record


@dataclass(frozen=True)
class Trail:
    """What the journal knows of an item on a day: what a supervisor looks at before charging a courier."""

    events: tuple[CustodyEvent, ...]
    on_list: bool
    left_office: bool
    scanned: bool
    positions: int  # events that carry the position in their evidence


def trail_of(item: Item, day: date, courier: str) -> Trail:
    """The events of an item on a local day, read as evidence. Inside reading()."""
    start = datetime.combine(day, time(), LOCAL)
    events = [one for one in events_of(item) if start <= one.occurred_at < start + timedelta(days=1)]
    own = [one for one in events if one.from_holder == f"courier:{courier}"]
    listed = (ListLine.item == item) & (DeliveryList.day == day) & (DeliveryList.courier == courier)
    return Trail(
        tuple(events),
        bool(ListLine.select().join(DeliveryList).where(listed).exists()),
        any(one.step == CustodyStep.OUT_FOR_DELIVERY for one in own),
        any(one.capture in ("camera", "reader") for one in own),
        sum("position" in one.evidence for one in own),
    )


def say_no_attempt(
    site: Site, number: str, *, courier: str, day: date, evidence: Iterable[str], by: Actor, event: UUID | None = None
) -> NoAttempt:
    """Charge a courier with a day on which he had the item and made no attempt.

    `event` names the failed attempt that he reported for that day; it then no longer counts. Without evidence nothing
    is charged, and a second time for the same day nothing more.
    """
    if by.role is None or not may(by.role, Action.COUNTERSIGN):
        raise Forbidden("Việc bưu tá không đi phát do kiểm soát viên ghi. Nhờ kiểm soát viên mở bưu gửi này.")
    shown = sorted({NoAttemptEvidence(one).value for one in evidence if one in list(NoAttemptEvidence)})
    if not shown:
        raise RuleViolation("Chưa chọn bằng chứng nào. Chọn ít nhất một bằng chứng rồi ghi.")
    with site.store.writing():
        item = own_item(number, by)
        if day > today(site):
            raise RuleViolation("Ngày chưa đến, không ghi được. Chọn ngày đã qua hoặc hôm nay.")
        known = (NoAttempt.item == item) & (NoAttempt.courier == courier) & (NoAttempt.day == day)
        if NoAttempt.select().where(known).exists():
            raise Duplicate(f"Đã ghi bưu tá không đi phát bưu gửi này ngày {day:%d/%m/%Y}.")
        _require_had_it(item, courier, day, event)
        made: NoAttempt = rows.create(
            NoAttempt, uid=site.ids.uid(), item=item, office_id=item.office_id, courier=courier, day=day, event=event,
            evidence=shown, said_by=by.username, at=site.clock.now(),
        )  # fmt: skip
        if event is not None:
            take_word_back(item, event)
        if event is not None:
            fact = CustodyFact(
                site.ids.uid(), CustodyStep.STRIKE, site.clock.now(), from_holder=item.holder, corrects=event
            )
            record(site, item, fact, by=by)
        note(
            Dossier.get_by_id(item.dossier_id), "no_attempt", by=by, at=site.clock.now(), ids=site.ids,
            ledger="custody", item=item.number, courier=courier, day=str(day), event=str(event or ""), evidence=shown,
        )  # fmt: skip
        announce("delivery", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
    return made


def charged(office_id: str, *, since: date) -> list[NoAttempt]:
    """What couriers of an office were charged with since a day, newest first."""
    mine = (NoAttempt.office_id == office_id) & (NoAttempt.day >= since)
    return list(NoAttempt.select().where(mine).order_by(NoAttempt.day.desc(), NoAttempt.id.desc()))


def _require_had_it(item: Item, courier: str, day: date, event: UUID | None) -> None:
    """RuleViolation unless the courier answered for the item on that day, or reported the attempt that is named."""
    holder = f"courier:{courier}"
    held = any(
        local(one.occurred_at).date() <= day and holder in (one.from_holder, one.to_holder) for one in events_of(item)
    )
    if not held:
        raise RuleViolation(f"Bưu tá {courier} không giữ bưu gửi {item.number} ngày {day:%d/%m/%Y}. Chọn đúng bưu tá.")
    if event is None:
        return
    known = next((one for one in events_of(item) if one.uid == event), None)
    if known is None or known.step != CustodyStep.ATTEMPT_FAILED or known.from_holder != holder:
        raise RuleViolation("Lần phát được chọn không phải của bưu tá này. Tải lại trang rồi chọn lại.")
    if local(known.occurred_at).date() != day:
        raise RuleViolation("Lần phát được chọn không phải của ngày này. Chọn lại ngày.")
