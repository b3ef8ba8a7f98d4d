"""The delivery office's pages: what arrived, who carries what today, what came back, what must be decided."""

from __future__ import annotations

from flask import Blueprint

PARTS = (
    "frame", "home", "lists_page", "day_end_page", "item_page", "item_acts", "paper_acts", "routes_page",
    "returns_page", "claims_page", "counter_page",
)  # fmt: skip

delivery = Blueprint("delivery", __name__, url_prefix="/delivery")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from importlib import import_module

    for part in PARTS:
        import_module(f"{__name__}.{part}")  # each registers its views
    return delivery
