"""The administrator's pages: devices, jobs, users."""

from __future__ import annotations

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.admin import home  # noqa: F401  (registers its views)

    return admin
