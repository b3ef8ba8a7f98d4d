"""The citizen's withdrawal, with a page that asks once more, and the score after a result."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import AgentError, RuleViolation
from agent.intake.withdrawal import RELATION, ask_withdrawal, may_ask
from agent.store import desk as rows
from agent.store.dossiers import Dossier
from agent.tracking.satisfaction import rate
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, own_dossier
from agent.web.counter.dossier_acts import on_dossier
from agent.web.counter.wish_view import WHO
from agent.web.errors import status_of
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


@counter.get("/dossiers/<uuid:uid>/withdraw")
@allow(Action.VOID)
def withdraw_form(uid: UUID) -> ResponseReturnValue:
    """Ask who wants it, and why; nothing is sent yet."""
    held = own_dossier(uid, Action.VOID)
    try:
        may_ask(held)
    except RuleViolation as error:
        return _page(held, problem=error.message, closed=True), status_of(error)
    return _page(held)


@counter.post("/dossiers/<uuid:uid>/withdraw")
@allow(Action.VOID)
def withdraw_now(uid: UUID) -> ResponseReturnValue:
    """Queue the request for the province."""
    held, reason, who = own_dossier(uid, Action.VOID), request.form.get("reason", ""), request.form.get("asked_by", "")
    try:
        ask_withdrawal(site(), uid, reason=reason, asked_by=who, by=actor())
    except AgentError as error:
        return _page(held, reason, who, error.message), status_of(error)
    say(gettext("Đã xếp hàng gửi yêu cầu rút hồ sơ. Hồ sơ đổi trạng thái khi tỉnh nhận yêu cầu."), kind="warn")
    return see_other("counter.dossier", uid=uid)


@counter.post("/dossiers/<uuid:uid>/satisfaction")
@on_dossier(Action.DELIVER_AT_COUNTER)
def satisfaction(held: Dossier) -> None:
    """Keep the score that the citizen named."""
    rate(site(), held.uid, request.form.get("score", 0, type=int), by=actor())
    say(gettext("Đã ghi mức độ hài lòng; phần mềm tự báo tỉnh."))


def _page(held: Dossier, reason: str = "", who: str = "", problem: str = "", *, closed: bool = False) -> str:
    with site().store.reading():
        parties = rows.gather(held).parties
    people = [(role.value, WHO[role], parties[role].subject.name) for role in RELATION if role in parties]
    return render_template(
        "counter/withdraw.html",
        dossier=held, reason=reason, who=who, problem=problem, people=people, closed=closed,
    )  # fmt: skip
