"""Devices of this terminal: what each last said, and a test label."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import DeviceError, NotFound
from agent.intake.label import test_label
from agent.ports import PrintResult
from agent.web.admin import admin
from agent.web.context import see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

PRINTS = ("label",)


@admin.get("/devices")
@allow(Action.SET_UP_DEVICES)
def devices() -> ResponseReturnValue:
    """The devices in the settings."""
    return render_template("admin/devices.html", rows=site().devices.states(), prints=PRINTS)


@admin.post("/devices/<role>/test")
@allow(Action.SET_UP_DEVICES)
def print_test(role: str) -> ResponseReturnValue:
    """Print a label that names no dossier, and say what is known of the outcome."""
    if role not in PRINTS:
        raise NotFound("Thiết bị này không in thử được.")
    try:
        outcome = site().devices.printer(role).print(test_label(site()))
    except DeviceError as error:
        say(error.message, kind="bad")
        return see_other("admin.devices")
    match outcome.result:
        case PrintResult.PRINTED:
            say(_("Máy in báo đã in nhãn thử."))
        case PrintResult.NOT_PRINTED:
            say(_("Chưa in: %(why)s") % {"why": outcome.reason}, kind="bad")
        case _unsure:
            say(_("Chưa rõ đã in hay chưa, hãy nhìn máy in: %(why)s") % {"why": outcome.reason}, kind="warn")
    return see_other("admin.devices")
