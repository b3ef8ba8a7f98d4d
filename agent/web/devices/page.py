"""The device page, in the frame of whoever looks, and its live part."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.web.context import current_user
from agent.web.devices import devices
from agent.web.devices.view import view
from agent.web.guard import allow


@devices.get("/")
@allow(Action.LABEL, Action.SET_UP_DEVICES)
def page() -> ResponseReturnValue:
    """Every device of this terminal."""
    frame = "counter" if current_user().may(Action.RECEIVE) else "admin"
    return render_template(f"devices/page_{frame}.html", view=view())


@devices.get("/panel")
@allow(Action.LABEL, Action.SET_UP_DEVICES, quiet=True)
def panel() -> ResponseReturnValue:
    """The live part, for a screen that is open."""
    return render_template("devices/panel.html", view=view())
