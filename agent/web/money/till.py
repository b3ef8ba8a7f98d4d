"""The shift of a till: opened with its float, counted blind, what came of it."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.money import shift
from agent.store.cash import CashDeposit, CashVariance, open_shift
from agent.web.context import acting, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.money import money
from agent.web.money.frame import counts_given, hides_shift
from agent.web.notices import say


@money.get("/shift")
@allow(Action.COLLECT_FEE)
def till() -> ResponseReturnValue:
    """The count of the float that opens a shift, or the count that ends it."""
    return _page({})


def _page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    by = acting()
    with site().store.reading():
        mine = open_shift(by.office_id, by.username)
    return render_template("money/till.html", mine=mine, errors=errors, typed=request.form), status


@money.post("/shift/open")
@allow(Action.COLLECT_FEE)
def open_till() -> ResponseReturnValue:
    """Open the shift with what was counted."""
    try:
        shift.open_till(site(), counts_given(may_be_empty=True), by=acting())
    except RuleViolation as error:
        return _page({"count": error.message}, 422)
    say(_("Đã mở ca quỹ. Tiền mặt thu từ bây giờ vào ca của bạn."))
    return see_other("money.home")


@money.post("/shift/<uuid:uid>/count")
@allow(Action.COLLECT_FEE)
def count_till(uid: UUID) -> ResponseReturnValue:
    """The one count of a shift; only now is it compared."""
    by = acting()
    with site().store.reading():
        held = shift.shift_by_uid(uid, by)
    try:
        done = shift.count_till(site(), uid, counts_given(), by=by)
    except RuleViolation as error:
        if held.state != "open" and held.username == by.username:
            say(_(error.message), kind="warn")  # sent twice, or from a second tab: what was counted stands
            return see_other("money.counted", uid=uid)
        if held.state != "open":
            raise
        return _page({"count": error.message}, 422)
    return see_other("money.counted", uid=done.uid)


@money.get("/shift/<uuid:uid>")
@allow(Action.COLLECT_FEE)
def counted(uid: UUID) -> ResponseReturnValue:
    """What a shift came to, once it was counted; to others than its clerk once its money was counted again."""
    by = acting()
    with site().store.reading():
        held = shift.shift_by_uid(uid, by)
        variance = CashVariance.get_or_none((CashVariance.kind == "shift") & (CashVariance.subject == uid))
        deposit = CashDeposit.get_or_none((CashDeposit.account == "till") & (CashDeposit.holder == str(uid)))
        waits = hides_shift(held, by)
    return render_template("money/counted.html", shift=held, variance=variance, deposit=deposit, waits=waits)
