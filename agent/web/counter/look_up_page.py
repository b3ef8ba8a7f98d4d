"""The look-up of an intake's owner, asked for after the page is there: one quiet line, and papers to take."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.intake.draft import read_draft
from agent.intake.look_up import look_up
from agent.web.context import site
from agent.web.counter import counter
from agent.web.counter.desk import actor
from agent.web.counter.intake_page import facts_of
from agent.web.counter.look_up_view import answer_of, asks, keep
from agent.web.guard import allow


@counter.post("/drafts/<uuid:uid>/look-up")
@allow(Action.RECEIVE)
def look_up_owner(uid: UUID) -> ResponseReturnValue:
    """Ask, once for this owner of this intake; answers the line, and the list when the province has papers for it."""
    held = read_draft(site(), uid, by=actor())
    if asks(uid, held.body):
        answer = look_up(site(), uid, by=actor())
        if answer is not None:
            keep(uid, held.body, answer)
    held = read_draft(site(), uid, by=actor())  # as it is now: the clerk went on while the province was asked
    answer = answer_of(uid, held.body)
    whole = bool(answer and answer.papers)
    facts = facts_of(held, dict(held.body), offered=whole)
    return render_template("counter/draft_looked.html", whole=whole, **facts)
