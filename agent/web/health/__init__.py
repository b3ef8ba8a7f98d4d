"""Whether the agent lives, is ready, and how much it does."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, jsonify
from flask.typing import ResponseReturnValue

from agent.errors import AgentError
from agent.web.context import site
from agent.web.guard import public

health = Blueprint("health", __name__)

Check = Callable[[], str]


def add_check(app: Flask, name: str, check: Check) -> None:
    """Make /readyz ask `check()`: it returns why not, or an empty text."""
    app.extensions["ready"][name] = check


def pages() -> Blueprint:
    """The blueprint with its pages."""
    return health


@health.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Whether work can be done now, and if not, why."""
    checks: dict[str, Check] = {"store": _store, **current_app.extensions["ready"]}
    reasons = {name: why for name, check in checks.items() if (why := _ask(check))}
    return jsonify({"ready": not reasons, "reasons": reasons}), 503 if reasons else 200


@health.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Counters and gauges, without personal data."""
    return Response(current_app.extensions["metrics"].text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _ask(check: Check) -> str:
    try:
        return check()
    except AgentError as error:
        return error.message


def _store() -> str:
    missing = site().store.pending()
    return f"Cơ sở dữ liệu thiếu {len(missing)} bước nâng cấp. Chạy: postal-agent migrate" if missing else ""
