"""Record custody: one event, checked against the fold of all before it, with its journal entry."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from agent.domain.actor import Actor
from agent.domain.calendar_vn import Calendar
from agent.domain.custody import Custody, Entry, apply, fold, require_possible_time
from agent.domain.custody_attempts import Action, Evidence, Reason
from agent.domain.custody_steps import STEP_NAME, CustodyStep, upu_code
from agent.domain.roles import Role
from agent.domain.s10 import S10
from agent.errors import Duplicate, RuleViolation
from agent.site import Site
from agent.store.calendar import working_calendar
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item
from agent.store.lookup import item_by_number, items_to_change
from agent.store.progress import note


def office_holder(office_id: str) -> str:
    """How an office is named as a holder."""
    return f"office:{office_id}"


def courier_holder(username: str) -> str:
    """How a courier is named as a holder."""
    return f"courier:{username}"


def authority_holder(agency: str) -> str:
    """How the authority that made the result is named as a holder."""
    return f"authority:{agency}"


@dataclass(frozen=True)
class CustodyFact:
    """One fact as it was seen where it happened; `uid` is minted there and makes repeating it harmless."""

    uid: uuid.UUID
    step: CustodyStep
    occurred_at: datetime
    from_holder: str = ""
    to_holder: str = ""
    reason: str = ""
    action: str = ""
    evidence: frozenset[str] = frozenset()
    device: str = ""
    device_seq: int | None = None
    parent: uuid.UUID | None = None
    capture: str = "typed"
    note: str = ""
    proof_sha256: str = ""
    bag: str = ""
    extra: dict[str, str] = field(default_factory=dict)


def custody_of(item: Item, calendar: Calendar | None = None) -> Custody | None:
    """The custody of an item, folded from its events."""
    return fold((_entry(event) for event in events_of(item)), calendar or working_calendar())


def events_of(item: Item) -> list[CustodyEvent]:
    """All events of an item in the order in which they were recorded."""
    return list(CustodyEvent.select().where(CustodyEvent.item == item).order_by(CustodyEvent.id))


def record(site: Site, item: Item, fact: CustodyFact, *, by: Actor) -> Custody:
    """Add one fact inside the caller's transaction and bring the item's cached state up to it.

    The same fact again changes nothing; rules that it breaks are refused with what is possible instead.
    """
    calendar = working_calendar()
    before = custody_of(item, calendar)
    known = CustodyEvent.get_or_none(CustodyEvent.uid == fact.uid)
    if known is not None:
        if known.item_id != item.id or known.step != fact.step.value:
            raise Duplicate("Mã sự kiện này đã dùng cho việc khác. Đồng bộ lại thiết bị rồi thử lại.")
        assert before is not None
        return before
    now = site.clock.now()
    if before is not None:
        require_possible_time(before, fact.occurred_at, now)
    after = apply(before, _entry_of(fact, by), calendar)
    _own_act(fact, by)
    _keep(item, fact, before, by=by, at=now)
    item.state, item.holder, item.offered_to = after.state.value, after.holder, after.offered_to
    item.attempts, item.updated_at = len(after.attempts), now
    item.save()
    note(
        Dossier.get_by_id(item.dossier_id), fact.step.value, by=by, at=now, ids=site.ids, ledger="custody",
        item=item.number, event=str(fact.uid), from_holder=fact.from_holder, to_holder=fact.to_holder,
        reason=fact.reason, action=fact.action, proof=fact.proof_sha256, state=after.state.value,
    )  # fmt: skip
    return after


def _keep(item: Item, fact: CustodyFact, before: Custody | None, *, by: Actor, at: datetime) -> None:
    CustodyEvent.create(
        uid=fact.uid,
        item=item,
        step=fact.step.value,
        from_holder=fact.from_holder,
        to_holder=fact.to_holder,
        occurred_at=fact.occurred_at,
        recorded_at=at,
        actor=by.name,
        device=fact.device or by.terminal_id,
        device_seq=fact.device_seq,
        parent=fact.parent,
        capture=fact.capture,
        reason=fact.reason,
        action=fact.action,
        upu_code=upu_code(fact.step, before.state if before else None) or "",
        bag=fact.bag,
        note=fact.note,
        evidence=sorted(fact.evidence),
    )


def _own_act(fact: CustodyFact, by: Actor) -> None:
    """A courier acts on what is in his own hands only; nobody accepts for him or gives away what he holds."""
    holder = fact.to_holder if fact.step is CustodyStep.ACCEPT else fact.from_holder
    if by.role is Role.COURIER and holder != courier_holder(by.username):
        raise RuleViolation(
            f"Bưu gửi do “{holder}” giữ, không phải bạn. Nhờ người giữ giao cho bạn trước khi {STEP_NAME[fact.step]}."
        )
    own = fact.step in (CustodyStep.OFFER, CustodyStep.ACCEPT)
    if own and holder.startswith(courier_holder("")) and holder != courier_holder(by.username):
        raise RuleViolation(
            f"Chỉ bưu tá “{holder.removeprefix(courier_holder(''))}” tự {STEP_NAME[fact.step]} được bưu gửi này. "
            "Nhờ bưu tá đó làm trên máy của mình."
        )


def hand_over(site: Site, numbers: Iterable[str], *, to: str, by: Actor) -> list[str]:
    """Offer every item to `to`, in one transaction; custody moves only when the receiver accepts."""
    return _each(site, numbers, CustodyStep.OFFER, by=by, to=to)


def accept(site: Site, numbers: Iterable[str], *, holder: str, by: Actor) -> list[str]:
    """Take over every item that was offered to `holder`; from now on it answers for them."""
    return _each(site, numbers, CustodyStep.ACCEPT, by=by, to=holder)


def move(site: Site, number: str, step: CustodyStep, *, by: Actor, note: str = "") -> Custody:
    """A step in the holder's own hands: arrived at the office, out for delivery, held."""
    with site.store.writing():
        item = item_by_number(S10.parse(number).text)
        fact = CustodyFact(site.ids.uid(), step, site.clock.now(), from_holder=item.holder, note=note)
        return record(site, item, fact, by=by)


def _each(site: Site, numbers: Iterable[str], step: CustodyStep, *, by: Actor, to: str) -> list[str]:
    done, wanted = [], [S10.parse(number).text for number in numbers]
    with site.store.writing():
        items_to_change(wanted)
        for number in wanted:
            item = item_by_number(number)
            fact = CustodyFact(site.ids.uid(), step, site.clock.now(), from_holder=item.holder, to_holder=to)
            record(site, item, fact, by=by)
            done.append(item.number)
    if not done:
        raise RuleViolation("Chưa chọn bưu gửi nào. Quét mã bưu gửi rồi làm lại.")
    return done


def _entry(event: CustodyEvent) -> Entry:
    return Entry(
        uid=event.uid,
        step=CustodyStep(event.step),
        occurred_at=event.occurred_at,
        actor=event.actor,
        from_holder=event.from_holder,
        to_holder=event.to_holder,
        bag=event.bag,
        reason=Reason(event.reason) if event.reason else None,
        action=Action(event.action) if event.action else None,
        evidence=frozenset(Evidence(one) for one in event.evidence),
    )


def _entry_of(fact: CustodyFact, by: Actor) -> Entry:
    try:
        return Entry(
            uid=fact.uid,
            step=fact.step,
            occurred_at=fact.occurred_at,
            actor=by.name,
            from_holder=fact.from_holder,
            to_holder=fact.to_holder,
            bag=fact.bag,
            reason=Reason(fact.reason) if fact.reason else None,
            action=Action(fact.action) if fact.action else None,
            evidence=frozenset(Evidence(one) for one in fact.evidence),
        )
    except ValueError as error:
        raise RuleViolation(
            f"Giá trị không có trong danh mục sự kiện: {error}. Cập nhật ứng dụng rồi gửi lại."
        ) from None
