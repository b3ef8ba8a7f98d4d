"""The first page of the desk."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.web.guard import allow
from agent.web.province import province


@province.get("/")
@allow(Action.VIEW_RECONCILIATION)
def home() -> ResponseReturnValue:
    """The empty desk."""
    return render_template("province/home.html")
