"""Begin an intake: choose the procedure by its code or by words of its name without marks."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.domain.telex import search_forms
from agent.errors import NotFound
from agent.intake.draft import keep_draft, open_draft, read_draft
from agent.intake.guide import catalogue, today
from agent.store.dossiers import Draft
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor
from agent.web.counter.intake_form import draft_line
from agent.web.guard import allow


@counter.get("/new")
@allow(Action.RECEIVE)
def new() -> ResponseReturnValue:
    """The procedures that fit what was typed, all of them before anything was."""
    asked, known, on = request.args.get("q", "").strip()[:100], catalogue(site()), today(site())
    found = known.in_force(on) if not asked else []
    for form in search_forms(asked) if asked else ():
        found = found or sorted(known.search(asked if form == asked else form, on), key=lambda one: len(one.name))
    draft = _draft(request.args.get("uid", ""))
    return render_template(
        "counter/new.html", asked=asked, found=found, draft=draft, known=draft_line(draft) if draft else None
    )


@counter.post("/new")
@allow(Action.RECEIVE)
def begin() -> ResponseReturnValue:
    """Open a draft for the chosen procedure, or give it to the draft at hand."""
    procedure = catalogue(site()).current(request.form.get("procedure", ""), today(site()))
    draft, by = _draft(request.form.get("uid", "")), actor()
    fresh = {"procedure": procedure.code, "case": ""}
    if draft is not None:
        kept = keep_draft(site(), draft.uid, {**draft.body, **fresh}, by=by)
    else:
        kept = open_draft(site(), by=by, body=fresh)
    return see_other("counter.draft", uid=kept.uid)


def _draft(uid: str) -> Draft | None:
    with suppress(ValueError, NotFound):
        return read_draft(site(), UUID(uid), by=actor())
    return None
