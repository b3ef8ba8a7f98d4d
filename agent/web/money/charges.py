"""What authorities and couriers owe for repeated deliveries: received in cash, or borne by the office."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import Forbidden, RuleViolation
from agent.money import charges as use
from agent.store import money as journal
from agent.store.dossiers import Dossier
from agent.store.money_charges import CHARGED
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.money import money
from agent.web.money.frame import amount_given, names_of
from agent.web.notices import say


@money.get("/charges")
@allow(Action.COLLECT_FEE)
def charges() -> ResponseReturnValue:
    """Who owes the office for repeated deliveries, and the newest of them."""
    return _page({})


def _page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    by = acting()
    with site().store.reading():
        due = use.due(by.office_id)
        newest = journal.entries(by.office_id, kind=CHARGED, limit=30)
        legs = journal.legs_of_each(newest)
        ids = sorted({one.dossier_id for one in newest if one.dossier_id}) or [-1]
        numbers = {one.id: one.provisional for one in Dossier.select().where(Dossier.id.in_(ids))}
        names = names_of({who.partition(":")[2] for who in due if who.startswith("courier:")})
    owed = {one.id: next(leg for leg in legs[one.id] if leg.amount > 0) for one in newest}
    return render_template(
        "money/charges.html", due=due, newest=newest, owed=owed, numbers=numbers, names=names, errors=errors,
        may_bear=current_user().may(Action.SETTLE_MONEY), me=by.username,
    ), status  # fmt: skip


@money.post("/charges")
@allow(Action.COLLECT_FEE)
def settle_charge() -> ResponseReturnValue:
    """The money came, or the office bears it."""
    form = request.form
    try:
        if form.get("what") == "bear":
            use.bear(site(), form.get("who", ""), amount_given(), by=acting())
            say(_("Đã ghi bưu cục chịu."))
        else:
            use.receive(site(), form.get("who", ""), amount_given(), by=acting())
            say(_("Đã ghi thu, tiền vào quỹ ca của bạn."))
    except RuleViolation as error:
        if error.code == Forbidden.code:
            raise
        return _page({"who": error.message}, 422)
    return see_other("money.charges")
