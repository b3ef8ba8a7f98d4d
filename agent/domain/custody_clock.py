"""How far the corrected clock of a phone's event may be off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

CLOCK_KNOWN: Final = timedelta(seconds=30)
"""How far a phone's corrected clock may be off after a contact with the server in the same run of the app."""
CLOCK_OLD: Final = timedelta(hours=6)
"""The same when the app was started anew since: nothing proves that nobody set the clock in between."""
CLOCK_UNKNOWN: Final = timedelta(hours=12)
"""The same for a phone that never learnt its offset."""


CLOCK_LOST: Final = timedelta(days=20)
"""More doubt than this is not counted: such a time says nothing any more, and its milliseconds are kept in 31 bits."""
CLOCK_STEP: Final = timedelta(seconds=2)
"""Wall and monotonic clock of a phone never run apart by more than this unless somebody set the wall clock."""


@dataclass(frozen=True, slots=True)
class PhoneClock:
    """What a phone's event says of its clock: wall, monotonic since the app's start, run, offset, the doubt so far."""

    at: datetime
    monotonic_ms: int
    boot: UUID | None
    offset_ms: int | None
    doubt: timedelta = CLOCK_KNOWN


def clock_doubt(now: PhoneClock, before: PhoneClock | None, *, first: bool = False) -> timedelta:
    """How far the corrected time of an event may be off; `before` is the phone's event just before, None when missing.
    `first`: it is the phone's first, made right after the pairing.

    Within one run of the app the phone's monotonic clock shows whether anybody set its wall clock.
    """
    if now.offset_ms is None:
        return CLOCK_UNKNOWN
    if first:
        return CLOCK_KNOWN
    if before is None or before.boot != now.boot:
        fresh = before is not None and before.offset_ms is not None and before.offset_ms != now.offset_ms
        return CLOCK_KNOWN if fresh else CLOCK_OLD
    if before.offset_ms != now.offset_ms:
        return CLOCK_KNOWN
    run = timedelta(milliseconds=now.monotonic_ms - before.monotonic_ms)
    step = abs((now.at - before.at) - run)
    return min(before.doubt + (step if step > CLOCK_STEP else timedelta()), CLOCK_LOST)
