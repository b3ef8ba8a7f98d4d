"""The API, version 1."""

from __future__ import annotations

from flask import Blueprint

api = Blueprint("api", __name__, url_prefix="/api/v1")


def pages() -> Blueprint:
    """The blueprint with its resources."""
    return api
