"""Remittances: what is owed to each authority with its deadline, slips made, handed over, acknowledged."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.clock import local
from agent.domain.money_entries import Account
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.money import credits as back
from agent.money import remit as use
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.money import money
from agent.web.money.frame import amount_given, hidden, names_of
from agent.web.notices import say


@money.get("/remittances")
@allow(Action.VIEW_REMITTANCES)
def remittances() -> ResponseReturnValue:
    """What is due, and the slips that the signed-in user may see."""
    return _page({})


def _page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    by, ours = acting(), current_user().may(Action.COLLECT_FEE)
    without = hidden() if ours else None
    with site().store.reading():
        due = use.due_list(site(), by.office_id, without=without) if ours else []
        credits = back.credits(by.office_id, without=without) if ours else []
        slips = use.remittances(by)
        names = names_of({name for one in slips for name in (one.made_by, one.acknowledged_by)})
    return render_template(
        "money/remittances.html", due=due, credits=credits, hides=without is not None,
        slips=slips, names=names, errors=errors, ours=ours,
        today=local(site().clock.now()).date(), safe=Account.SAFE, days=site().settings.money.remit_days,
    ), status  # fmt: skip


@money.post("/remittances")
@allow(Action.COLLECT_FEE)
def remit() -> ResponseReturnValue:
    """Make a slip: the money leaves the safe or the bank account."""
    form = request.form
    try:
        made = use.remit(
            site(), form.get("authority", ""), form.get("ledger", ""), form.get("source", ""), amount_given(),
            reference=form.get("reference", ""), by=acting(),
        )  # fmt: skip
    except RuleViolation as error:
        return _page({"remit": error.message}, 422)
    say(_("Đã lập phiếu %(number)s. In phiếu và giao tiền cho cơ quan.") % {"number": made.number})
    return see_other("money.remittances")


@money.post("/remittances/<uuid:uid>/acknowledge")
@allow(Action.VIEW_REMITTANCES)
def acknowledge(uid: UUID) -> ResponseReturnValue:
    """The authority has it."""
    by = acting()
    with site().store.reading():
        use.remittance_by_uid(uid, by)
    try:
        use.acknowledge(site(), uid, reference=request.form.get("reference", ""), by=by)
    except RuleViolation as error:
        return _page({f"ack-{uid}": error.message}, 422)
    say(_("Đã ghi cơ quan xác nhận."))
    return see_other("money.remittances")


@money.post("/remittances/claims")
@allow(Action.COLLECT_FEE)
def claim_back() -> ResponseReturnValue:
    """Ask an authority for what it got too much."""
    form = request.form
    try:
        made = back.claim_back(
            site(), form.get("authority", ""), form.get("ledger", ""), amount_given(), by=acting()
        )  # fmt: skip
    except RuleViolation as error:
        return _page({"credit": error.message}, 422)
    say(_("Đã lập giấy đề nghị hoàn trả %(number)s. In giấy và gửi cơ quan.") % {"number": made.number})
    return see_other("money.remittances")


@money.post("/remittances/<uuid:uid>/paid-back")
@allow(Action.COLLECT_FEE)
def paid_back(uid: UUID) -> ResponseReturnValue:
    """The authority paid in cash, or sets it off after all."""
    by = acting()
    with site().store.reading():
        use.remittance_by_uid(uid, by)
    try:
        if request.form.get("what") == "set-off":
            back.withdraw(site(), uid, by=by)
            say(_("Đã bỏ đề nghị hoàn trả. Phiếu nộp sau trừ số này."))
        else:
            back.paid_back(site(), uid, reference=request.form.get("reference", ""), by=by)
            say(_("Đã ghi cơ quan trả tiền, vào quỹ ca của bạn."))
    except RuleViolation as error:
        return _page({f"ack-{uid}": error.message}, 422)
    return see_other("money.remittances")
