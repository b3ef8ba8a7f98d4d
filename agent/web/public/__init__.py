"""The citizen's pages: tracking, what the citizen says, receipts of the hand-over."""

from __future__ import annotations

from flask import Blueprint

public = Blueprint("public", __name__, url_prefix="/t")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.public import find, proof, say, track

    assert find and proof and say and track
    return public
