"""Money of the day by ledger, every number opening its entries; nothing of an uncounted till is shown to its holder."""

from __future__ import annotations

from datetime import date, timedelta

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from agent.clock import local
from agent.domain.roles import Action
from agent.money import day
from agent.store.cash import Shift, of_office, open_shift
from agent.web.context import acting, current_user, site
from agent.web.guard import allow
from agent.web.money import money
from agent.web.money.frame import blind, names_of, uncounted

HIDDEN = ("till", "safe", "refunded", "float", "owed", "operator")
"""Figures that would tell what lies in an uncounted till, by themselves or against the others."""


@money.get("/")
@allow(Action.COLLECT_FEE, Action.HOLD_CASH, Action.VIEW_REMITTANCES)
def home() -> ResponseReturnValue:
    """The day's figures and the shift; whoever has no till is led to what is theirs."""
    if not current_user().may(Action.COLLECT_FEE):
        return redirect("/money/mine" if current_user().may(Action.HOLD_CASH) else "/money/remittances", code=303)
    by, on, hides = acting(), asked_day(), blind()
    with site().store.reading():
        figures = day.day_figures(site(), by.office_id, on, on)
        standing = day.standing(by.office_id)
        mine = open_shift(by.office_id, by.username)
        waits = bool(uncounted(by) - ({str(mine.uid)} if mine else set()))
        claims = {} if hides else day.claims(by.office_id, on, on)
        shifts = of_office(Shift, by.office_id, limit=12)
        names = names_of({one.username for one in shifts})
    secret = {*(HIDDEN if hides else ()), *(("transit",) if waits else ())}
    return render_template(
        "money/home.html", figures=[one for one in figures if one.name not in secret],
        standing=[one for one in standing if one.amounts and one.name not in secret], waits=waits, claims=claims,
        mine=mine, shifts=shifts, names=names, on=on, hides=hides, before=on - timedelta(days=1),
        after=on + timedelta(days=1), today=local(site().clock.now()).date(),
    )  # fmt: skip


def asked_day() -> date:
    """The local day of the address, else today."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return local(site().clock.now()).date()
