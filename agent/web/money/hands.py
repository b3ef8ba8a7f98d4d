"""Cash in hands: a courier's own and his deposits, and the receiver's blind count."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.money_entries import Account
from agent.domain.roles import Action, Role
from agent.errors import Forbidden, RuleViolation
from agent.money import deposits as use
from agent.store import money as journal
from agent.store.cash import CashDeposit, of_office
from agent.store.money_surplus import undecided_cash
from agent.store.money_uncounted import knows
from agent.web.context import acting, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.money import money
from agent.web.money.frame import amount_given, counts_given, names_of, uid_given
from agent.web.notices import say


@money.get("/mine")
@allow(Action.HOLD_CASH)
def mine() -> ResponseReturnValue:
    """A courier's cash in hand, its limit, and what he handed in."""
    return _mine({})


def _mine(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    by = acting()
    with site().store.reading():
        held = journal.balances(Account.COURIER, by.username)
        own = list(
            CashDeposit.select().where(CashDeposit.giver == by.username).order_by(CashDeposit.id.desc()).limit(20)
        )
        undecided = undecided_cash(courier=by.username)
    waiting = sum(one.declared for one in own if one.state in ("declared", "frozen"))
    return render_template(
        "money/mine.html", held=held, total=sum(held.values()), own=own, waiting=waiting, errors=errors,
        undecided=undecided,
        limit=site().settings.money.courier_limit, key=site().ids.uid(), courier=by.role is Role.COURIER,
    ), status  # fmt: skip


@money.post("/mine")
@allow(Action.HOLD_CASH)
def hand_in() -> ResponseReturnValue:
    """Declare a deposit."""
    try:
        use.declare(site(), amount_given(), by=acting(), key=uid_given("key"))
    except RuleViolation as error:
        return _mine({"amount": error.message}, 422)
    say(_("Đã khai nộp. Đưa tiền cho người nhận đếm; chờ họ ghi kết quả."))
    return see_other("money.mine")


@money.get("/deposits")
@allow(Action.COLLECT_FEE)
def deposits() -> ResponseReturnValue:
    """What waits to be counted, without its sum, and what was counted lately."""
    by = acting()
    with site().store.reading():
        waiting = of_office(CashDeposit, by.office_id, "declared")
        done = of_office(CashDeposit, by.office_id, "accepted", "frozen", "settled", limit=30)
        names = names_of({name for one in [*waiting, *done] for name in (one.giver, one.receiver)})
    return render_template("money/deposits.html", waiting=waiting, done=done, names=names)


@money.get("/deposits/<uuid:uid>")
@allow(Action.COLLECT_FEE)
def deposit(uid: UUID) -> ResponseReturnValue:
    """The receiver's count; the sum that was declared is shown only after it."""
    return _deposit(uid, {})


def _deposit(uid: UUID, errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    by = acting()
    with site().store.reading():
        held = use.deposit_by_uid(uid, by)
        names = names_of({held.giver, held.receiver})
        seen = held.state == "declared" and knows(by.username, held)
    return render_template(
        "money/deposit.html", deposit=held, names=names, errors=errors, own=held.giver == by.username,
        seen=seen, typed=request.form,
    ), status  # fmt: skip


@money.post("/deposits/<uuid:uid>/count")
@allow(Action.COLLECT_FEE)
def receive_deposit(uid: UUID) -> ResponseReturnValue:
    """Count a deposit, once."""
    by = acting()
    with site().store.reading():
        held = use.deposit_by_uid(uid, by)
    try:
        done = use.receive(site(), uid, counts_given(), by=by)
    except RuleViolation as error:
        if error.code == Forbidden.code:
            raise
        if held.state != "declared":  # sent twice, or from a second tab: what was counted stands
            say(_(error.message), kind="warn")
            return see_other("money.deposit", uid=uid)
        return _deposit(uid, {"count": error.message}, 422)
    if done.state == "accepted":
        say(_("Số đếm khớp số khai. Tiền đã vào két bưu cục."))
    else:
        say(_("Số đếm lệch số khai: khoản nộp bị treo tới khi giải trình xong."), kind="warn")
    return see_other("money.deposit", uid=uid)
