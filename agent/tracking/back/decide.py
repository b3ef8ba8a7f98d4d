"""Decide what becomes of an item that was not delivered: again on a day, held, forwarded, back; who pays the repeat."""

from __future__ import annotations

from datetime import date

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.custody_attempts import RULES, Action, Attempt
from agent.domain.custody_steps import CustodyStep, ItemState
from agent.domain.delivery import COLLECTED_FROM, repeat_freight, require_may_go_back, require_redelivery_day, rules_on
from agent.domain.roles import Action as May
from agent.domain.roles import Role, may
from agent.domain.text import clean
from agent.errors import Forbidden, RuleViolation
from agent.site import Site
from agent.store import money_charges, rows
from agent.store.accounts import User
from agent.store.calendar import Body, working_calendar
from agent.store.delivery import ItemPlan, RepeatFreight
from agent.store.dossiers import Contact, Dossier, Fee
from agent.store.indexing import index_dossier
from agent.store.items import CustodyEvent, Item
from agent.store.progress import announce, note, told
from agent.tracking.back.invite import invited
from agent.tracking.back.own import attempts_made, decide, own_item, standing_attempts, step, today
from agent.tracking.custody import office_holder

REPEAT_CODE = "cuoc-phat-lai"


def redeliver(site: Site, number: str, on: date, *, by: Actor, agreed: str = "") -> ItemPlan:
    """Deliver again on a working day that suits the receiver, today or later; `agreed` says with whom and how."""
    with site.store.writing():
        item = own_item(number, by)
        _require_open(item)
        calendar = working_calendar(by.office_id, body=Body.OFFICE)
        require_redelivery_day(calendar, on, today(site), rules_on(today(site)))
        _charge_repeat(site, item, by)
        plan = decide(
            site, item, by, action="redeliver", redeliver_on=on, held_until=None, decided=item.attempts,
            agreed=clean(agreed)[:200],
        )  # fmt: skip
        _tell(site, by)
    return plan


def hold(site: Site, number: str, *, by: Actor, collect: bool = False) -> ItemPlan:
    """Keep the item at the office until its time is over; `collect`: the receiver comes for it."""
    with site.store.writing():
        item = own_item(number, by)
        _require_here(item)
        if item.state != ItemState.HELD:
            step(site, item, CustodyStep.HOLD, by=by)
        until, calendar = today(site), working_calendar(by.office_id, body=Body.OFFICE)
        for _day in range(rules_on(until).hold_days):
            until = calendar.next_working(until)
        plan = decide(
            site, item, by, action="collect" if collect else "hold", redeliver_on=None, held_until=until,
            decided=item.attempts,
        )  # fmt: skip
        _tell(site, by)
    return plan


def forward_to_address(site: Site, number: str, address: str, *, by: Actor) -> ItemPlan:
    """The receiver is at another address that this office delivers to: it goes out again, to there."""
    address = clean(address)[:300]
    if len(address) < 5:
        raise RuleViolation("Ghi địa chỉ mới đầy đủ (số nhà, đường, xã/phường) rồi chuyển tiếp.")
    with site.store.writing():
        item = own_item(number, by)
        _forward(site, item, by)
        step(site, item, CustodyStep.ARRIVE, by=by)
        dossier = Dossier.get_by_id(item.dossier_id)
        if not Contact.update(address=address).where(Contact.dossier == dossier).execute():
            Contact.create(dossier=dossier, address=address)
        index_dossier(dossier)
        note(
            dossier, "forward", by=by, at=site.clock.now(), ids=site.ids, ledger="custody", item=item.number,
            to="address", address=told(dossier, address),
        )  # fmt: skip
        plan = decide(
            site, item, by, action="forward", redeliver_on=None, held_until=None, decided=item.attempts,
            forward_kind="address", forward_to=address,
        )  # fmt: skip
        _tell(site, by)
    return plan


def forward_to_office(site: Site, number: str, office_id: str, *, by: Actor) -> ItemPlan:
    """Another office delivers it: the item is offered to that office, which answers for it once it accepts.

    RuleViolation for an office that nobody of this database works for: nobody could ever accept there.
    """
    office_id = clean(office_id).upper()
    if not office_id or office_id == by.office_id or len(office_id) > 40:
        raise RuleViolation("Ghi mã của bưu cục khác sẽ phát bưu gửi này.")
    with site.store.writing():
        item = own_item(number, by)
        _require_shared(office_id, by)
        _forward(site, item, by)
        step(site, item, CustodyStep.OFFER, by=by, to=office_holder(office_id))
        plan = decide(
            site, item, by, action="forward", redeliver_on=None, held_until=None, decided=item.attempts,
            forward_kind="office", forward_to=office_id,
        )  # fmt: skip
        _tell(site, by)
    return plan


def approve_return(site: Site, number: str, *, by: Actor) -> ItemPlan:
    """Let the item go back to the authority: the attempts that stand and the invitations must allow it."""
    if by.role is None or not may(by.role, May.COUNTERSIGN):
        raise Forbidden("Chuyển hoàn do kiểm soát viên duyệt. Nhờ kiểm soát viên mở bưu gửi này.")
    with site.store.writing():
        item = own_item(number, by)
        _require_here(item)
        calendar = working_calendar(item.office_id, body=Body.OFFICE)  # as the invitations were written
        require_may_go_back(calendar, standing_attempts(item), invited(item))
        step(site, item, CustodyStep.APPROVE_RETURN, by=by)
        plan = decide(
            site, item, by, action=Action.RETURN.value, redeliver_on=None, held_until=None, decided=item.attempts
        )
        _tell(site, by)
    return plan


def addressee_only(site: Site, number: str, only: bool, *, by: Actor) -> ItemPlan:
    """Say that the item goes to the addressee in person alone, or that it no longer does."""
    with site.store.writing():
        item = own_item(number, by)
        _require_open(item)
        return decide(site, item, by, addressee_only=only)


def _require_shared(office_id: str, by: Actor) -> None:
    """RuleViolation unless somebody of that office can scan the item in here."""
    here = User.active & User.role.in_([Role.CLERK, Role.SUPERVISOR]) & (User.office_id != by.office_id)
    known = sorted({str(row.office_id) for row in User.select(User.office_id).where(here)})
    if office_id not in known:
        raise RuleViolation(
            f"Bưu cục {office_id} không dùng chung sổ với bưu cục này, không ai ở đó quét nhận được. "
            + (f"Các bưu cục chung sổ: {', '.join(known)}. " if known else "")
            + "Bưu cục khác sổ: hẹn người nhận, phát ở địa chỉ khác, hoặc chuyển hoàn cơ quan."
        )


def _forward(site: Site, item: Item, by: Actor) -> None:
    _require_here(item)
    if item.state == ItemState.AT_OFFICE:
        step(site, item, CustodyStep.HOLD, by=by)
    step(site, item, CustodyStep.FORWARD, by=by)
    _charge_repeat(site, item, by)


def _charge_repeat(site: Site, item: Item, by: Actor) -> None:
    """One more delivery is paid by the party at fault of the last attempt that stands; once for each attempt."""
    last = _last_attempt(item)
    if last is None:
        return
    known = (RepeatFreight.item == item) & (RepeatFreight.attempt == last.number)
    if RepeatFreight.select().where(known).exists():
        return
    fault = RULES[last.reason].at_fault
    amount = repeat_freight(_freight_once(item), rules_on(today(site)))
    collected = fault in COLLECTED_FROM and amount > 0
    rows.create(
        RepeatFreight, uid=site.ids.uid(), item=item, attempt=last.number, fault=fault, amount=amount,
        collected=collected, by=by.username, at=site.clock.now(),
    )  # fmt: skip
    if collected:
        Fee.create(
            dossier=item.dossier_id, code=_code(item), name=f"Cước phát lại lần {last.number + 1}",
            ledger=FeeLedger.FREIGHT, amount=amount, stage="return",
        )  # fmt: skip
        item.collect += amount
        item.save()
    dossier = Dossier.get_by_id(item.dossier_id)
    who = _charged(item, dossier, fault, last)
    if who and amount:
        money_charges.charge_repeat(
            dossier, who, amount, item=item.number, attempt=last.number, by=by, at=site.clock.now(), ids=site.ids
        )
    note(
        dossier, "repeat_freight", by=by, at=site.clock.now(), ids=site.ids,
        ledger="money", item=item.number, attempt=last.number, fault=fault, amount=amount, collected=collected,
    )  # fmt: skip


def _freight_once(item: Item) -> int:
    """Đồng that one delivery cost: what was claimed for the way back, else the freight that was taken at receipt."""
    mine = (Fee.dossier == item.dossier_id) & (Fee.ledger == FeeLedger.FREIGHT) & Fee.refunded_at.is_null()
    by_stage = {"return": 0, "receipt": 0, "supplement": 0}
    for fee in Fee.select().where(mine & ~Fee.code.startswith(REPEAT_CODE)):
        by_stage[fee.stage] += fee.amount
    return by_stage["return"] or by_stage["receipt"]


def _charged(item: Item, dossier: Dossier, fault: str, last: Attempt) -> str:
    """Who owes the office for the repeat: the authority that sent it, the courier who did not go; nobody else."""
    if fault == "sender":
        return dossier.agency
    if fault != "courier":
        return ""
    failed = (CustodyEvent.item == item) & (CustodyEvent.step == CustodyStep.ATTEMPT_FAILED.value)
    made = CustodyEvent.get_or_none(failed & (CustodyEvent.occurred_at == last.at))
    return str(made.from_holder) if made is not None and made.from_holder.startswith("courier:") else ""


def _code(item: Item) -> str:
    """The code of the next repeat's fee, its own in the dossier: fees are collected and waived by their codes."""
    earlier = (Fee.dossier == item.dossier_id) & Fee.code.startswith(REPEAT_CODE)
    count = int(Fee.select().where(earlier).count())
    return f"{REPEAT_CODE}.{count + 1}" if count else REPEAT_CODE


def _last_attempt(item: Item) -> Attempt | None:
    attempts = attempts_made(item)
    return attempts[-1] if attempts else None


def _require_open(item: Item) -> None:
    if item.state in ("delivered", "returned", "return_approved", "lost"):
        raise RuleViolation(f"Bưu gửi {item.number} đã kết thúc hoặc đang chuyển hoàn. Mở bưu gửi để xem.")


def _require_here(item: Item) -> None:
    """RuleViolation unless the item lies in the office and is offered to nobody."""
    _require_open(item)
    if item.holder != office_holder(item.office_id) or item.offered_to:
        raise RuleViolation(
            f"Bưu gửi {item.number} do “{item.holder}” giữ. Nhận về bưu cục (quét ở trang Hôm nay) rồi quyết định."
        )


def _tell(site: Site, by: Actor) -> None:
    announce("delivery", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
