"""A few child processes that are started when there is work, take turns, and end when they are idle."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from agent import log
from agent.documents.helper_codec import BadFrame, error_in, receive, send

logger = log.get(__name__)
IDLE_SECONDS = 60.0


class Lost(Exception):
    """The helper died or was ended before it answered; `overdue` when its time was up."""

    def __init__(self, *, overdue: bool) -> None:
        super().__init__("overdue" if overdue else "died")
        self.overdue = overdue


class Helper:
    """One child process and its pipes; used by one thread at a time."""

    def __init__(self, kind: str, opening: Mapping[str, Any]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent.documents.helper_main", kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=_creation_flags(kind),
        )
        self.deadline = math.inf  # monotonic seconds: when idle, the end of its life; when busy, of its patience
        self.overdue = False
        self.sound = True  # every request was answered, so that the next answer belongs to the next request
        self._tell({"do": "begin", "of": dict(opening)})

    @property
    def alive(self) -> bool:
        """Whether the process runs and may be asked."""
        return self.sound and self.process.poll() is None

    def warm(self) -> None:
        """Have it load its libraries while nobody waits; there is no answer."""
        self._tell({"do": "warm", "of": {}})

    def ask(self, do: str, given: Mapping[str, Any], seconds: float) -> Any:
        """The answer to one request; the typed error that the work raised, or Lost."""
        assert self.process.stdin and self.process.stdout
        self.sound = False
        request = {"do": do, "of": dict(given), "seconds": seconds}
        try:
            sent = send(self.process.stdin, request)
            frame = receive(self.process.stdout, known=sent)
            answer = frame[0] if frame else {}
            failure = error_in(answer["error"]) if "error" in answer else None
            value = None if failure else answer["value"]
        except (OSError, BadFrame, LookupError, TypeError, AttributeError):
            raise Lost(overdue=self.overdue) from None
        self.sound = True
        if failure:
            raise failure
        return value

    def end(self) -> None:
        """End the process now, wait for it, close its pipes."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                assert pipe
                pipe.close()
        self.process.wait()

    def _tell(self, values: Mapping[str, Any]) -> None:
        assert self.process.stdin
        try:
            send(self.process.stdin, values)
        except OSError:
            self.sound = False


class Pool:
    """At most `size` helpers of one kind; who asks first is served first."""

    def __init__(
        self, kind: str, *, size: int, idle_seconds: float = IDLE_SECONDS, opening: Mapping[str, Any] | None = None
    ) -> None:
        self._kind, self._size, self._idle_seconds, self._opening = kind, size, idle_seconds, dict(opening or {})
        self._change = threading.Condition()
        self._line: deque[object] = deque()
        self._idle: list[Helper] = []
        self._busy: set[Helper] = set()
        self._taken = 0
        self._keeper: threading.Thread | None = None
        self._living: set[Helper] = set()
        weakref.finalize(self, _end_all, self._living)

    def pids(self) -> list[int]:
        """The helpers that run now, for who wants to look at them."""
        with self._change:
            return sorted(helper.process.pid for helper in self._living if helper.process.poll() is None)

    @property
    def waiting(self) -> int:
        """How many requests stand in line."""
        return len(self._line)

    def warm(self) -> None:
        """Have one helper ready soon; returns at once, and does nothing while all are at work."""
        if not self._take_turn(wait=False):
            return
        with suppress(Lost):
            helper, _ = self._take(math.inf)
            helper.warm()
            self._give_back(helper)

    def ask(self, do: str, *, seconds: float, again: bool = True, **given: Any) -> Any:
        """Have a helper do one thing within `seconds`; Lost when it ended instead, or the work's typed error.

        A helper that was kept from before may have been dying unseen: then a fresh one is asked, once. The work only
        computes, so that doing it again is harmless; without `again` (a PIN is tried) it is not done again.
        """
        self._take_turn(wait=True)
        helper, fresh = self._take(seconds)
        try:
            return helper.ask(do, given, seconds)
        except Lost as lost:
            logger.warning("a %s helper did not finish %s: %s", self._kind, do, lost)
            if fresh or helper.overdue or not again:
                raise
        finally:
            self._give_back(helper)
        return self.ask(do, seconds=seconds, **given)

    def close(self) -> None:
        """End all helpers; the next request starts a new one."""
        with self._change:
            self._idle.clear()
            self._change.notify_all()
        _end_all(self._living)

    def _take_turn(self, *, wait: bool) -> bool:
        """Claim one of the `size` places, in the order of asking; False when that would mean waiting."""
        ticket = object()
        with self._change:
            if not wait and (self._line or self._taken >= self._size):
                return False
            self._line.append(ticket)
            try:
                self._change.wait_for(lambda: self._line[0] is ticket and self._taken < self._size)
                self._taken += 1
            finally:
                self._line.remove(ticket)
                self._change.notify_all()
        return True

    def _take(self, seconds: float) -> tuple[Helper, bool]:
        """A helper for the claimed place, and whether it is new; Lost, and the place is free, when none starts."""
        with self._change:
            helper = self._idle.pop() if self._idle else None
        if helper is not None and not helper.alive:
            self._bury(helper)
            helper = None
        fresh = helper is None
        try:
            helper = helper or self._start()
        except OSError as error:
            logger.error("no %s helper could be started: %s", self._kind, error)
            with self._change:
                self._taken -= 1
                self._change.notify_all()
            raise Lost(overdue=False) from error
        with self._change:
            self._busy.add(helper)
            helper.deadline = time.monotonic() + seconds
            self._keep_watch()
        return helper, fresh

    def _start(self) -> Helper:
        helper = Helper(self._kind, self._opening)
        self._living.add(helper)
        return helper

    def _give_back(self, helper: Helper) -> None:
        alive = helper.alive
        if not alive:
            self._bury(helper)
        with self._change:
            self._taken -= 1
            self._busy.discard(helper)
            if alive:
                helper.deadline = time.monotonic() + self._idle_seconds
                self._idle.append(helper)
            self._keep_watch()

    def _bury(self, helper: Helper | None) -> None:
        if helper is not None:
            helper.end()
            self._living.discard(helper)

    def _keep_watch(self) -> None:
        """Under the lock: tell the keeper, or start one, that deadlines changed."""
        self._change.notify_all()
        if self._keeper is None and (self._idle or self._busy):
            self._keeper = threading.Thread(target=self._keep, name=f"{self._kind}-helpers", daemon=True)
            self._keeper.start()

    def _keep(self) -> None:
        """End helpers whose time is up, until none is left."""
        with self._change:
            while self._idle or self._busy:
                now = time.monotonic()
                for helper in self._busy:
                    if helper.deadline <= now:
                        helper.overdue, helper.deadline = True, math.inf
                        helper.process.kill()  # the thread that waits for its answer sees the end and buries it
                for helper in [one for one in self._idle if one.deadline <= now]:
                    self._idle.remove(helper)
                    self._bury(helper)
                nearest = min((one.deadline for one in (*self._idle, *self._busy)), default=now)
                self._change.wait(min(max(0.0, nearest - time.monotonic()), threading.TIMEOUT_MAX))
            self._keeper = None


def _end_all(helpers: set[Helper]) -> None:
    for helper in list(helpers):
        helper.end()
        helpers.discard(helper)


def _creation_flags(kind: str) -> int:
    """On Windows: below normal priority, and no window; elsewhere the helper lowers its priority itself."""
    if sys.platform == "win32":
        low = subprocess.IDLE_PRIORITY_CLASS if kind == "ocr" else subprocess.BELOW_NORMAL_PRIORITY_CLASS
        return low | subprocess.CREATE_NO_WINDOW
    return 0
