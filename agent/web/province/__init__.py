"""The province's pages: reconciliation, reports."""

from __future__ import annotations

from flask import Blueprint

province = Blueprint("province", __name__, url_prefix="/province")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.province import home, repairs, runs, statements

    assert home and repairs and runs and statements
    return province
