"""Cursor paging: `limit` and `cursor` in, a page and the cursor of the next one out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, TypeVar

from flask import request

from agent.store.pages import Slice
from agent.web.api.operation import BadRequest

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
MOST, USUAL = 200, 50
PAGING = ("cursor", "limit")


def asked(*, usual: int = USUAL) -> Slice:
    """The page that the request asks for, one row longer, so that it is known whether another follows."""
    return Slice(limit_of(usual) + 1, _cursor(request.args["cursor"]) if "cursor" in request.args else None)


def cut(rows: Sequence[T], wanted: Slice, key: Callable[[T], int]) -> tuple[Sequence[T], str | None]:
    """The rows of the page, and the cursor of the next one (null at the end)."""
    page = rows[: wanted.limit - 1]
    return page, str(key(page[-1])) if len(rows) > len(page) else None


def limit_of(usual: int = USUAL) -> int:
    """`?limit=`, 1 to 200."""
    text = request.args.get("limit", str(usual))
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MOST):
        raise BadRequest(f"limit phải là số từ 1 đến {MOST}.", {"limit": f"1..{MOST}"})
    return int(text)


def member(kind: type[E], name: str) -> E | None:
    """The query's value as a member of an enumeration; None when it is not asked for."""
    if name not in request.args:
        return None
    text = request.args[name]
    try:
        return kind(text)
    except ValueError:
        possible = ", ".join(str(one.value) for one in kind)
        raise BadRequest(f"Không có {name} “{text[:50]}”. Các giá trị: {possible}.", {name: "unknown"}) from None


def _cursor(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest("cursor phải là giá trị `next` của trang trước.", {"cursor": "unknown"})
    return int(text)


def offices(user: Any) -> str | None:
    """The office whose rows the user sees; None: every office's."""
    from agent.domain.roles import EVERYWHERE

    return None if user.role in EVERYWHERE else user.office_id
