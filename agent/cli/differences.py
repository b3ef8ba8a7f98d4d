"""`reconcile`, `bundle` and `verify`: the books compared, and proof that stands by itself."""

from __future__ import annotations

from typing import Any


def add_parsers(add: Any) -> None:
    """Add the commands of this module."""
