"""Custody: who holds what, the trail of one item, conflicts to decide, alarms."""

from __future__ import annotations

from flask import Blueprint

custody = Blueprint("custody", __name__, url_prefix="/custody")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.custody import alarms_page, conflicts_page, holders_page, trail_page

    assert alarms_page and conflicts_page and holders_page and trail_page
    return custody
