"""A dossier's fees: collected in cash, shown as VietQR, added, waived; and their entries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.permissions import require
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.money import collect as use
from agent.store import money as journal
from agent.store import money_fees
from agent.store.bank import BankLine, OfficialReceipt
from agent.store.dossiers import Dossier, Fee
from agent.store.lookup import dossier_by_uid
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.money import money
from agent.web.money.frame import amount_given
from agent.web.notices import say


@money.get("/dossiers/<uuid:uid>")
@allow(Action.COLLECT_FEE)
def dossier_fees(uid: UUID) -> ResponseReturnValue:
    """The fees of one dossier."""
    return _page(_dossier(uid), {})


def _dossier(uid: UUID) -> Dossier:
    with site().store.reading():
        held = dossier_by_uid(uid)
    require(current_user(), Action.COLLECT_FEE, held.office_id)
    return held


def _page(held: Dossier, errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    transfers = use.transfers(site(), held.uid)
    with site().store.reading():
        facts: dict[str, Any] = {
            "fees": list(Fee.select().where(Fee.dossier == held).order_by(Fee.id)),
            "unpaid": money_fees.unpaid(held),
            "entries": journal.entries(held.office_id, dossier_id=held.id, limit=50),
            "lines": list(BankLine.select().where(BankLine.dossier == held).order_by(BankLine.id.desc())),
            "receipts": list(OfficialReceipt.select().where(OfficialReceipt.dossier == held)),
        }
    return render_template(
        "money/dossier.html", dossier=held, transfers=transfers, errors=errors, form=request.form,
        issues=site().fee_receipts.issues, **facts,
    ), status  # fmt: skip


@money.post("/dossiers/<uuid:uid>/collect")
@allow(Action.COLLECT_FEE)
def collect_fees(uid: UUID) -> ResponseReturnValue:
    """Take what is unpaid."""
    held = _dossier(uid)
    codes, method = request.form.getlist("code"), request.form.get("method", "")
    try:
        use.collect(site(), uid, codes, method=method, amount=amount_given(), by=acting())
    except RuleViolation as error:
        return _page(held, {"collect": error.message}, 422)
    say(_("Đã thu. In phiếu thu cho công dân nếu cần."))
    return see_other("money.dossier_fees", uid=uid)


@money.post("/dossiers/<uuid:uid>/add")
@allow(Action.COLLECT_FEE)
def add_fee(uid: UUID) -> ResponseReturnValue:
    """Claim a further fee."""
    held, form = _dossier(uid), request.form
    try:
        use.add_fee(
            site(), uid, name=form.get("name", ""), ledger=form.get("ledger", ""), amount=amount_given(), by=acting()
        )
    except RuleViolation as error:
        return _page(held, {"name": error.message}, 422)
    say(_("Đã thêm khoản thu."))
    return see_other("money.dossier_fees", uid=uid)


@money.post("/dossiers/<uuid:uid>/waive")
@allow(Action.COLLECT_FEE)
def waive_fee(uid: UUID) -> ResponseReturnValue:
    """Let the citizen off a fee."""
    held, form = _dossier(uid), request.form
    try:
        use.waive(
            site(), uid, form.get("code", ""), decided_by=form.get("decided_by", ""), reason=form.get("reason", ""),
            by=acting(),
        )  # fmt: skip
    except RuleViolation as error:
        return _page(held, {"reason": error.message}, 422)
    say(_("Đã miễn khoản thu."))
    return see_other("money.dossier_fees", uid=uid)


@money.get("/dossiers/<uuid:uid>/qr/<account>.svg")
@allow(Action.COLLECT_FEE)
def dossier_qr(uid: UUID, account: str) -> ResponseReturnValue:
    """The VietQR of what is unpaid, for one bank account."""
    import io

    import segno

    held = _dossier(uid)
    transfer = next((one for one in use.transfers(site(), held.uid) if one.account.name == account), None)
    if transfer is None:
        abort(404)
    out = io.BytesIO()
    segno.make(transfer.text, error="m", micro=False).save(out, kind="svg", scale=6, border=4, xmldecl=False)
    return Response(out.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})
