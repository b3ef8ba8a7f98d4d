"""Bank statements and refunds: a file in, what did not match with its repair, what is owed to citizens."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.money_bank import Verdict
from agent.domain.money_entries import Account
from agent.domain.roles import Action
from agent.errors import Forbidden, RuleViolation
from agent.money import refunds as use
from agent.money import repairs, statements
from agent.store import money as journal
from agent.store.bank import BankLine, StatementFile, of_lines
from agent.store.cash import of_office
from agent.store.claims import Claim
from agent.store.dossiers import Dossier
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import MIB, allow
from agent.web.i18n import gettext as _
from agent.web.money import money
from agent.web.money.frame import amount_given
from agent.web.notices import say


def _mark(words: str) -> str:
    return words


VERDICTS = {
    Verdict.MATCHED: ("complete", _mark("khớp")),
    Verdict.SHORT: ("partial", _mark("chuyển thiếu")),
    Verdict.OVER: ("decide", _mark("chuyển thừa")),
    Verdict.DUPLICATE: ("decide", _mark("chuyển hai lần")),
    Verdict.UNKNOWN: ("unknown", _mark("chưa rõ của ai")),
    Verdict.CHARGEBACK: ("refused", _mark("ngân hàng đòi lại")),
}
REPAIR_WORDS = {
    repairs.ASSIGN: _mark("Gán"),
    repairs.IN_CASH: _mark("Thu phần thiếu bằng tiền mặt"),
    repairs.OWE: _mark("Ghi phải hoàn"),
    repairs.PAID_OUT: _mark("Khớp khoản đã chi"),
    repairs.DONE: _mark("Đã xem"),
    repairs.BEAR: _mark("Bưu cục chịu"),
}


@money.get("/bank")
@allow(Action.COLLECT_FEE)
def bank() -> ResponseReturnValue:
    """Lines that wait for a person, and the newest that matched."""
    return _page({})


def _page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    by = acting()
    with site().store.reading():
        open_ = of_office(BankLine, by.office_id, "open")
        done = of_office(BankLine, by.office_id, "settled", limit=30)
        dossiers = of_lines([*open_, *done])
        imported = StatementFile.select().where(StatementFile.office_id == by.office_id)
        files = list(imported.order_by(StatementFile.id.desc()).limit(5))
    record_access(site(), current_user(), dossier=None, purpose=Purpose.RECONCILIATION, what="bank lines")
    return render_template(
        "money/bank.html", open=open_, done=done, dossiers=dossiers, files=files, errors=errors, form=request.form,
        accounts=site().settings.accounts, account_options=[(one.name, one.name) for one in site().settings.accounts],
        verdicts=VERDICTS, repair_words=REPAIR_WORDS, bear=repairs.BEAR,
        repairs_of=_repairs_of, may_bear=current_user().may(Action.SETTLE_MONEY),
        verdict_of=lambda row: VERDICTS[Verdict(row.verdict)], chosen=request.form.get("account", ""),
    ), status  # fmt: skip


def _repairs_of(row: BankLine) -> tuple[str, ...]:
    """What can be done with a line; one whose fees are claimed anew has nothing left to bear."""
    whole = repairs.REPAIRS[Verdict(row.verdict)]
    inward, outward = (repairs.ASSIGN, repairs.OWE), (repairs.PAID_OUT,)
    whole = tuple(one for one in whole if one not in (outward if row.amount > 0 else inward))
    return (repairs.DONE,) if row.verdict == Verdict.CHARGEBACK.value and row.booked else whole


@money.post("/bank")
@allow(Action.COLLECT_FEE, body=10 * MIB)
def import_statement() -> ResponseReturnValue:
    """Read a statement."""
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise RuleViolation(_("Chưa chọn tệp sao kê. Chọn tệp CSV hoặc XLSX của ngân hàng."))
        done = statements.import_statement(site(), request.form.get("account", ""), given.read(), by=acting())
    except RuleViolation as error:
        return _page({"file": error.message}, 422)
    new = sum(done.new.values())
    matched = done.new.get(Verdict.MATCHED.value, 0)
    facts = {"new": new, "matched": matched, "known": done.known}
    say(_("%(new)d dòng mới, %(matched)d dòng khớp; %(known)d dòng đã có từ trước.") % facts)
    return see_other("money.bank")


@money.post("/bank/<uuid:uid>")
@allow(Action.COLLECT_FEE)
def repair_line(uid: UUID) -> ResponseReturnValue:
    """Repair one line."""
    by = acting()
    with site().store.reading():
        repairs.line_by_uid(uid, by)
    what = request.form.get("what", "")
    try:
        repairs.repair(site(), uid, what, number=request.form.get("number", ""), by=by)
    except RuleViolation as error:
        if error.code == "forbidden":
            raise
        return _page({f"line-{uid}": error.message}, 422)
    say(_("Đã xử lý dòng sao kê."))
    return see_other("money.bank")


@money.get("/refunds")
@allow(Action.COLLECT_FEE)
def refunds() -> ResponseReturnValue:
    """What is owed to citizens."""
    return _refunds({})


def _refunds(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    by = acting()
    with site().store.reading():
        owed = journal.holders(Account.REFUND, by.office_id)
        known = {one.provisional: one for one in Dossier.select().where(Dossier.provisional.in_(list(owed) or [""]))}
        claims = journal.holders(Account.COMPENSATION, by.office_id)
        files = {one.number: one for one in Claim.select().where(Claim.number.in_(list(claims) or [""]))}
        own = {holder for holder in owed if by.name in use.deciders(holder, by.office_id)}
        others = {holder: use.payers(holder, by.office_id) for holder in own}
        lines = {str(one.uid): one for one in of_office(BankLine, by.office_id, limit=1000) if str(one.uid) in owed}
    return render_template(
        "money/refunds.html", owed={holder: -sum(sums.values()) for holder, sums in owed.items()}, known=known,
        lines=lines, errors=errors, compensation={number: -sum(sums.values()) for number, sums in claims.items()},
        files=files, others=others, accounts=[one for one in site().settings.accounts if not one.direct],
    ), status  # fmt: skip


@money.post("/refunds")
@allow(Action.COLLECT_FEE)
def pay_out() -> ResponseReturnValue:
    """Pay a citizen back; not by whoever decided that it is owed."""
    try:
        use.pay_out(site(), request.form.get("holder", ""), request.form.get("source", ""), amount_given(), by=acting())
    except RuleViolation as error:
        return _refunds({"source": error.message}, 403 if error.code == Forbidden.code else 422)
    say(_("Đã ghi chi trả. Đưa người nhận ký phiếu."))
    return see_other("money.refunds")
