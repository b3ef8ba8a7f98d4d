"""Protection of every request and response: host names, cross-site requests, cookies, headers."""

from __future__ import annotations

import ipaddress
import secrets
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from werkzeug.exceptions import MisdirectedRequest
from werkzeug.wrappers import Response

from agent.errors import Forbidden
from agent.settings import Web
from agent.web.context import current_user_or_none, site, visit

FORM_FIELD = "_csrf"
HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def at_this_machine() -> bool:
    """Whether the browser that asks runs on the agent's own machine: what its readers scan is for its screens alone."""
    return is_loopback(request.remote_addr or "")


def is_secure(web: Web) -> bool:
    """Whether browsers reach the agent by https."""
    return bool(web.tls_cert) or (web.behind_proxy and web.public_url.startswith("https:"))


def session_cookie() -> str:
    """Name of the session's cookie; `__Host-` binds it to https and this host."""
    return "__Host-agent" if is_secure(site().settings.web) else "agent"


def _form_cookie() -> str:
    return "__Host-form" if is_secure(site().settings.web) else "form"


def set_cookie(response: Response, name: str, value: str) -> None:
    """A cookie that scripts cannot read and that other sites' forms do not send."""
    response.set_cookie(name, value, httponly=True, samesite="Lax", secure=is_secure(site().settings.web), path="/")


def csrf_token() -> str:
    """The token that forms of this page carry: the session's, before sign-in one from a cookie."""
    now = visit()
    if now is not None:
        return now.csrf
    if "form_token" not in g:
        g.form_token = request.cookies.get(_form_cookie()) or secrets.token_urlsafe(18)
        g.form_token_new = _form_cookie() not in request.cookies
    return str(g.form_token)


def install(app: Flask) -> None:
    """Check each request's host and origin; set the headers of each response."""
    app.before_request(_check_host)
    app.after_request(_set_headers)


def install_after_guard(app: Flask) -> None:
    """Check forms, after it is known who sends them and how much they may send."""
    app.before_request(_check_origin)


def allowed_hosts(web: Web) -> frozenset[str]:
    """Host names, without port, under which this agent answers."""
    own = {urlsplit(web.public_url).hostname or "", web.host} - {"", "0.0.0.0", "::"}  # noqa: S104
    return _LOOPBACK | own | frozenset(web.allowed_hosts)


def _check_host() -> None:
    name = urlsplit(f"//{request.host}").hostname or ""
    if name not in current_app.extensions["allowed_hosts"]:
        raise MisdirectedRequest


def _check_origin() -> None:
    if request.method in _SAFE or request.endpoint is None:
        return
    if current_user_or_none() is not None and visit() is None:
        return  # a bearer token: browsers never add it by themselves
    if request.path.startswith("/api/") and current_user_or_none() is None:
        return  # refused as unauthorized
    if request.path.startswith("/api/") and getattr(current_app.view_functions[request.endpoint], "public", False):
        return  # what it does rests on a secret in its body, not on who is signed in here
    site_of_sender, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site_of_sender is not None:
        foreign = site_of_sender not in ("same-origin", "none")
    else:
        foreign = origin is not None and urlsplit(origin).netloc != request.host
    if not foreign and getattr(current_app.view_functions.get(request.endpoint), "by_link", False):
        return  # the address itself is the secret
    sent = request.headers.get(HEADER) or request.form.get(FORM_FIELD, "")
    if foreign or not compare_digest(sent.encode(), csrf_token().encode()):
        raise Forbidden(
            "Biểu mẫu này không đến từ trang của phần mềm, hoặc đã cũ. Mở lại trang rồi gửi lại; chưa có gì thay đổi.",
            code="cross-site",
        )


def _set_headers(response: Response) -> Response:
    headers: Any = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    if is_secure(site().settings.web) and site().settings.web.hsts:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if g.get("form_token_new"):
        set_cookie(response, _form_cookie(), g.form_token)
    return response
