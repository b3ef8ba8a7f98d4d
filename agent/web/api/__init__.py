"""The API, version 1: the same use cases as the screens, for programs."""

from __future__ import annotations

from flask import Blueprint

api = Blueprint("api", __name__, url_prefix="/api/v1")


def pages() -> Blueprint:
    """The blueprint with its resources."""
    from agent.web.api import (  # noqa: F401
        courier,
        decode,
        describe,
        dossiers,
        guide,
        items,
        papers,
        queue,
        reconciliation,
        timeline,
    )  # fmt: skip

    return api
