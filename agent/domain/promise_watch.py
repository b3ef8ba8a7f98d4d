"""Which leg of a dossier's promise is about to break: as `promise` says it, counted once for all that share a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from agent.clock import local
from agent.domain.calendar_vn import Calendar
from agent.domain.deadlines import CUTOFF, OfficeHours, add_working_days
from agent.domain.postal_legs import ZoneDays
from agent.domain.promise import Calendars, Facts, LegKind, LegState


@dataclass(frozen=True, slots=True)
class Breaking:
    """A running leg whose day is about to come (NEAR) or past (LATE)."""

    kind: LegKind
    state: LegState
    due_at: datetime


class Watch:
    """Judges the running legs of many dossiers at one instant, by the calendars of their office."""

    def __init__(self, calendars: Calendars, *, now: datetime, warn_days: int) -> None:
        self._calendars, self._now, self._warn, self._today = calendars, now, warn_days, local(now).date()
        self._closes: dict[tuple[date, bool, int, bool], datetime] = {}
        self._left: dict[tuple[date, bool], int] = {}

    def breaking(self, facts: Facts, there: ZoneDays, back: Callable[[], ZoneDays]) -> Breaking | None:
        """The running leg when it is about to break or broken; `back` is asked only where the way back matters."""
        if facts.delivered_at or facts.stopped_at:
            return None
        office = self._calendars.office
        if facts.handed_at is None:
            return self._judge(LegKind.TO_AUTHORITY, self._after(facts.received_at, there.total, cutoff=True), office)
        if facts.due_at is None:
            return None
        if facts.ready_at is None:
            return self._judge(LegKind.AUTHORITY, facts.due_at, self._calendars.authority)
        if facts.electronic:
            return None
        if facts.at_office_at is None:
            due_at = self._after(facts.ready_at, back().transit)
            return self._judge(LegKind.TO_DELIVERY_OFFICE, due_at, office)
        if not facts.by_courier:
            return None
        return self._judge(LegKind.DELIVERY, self._after(facts.at_office_at, back().delivery), office)

    def _judge(self, kind: LegKind, due_at: datetime, calendar: Calendar) -> Breaking | None:
        if self._now > due_at:
            return Breaking(kind, LegState.LATE, due_at)
        on = local(due_at).date()
        key = on, calendar is self._calendars.office
        if key not in self._left:
            self._left[key] = calendar.working_days_between(self._today, on)
        return Breaking(kind, LegState.NEAR, due_at) if self._left[key] < self._warn else None

    def _after(self, start: datetime, days: int, *, cutoff: bool = False) -> datetime:
        """The close of office `days` working days after an instant; all instants of a half day come to the same."""
        moment = local(start)
        late = moment.time() > (CUTOFF if cutoff else OfficeHours().closes)
        key = moment.date(), late, days, cutoff
        if key not in self._closes:
            after = CUTOFF if cutoff else None
            self._closes[key] = add_working_days(self._calendars.office, start, days, cutoff=after).due_at
        return self._closes[key]
