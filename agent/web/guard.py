"""Who may call which view: `allow`, `public`, and a gate that is shut for every view that says neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, g, request
from werkzeug.exceptions import NotFound as PageMissing
from werkzeug.exceptions import Unauthorized
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from agent.accounts.permissions import require
from agent.accounts.sessions import find_session
from agent.accounts.tokens import verify_token
from agent.domain.roles import Action
from agent.errors import Forbidden
from agent.web import phone_access
from agent.web.context import current_user_or_none, site
from agent.web.security import session_cookie

View = TypeVar("View", bound=Callable[..., Any])
MIB = 1 << 20


def allow(*actions: Action, body: int = MIB, quiet: bool = False) -> Callable[[View], View]:
    """Open a view to users who may do one of `actions` (none named: to anybody signed in).

    `body` caps the request in bytes; `quiet` views (polling) do not keep a session alive. A view that opens somebody's
    dossier still calls `require(current_user(), action, dossier.office_id)`.
    """

    def mark(view: View) -> View:
        view.allow, view.body, view.quiet = frozenset(actions), body, quiet  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Open a view to everybody."""
    view.public = True  # type: ignore[attr-defined]
    return view


def by_link(view: View) -> View:
    """Open a form to everybody who holds the secret of its address, which no other site knows: it needs no cookie."""
    view.public = view.by_link = True  # type: ignore[attr-defined]
    return view


def install(app: Flask) -> None:
    """Look at every request before its view does."""
    app.before_request(_identify)
    app.before_request(_admit)


def view_of_request() -> Any:
    """The view function that will answer, None for an unknown address."""
    from flask import current_app

    return current_app.view_functions.get(request.endpoint or "")


def _identify() -> None:
    g.visit = g.user = g.phone = None
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if request.path.startswith("/api/") and scheme.lower() == "bearer" and secret:
        g.user = verify_token(site(), secret.strip())
        if g.user is None and getattr(view_of_request(), "phones", False):
            phone_access.identify(secret.strip())
        return
    token = request.cookies.get(session_cookie())
    if token and request.endpoint not in ("static", "auth.font"):
        g.visit = find_session(site(), token, touch=not getattr(view_of_request(), "quiet", False))
        g.user = g.visit.user if g.visit else None


def _admit() -> Response | None:
    view = view_of_request()
    if view is None:
        return None  # routing's own 404 or 405
    request.max_content_length = getattr(view, "body", MIB)
    if getattr(view, "public", False) or request.endpoint == "static":
        return None
    if not hasattr(view, "allow"):
        raise PageMissing
    user = current_user_or_none()
    if user is None:
        return _ask_to_sign_in()
    if view.allow and not any(user.may(action) for action in view.allow):
        require(user, sorted(view.allow)[0])
        raise Forbidden("Vai trò của bạn không được làm việc này.")
    return None


def _ask_to_sign_in() -> Response:
    if request.path.startswith("/api/") or request.endpoint in ("live.snapshot", "live.events"):
        raise Unauthorized
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    target = f"/sign-in?next={quote(back, safe='')}"
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, code=303)
