"""Money of the day by ledger, every number opening its entries; nothing of cash that is still to be counted."""

from __future__ import annotations

from datetime import date, timedelta

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from agent.clock import local
from agent.domain.roles import Action
from agent.money import day, deposits
from agent.store.cash import Shift, of_office, open_shift
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.money import money
from agent.web.money.frame import hidden, names_of
from agent.web.notices import say

HANDS = ("till", "courier", "transit")
"""Where cash is before it was counted: of these a person who may count sees no balance."""


@money.get("/")
@allow(Action.COLLECT_FEE, Action.HOLD_CASH, Action.VIEW_REMITTANCES)
def home() -> ResponseReturnValue:
    """The day's figures and the shift; whoever has no till is led to what is theirs."""
    if not current_user().may(Action.COLLECT_FEE):
        return redirect("/money/mine" if current_user().may(Action.HOLD_CASH) else "/money/remittances", code=303)
    by, on, without = acting(), asked_day(), hidden()
    with site().store.reading():
        figures = day.day_figures(site(), by.office_id, on, on, without=without)
        standing = day.standing(by.office_id, without=without)
        mine = open_shift(by.office_id, by.username)
        claims = day.claims(by.office_id, on, on, without=without)
        shifts = of_office(Shift, by.office_id, limit=12)
        names = names_of({one.username for one in shifts})
    secret = HANDS if without is not None else ()
    return render_template(
        "money/home.html", figures=figures, claims=claims,
        standing=[one for one in standing if one.amounts and one.name not in secret],
        mine=mine, shifts=shifts, names=names, on=on, hides=without is not None,
        may_look=without is not None and current_user().may(Action.SETTLE_MONEY), before=on - timedelta(days=1),
        after=on + timedelta(days=1), today=local(site().clock.now()).date(),
    )  # fmt: skip


@money.post("/look")
@allow(Action.SETTLE_MONEY)
def look_at_uncounted() -> ResponseReturnValue:
    """A supervisor sees what was not counted yet, and counts none of it."""
    deposits.look(site(), by=acting())
    say(_("Từ giờ bạn thấy tiền chưa kiểm đếm, nên người khác sẽ đếm nhận các khoản ấy."))
    return see_other("money.home")


def asked_day() -> date:
    """The local day of the address, else today."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return local(site().clock.now()).date()
