"""Where a dossier is, for whoever holds the token from its receipt: stage, office, expected date."""

from __future__ import annotations

import re

from flask import current_app, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from agent.store.public_view import tracked
from agent.web.context import site
from agent.web.guard import public as open_to_all
from agent.web.public import public
from agent.web.public.limit import Limit
from agent.web.public.stages import view_of

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


@public.record
def _limited(state: BlueprintSetupState) -> None:
    state.app.extensions["tracking_limit"] = Limit()


@public.get("/<token>")
@open_to_all
def track(token: str) -> Response:
    """The page; every wrong token gets the same answer."""
    limit: Limit = current_app.extensions["tracking_limit"]
    seconds = limit.wait(request.remote_addr or "", site().clock.now())
    if seconds:
        answer = _page("public/too_many.html", 429, seconds=seconds)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    found = None
    if _TOKEN.fullmatch(token):
        with site().store.reading():
            found = tracked(token)
    if found is None:
        return _page("public/not_found.html", 404)
    own = site().settings.office
    office = own.name if found.office_id == own.id else found.office_id
    return _page("public/track.html", 200, view=view_of(found), found=found, office=office)


def _page(template: str, status: int, **facts: object) -> Response:
    answer = make_response(render_template(template, **facts), status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
