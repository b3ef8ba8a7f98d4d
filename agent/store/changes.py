"""Waking whoever waits for the store to change: at once for this process's commits, soon for those of others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

EVERY = 0.25  # seconds between two looks for the commits of other processes

Mark = tuple[int, int]


class Changes:
    """A mark that differs after any commit, and a way to wait for that; many threads may wait at once.

    `version` asks the database for a number that other processes' commits change too. It is asked at most every
    EVERY seconds however many wait, and after each commit of this process, by one thread while the others go on with
    what is known: a database that does not answer holds up one of them.
    """

    def __init__(self, version: Callable[[], int]) -> None:
        self._version, self._turn = version, threading.Condition(threading.Lock())
        self._told = self._seen = self._asked_told = 0
        self._asked_at, self._asking = float("-inf"), False
        self._watched = False  # whether one of those who wait looks now and again, for all of them

    def tell(self) -> None:
        """Something was committed here, or whoever waits should look again for another reason."""
        with self._turn:
            self._told += 1
            self._turn.notify_all()

    def mark(self) -> Mark:
        """The mark of now."""
        with self._turn:
            return self._look()

    def wait(self, mark: Mark, timeout: float) -> Mark:
        """The mark as soon as it differs from `mark`, else the same after `timeout` seconds."""
        deadline, mine = time.monotonic() + timeout, False
        with self._turn:
            try:
                while (now := self._look()) == mark and (left := deadline - time.monotonic()) > 0:
                    mine = mine or not self._watched
                    self._watched = True
                    self._turn.wait(min(left, EVERY) if mine else left)
                return now
            finally:
                self._watched = self._watched and not mine
                if not self._watched:
                    self._turn.notify()  # one of those who wait looks for all from now on

    def wait_for(self, happened: Callable[[], bool], timeout: float) -> bool:
        """Whether `happened()` comes true within `timeout` seconds; it is asked now, and again after each change."""
        deadline = time.monotonic() + timeout
        while True:
            mark = self.mark()
            if happened():
                return True
            if (left := deadline - time.monotonic()) <= 0:
                return False
            self.wait(mark, left)

    def _look(self) -> Mark:
        stale = self._asked_told != self._told or time.monotonic() - self._asked_at >= EVERY
        if stale and not self._asking:
            self._asking, told = True, self._told
            self._turn.release()
            try:
                seen = self._version()
            finally:
                self._turn.acquire()
                self._asking = False
            if seen != self._seen:
                self._turn.notify_all()
            self._seen, self._asked_at, self._asked_told = seen, time.monotonic(), told
        return self._told, self._seen
