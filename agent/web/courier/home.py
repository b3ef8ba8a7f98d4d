"""The first page of the desk."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.web.courier import courier
from agent.web.guard import allow


@courier.get("/")
@allow(Action.VIEW_ROUND)
def home() -> ResponseReturnValue:
    """The empty desk."""
    return render_template("courier/home.html")
