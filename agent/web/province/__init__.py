"""The provincial staff's pages: differences, statements, reports."""

from __future__ import annotations

from flask import Blueprint

province = Blueprint("province", __name__, url_prefix="/province")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.province import home  # noqa: F401  (registers its views)

    return province
