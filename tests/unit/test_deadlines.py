"""Working days and deadlines, checked against the published holidays and counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clock import LOCAL
from agent.domain.calendar_vn import Calendar, DayEntry, DayKind, DayState, parse_calendar
from agent.domain.deadlines import (
    CUTOFF,
    Deadline,
    Term,
    TermUnit,
    add_working_days,
    add_working_hours,
    due,
)
from agent.errors import ConfigError

TEXT = files("agent.domain").joinpath("data/calendar_vn.toml").read_text("utf-8")
CALENDAR = parse_calendar(TEXT)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def shown(deadline: Deadline) -> str:
    return deadline.due_at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_free_weekdays_are_those_that_the_holidays_library_knows(year: int) -> None:
    import holidays

    published = {day for day in holidays.country_holidays("VN", years=year) if day.weekday() < 5}
    ours = {day for day, entry in CALENDAR.entries.items() if day.year == year and day.weekday() < 5
            and entry.kind is DayKind.OFF and entry.state is not DayState.PENDING}  # fmt: skip
    swap_for_civil_servants_only = {date(2026, 1, 2)} if year == 2026 else set()
    assert ours - published == swap_for_civil_servants_only
    assert published <= ours


@pytest.mark.parametrize("saturday", [date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)])
def test_make_up_saturdays_are_working_days(saturday: date) -> None:
    assert saturday.weekday() == 5
    assert CALENDAR.is_working(saturday)
    assert "làm bù" in CALENDAR.day(saturday).why


def test_ordinary_days() -> None:
    assert CALENDAR.is_working(date(2026, 11, 20))
    assert not CALENDAR.is_working(date(2026, 11, 21)), "Saturday"
    assert CALENDAR.next_working(date(2026, 2, 13)) == date(2026, 2, 23), "over Tết"
    assert CALENDAR.working_days_between(date(2026, 2, 13), date(2026, 2, 23)) == 1
    assert CALENDAR.working_days_between(date(2026, 2, 23), date(2026, 2, 13)) == -1


def test_three_days_received_in_the_morning() -> None:
    deadline = add_working_days(CALENDAR, at("2026-11-10 09:30"), 3)
    assert shown(deadline) == "2026-11-13 17:00"
    assert deadline.due_at.tzinfo is UTC and not deadline.depends_on_pending
    assert [line.counted for line in deadline.calculation] == [False, True, True, True]
    assert deadline.calculation[0].why == "thứ Ba; ngày bắt đầu, không tính"
    assert deadline.calculation[-1].why == "thứ Sáu; ngày 3/3"


def test_what_is_received_after_three_counts_from_the_next_working_day() -> None:
    friday = at("2026-11-13 15:01")
    assert shown(add_working_days(CALENDAR, friday, 1)) == "2026-11-16 17:00"
    late = add_working_days(CALENDAR, friday, 1, cutoff=CUTOFF)
    assert shown(late) == "2026-11-17 17:00"
    assert "nhận sau 15:00" in late.calculation[0].why
    assert shown(add_working_days(CALENDAR, at("2026-11-13 15:00"), 1, cutoff=CUTOFF)) == "2026-11-16 17:00"


def test_a_deadline_over_tet_explains_each_day() -> None:
    deadline = add_working_days(CALENDAR, at("2026-02-12 10:00"), 2)
    assert shown(deadline) == "2026-02-23 17:00"
    whys = {line.date: line.why for line in deadline.calculation}
    assert len(whys) == 12
    assert "Tết Nguyên đán" in whys[date(2026, 2, 17)] and "nghỉ hằng tuần" in whys[date(2026, 2, 21)]


def test_a_day_still_under_consultation_is_flagged_and_moves_the_deadline_once_decided() -> None:
    start = at("2026-11-20 09:00")
    before = add_working_days(CALENDAR, start, 2)
    assert shown(before) == "2026-11-25 17:00" and before.depends_on_pending
    swap = DayEntry(date(2026, 11, 23), DayKind.OFF, DayState.OFFICIAL, "hoán đổi")
    after = add_working_days(CALENDAR.with_overrides([swap]), start, 2)
    assert shown(after) == "2026-11-26 17:00" and not after.depends_on_pending


def test_provisional_days_and_years_without_a_table_are_flagged() -> None:
    assert add_working_days(CALENDAR, at("2027-02-03 09:00"), 1).depends_on_pending
    beyond = add_working_days(CALENDAR, at("2029-03-01 09:00"), 1)
    assert beyond.depends_on_pending and "chưa có lịch nghỉ năm 2029" in beyond.calculation[-1].why


def test_a_same_day_procedure_is_due_at_close_or_next_day_when_late() -> None:
    assert shown(add_working_days(CALENDAR, at("2026-11-10 09:30"), 0)) == "2026-11-10 17:00"
    assert shown(add_working_days(CALENDAR, at("2026-11-10 15:30"), 0, cutoff=CUTOFF)) == "2026-11-11 17:00"
    assert shown(add_working_days(CALENDAR, at("2026-11-10 18:30"), 0)) == "2026-11-11 17:00"
    assert shown(add_working_days(CALENDAR, at("2026-11-14 08:00"), 0)) == "2026-11-16 17:00"


@pytest.mark.parametrize(
    ("start", "hours", "due_at"),
    [
        ("2026-11-10 08:00", 2, "2026-11-10 10:00"),
        ("2026-11-10 10:30", 2, "2026-11-10 14:00"),
        ("2026-11-10 12:00", 1, "2026-11-10 14:00"),
        ("2026-11-10 16:00", 8, "2026-11-11 16:00"),
        ("2026-11-13 16:00", 8, "2026-11-16 16:00"),
        ("2026-11-14 10:00", 1, "2026-11-16 08:30"),
        ("2026-11-10 18:00", 1, "2026-11-11 08:30"),
        ("2026-11-10 06:00", 8, "2026-11-10 17:00"),
    ],
)
def test_hours_are_counted_within_office_hours(start: str, hours: int, due_at: str) -> None:
    assert shown(add_working_hours(CALENDAR, at(start), hours)) == due_at


def test_a_term_in_hours_shows_how_many_fell_on_each_day() -> None:
    deadline = due(CALENDAR, at("2026-11-10 15:30"), Term(8, TermUnit.HOURS))
    assert [line.why for line in deadline.calculation] == ["thứ Ba; 1,5 giờ", "thứ Tư; 6,5 giờ"]


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 11, 1)), st.integers(0, 25), st.booleans())  # noqa: DTZ001
def test_a_deadline_counts_exactly_its_days_and_never_ends_on_a_free_day(start: datetime, days: int, cut: bool) -> None:
    moment = start.replace(tzinfo=LOCAL)
    deadline = add_working_days(CALENDAR, moment, days, cutoff=time(15) if cut else None)
    end = deadline.due_at.astimezone(LOCAL).date()
    assert CALENDAR.is_working(end) and deadline.due_at > moment
    assert sum(line.counted for line in deadline.calculation) == days
    listed = [line.date for line in deadline.calculation]
    assert listed == [start.date() + timedelta(days=n) for n in range(len(listed))] and listed[-1] == end
    one_more = add_working_days(CALENDAR, moment, days + 1, cutoff=time(15) if cut else None)
    assert days == 0 or one_more.due_at.astimezone(LOCAL).date() == CALENDAR.next_working(end)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 11, 1)), st.integers(0, 40), st.integers(0, 40))  # noqa: DTZ001
def test_hours_add_up(start: datetime, first: int, second: int) -> None:
    moment = start.replace(tzinfo=LOCAL)
    halfway = add_working_hours(CALENDAR, moment, first).due_at
    assert add_working_hours(CALENDAR, halfway, second).due_at >= halfway
    if second:
        assert (
            add_working_hours(CALENDAR, halfway, second).due_at
            == add_working_hours(CALENDAR, moment, first + second).due_at
        )


def test_a_naive_start_or_a_negative_term_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        add_working_days(CALENDAR, datetime(2026, 1, 5), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="negative"):
        add_working_days(CALENDAR, at("2026-01-05 08:00"), -1)


@pytest.mark.parametrize("text", ["not toml", "", "[[years]]\nyear = 2026", TEXT.replace('"off"', '"free"', 1)])
def test_a_broken_calendar_file_says_so(text: str) -> None:
    with pytest.raises(ConfigError, match="lịch làm việc"):
        parse_calendar(text)


def test_an_empty_calendar_still_counts_weekdays_and_flags_them() -> None:
    bare = Calendar({}, frozenset())
    assert add_working_days(bare, at("2026-11-13 09:00"), 1).depends_on_pending
