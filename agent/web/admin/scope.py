"""Which office's rows a user of these pages sees, and paging by row number."""

from __future__ import annotations

from flask import request

from agent.domain.roles import EVERYWHERE
from agent.web.context import current_user

PAGE = 50


def office() -> str | None:
    """One's own office; None (all) for those who see all."""
    user = current_user()
    return None if user.role in EVERYWHERE else user.office_id


def before() -> int | None:
    """`?before=`: the row to page from; anything odd is the first page."""
    text = request.args.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
