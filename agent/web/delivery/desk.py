"""What the delivery office's views share: the text of a scan, refusals said on the page they came from, words."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent.clock import local
from agent.domain.money import typed_dong
from agent.domain.phone_proof import MONEY_LIMIT
from agent.errors import AgentError, Forbidden, NotFound
from agent.intake.scans import take_scan
from agent.store.delivery_lists import names_of
from agent.web.context import acting, site
from agent.web.i18n import gettext
from agent.web.notices import say
from agent.web.security import at_this_machine


def today() -> date:
    """Today in Vietnam."""
    return local(site().clock.now()).date()


def back() -> str:
    """The page of ours from which a form came; the day's first page for one from elsewhere."""
    parts = urlsplit(request.referrer or "")
    asked = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return asked if parts.path.startswith("/delivery/") else url_for("delivery.home")


def said_back(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """A form's view whose refusals stand at the top of the page that it came from; strangers are still turned away."""

    @functools.wraps(view)
    def wrapped(*args: Any, **values: Any) -> ResponseReturnValue:
        try:
            return view(*args, **values)
        except (Forbidden, NotFound):
            raise
        except AgentError as error:
            say(gettext(error.message), kind="bad")
            return redirect(back(), code=303)

    return wrapped


def said_of_scan(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """As `said_back`, for a scan: a number that is in no book is said on the page too, so that scanning goes on."""
    inner = said_back(view)

    @functools.wraps(view)
    def wrapped(*args: Any, **values: Any) -> ResponseReturnValue:
        try:
            return inner(*args, **values)
        except NotFound as error:
            say(gettext(error.message), kind="bad")
            return redirect(back(), code=303)

    return wrapped


def to_back() -> ResponseReturnValue:
    """303 to the page from which the form came."""
    return redirect(back(), code=303)


def scanned() -> str:
    """What was scanned or typed into the box; a reader's scan is taken once, by the terminal whose reader it was."""
    event, text = request.form.get("event", ""), request.form.get("scan", "").strip()[:500]
    if not event:
        return text
    if at_this_machine():
        with suppress(ValueError):
            return take_scan(site(), UUID(event), by=acting()) or text
    raise NotFound(gettext("Lượt quét này không còn. Quét lại."))


def day_of(name: str) -> date | None:
    """A day from a form's date field; None when it is empty or none."""
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None


def money_of(name: str) -> int:
    """Typed đồng, with or without points and blanks; -1 for what is no amount, 0 for an empty field."""
    text = request.form.get(name, "")
    amount = typed_dong(text) if text.strip() else 0
    return -1 if amount is None or amount >= MONEY_LIMIT else amount


def pdf_answer(pdf: bytes, name: str) -> Response:
    """A PDF to print or look at; it is not kept by the browser."""
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def holder_words(holders: Iterable[str]) -> dict[str, str]:
    """Holders in words: the office, a courier's name, the authority; in one query. Inside reading()."""
    wanted = set(holders)
    names = names_of(one.removeprefix("courier:") for one in wanted if one.startswith("courier:"))
    found = {}
    for one in wanted:
        kind, _colon, name = one.partition(":")
        found[one] = {
            "courier": names.get(name, name), "office": gettext("bưu cục"), "authority": gettext("cơ quan"),
            "receiver": gettext("người nhận"), "bag": gettext("túi %(number)s") % {"number": name},
        }.get(kind, one)  # fmt: skip
    return found
