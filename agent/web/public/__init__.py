"""The citizen's pages: tracking by a random token."""

from __future__ import annotations

from flask import Blueprint

public = Blueprint("public", __name__, url_prefix="/t")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.public import track

    assert track
    return public
