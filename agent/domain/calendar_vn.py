"""Which days are working days for the authorities of Vietnam, from frozen tables with a state per entry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from agent.errors import ConfigError

WEEKDAY_NAME: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class DayKind(StrEnum):
    """Whether an entry makes its day free or a working day (nghỉ, làm bù)."""

    OFF = "off"
    WORK = "work"


class DayState(StrEnum):
    """How firm an entry is: decreed; expected by law and applied; under consultation and not applied."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class DayEntry:
    """A day that differs from Monday-to-Friday, or may come to."""

    on: date
    kind: DayKind
    state: DayState
    why: str


@dataclass(frozen=True, slots=True)
class Day:
    """What the calendar says of one day; `firm` is False while a decision on it is still awaited."""

    on: date
    working: bool
    firm: bool
    why: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days (lịch làm việc) of the years that have a table; other years are weekdays, not firm."""

    entries: Mapping[date, DayEntry]
    years: frozenset[int]

    def day(self, on: date) -> Day:
        """Judge one day."""
        entry, weekday = self.entries.get(on), WEEKDAY_NAME[on.weekday()]
        working = on.weekday() < 5
        if entry is not None and entry.state is not DayState.PENDING:
            firm = entry.state is DayState.OFFICIAL
            return Day(on, entry.kind is DayKind.WORK, firm, f"{weekday}, {entry.why}")
        if entry is not None:
            return Day(on, working, False, f"{weekday}; {entry.why}")
        if on.year not in self.years and working:
            return Day(on, working, False, f"{weekday}; chưa có lịch nghỉ năm {on.year}")
        return Day(on, working, True, weekday if working else f"{weekday}, nghỉ hằng tuần")

    def is_working(self, on: date) -> bool:
        """Whether the authorities work on that day, as far as is decided."""
        return self.day(on).working

    def next_working(self, after: date) -> date:
        """The first working day after a day."""
        on = after + timedelta(days=1)
        while not self.is_working(on):
            on += timedelta(days=1)
        return on

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` comes first."""
        low, high = min(start, end), max(start, end)
        days = sum(self.is_working(low + timedelta(days=n + 1)) for n in range((high - low).days))
        return days if start <= end else -days

    def with_overrides(self, overrides: Iterable[DayEntry]) -> Calendar:
        """The same calendar with local entries put over the table's; covers no further year."""
        return replace(self, entries={**self.entries, **{entry.on: entry for entry in overrides}})


def parse_calendar(text: str) -> Calendar:
    """Read the TOML of the calendar's tables: `[[years]]` with `year` and `days = [{on, kind, state, why}]`."""
    try:
        tables: list[dict[str, Any]] = tomllib.loads(text)["years"]
        entries = [entry for table in tables for entry in parse_days(table["days"])]
        years = frozenset(int(table["year"]) for table in tables)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"Không đọc được lịch làm việc ({error}). Sửa tệp lịch rồi chạy lại.") from None
    return Calendar({entry.on: entry for entry in entries}, years)


def parse_days(days: Iterable[Mapping[str, Any]]) -> list[DayEntry]:
    """Entries from a table's rows or from an office's overrides; KeyError or ValueError for a bad row."""
    entries = []
    for row in days:
        if not isinstance(row["on"], date):
            raise ValueError(f"{row['on']!r} is not a date")
        state = DayState(row.get("state", DayState.OFFICIAL))
        entries.append(DayEntry(row["on"], DayKind(row["kind"]), state, str(row["why"])))
    return entries
