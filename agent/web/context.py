"""What a view asks for: the site, the signed-in user, redirects, and what was just done."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, g, redirect, url_for
from werkzeug.wrappers import Response

from agent.accounts.principal import Principal
from agent.accounts.sessions import Visit
from agent.domain.actor import Actor
from agent.errors import Forbidden
from agent.site import Site


def site() -> Site:
    """The running agent's adapters."""
    return cast(Site, current_app.extensions["site"])


def visit() -> Visit | None:
    """The browser's live session, None for a visitor or an API client."""
    return cast("Visit | None", g.get("visit"))


def current_user_or_none() -> Principal | None:
    """The signed-in user or API client, None for a visitor."""
    return cast("Principal | None", g.get("user"))


def current_user() -> Principal:
    """The signed-in user or API client; Forbidden for a visitor (pages behind `allow` never see that)."""
    user = current_user_or_none()
    if user is None:
        raise Forbidden("Bạn chưa đăng nhập. Hãy đăng nhập rồi làm lại.")
    return user


def acting() -> Actor:
    """The signed-in user as the use cases take them."""
    user = current_user()
    return Actor(user.username, user.full_name, user.role, user.office_id, user.terminal_id)


def see_other(endpoint: str, **values: Any) -> Response:
    """303 to a page after a successful form."""
    return redirect(url_for(endpoint, **values), code=303)
