"""Live status by server-sent events, with JSON polling when all streams are taken."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from flask import Blueprint, Response, current_app, jsonify, request, stream_with_context
from werkzeug.exceptions import ServiceUnavailable

from agent.accounts.principal import Principal
from agent.errors import Forbidden
from agent.web.context import current_user, site
from agent.web.guard import allow

live = Blueprint("live", __name__, url_prefix="/live")

STREAMS = 12  # of 24 server threads: the other half always answers pages
LIFETIME, HEARTBEAT, LOOK_EVERY = 300.0, 2.0, 0.5  # seconds

Provider = Callable[[Principal], Any]


class Feed(Protocol):
    """What is pushed one by one as it happens (scans), beside the figures that are sent when they differ."""

    name: str  # of the event

    def start(self, user: Principal) -> int:
        """Where a screen that opens now begins; asked within its request."""

    def after(self, user: Principal, place: int) -> list[tuple[int, Any]]:
        """What came after `place`, each with its own place, oldest first; must answer in a millisecond."""


class Live:
    """What the screens follow: named providers, feeds, a bound on open streams, and the stop signal."""

    def __init__(self, streams: int = STREAMS) -> None:
        self.places = threading.BoundedSemaphore(streams)
        self.stopping = threading.Event()
        self._providers: dict[str, Provider] = {}
        self.feeds: list[Feed] = []

    def provide(self, name: str, provider: Provider) -> None:
        """Add `provider(user)` to each snapshot under `name`; it must answer JSON in a few milliseconds."""
        self._providers[name] = provider

    def snapshot(self, user: Principal) -> dict[str, Any]:
        """The figures that this user's screen shows, and the version they belong to."""
        version = site().store.data_version()
        return {"version": version, **{name: provider(user) for name, provider in self._providers.items()}}


def _own_pages_only() -> None:
    """Forbidden for a page of another origin: it could read nothing, but it could take all streams."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("Trang này không đến từ phần mềm. Mở phần mềm rồi làm lại.", code="cross-site")


def _live() -> Live:
    found: Live = current_app.extensions["live"]
    return found


@live.get("")
@allow(quiet=True)
def snapshot() -> Response:
    """The figures once, for polling, and of each feed what came after the place that the screen names."""
    _own_pages_only()
    station, user = _live(), current_user()
    feeds: dict[str, Any] = {}
    for feed in station.feeds:
        place = request.args.get(feed.name, type=int)
        found = feed.after(user, start := feed.start(user) if place is None else place)
        feeds[feed.name] = {"place": found[-1][0] if found else start, "events": [what for _place, what in found]}
    return jsonify(station.snapshot(user) | {"feeds": feeds})


@live.get("/events")
@allow(quiet=True)
def events() -> Response:
    """A stream of snapshots, one after each change of the store, for at most five minutes."""
    _own_pages_only()
    station = _live()
    if not station.places.acquire(blocking=False):
        raise ServiceUnavailable
    response = Response(stream_with_context(_stream(station, current_user())), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(station.places.release)
    return response


def _stream(station: Live, user: Principal) -> Iterator[str]:
    """Feeds at once, figures at most every LOOK_EVERY, and a sign of life within HEARTBEAT."""
    changes = site().store.changes
    places = {feed: feed.start(user) for feed in station.feeds}
    mark, version, said, told = changes.mark(), None, time.monotonic(), float("-inf")
    end = said + LIFETIME
    yield "retry: 1000\n\n"
    while (now := time.monotonic()) < end and not station.stopping.is_set():
        for feed in station.feeds:
            for place, what in feed.after(user, places[feed]):
                places[feed], said = place, now
                yield f"id: {place}\nevent: {feed.name}\ndata: {json.dumps(what, ensure_ascii=False)}\n\n"
        if now - told >= LOOK_EVERY and (fresh := site().store.data_version()) != version:
            version, said, told = fresh, now, now
            yield f"event: state\ndata: {json.dumps(station.snapshot(user), ensure_ascii=False)}\n\n"
        elif now - said >= HEARTBEAT - LOOK_EVERY:
            said = now
            yield ": still here\n\n"
        mark = changes.wait(mark, LOOK_EVERY)
