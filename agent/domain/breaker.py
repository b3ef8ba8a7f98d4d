"""The circuit breaker before an endpoint: when to stop trying, when one may try again, how fast it goes on after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from agent.domain.jobs import backoff

FULL: Final = 8  # messages that are taken together when all is well
PROBE: Final = timedelta(minutes=2)  # a try whose end nobody told is given up after this


class Circuit(StrEnum):
    """Where a breaker (cầu dao) stands."""

    CLOSED = "closed"  # messages go
    OPEN = "open"  # nothing is tried before `next_try`
    HALF_OPEN = "half_open"  # one is trying


class Told(StrEnum):
    """What a breaker hears of a call."""

    PASSED = "passed"
    FAILED = "failed"  # once too often, where it is closed
    WAITED = "waited"
    UNUSED = "unused"  # there was nothing to try


STEPS: Final[dict[tuple[Circuit, Told], Circuit]] = {
    (Circuit.CLOSED, Told.PASSED): Circuit.CLOSED,
    (Circuit.CLOSED, Told.FAILED): Circuit.OPEN,
    (Circuit.OPEN, Told.WAITED): Circuit.HALF_OPEN,
    (Circuit.OPEN, Told.PASSED): Circuit.CLOSED,  # a call that had begun before
    (Circuit.HALF_OPEN, Told.PASSED): Circuit.CLOSED,
    (Circuit.HALF_OPEN, Told.FAILED): Circuit.OPEN,
    (Circuit.HALF_OPEN, Told.UNUSED): Circuit.OPEN,
}


@dataclass
class Breaker:
    """Opens after `threshold` failures in a row; tries again after a full-jitter wait of 5 s to 30 min, one at a time.

    After it closes `allowance` grows from 1 to 8: what waited in many offices does not fall on the province at once.

    >>> from datetime import UTC; now, rng = datetime(2026, 1, 5, tzinfo=UTC), Random(1)
    >>> line = Breaker(threshold=1); line.failed(now, rng); line.state, line.may(now)
    (<Circuit.OPEN: 'open'>, False)
    >>> later = line.next_try; line.may(later), line.may(later)
    (True, False)
    >>> line.passed(later); line.state, line.allowance
    (<Circuit.CLOSED: 'closed'>, 1)
    """

    threshold: int = 3
    state: Circuit = Circuit.CLOSED
    failures: int = 0  # in a row
    openings: int = 0  # without a success in between
    next_try: datetime | None = None
    since: datetime | None = None
    allowance: int = 1
    _probe_ends: datetime | None = None

    def may(self, now: datetime) -> bool:
        """Whether a call may be made now; in an open one whose wait is over the first to ask gets the only try."""
        if self.state is Circuit.CLOSED:
            return True
        if self.state is Circuit.HALF_OPEN and self._probe_ends is not None and now < self._probe_ends:
            return False
        if self.next_try is not None and now < self.next_try:
            return False
        if self.state is Circuit.OPEN:
            self._to(Told.WAITED, now)
        self._probe_ends = now + PROBE
        return True

    def passed(self, now: datetime) -> None:
        """A call was answered."""
        self.failures = self.openings = 0
        self.next_try = None
        if self.state is Circuit.CLOSED:
            self.allowance = min(FULL, self.allowance * 2)
        else:
            self._to(Told.PASSED, now)
            self.allowance = 1

    def failed(self, now: datetime, rng: Random, *, at_once: bool = False) -> None:
        """A call was not answered; what was under way when it opened adds nothing. `at_once`: no need to see more."""
        if self.state is Circuit.OPEN:
            return
        self.failures += 1
        if self.state is Circuit.CLOSED and self.failures < self.threshold and not at_once:
            return
        self.openings += 1
        self.next_try = now + backoff(self.openings, rng)
        self.allowance = 1
        self._to(Told.FAILED, now)

    def unused(self, now: datetime) -> None:
        """Whoever was let through had nothing to send: the next one may."""
        if self.state is Circuit.HALF_OPEN:
            self._to(Told.UNUSED, now)

    def hurry(self, now: datetime) -> None:
        """Somebody knows better: try now."""
        if self.state is Circuit.OPEN:
            self.next_try = now

    def _to(self, told: Told, now: datetime) -> None:
        reached = STEPS[self.state, told]
        if reached is not self.state and (reached is Circuit.CLOSED or self.state is Circuit.CLOSED):
            self.since = now  # between open and half open it is one outage
        self.state = reached
