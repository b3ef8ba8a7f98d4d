"""The office's page of couriers' phones, and the public page on which a phone learns to trust the office."""

from __future__ import annotations

from flask import Blueprint

phones = Blueprint("phones", __name__)


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.phones import home, pair, trusting

    assert home and pair and trusting
    return phones
