"""The courier's pages: the round, scans, deliveries."""

from __future__ import annotations

from flask import Blueprint

courier = Blueprint("courier", __name__, url_prefix="/courier")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.courier import deliver, failed, home, item

    assert deliver and failed and home and item
    return courier
