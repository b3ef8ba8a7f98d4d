"""Repairs of one difference: send again, ask, propose, countersign, withdraw."""

from __future__ import annotations

import re
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as PageMissing

from agent.domain.roles import Action
from agent.reconcile import repair
from agent.reconcile.explain import Repair
from agent.web.context import acting, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say
from agent.web.province import province, scope
from agent.web.province.home import desk


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


DONE = {
    Repair.RESEND: _("Đã xếp gửi lại. Đối soát lại sau khi gửi xong."),
    Repair.ASK: _("Đã ghi là đã hỏi tỉnh. Khác biệt còn mở tới khi hai sổ khớp."),
    Repair.ACCEPT: _("Đã đề xuất lấy theo tỉnh. Chờ người thứ hai ký."),
    Repair.CORRECT: _("Đã đề xuất sửa số tiền. Chờ người thứ hai ký."),
    Repair.EXPLAIN: _("Đã ghi giải trình. Chờ người thứ hai ký."),
}


@province.post("/differences/<uuid:uid>/<way>")
@allow(Action.REPAIR_DIFFERENCE)
def mend(uid: UUID, way: str) -> ResponseReturnValue:
    """Do one of the repairs that its kind allows; a missing reason is asked for on the same page."""
    if way not in [one.value for one in Repair]:
        raise PageMissing
    row = scope.own_difference(uid, Action.REPAIR_DIFFERENCE)
    chosen, reason = Repair(way), request.form.get("reason", "").strip()[:2000]
    value = _money(request.form.get("value", ""))
    errors = {}
    if chosen is not Repair.RESEND and not reason:
        errors["reason"] = gettext("Ghi lý do để người sau hiểu được.")
    if chosen is Repair.CORRECT and value is None:
        errors["value"] = gettext("Ghi số tiền đúng, bằng đồng.")
    if errors:
        return desk(errors), 422
    match chosen:
        case Repair.RESEND:
            repair.resend(site(), row.uid, by=acting())
        case Repair.ASK:
            repair.ask_province(site(), row.uid, question=reason, by=acting())
        case Repair.ACCEPT:
            repair.accept_theirs(site(), row.uid, reason=reason, by=acting())
        case Repair.CORRECT:
            repair.correct(site(), row.uid, value=value or 0, reason=reason, by=acting())
        case Repair.EXPLAIN:
            repair.explain(site(), row.uid, reason=reason, by=acting())
    say(gettext(DONE[chosen]))
    return _back(uid)


@province.post("/differences/<uuid:uid>/countersign")
@allow(Action.COUNTERSIGN)
def countersign(uid: UUID) -> ResponseReturnValue:
    """The second person agrees; the difference is closed."""
    row = scope.own_difference(uid, Action.COUNTERSIGN)
    repair.countersign(site(), row.uid, by=acting())
    say(gettext("Đã ký xác nhận. Khác biệt được khép."))
    return _back(uid)


@province.post("/differences/<uuid:uid>/withdraw")
@allow(Action.REPAIR_DIFFERENCE)
def withdraw(uid: UUID) -> ResponseReturnValue:
    """Take the proposal back."""
    row = scope.own_difference(uid, Action.REPAIR_DIFFERENCE)
    repair.withdraw(site(), row.uid, by=acting())
    say(gettext("Đã rút đề xuất."))
    return _back(uid)


def _back(uid: UUID) -> ResponseReturnValue:
    kept = {name: request.form[name] for name in ("office", "kind") if request.form.get(name)}
    return see_other("province.home", d=str(uid), **kept)


def _money(text: str) -> int | None:
    digits = re.sub(r"[\s.,đ]", "", text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None
