"""Values of a dossier's papers: each beside its picture, confirmed or corrected from the keyboard."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import AgentError, NotFound, RuleViolation
from agent.intake.extraction import extract_all, parties_of
from agent.intake.extraction_confirm import confirm_sure, settle_value
from agent.intake.extraction_rules import rules_of
from agent.intake.page_places import lie_elsewhere
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Page
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, log_look, own_dossier
from agent.web.counter.values_view import ValuesView, values_view
from agent.web.errors import status_of
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@counter.get("/dossiers/<uuid:uid>/values")
@allow(Action.DIGITISE)
def values(uid: UUID) -> ResponseReturnValue:
    """What was taken from each paper; what changed since is taken anew."""
    held = own_dossier(uid, Action.DIGITISE)
    log_look(held, "values of papers")
    extract_all(site(), uid)
    return render_template("counter/values.html", dossier=held, view=_view(held, {}))


@counter.post("/dossiers/<uuid:uid>/values/<uuid:component>/<field>")
@allow(Action.DIGITISE)
def settle(uid: UUID, component: UUID, field: str) -> ResponseReturnValue:
    """Enter in a field: keep what stands there; a script is given the paper's fields, a browser the page again."""
    held, text = own_dossier(uid, Action.DIGITISE), request.form.get("value", "")
    wrong: dict[str, tuple[str, str]] = {}
    status = 200
    try:
        settle_value(site(), uid, component, field, text, by=actor())
    except NotFound:
        raise
    except RuleViolation as error:
        wrong[f"{component}-{field}"], status = (text, error.message), status_of(error)
    if request.headers.get("X-Part"):
        view = _view(held, wrong)
        paper = next(one for one in view.papers if one.component.uid == component)
        return render_template("counter/values_part.html", dossier=held, view=view, paper=paper), status
    if wrong:
        log_look(held, "values of papers")
        return render_template("counter/values.html", dossier=held, view=_view(held, wrong)), status
    after = _view(held, {}).next
    return see_other("counter.values", uid=uid, _anchor=f"f-{after.name}" if after else None)


@counter.post("/dossiers/<uuid:uid>/values/sure")
@allow(Action.DIGITISE)
def settle_sure(uid: UUID) -> ResponseReturnValue:
    """F8: confirm all that are sure; a script is given the page at once, with what was done."""
    held = own_dossier(uid, Action.DIGITISE)
    try:
        count = confirm_sure(site(), held.uid, by=actor())
    except AgentError as error:
        say(error.message, kind="warn")
        return see_other("counter.values", uid=uid)
    done = _("Đã xác nhận %(count)s mục đọc chắc.") % {"count": count}
    if request.headers.get("X-Part"):
        return render_template("counter/values.html", dossier=held, view=_view(held, {}), done=done)
    say(done)
    return see_other("counter.values", uid=uid)


def _view(held: Dossier, wrong: dict[str, tuple[str, str]]) -> ValuesView:
    here = site()
    rules = rules_of(here)
    with here.store.reading():
        dossier = dossier_by_uid(held.uid)
        pages = list(Page.select().where(Page.dossier == dossier))
        elsewhere = lie_elsewhere(here, dossier, pages)
        away = {page.uid: elsewhere[page.id] for page in pages if page.id in elsewhere}
        return values_view(dossier, rules, parties_of(dossier), wrong, away)
