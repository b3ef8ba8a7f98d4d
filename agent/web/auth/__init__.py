"""Signing in and out, the way home by role, and the font."""

from __future__ import annotations

from flask import Blueprint

auth = Blueprint("auth", __name__)


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.auth import sign_in_page  # noqa: F401  (registers its views)

    return auth
