"""The Flask application over one Site."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Flask, Request, request
from werkzeug.wrappers import Response

from agent.site import Site
from agent.web import assets, context, errors, filters, guard, i18n, notices, security, vitals
from agent.web.live import Live
from agent.web.metrics import Metrics
from agent.web.routes import Route


class InMemoryRequest(Request):
    """A request whose uploads never touch a temporary file: scans of identity papers stay off the plain disk."""

    def _get_file_stream(self, *_args: Any, **_kwargs: Any) -> BytesIO:
        return BytesIO()


class Agent(Flask):
    """Flask with in-memory uploads; its own log of exceptions, which would quote what citizens typed, is off."""

    request_class = InMemoryRequest
    url_rule_class = Route

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        """Chunked bodies are read too: cheroot ends them, but does not say so."""
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            environ["wsgi.input_terminated"] = True
        return super().wsgi_app(environ, start_response)

    def log_exception(self, exc_info: Any) -> None:
        """Nothing: agent.web.errors logs with ids only."""


def create_app(site: Site) -> Flask:
    """Build the application: guards, languages, look and blueprints."""
    app = Agent("agent.web", static_folder="static", template_folder="templates")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions |= {"site": site, "metrics": Metrics(), "live": Live(), "notices": notices.Notices(), "ready": {}}
    app.extensions["allowed_hosts"] = security.allowed_hosts(site.settings.web)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.filters.update(filters.FILTERS)
    app.jinja_env.globals.update(
        csrf_token=security.csrf_token, current_user=context.current_user_or_none, notice=notices.take_notice,
        settings=site.settings,
    )  # fmt: skip
    security.install(app)
    guard.install(app)
    security.install_after_guard(app)
    i18n.install(app)
    assets.install(app)
    errors.install(app)
    app.after_request(_count)
    app.teardown_request(lambda _error: site.store.let_go())
    _register(app)
    vitals.install(app, site)
    if site.settings.web.behind_proxy:
        from agent.web.proxies import TrustedProxies

        app.wsgi_app = TrustedProxies(app.wsgi_app, site.settings.web.proxies)  # type: ignore[method-assign]
    return app


def _register(app: Flask) -> None:
    from agent.web import (
        admin,
        api,
        auth,
        bags,
        citizen,
        counter,
        courier,
        courier_app,
        custody,
        delivery,
        devices,
        health,
        money,
        phones,
        province,
        public,
    )
    from agent.web.live import live

    app.register_blueprint(live)
    for part in (
        auth,
        health,
        bags,
        citizen,
        counter,
        courier,
        courier_app,
        custody,
        delivery,
        money,
        phones,
        province,
        admin,
        devices,
        public,
        api,
    ):
        app.register_blueprint(part.pages())


def _count(response: Response) -> Response:
    from flask import current_app

    current_app.extensions["metrics"].count_request(request.blueprint or "other", response.status_code)
    return response
