"""Opened keys by clerk, each closed when it was not used for a while."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """One value for each clerk, dropped `idle_seconds` after its last use; calls may come from several threads."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds, self._lock = idle_seconds, threading.Lock()
        self._held: dict[str, tuple[T, threading.Timer]] = {}

    def put(self, username: str, value: T) -> None:
        """Keep a value in place of the one before."""
        timer = threading.Timer(self._idle_seconds, self._expire, (username, value))
        timer.daemon = True
        with self._lock:
            self._stop(username)
            self._held[username] = (value, timer)
            timer.start()

    def get(self, username: str) -> T | None:
        """The value, whose time starts anew; None when there is none any more."""
        with self._lock:
            held = self._held.get(username)
        if held is None:
            return None
        self.put(username, held[0])
        return held[0]

    def drop(self, username: str) -> None:
        """Forget the value now."""
        with self._lock:
            self._stop(username)

    def _expire(self, username: str, value: T) -> None:
        with self._lock:
            held = self._held.get(username)
            if held is not None and held[0] is value and held[1] is threading.current_thread():
                del self._held[username]

    def _stop(self, username: str) -> None:
        held = self._held.pop(username, None)
        if held is not None:
            held[1].cancel()
