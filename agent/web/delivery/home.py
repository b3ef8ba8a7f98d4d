"""The delivery office's day: its queues with their counts, and the scan box that leads to the next step."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.web.delivery import delivery
from agent.web.guard import allow


@delivery.get("/")
@allow(Action.MANAGE_BAGS)
def home() -> ResponseReturnValue:
    """The queues of the day."""
    return render_template("delivery/home.html")


@delivery.get("/lists/")
@allow(Action.MANAGE_BAGS)
def lists() -> ResponseReturnValue:
    """The lists of the day."""
    return render_template("delivery/home.html")


@delivery.post("/scan")
@allow(Action.MANAGE_BAGS)
def scan() -> ResponseReturnValue:
    """What was scanned leads to its next step."""
    return render_template("delivery/home.html")
