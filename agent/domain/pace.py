"""A thin line shared well: a budget of bytes, what the line was measured to carry, how long until a message is over."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=5)  # what is older says nothing of the line as it is
SENDERS: Final = 2  # of small messages
ON_THE_WIRE: Final = 1.37  # bytes on the line for one byte of a file: base64, envelope, headers
SLOWEST_LINE: Final = 16_000
"""Bytes a second that a line is given for a request before its time-out begins to run."""


@dataclass
class TokenBucket:
    """A budget of `per_second` bytes with at most one second of it saved up; 0: no limit.

    >>> bucket = TokenBucket(1000); bucket.take(1000, 0.0), bucket.take(500, 0.0), bucket.take(500, 2.0)
    (0.0, 0.5, 0.0)
    """

    per_second: float
    _left: float | None = None
    _at: float = 0.0

    def take(self, count: int, at: float) -> float:
        """Spend `count` bytes at the instant `at` (seconds); how many seconds to wait before they may go."""
        if not self.per_second:
            return 0.0
        left = self.per_second if self._left is None else self._left + (at - self._at) * self.per_second
        self._left, self._at = min(left, self.per_second) - count, at
        return max(0.0, -self._left / self.per_second)


@dataclass
class Meter:
    """How much of something was done in a second of work, over the last minutes in which any was done.

    >>> from datetime import UTC; now = datetime(2026, 1, 5, tzinfo=UTC)
    >>> meter = Meter(); meter.add(300, 2.0, now); meter.add(100, 2.0, now); meter.rate(now)
    100.0
    """

    _pieces: deque[tuple[datetime, float, float]] = field(default_factory=deque)
    _last: float = 0.0

    def add(self, amount: float, seconds: float, at: datetime) -> None:
        """Note that `amount` took `seconds`, and ended `at`."""
        self._pieces.append((at, amount, seconds))

    def rate(self, now: datetime) -> float:
        """Amount per second; the last one known when nothing was done lately, 0 before the first."""
        while self._pieces and self._pieces[0][0] < now - WINDOW:
            self._pieces.popleft()
        busy = sum(seconds for _, _, seconds in self._pieces)
        if busy > 0:
            self._last = sum(amount for _, amount, _ in self._pieces) / busy
        return self._last


@dataclass(frozen=True)
class Backlog:
    """What goes before one message, and the message's own files: bytes that are not up, messages that are ready."""

    bytes_ahead: int
    own_bytes: int
    ready_ahead: int


def span_words(left: timedelta, *, offline: bool = False) -> str:
    """How long that is, as people say it; `offline`: from when the line is back.

    >>> [span_words(timedelta(seconds=s)) for s in (20, 400, 9000)]
    ['dưới 1 phút', 'khoảng 7 phút', 'khoảng 2 giờ 30 phút']
    >>> span_words(timedelta(minutes=2), offline=True)
    'khoảng 2 phút sau khi có mạng'
    """
    minutes = round(left.total_seconds() / 60)
    hours = f"{minutes // 60} giờ " if minutes >= 60 else ""
    words = f"khoảng {hours}{minutes % 60} phút" if minutes else "dưới 1 phút"
    return f"{words} sau khi có mạng" if offline else words


def expected(backlog: Backlog, *, bytes_per_second: float, small_seconds: float) -> timedelta | None:
    """How long until the message is over while the line stays as measured; None when it was not measured yet.

    Files go one after the other, small messages beside them: the longer of both counts.

    >>> expected(Backlog(900_000, 100_000, 0), bytes_per_second=100_000, small_seconds=1.0)
    datetime.timedelta(seconds=11)
    >>> expected(Backlog(0, 1, 0), bytes_per_second=0, small_seconds=1.0) is None
    True
    """
    files = backlog.own_bytes and backlog.bytes_ahead + backlog.own_bytes
    if files and bytes_per_second <= 0:
        return None
    bulk = files / bytes_per_second if files else 0.0
    small = backlog.ready_ahead * small_seconds / SENDERS
    return timedelta(seconds=max(bulk, small) + small_seconds)
