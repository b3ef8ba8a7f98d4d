"""The clerk's pages: queues, dossiers, the scan box."""

from __future__ import annotations

from flask import Blueprint

PARTS = (
    "frame", "home", "new_page", "intake_page", "dossier_page", "dossier_acts", "paper_acts", "sign_page",
    "reading_page", "return_acts", "document_pages", "print_page", "scan_feed", "inbox_page", "inbox_feed",
    "look_up_page", "page_look", "page_pictures", "outlook", "paper_pages", "values_page", "original_acts",
    "withdraw_page",
)  # fmt: skip

counter = Blueprint("counter", __name__, url_prefix="/counter")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from importlib import import_module

    for part in PARTS:
        import_module(f"{__name__}.{part}")  # each registers its views
    return counter
