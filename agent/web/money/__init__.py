"""Money's pages: the shift and its blind count, deposits, variances, transfers, remittances, the day by ledger."""

from __future__ import annotations

from flask import Blueprint

PARTS = ("frame", "home", "till", "hands", "variances", "bank", "remittances", "charges", "entries", "dossier", "slips")

money = Blueprint("money", __name__, url_prefix="/money")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from importlib import import_module

    for part in PARTS:
        import_module(f"{__name__}.{part}")  # each registers its views
    return money
