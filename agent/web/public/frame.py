"""What the citizen's pages share: an answer that nobody keeps, the limits, and the dossier that a token leads to."""

from __future__ import annotations

import re
from datetime import datetime

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from agent.domain.wrong_tries import TOKEN_ADDRESS, WORDS
from agent.store.dossiers import Dossier
from agent.store.public_view import dossier_by_token
from agent.store.wrong_tries import take, wait
from agent.web.asker import address_of
from agent.web.context import site

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


def page(template: str, status: int = 200, **facts: object) -> Response:
    """A page that search engines leave alone."""
    answer = make_response(render_template(template, **facts), status)
    return quiet(answer)


def quiet(answer: Response) -> Response:
    """The answer, marked so that nobody lists or keeps it."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


def not_found() -> Response:
    """The one answer to everything that leads nowhere, whatever is wrong with it."""
    return page("public/not_found.html", 404)


def wrong() -> Response:
    """The one answer to a token that leads nowhere: it is counted, and who has had too many waits.

    A right token, which nobody guesses, is answered all the same: thousands of phones share one address.
    """
    asked = [(TOKEN_ADDRESS, asker())]
    with site().store.reading():
        seconds = wait(asked, now())
    if not seconds:
        with site().store.writing():
            seconds = take(asked, now())
    return too_many(seconds) if seconds else not_found()


def too_many(seconds: int) -> Response:
    """The answer to who asks too often, whatever is asked for."""
    answer = page("public/too_many.html", 429, seconds=seconds)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def asker() -> str:
    """Whom the limits count."""
    return address_of(request.remote_addr)


def now() -> datetime:
    """The present instant."""
    return site().clock.now()


def hushed(token: str) -> Response | None:
    """The answer to who writes too often about one dossier, else None, and this time is counted."""
    with site().store.writing():
        seconds = take([(WORDS, token)], now())
    return too_many(seconds) if seconds else None


def dossier_of(token: str) -> Dossier | None:
    """The dossier behind a token, or None; what has not a token's form asks nobody."""
    if not TOKEN.fullmatch(token):
        return None
    with site().store.reading():
        return dossier_by_token(token)


def office_name(office_id: str) -> str:
    """How an office is named to citizens."""
    own = site().settings.office
    return own.name if office_id == own.id else office_id
