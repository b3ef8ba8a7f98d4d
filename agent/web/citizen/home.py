"""Promises about to break, whose leg it is and by when; what waits beside them."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.citizen import feedback
from agent.domain.promise import LEG_NAME, WHOSE, LegState
from agent.domain.roles import Action
from agent.store.promises import about_to_break
from agent.web.citizen import citizen
from agent.web.context import current_user, site
from agent.web.guard import allow

MOST = 200


@citizen.get("/")
@allow(Action.ANSWER_CITIZENS)
def home() -> ResponseReturnValue:
    """The list, the earliest end first; no personal data."""
    office, here = current_user().office_id, site()
    with here.store.reading():
        risks = about_to_break(office, settings=here.settings, now=here.clock.now(), limit=MOST)
        waiting = len(feedback.waiting(office))
    late = sum(risk.state is LegState.LATE for risk in risks)
    return render_template("citizen/home.html", risks=risks, late=late, waiting=waiting, legs=LEG_NAME, whose=WHOSE,
                           most=MOST)  # fmt: skip
