"""The promise from counter to doorstep (lời hẹn): one clock in four legs, whose days they were, what moved them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from agent.clock import local
from agent.domain.calendar_vn import Calendar, DayState
from agent.domain.deadlines import CUTOFF, DayLine, add_working_days
from agent.domain.postal_legs import ZONE_NAME, Zone, ZoneDays


class LegKind(StrEnum):
    """One leg (chặng)."""

    TO_AUTHORITY = "to_authority"
    AUTHORITY = "authority"
    TO_DELIVERY_OFFICE = "to_delivery_office"
    DELIVERY = "delivery"


LEG_NAME: Final = {
    LegKind.TO_AUTHORITY: "Từ quầy đến cơ quan",
    LegKind.AUTHORITY: "Cơ quan giải quyết",
    LegKind.TO_DELIVERY_OFFICE: "Từ cơ quan về bưu cục phát",
    LegKind.DELIVERY: "Phát tận tay",
}
WHOSE: Final = {
    LegKind.TO_AUTHORITY: "bưu cục nhận",
    LegKind.AUTHORITY: "cơ quan",
    LegKind.TO_DELIVERY_OFFICE: "bưu chính",
    LegKind.DELIVERY: "bưu cục phát",
}


class LegState(StrEnum):
    """How a leg stands; NEAR: its day is about to come, LATE: it runs after its day, DONE_LATE: it ended after it."""

    WAITING = "waiting"
    RUNNING = "running"
    NEAR = "near"
    LATE = "late"
    DONE = "done"
    DONE_LATE = "done_late"


BREAKING: Final = frozenset({LegState.NEAR, LegState.LATE})


@dataclass(frozen=True, slots=True)
class Calendars:
    """Whose days count: the authority's in its term, the post office's on its legs."""

    authority: Calendar
    office: Calendar


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one dossier; instants are aware, None is not yet."""

    received_at: datetime
    due_at: datetime | None  # the authority's day, as it is promised now
    term: str  # as the slip says it
    due_lines: tuple[DayLine, ...] = ()  # how that day was counted
    pinned: bool = False  # the authority named the day itself
    from_minutes: bool = False  # its term runs from the minutes of the hand-over
    handed_at: datetime | None = None
    ready_at: datetime | None = None
    at_office_at: datetime | None = None
    delivered_at: datetime | None = None
    stopped_at: datetime | None = None  # refused, stopped, voided, returned: nothing runs any more
    by_courier: bool = True
    electronic: bool = False


@dataclass(frozen=True, slots=True)
class Routes:
    """The zones there and back with their days, and the rule that they come from."""

    forward: Zone
    there: ZoneDays
    back_zone: Zone
    back: ZoneDays
    source: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg: when it began (or is to), by when it is to end, when it did, and the working days of each."""

    kind: LegKind
    starts: datetime
    due_at: datetime
    ended_at: datetime | None
    planned: int
    used: int
    state: LegState
    rule: str
    lines: tuple[DayLine, ...]
    moved_by: tuple[DayLine, ...]

    @property
    def over(self) -> int:
        """Working days used beyond those planned."""
        return max(0, self.used - self.planned)


@dataclass(frozen=True, slots=True)
class Promise:
    """The legs in order; `promised_at` counts from what was planned, `expected_at` from what has happened."""

    legs: tuple[Leg, ...]
    promised_at: datetime | None
    expected_at: datetime | None
    ended: bool

    @property
    def running(self) -> Leg | None:
        """The leg that the dossier is on."""
        return None if self.ended else next((leg for leg in self.legs if leg.ended_at is None), None)

    @property
    def breaking(self) -> Leg | None:
        """The leg whose promise is about to break or broken."""
        leg = self.running
        return leg if leg is not None and leg.state in BREAKING else None

    @property
    def blame(self) -> Leg | None:
        """The leg that used most days beyond its own; None when none did."""
        worst = max(self.legs, key=lambda leg: leg.over, default=None)
        return worst if worst is not None and worst.over else None


def promise(facts: Facts, routes: Routes, calendars: Calendars, *, now: datetime, warn_days: int = 1) -> Promise:
    """The promise of a dossier at `now` (aware)."""
    ended = facts.delivered_at or facts.stopped_at
    clock = ended or now
    legs = [_to_authority(facts, routes, calendars, clock, warn_days)]
    if facts.due_at is None:
        return Promise(tuple(legs), None, None, ended is not None)
    legs.append(_authority(facts, calendars, clock, warn_days))
    if facts.electronic:
        made = facts.delivered_at or facts.ready_at
        return Promise(tuple(legs), facts.due_at, made or facts.due_at, ended is not None)
    office = calendars.office
    plan = add_working_days(office, facts.due_at, routes.back.transit)
    starts = facts.ready_at or facts.due_at
    legs.append(_postal(LegKind.TO_DELIVERY_OFFICE, starts, routes.back.transit, facts.at_office_at, routes, office,
                        clock, warn_days, begun=facts.ready_at is not None))  # fmt: skip
    if not facts.by_courier:
        return Promise(tuple(legs), plan.due_at, facts.delivered_at or legs[-1].due_at, ended is not None)
    whole = add_working_days(office, facts.due_at, routes.back.total)
    starts = facts.at_office_at or legs[-1].due_at
    legs.append(_postal(LegKind.DELIVERY, starts, routes.back.delivery, facts.delivered_at, routes, office, clock,
                        warn_days, begun=facts.at_office_at is not None))  # fmt: skip
    return Promise(tuple(legs), whole.due_at, facts.delivered_at or legs[-1].due_at, ended is not None)


def _to_authority(facts: Facts, routes: Routes, calendars: Calendars, clock: datetime, warn: int) -> Leg:
    days = routes.there.total
    plan = add_working_days(calendars.office, facts.received_at, days, cutoff=CUTOFF)
    rule = f"{days} ngày làm việc, {ZONE_NAME[routes.forward]}; nhận sau 15:00 tính từ ngày làm việc kế tiếp"
    return _leg(LegKind.TO_AUTHORITY, facts.received_at, plan.due_at, facts.handed_at, days, plan.calculation,
                f"{rule} ({routes.source})", calendars.office, clock, warn, begun=True)  # fmt: skip


def _authority(facts: Facts, calendars: Calendars, clock: datetime, warn: int) -> Leg:
    assert facts.due_at is not None
    handed = facts.handed_at if facts.from_minutes else None
    starts = handed or facts.received_at
    since = "từ lúc ký biên bản giao nhận" if facts.from_minutes else "từ lúc tiếp nhận ở quầy"
    rule = "ngày do cơ quan hẹn" if facts.pinned else f"thời hạn giải quyết {facts.term}, {since}"
    planned = _days(calendars.authority, starts, facts.due_at)
    begun = facts.handed_at is not None or facts.ready_at is not None or not facts.from_minutes
    return _leg(LegKind.AUTHORITY, starts, facts.due_at, facts.ready_at, planned, facts.due_lines, rule,
                calendars.authority, clock, warn, begun=begun)  # fmt: skip


def _postal(
    kind: LegKind, starts: datetime, days: int, ended: datetime | None, routes: Routes, office: Calendar,
    clock: datetime, warn: int, *, begun: bool,
) -> Leg:  # fmt: skip
    plan = add_working_days(office, starts, days)
    rule = f"{days} ngày làm việc, {ZONE_NAME[routes.back_zone]} ({routes.source})"
    return _leg(kind, starts, plan.due_at, ended, days, plan.calculation, rule, office, clock, warn, begun=begun)


def _leg(
    kind: LegKind, starts: datetime, due_at: datetime, ended: datetime | None, planned: int,
    lines: Sequence[DayLine], rule: str, calendar: Calendar, clock: datetime, warn: int, *, begun: bool,
) -> Leg:  # fmt: skip
    used = _days(calendar, starts, ended or clock) if begun else 0
    state = _state(due_at, ended, clock, calendar, warn) if begun else LegState.WAITING
    moved = moved_by(calendar, starts, due_at)
    return Leg(kind, starts, due_at, ended, planned, used, state, rule, tuple(lines), moved)


def _state(due_at: datetime, ended: datetime | None, clock: datetime, calendar: Calendar, warn: int) -> LegState:
    if ended is not None:
        return LegState.DONE if ended <= due_at else LegState.DONE_LATE
    if clock > due_at:
        return LegState.LATE
    left = calendar.working_days_between(local(clock).date(), local(due_at).date())
    return LegState.NEAR if left < warn else LegState.RUNNING


def _days(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Working days after the day of `start` up to that of `end`; 0 within one day."""
    return max(0, calendar.working_days_between(local(start).date(), local(end).date()))


def moved_by(calendar: Calendar, start: datetime, end: datetime) -> tuple[DayLine, ...]:
    """The calendar's entries between two instants that make a date differ from what weekdays alone would give."""
    first, last = local(start).date(), local(end).date()
    found = []
    for on in _dates(first, last):
        entry = calendar.entries.get(on)
        if entry is not None and entry.state is not DayState.PENDING:
            day = calendar.day(on)
            if day.working != (on.weekday() < 5):
                found.append(DayLine(on, day.working, day.why))
    return tuple(found)


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
