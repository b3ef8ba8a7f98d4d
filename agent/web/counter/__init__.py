"""The clerk's pages: queues, dossiers, the scan box."""

from __future__ import annotations

from flask import Blueprint

counter = Blueprint("counter", __name__, url_prefix="/counter")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.counter import home  # noqa: F401  (registers its views)

    return counter
