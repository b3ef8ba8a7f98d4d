"""The delivery office's pages: what arrived, who carries what today, what came back, what must be decided."""

from __future__ import annotations

from flask import Blueprint

PARTS = ("frame", "home")

delivery = Blueprint("delivery", __name__, url_prefix="/delivery")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from importlib import import_module

    for part in PARTS:
        import_module(f"{__name__}.{part}")  # each registers its views
    return delivery
