"""Reversals (bút toán đảo): asked for by one, posted when another countersigns; the reversed entry stays."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.money_entries import PHYSICAL, Account, Leg, reversed_legs
from agent.domain.roles import Action, may
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.money.put_back import fees_of, line_of, part_again, put_back
from agent.site import Site
from agent.store import money, money_fees, rows
from agent.store.cash import CashVariance, Remittance, Reversal
from agent.store.dossiers import Dossier, Fee
from agent.store.lookup import dossier_of
from agent.store.money import MoneyEntry
from agent.store.money_charges import owe_again
from agent.store.money_fees import Hand

REVERSIBLE: Final = ("collected", "rest_in_cash", "refund_paid", "made_good", "over_collected",
                     "charged", "charge_paid", "charge_borne", "compensation_paid", "paid_back")  # fmt: skip
"""What can be reversed by itself; counts, deposits and slips are mended by their own steps."""


def ask(site: Site, entry: UUID, *, reason: str, by: Actor) -> Reversal:
    """Ask for a posting to be reversed; nothing moves yet. Asked again it is the same request.

    One that was refused waits anew, with the new reason before the old one.
    """
    if len(reason.strip()) < 10:
        raise RuleViolation("Nói rõ vì sao phải đảo bút toán (ít nhất 10 ký tự). Chưa ghi gì.")
    with site.store.writing():
        money.hold(by)
        found = entry_by_uid(entry, by)
        if found.kind not in REVERSIBLE:
            raise RuleViolation("Bút toán này không đảo riêng được. Sửa ở bước đã sinh ra nó.")
        again = rows.first(Reversal, entry=entry)
        if again is not None and again.state != "refused":
            return again
        if again is not None:
            again.reason = f"{reason.strip()} (trước đó {again.answered_by} không đồng ý: {again.reason})"
            again.state, again.asked_by, again.asked_at = "asked", by.username, site.clock.now()
            again.answered_by, again.answered_at = "", None
            again.save()
            return again
        return rows.create(
            Reversal, uid=site.ids.uid(), office_id=by.office_id, terminal_id=by.terminal_id, entry=entry,
            reason=reason.strip(), asked_by=by.username, asked_at=site.clock.now(), state="asked",
        )  # fmt: skip


def answer(site: Site, uid: UUID, *, agreed: bool, by: Actor) -> Reversal:
    """A supervisor who neither asked nor made the posting lets it be reversed, or refuses."""
    if by.role is None or not may(by.role, Action.SETTLE_MONEY):
        raise Forbidden("Chỉ kiểm soát viên mới ký bút toán đảo.")
    with site.store.writing():
        _lock_dossier(uid)
        money.hold(by)
        request = rows.first(Reversal, uid=uid)
        if request is None or request.office_id != by.office_id:
            raise NotFound("Không có yêu cầu đảo này ở bưu cục của bạn. Tải lại trang.")
        if request.state != "asked":
            return request
        entry = entry_by_uid(request.entry, by)
        if by.username == request.asked_by or by.name == entry.actor:
            raise Forbidden("Người lập và người xin đảo không tự ký. Nhờ kiểm soát viên khác ký.")
        request.state, request.answered_by = "done" if agreed else "refused", by.username
        request.answered_at = site.clock.now()
        request.save()
        if agreed:
            _reverse(site, entry, by)
    return request


def _lock_dossier(uid: UUID) -> None:
    """The dossier of the posting, locked before money is."""
    request = rows.first(Reversal, uid=uid)
    entry = rows.first(MoneyEntry, uid=request.entry) if request else None
    if entry is not None and entry.dossier_id is not None:
        dossier_of(entry.dossier_id)


def _reverse(site: Site, entry: MoneyEntry, by: Actor) -> None:
    legs = money.legs_of(entry)
    line = line_of(entry, legs)
    _post_reversed(site, entry, legs, shown=line is not None, by=by)
    if line is not None:
        put_back(site, line, by=by)


def _post_reversed(site: Site, entry: MoneyEntry, legs: tuple[Leg, ...], *, shown: bool, by: Actor) -> None:
    at = site.clock.now()
    if entry.kind == "collected" and entry.dossier_id is not None:
        dossier = Dossier.get_by_id(entry.dossier_id)
        ids = fees_of(entry)
        paid = Fee.select().where((Fee.dossier == dossier) & Fee.id.in_(ids) & Fee.refunded_at.is_null())
        fees = [fee for fee in paid if fee.paid_at is not None]
        if len(fees) != len(ids):
            raise RuleViolation("Khoản thu này đã được hoàn một phần, không đảo được. Xem các bút toán của hồ sơ.")
        places = {(leg.account, leg.holder) for leg in legs if leg.amount > 0}
        if len(places) != 1:
            raise RuleViolation("Khoản thu này vào nhiều nơi, không đảo một lần được. Hoàn phí từng khoản.")
        account, holder = _place_now(entry, *places.pop(), legs)
        if shown and account is Account.VIETQR:
            account = Account.BANK  # where the statement's line brought it
        money_fees.reopen(
            dossier, fees, out=Hand(account, holder), kind="reversed", key=f"reversal:{entry.uid}", by=by, at=at,
            ids=site.ids,
        )  # fmt: skip
        return
    if entry.kind == "rest_in_cash":
        part_again(site, entry, by=by)
    if entry.kind == "over_collected":
        _require_still_owed(legs)
    if entry.kind == "charged":
        _require_unpaid(entry, legs)
    elif entry.kind == "compensation_paid":
        owe_again(UUID(entry.subject), by=by, at=at)
    elif entry.kind == "made_good":
        rows.change_where(CashVariance, {"uid": UUID(entry.subject)}, paid_at=None)
    elif entry.kind == "paid_back":
        rows.change(Remittance, Remittance.get(Remittance.uid == UUID(entry.subject)).id, state="claimed")
    about = Dossier.get_by_id(entry.dossier_id) if entry.dossier_id else None
    turned = [
        Leg(leg.ledger, *_place_now(entry, leg.account, leg.holder, legs), leg.amount) for leg in reversed_legs(legs)
    ]
    money.post(
        f"reversal:{entry.uid}", "reversed", turned, by=by, at=at, ids=site.ids, dossier=about,
        subject=entry.subject, reverses=entry.uid, office_id=entry.office_id,
    )  # fmt: skip


def _require_still_owed(legs: tuple[Leg, ...]) -> None:
    """RuleViolation when what a courier took too much of was paid out to the citizen already."""
    for leg in legs:
        if leg.account is Account.REFUND and -money.balances(leg.account, leg.holder).get(leg.ledger, 0) < -leg.amount:
            raise RuleViolation("Số thu thừa này đã hoàn cho công dân, không đảo được. Đảo bút toán chi hoàn trước.")


def _require_unpaid(entry: MoneyEntry, legs: tuple[Leg, ...]) -> None:
    """What was charged can be taken back only while it is still due."""
    for leg in legs:
        if leg.account is Account.DUE:
            due = money.balances_in(entry.office_id, Account.DUE, leg.holder).get(leg.ledger, 0)
            if due < leg.amount:
                raise RuleViolation("Khoản này đã thu rồi. Đảo bút toán thu trước, rồi đảo khoản phải thu.")


def _place_now(entry: MoneyEntry, account: Account, holder: str, legs: tuple[Leg, ...]) -> tuple[Account, str]:
    """Where the cash of an old posting is now: with its holder, else (the shift was closed) in the safe."""
    needed = {leg.ledger: leg.amount for leg in legs if (leg.account, leg.holder) == (account, holder)}
    if account not in PHYSICAL or money.covers(account, holder, needed):
        return account, holder
    return Account.SAFE, entry.office_id


def entry_by_uid(uid: UUID, by: Actor) -> MoneyEntry:
    """A posting of the actor's office; NotFound for another's."""
    found = rows.first(MoneyEntry, uid=uid)
    if found is None or found.office_id != by.office_id:
        raise NotFound("Không có bút toán này ở bưu cục của bạn. Tải lại trang.")
    return found
