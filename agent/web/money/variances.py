"""Variances: explained by one, countersigned or sent back by another, made good in the end; and reversals."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import Forbidden, RuleViolation
from agent.money import reversals as turn
from agent.money import variances as use
from agent.store.cash import CashVariance, Reversal, of_office
from agent.store.dossiers import Dossier
from agent.store.money import MoneyEntry
from agent.store.money_surplus import undecided_cash
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.money import money
from agent.web.money.frame import names_of
from agent.web.notices import say


@money.get("/variances")
@allow(Action.COLLECT_FEE)
def variances() -> ResponseReturnValue:
    """All variances of the office, what is open first."""
    return _page({})


def _page(errors: dict[str, str], status: int = 200, at: UUID | None = None) -> ResponseReturnValue:
    by = acting()
    with site().store.reading():
        open_ = of_office(CashVariance, by.office_id, "open", "explained")
        done = of_office(CashVariance, by.office_id, "settled", limit=30)
        people = {
            name for one in [*open_, *done] for name in (one.maker, one.counter, one.explained_by, one.countersigned_by)
        }
        names = names_of(people)
        undecided = {one.maker: undecided_cash(courier=one.maker) for one in open_ if one.kind == "deposit"}
    return render_template(
        "money/variances.html", open=open_, undecided=undecided, done=done, names=names, errors=errors, at=at,
        me=by.username, may_sign=current_user().may(Action.SETTLE_MONEY), form=request.form,
    ), status  # fmt: skip


@money.post("/variances/<uuid:uid>/explain")
@allow(Action.COLLECT_FEE)
def explain(uid: UUID) -> ResponseReturnValue:
    """Explain one."""
    with site().store.reading():
        use.variance_by_uid(uid, acting())
    try:
        use.explain(
            site(), uid, words=request.form.get("words", ""), remedy=request.form.get("remedy", ""), by=acting()
        )
    except RuleViolation as error:
        return _again(error, uid)
    say(_("Đã ghi giải trình. Chờ kiểm soát viên khác ký."))
    return see_other("money.variances")


@money.post("/variances/<uuid:uid>/countersign")
@allow(Action.SETTLE_MONEY)
def countersign(uid: UUID) -> ResponseReturnValue:
    """The second person agrees."""
    try:
        use.countersign(site(), uid, by=acting())
    except RuleViolation as error:
        return _again(error, uid)
    say(_("Đã ký. Khoản lệch được xử lý như giải trình."))
    return see_other("money.variances")


@money.post("/variances/<uuid:uid>/return")
@allow(Action.SETTLE_MONEY)
def send_back(uid: UUID) -> ResponseReturnValue:
    """The second person sends it back."""
    with site().store.reading():
        use.variance_by_uid(uid, acting())
    try:
        use.send_back(site(), uid, reason=request.form.get("reason", ""), by=acting())
    except RuleViolation as error:
        return _again(error, uid)
    say(_("Đã trả lại giải trình."))
    return see_other("money.variances")


@money.post("/variances/<uuid:uid>/paid")
@allow(Action.COLLECT_FEE)
def made_good(uid: UUID) -> ResponseReturnValue:
    """Somebody else took the money that makes it good."""
    use.settle_up(site(), uid, by=acting())
    say(_("Đã ghi bồi hoàn, tiền vào két bưu cục."))
    return see_other("money.variances")


def _again(error: RuleViolation, uid: UUID) -> ResponseReturnValue:
    if error.code in ("not-found", Forbidden.code):
        raise error
    return _page({"words": error.message}, 422, uid)


@money.get("/reversals")
@allow(Action.COLLECT_FEE)
def reversals() -> ResponseReturnValue:
    """Requests to reverse an entry."""
    by = acting()
    with site().store.reading():
        asked = of_office(Reversal, by.office_id, limit=60)
        entries = {one.uid: one for one in MoneyEntry.select().where(MoneyEntry.uid.in_([r.entry for r in asked]))}
        names = names_of({name for one in asked for name in (one.asked_by, one.answered_by)})
        ids = sorted({one.dossier_id for one in entries.values() if one.dossier_id}) or [-1]
        numbers = {one.id: one.provisional for one in Dossier.select().where(Dossier.id.in_(ids))}
    return render_template(
        "money/reversals.html", asked=asked, entries=entries, numbers=numbers, names=names, me=by.username,
        may_sign=current_user().may(Action.SETTLE_MONEY),
    )  # fmt: skip


@money.post("/entries/<uuid:uid>/reverse")
@allow(Action.COLLECT_FEE)
def ask_reversal(uid: UUID) -> ResponseReturnValue:
    """Ask for an entry to be reversed."""
    with site().store.reading():
        turn.entry_by_uid(uid, acting())
    turn.ask(site(), uid, reason=request.form.get("reason", ""), by=acting())
    say(_("Đã xin đảo bút toán. Chưa có gì thay đổi cho tới khi người thứ hai ký."))
    return see_other("money.reversals")


@money.post("/reversals/<uuid:uid>")
@allow(Action.SETTLE_MONEY)
def answer_reversal(uid: UUID) -> ResponseReturnValue:
    """Agree or refuse."""
    agreed = request.form.get("answer") == "yes"
    turn.answer(site(), uid, agreed=agreed, by=acting())
    say(_("Đã ký bút toán đảo.") if agreed else _("Đã từ chối đảo bút toán."))
    return see_other("money.reversals")
