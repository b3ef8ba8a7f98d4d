"""How a phone learns to trust the office: its CA's certificate, the steps, and a check that says whether it worked."""

from __future__ import annotations

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from agent.store import office_ca
from agent.web.context import site
from agent.web.guard import public
from agent.web.phones import phones
from agent.web.phones.view import ca_fingerprint, grouped, phone_origin

POLICY = (
    "default-src 'self'; img-src 'self' {origin}; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_TICK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="48" height="48" role="img">'
    '<circle cx="12" cy="12" r="11" fill="#17592f"/><path d="m6.5 12.5 4 4 7-8" fill="none" stroke="#fff" '
    'stroke-width="2.4"/></svg>'
)


@phones.get("/trust")
@public
def steps() -> ResponseReturnValue:
    """The steps for Android and iPhone, the fingerprint to compare, and the check."""
    settings = site().settings
    fingerprint = ca_fingerprint(settings)
    if not fingerprint:
        raise NotFound
    origin = phone_origin(settings.web)
    answer = make_response(render_template("phones/trust.html", origin=origin, fingerprint=grouped(fingerprint)))
    answer.headers["Content-Security-Policy"] = POLICY.format(origin=origin)
    return answer


@phones.get("/ca.crt")
@public
def certificate() -> Response:
    """The CA's certificate (DER), as phones take it for installing."""
    ca = office_ca.find(site().settings.data) if ca_fingerprint(site().settings) else None
    if ca is None:
        raise NotFound
    answer = Response(ca.ca_der(), mimetype="application/x-x509-ca-cert")
    answer.headers["Content-Disposition"] = 'attachment; filename="buu-cuc-ca.crt"'
    return answer


@phones.get("/trust/ok.svg")
@public
def tick() -> Response:
    """A tick that any page may show: a phone fetches it over TLS only when it trusts the office."""
    answer = Response(_TICK, mimetype="image/svg+xml")
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@phones.get("/trust/worker.js")
@public
def worker() -> Response:
    """A service worker that does nothing: browsers take one only from an office that is really trusted."""
    return Response("// asks for nothing, keeps nothing\n", mimetype="text/javascript")
