"""Deadlines in working days and working hours, with their calculation day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from agent.clock import LOCAL
from agent.domain.calendar_vn import Calendar, Day

CUTOFF: Final = time(15, 0)
"""What is received after three in the afternoon is forwarded, and counted, from the next working day."""


class TermUnit(StrEnum):
    """What a term is counted in."""

    DAYS = "days"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Term:
    """The time that a procedure allows (thời hạn giải quyết): working days or working hours.

    >>> str(Term(3)), str(Term(8, TermUnit.HOURS)), str(Term(0))
    ('3 ngày làm việc', '8 giờ làm việc', 'trong ngày')
    """

    amount: int
    unit: TermUnit = TermUnit.DAYS

    def __str__(self) -> str:
        if self.amount == 0:
            return "trong ngày"
        return f"{self.amount} {'ngày' if self.unit is TermUnit.DAYS else 'giờ'} làm việc"


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When the authority is open on a working day, local time, as two halves."""

    morning: tuple[time, time] = (time(7, 30), time(11, 30))
    afternoon: tuple[time, time] = (time(13, 0), time(17, 0))

    @property
    def closes(self) -> time:
        """The end of the working day."""
        return self.afternoon[1]


@dataclass(frozen=True, slots=True)
class DayLine:
    """One line of a calculation: a local date, whether it counted, and why."""

    date: date
    counted: bool
    why: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due (thời điểm hẹn trả), as UTC, and how that was found.

    `depends_on_pending` is True when a day in between is not firm: recompute when the calendar changes.
    """

    start: datetime
    due_at: datetime
    calculation: tuple[DayLine, ...]
    depends_on_pending: bool


def due(calendar: Calendar, start: datetime, term: Term, *, cutoff: time | None = None,
        hours: OfficeHours = OfficeHours()) -> Deadline:  # fmt: skip
    """The deadline of a term, in whichever unit it is counted."""
    add = add_working_days if term.unit is TermUnit.DAYS else add_working_hours
    return add(calendar, start, term.amount, cutoff=cutoff, hours=hours)


def add_working_days(calendar: Calendar, start: datetime, days: int, *, cutoff: time | None = None,
                     hours: OfficeHours = OfficeHours()) -> Deadline:  # fmt: skip
    """The close of office on the `days`-th working day after the day that the term starts.

    `start` is aware. The starting day itself is not counted (Civil Code, Article 147). It is moved to the next
    working day when it is no working day, or when `cutoff` is given and the local time is later. Zero days: due
    at the close of the starting day.
    """
    if days < 0:
        raise ValueError("days must not be negative")
    moment = _local(start)
    lines: list[DayLine] = []
    firm, on = _begin(calendar, moment, cutoff or (hours.closes if days == 0 else None), lines)
    counted = 0
    while counted < days:
        on += timedelta(days=1)
        day = calendar.day(on)
        firm = firm and day.firm
        counted += day.working
        lines.append(_line(day, f"ngày {counted}/{days}" if day.working else ""))
    return Deadline(start, _instant(on, hours.closes), tuple(lines), not firm)


def add_working_hours(calendar: Calendar, start: datetime, amount: int, *, cutoff: time | None = None,
                      hours: OfficeHours = OfficeHours()) -> Deadline:  # fmt: skip
    """The moment at which `amount` hours of office time have passed since `start` (aware)."""
    if amount < 0:
        raise ValueError("amount must not be negative")
    moment = _local(start)
    lines: list[DayLine] = []
    firm, on = _begin(calendar, moment, cutoff, lines, named=False)
    begin = moment.time() if on == moment.date() else time.min
    left = timedelta(hours=amount)
    while True:
        day = calendar.day(on)
        firm = firm and day.firm
        spent, end = _spend(on, begin, left, hours) if day.working else (timedelta(), None)
        left -= spent
        lines.append(_line(day, f"{spent.total_seconds() / 3600:g} giờ".replace(".", ",") if spent else ""))
        if end is not None:
            return Deadline(start, end.astimezone(UTC), tuple(lines), not firm)
        on, begin = on + timedelta(days=1), time.min


def _begin(calendar: Calendar, moment: datetime, cutoff: time | None, lines: list[DayLine], *,
           named: bool = True) -> tuple[bool, date]:  # fmt: skip
    """Find the starting day, noting the days passed over; answers whether all are firm, and the day."""
    firm, on = True, moment.date()
    day = calendar.day(on)
    if day.working and cutoff is not None and moment.time() > cutoff:
        lines.append(DayLine(on, False, f"{day.why}; nhận sau {cutoff:%H:%M}, tính từ ngày làm việc kế tiếp"))
        firm, on = day.firm, on + timedelta(days=1)
        day = calendar.day(on)
    while not day.working:
        lines.append(_line(day, ""))
        firm, on = firm and day.firm, on + timedelta(days=1)
        day = calendar.day(on)
    if named:
        lines.append(DayLine(on, False, f"{day.why}; ngày bắt đầu, không tính"))
    return firm and day.firm, on


def _spend(on: date, begin: time, left: timedelta, hours: OfficeHours) -> tuple[timedelta, datetime | None]:
    """How much of `left` passes on a working day from `begin`, and when it ends if it does."""
    spent = timedelta()
    for opens, closes in (hours.morning, hours.afternoon):
        since = datetime.combine(on, max(opens, begin), LOCAL)
        room = datetime.combine(on, closes, LOCAL) - since
        if room <= timedelta():
            continue
        if left - spent <= room:
            return left, since + (left - spent)
        spent += room
    return spent, None


def _line(day: Day, note: str) -> DayLine:
    return DayLine(day.on, bool(note), f"{day.why}; {note}" if note else day.why)


def _local(start: datetime) -> datetime:
    if start.tzinfo is None:
        raise ValueError("start must be aware")
    return start.astimezone(LOCAL)


def _instant(on: date, at: time) -> datetime:
    return datetime.combine(on, at, LOCAL).astimezone(UTC)
