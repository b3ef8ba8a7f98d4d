"""Which promised days depend on a day of the calendar, and what they become when that day changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from agent.clock import local
from agent.domain.calendar_vn import Calendar
from agent.domain.deadlines import Deadline, due
from agent.domain.dossier import ENDED
from agent.domain.forward import parse_term
from agent.domain.promise import Calendars
from agent.settings import Settings
from agent.store.dossiers import Dossier
from agent.store.promises import PINNED, promises_of


@dataclass(frozen=True, slots=True)
class Moved:
    """A dossier whose days move: the authority's day, the day at the door, or both; None where none is promised."""

    dossier: Dossier
    was: datetime | None
    now: datetime | None
    counted: Deadline | None  # how the new day was counted; None where the authority's day stays
    door_was: datetime | None
    door_now: datetime | None


def moved_by_day(
    offices: Collection[str], on: date, *, before: Calendars, after: Calendars, settings: Settings, now: datetime
) -> list[Moved]:
    """The open dossiers of these offices whose days move when the calendars change on a day, by number.

    A day that the authority itself named, or that follows no count of ours, stays. Inside a transaction.
    """
    rows = _may_depend(offices, on)
    doors = promises_of(rows, settings=settings, now=now, calendars=before)
    counted = [recount(row, before=before.authority, after=after.authority) for row in rows]
    then = [_with_due(row, new) for row, new in zip(rows, counted, strict=True)]
    doors_then = promises_of(then, settings=settings, now=now, calendars=after)
    found = []
    for row, new, old_door, new_door in zip(rows, counted, doors, doors_then, strict=True):
        due_at = new.due_at if new else row.due_at
        if due_at != row.due_at or old_door.promised_at != new_door.promised_at:
            found.append(Moved(row, row.due_at, due_at, new, old_door.promised_at, new_door.promised_at))
    return found


def recount(dossier: Dossier, *, before: Calendar, after: Calendar) -> Deadline | None:
    """The day counted anew; None when it stays, or is not ours to move: pinned by the province, or of another count."""
    term = parse_term(str(dossier.due_calculation.get("term", "")))
    if dossier.due_at is None or term is None or dossier.due_calculation.get(PINNED):
        return None
    by_minutes = dossier.due_calculation.get("from") == "minutes" and dossier.filed_at is not None
    start = dossier.filed_at if by_minutes else dossier.received_at
    assert start is not None
    if due(before, start, term).due_at != dossier.due_at:
        return None  # somebody named it
    made = due(after, start, term)
    return made if made.due_at != dossier.due_at else None


def calculation(dossier: Dossier, made: Deadline) -> dict[str, object]:
    """What the dossier keeps of a count."""
    days = [[line.date.isoformat(), line.counted, line.why] for line in made.calculation]
    return {**dossier.due_calculation, "pending": made.depends_on_pending, "days": days}


def _may_depend(offices: Collection[str], on: date) -> list[Dossier]:
    here = Dossier.office_id.in_(list(offices)) & Dossier.state.not_in(list(ENDED)) & Dossier.due_at.is_null(False)
    rows = Dossier.select().where(here).order_by(Dossier.id)
    return [row for row in rows if local(row.received_at).date() <= on]


def _with_due(dossier: Dossier, made: Deadline | None) -> Dossier:
    """A copy with the new day, never saved."""
    if made is None:
        return dossier
    other = Dossier(**dossier.__data__)
    other.due_at, other.due_calculation = made.due_at, calculation(dossier, made)
    return other
