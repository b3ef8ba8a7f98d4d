"""Live status by server-sent events, with JSON polling when all streams are taken."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, stream_with_context
from werkzeug.exceptions import ServiceUnavailable

from agent.accounts.principal import Principal
from agent.web.context import current_user, site
from agent.web.guard import allow

live = Blueprint("live", __name__, url_prefix="/live")

STREAMS = 12  # of 24 server threads: the other half always answers pages
LIFETIME, HEARTBEAT, LOOK_EVERY = 300.0, 2.0, 0.5  # seconds

Provider = Callable[[Principal], Any]


class Live:
    """What the screens follow: named providers, a bound on open streams, and the stop signal."""

    def __init__(self, streams: int = STREAMS) -> None:
        self.places = threading.BoundedSemaphore(streams)
        self.stopping = threading.Event()
        self._providers: dict[str, Provider] = {}

    def provide(self, name: str, provider: Provider) -> None:
        """Add `provider(user)` to each snapshot under `name`; it must answer JSON in a few milliseconds."""
        self._providers[name] = provider

    def snapshot(self, user: Principal) -> dict[str, Any]:
        """The figures that this user's screen shows, and the version they belong to."""
        version = site().store.data_version()
        return {"version": version, **{name: provider(user) for name, provider in self._providers.items()}}


def _live() -> Live:
    found: Live = current_app.extensions["live"]
    return found


@live.get("")
@allow(quiet=True)
def snapshot() -> Response:
    """The figures once, for polling."""
    return jsonify(_live().snapshot(current_user()))


@live.get("/events")
@allow(quiet=True)
def events() -> Response:
    """A stream of snapshots, one after each change of the store, for at most five minutes."""
    station = _live()
    if not station.places.acquire(blocking=False):
        raise ServiceUnavailable
    response = Response(stream_with_context(_stream(station, current_user())), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(station.places.release)
    return response


def _stream(station: Live, user: Principal) -> Iterator[str]:
    version, said = None, time.monotonic()
    end = said + LIFETIME
    yield "retry: 1000\n\n"
    while time.monotonic() < end:
        now = site().store.data_version()
        if now != version:
            version, said = now, time.monotonic()
            yield f"event: state\ndata: {json.dumps(station.snapshot(user), ensure_ascii=False)}\n\n"
        elif time.monotonic() - said >= HEARTBEAT - LOOK_EVERY:
            said = time.monotonic()
            yield ": still here\n\n"
        if station.stopping.wait(LOOK_EVERY):
            return
