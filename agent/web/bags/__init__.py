"""The paper leg's pages: seal, bag, announce, hand over by scanning, collect results, take bags in."""

from __future__ import annotations

from flask import Blueprint

PARTS = ("desk", "home", "bag_page", "manifest_page", "count_page", "collect_page", "papers_page")

bags = Blueprint("bags", __name__, url_prefix="/bags")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from importlib import import_module

    for part in PARTS:
        import_module(f"{__name__}.{part}")  # each registers its views
    return bags
