"""The first page of the desk."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.web.counter import counter
from agent.web.guard import allow


@counter.get("/")
@allow(Action.RECEIVE)
def home() -> ResponseReturnValue:
    """The empty desk."""
    return render_template("counter/home.html")
