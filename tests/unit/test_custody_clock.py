"""How much a phone's time is doubted when somebody sets its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from agent.domain.custody_clock import CLOCK_KNOWN, PhoneClock, clock_doubt

RUN = UUID(int=1)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def after(before: PhoneClock, wall: datetime, seconds: int) -> PhoneClock:
    """The next event of the same run, `seconds` later by the clock that nobody can set."""
    made = PhoneClock(wall, before.monotonic_ms + seconds * 1000, RUN, 0)
    return PhoneClock(made.at, made.monotonic_ms, RUN, 0, clock_doubt(made, before))


@pytest.mark.parametrize("years", [1, 7, 900])
def test_a_clock_set_back_by_years_and_right_again_leaves_a_doubt_that_both_databases_keep(years: int) -> None:
    right = PhoneClock(NOON, 0, RUN, 0)
    wrong = after(right, NOON.replace(year=2026 - years), 60)
    again = after(wrong, NOON + timedelta(minutes=2), 60)
    for one in (wrong, again):  # PostgreSQL's integer ends at 2**31
        assert timedelta(days=14) < one.doubt and int(one.doubt.total_seconds() * 1000) < 2**31


def test_a_clock_that_nobody_sets_stays_as_certain_as_it_was() -> None:
    first = PhoneClock(NOON, 0, RUN, 0)
    assert after(first, NOON + timedelta(hours=3), 3 * 3600).doubt == CLOCK_KNOWN
    assert after(first, NOON + timedelta(hours=1), 3 * 3600).doubt == CLOCK_KNOWN + timedelta(hours=2)
