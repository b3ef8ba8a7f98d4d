"""What would stop the clerk's signature, told where paper is scanned, before anybody scans it."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from agent.domain.actor import Actor
from agent.domain.roles import Action
from agent.intake.sign import signing_outlook
from agent.ports_signing import Standing
from agent.web.context import current_user, site
from agent.web.counter import counter
from agent.web.counter.desk import actor
from agent.web.guard import allow

FRESH = timedelta(minutes=2)  # a revocation answer and a token's state are not asked for at every page


@counter.get("/outlook")
@allow(Action.DIGITISE, quiet=True)
def outlook() -> ResponseReturnValue:
    """A part of a page, fetched after it: the problems and remarks of the clerk's key; nothing when all is well."""
    if not current_user().may(Action.SIGN):
        return "", 204
    standing = _fresh(actor())
    if not (standing.problems or standing.remarks):
        return "", 204
    return render_template("counter/outlook.html", standing=standing)


def _fresh(by: Actor) -> Standing:
    """The clerk's outlook, at most two minutes old unless something stood in the way."""
    kept: dict[str, tuple[datetime, Standing]] = current_app.extensions.setdefault("postal-outlook", {})
    now = site().clock.now()
    at, standing = kept.get(by.username, (now - 2 * FRESH, None))
    if standing is None or standing.problems or not now - FRESH <= at <= now:
        standing = signing_outlook(site(), by)
        kept[by.username] = (now, standing)
    return standing
