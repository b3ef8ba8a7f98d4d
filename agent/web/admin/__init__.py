"""The administrator's pages: users, API clients, item ranges, jobs, devices, cards, the access log."""

from __future__ import annotations

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.admin import access, clients, home, queue, ranges, sheets

    assert access and clients and home and queue and ranges and sheets
    return admin
