"""The first page of the desk."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.web.admin import admin
from agent.web.guard import allow


@admin.get("/")
@allow(Action.MANAGE_USERS)
def home() -> ResponseReturnValue:
    """The empty desk."""
    return render_template("admin/home.html")
