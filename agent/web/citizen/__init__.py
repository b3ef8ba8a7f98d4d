"""The office's pages for its citizens' sake: promises, messages, feedback, surveys, calendar, switches."""

from __future__ import annotations

from flask import Blueprint

citizen = Blueprint("citizen", __name__, url_prefix="/citizen")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.citizen import calendar, feedback, home, notices, switches

    assert calendar and feedback and home and notices and switches
    return citizen
