"""What was just done stands at the top of the next page, with its undo."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from flask import current_app, request

from agent.web.context import visit

_MOST = 2_000


@dataclass(frozen=True)
class Notice:
    """A remark on what was done; the journal holds the fact, so losing a notice loses nothing."""

    words: str
    kind: str = "done"  # done | warn | bad
    undo_url: str = ""  # POSTed by the undo button, key Ctrl+Z
    undo_words: str = ""


class Notices:
    """The last notice of each session, in memory until its next page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Notice] = OrderedDict()

    def put(self, session: str, notice: Notice) -> None:
        """Remember for this session; the oldest of very many are dropped."""
        with self._lock:
            self._held[session] = notice
            while len(self._held) > _MOST:
                self._held.popitem(last=False)

    def take(self, session: str) -> Notice | None:
        """The notice, once."""
        with self._lock:
            return self._held.pop(session, None)


def say(words: str, *, kind: str = "done", undo_url: str = "", undo_words: str = "") -> None:
    """Show `words` at the top of this user's next page."""
    now = visit()
    if now is not None:
        current_app.extensions["notices"].put(now.csrf, Notice(words, kind, undo_url, undo_words))


def take_notice() -> Notice | None:
    """For the frame template: what was just said; not for a page that a script draws anew behind what is seen."""
    now = visit()
    if now is None or request.headers.get("Sec-Fetch-Dest") == "empty":
        return None
    found: Notice | None = current_app.extensions["notices"].take(now.csrf)
    return found
