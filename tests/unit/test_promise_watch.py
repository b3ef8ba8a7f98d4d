"""The short way to the leg that breaks says what the whole promise says, of any dossier at any instant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib.resources import files

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.clock import LOCAL
from agent.domain.calendar_vn import parse_calendar
from agent.domain.postal_legs import Zone, parse_legs
from agent.domain.promise import Calendars, Facts, Routes, promise
from agent.domain.promise_watch import Watch

DATA = files("agent.domain").joinpath("data")
TABLE = parse_calendar(DATA.joinpath("calendar_vn.toml").read_text("utf-8"))
LEGS = parse_legs(DATA.joinpath("postal_legs.toml").read_text("utf-8"))
START = datetime(2026, 12, 28, 8, tzinfo=LOCAL)  # with the new year's days before it
HOURS = st.integers(0, 24 * 14)
MAYBE = st.none() | HOURS


def later(hours: int | None) -> datetime | None:
    return None if hours is None else START + timedelta(hours=hours)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    moments=st.tuples(MAYBE, MAYBE, MAYBE, MAYBE, MAYBE), stopped=st.booleans(), minutes=st.booleans(),
    courier=st.booleans(), electronic=st.booleans(), zone=st.sampled_from(list(Zone)), now=HOURS,
    warn=st.integers(0, 2),
)  # fmt: skip
def test_it_says_what_the_whole_promise_says(moments, stopped, minutes, courier, electronic, zone, now, warn):
    due_at, handed_at, ready_at, at_office_at, delivered_at = map(later, moments)
    facts = Facts(
        START, due_at, "3 ngày làm việc", from_minutes=minutes, handed_at=handed_at or ready_at, ready_at=ready_at,
        at_office_at=at_office_at or delivered_at, delivered_at=delivered_at, stopped_at=START if stopped else None,
        by_courier=courier, electronic=electronic,
    )  # fmt: skip
    edition, calendars = LEGS.edition(date(2026, 12, 1)), Calendars(TABLE, TABLE)
    ways = Routes(Zone.SAME_AREA, edition.zones[Zone.SAME_AREA], zone, edition.zones[zone], edition.source)
    moment = START + timedelta(hours=now)
    leg = promise(facts, ways, calendars, now=moment, warn_days=warn).breaking
    found = Watch(calendars, now=moment, warn_days=warn).breaking(facts, ways.there, lambda: ways.back)
    assert (found and (found.kind, found.state, found.due_at)) == (leg and (leg.kind, leg.state, leg.due_at))


def test_instants_of_one_day_before_and_after_the_cutoff_are_told_apart():
    edition = LEGS.edition(date(2026, 12, 1))
    watch = Watch(Calendars(TABLE, TABLE), now=START + timedelta(days=5), warn_days=1)
    there = edition.zones[Zone.SAME_AREA]

    def due(hour: int) -> datetime:
        found = watch.breaking(Facts(START.replace(hour=hour), None, ""), there, lambda: there)
        assert found is not None
        return found.due_at

    assert due(9) == due(14) < due(16) == due(18)
