"""The calendar of working days in use: the frozen table that ships with the product, with what offices put over it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from uuid import UUID

from peewee import TextField, fn

from agent.domain.calendar_vn import Calendar, DayEntry, DayKind, DayState, parse_calendar
from agent.errors import NotFound
from agent.store import gathered, rows
from agent.store.base import Model, current, locked
from agent.store.fields import DateField, EnumField, UidField, UtcField

EVERYWHERE = ""
"""The office id of an entry that is meant for every office of the database."""


class Body(StrEnum):
    """Whose days an entry changes: the authority's (they count its term), the post office's (its legs), both."""

    AUTHORITY = "authority"
    OFFICE = "office"
    BOTH = "both"


class Step(StrEnum):
    """What happened to an entry; a row each, the newest says how it stands."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWAL_PROPOSED = "withdrawal_proposed"
    WITHDRAWN = "withdrawn"


STANDS = (Step.IN_FORCE, Step.WITHDRAWAL_PROPOSED)


class CalendarEntry(Model):
    """One step of one local day (ngày nghỉ, ngày làm bù của bưu cục); never changed, only followed by the next."""

    entry = UidField(index=True)  # the same in all steps of one day's entry
    office_id = TextField()  # EVERYWHERE: of all offices
    on = DateField(column_name="day")
    kind = EnumField(DayKind)
    state = EnumField(DayState)
    body = EnumField(Body)
    why = TextField()
    step = EnumField(Step)
    by = TextField()
    at = UtcField()

    class Meta:
        indexes = ((("office_id", "on"), False),)


def working_calendar(office_id: str = EVERYWHERE, *, body: Body = Body.AUTHORITY) -> Calendar:
    """Working days, holidays and make-up days with their states, and what stands for this office over the table.

    Without an office: the table and what stands for all. Read anew when an entry was added by whatever process: asking
    costs one look at a small table.
    """
    key = gathered.once("calendar", _version)
    held = _cache.get((office_id, body))
    if held is None or held[0] != key:
        local_ones = [as_day(row) for row in standing(office_id) if row.body in (body, Body.BOTH)]
        held = _cache[office_id, body] = (key, frozen_calendar().with_overrides(local_ones))
    return held[1]


_cache: dict[tuple[str, Body], tuple[tuple[int, int, int], Calendar]] = {}


@lru_cache(maxsize=1)
def frozen_calendar() -> Calendar:
    """The table that ships with the product."""
    return parse_calendar(resources.files("agent.domain").joinpath("data", "calendar_vn.toml").read_text("utf-8"))


def _version() -> tuple[int, int, int]:
    """What differs when there is another entry, or another database is open."""
    ((newest, count),) = rows.found("SELECT MAX(id), COUNT(id) FROM calendar_entry")
    return id(current()), int(newest or 0), int(count)


def as_day(row: CalendarEntry) -> DayEntry:
    """An entry as the calendar takes it."""
    return DayEntry(row.on, row.kind, row.state, row.why)


def standing(office_id: str) -> list[CalendarEntry]:
    """What is in force for an office, those for every office first, so that its own go over them."""
    found = [row for row in newest_steps(office_id) if row.step in STANDS]
    return sorted(found, key=lambda row: (row.office_id != EVERYWHERE, row.id))


def newest_steps(office_id: str | None = None) -> list[CalendarEntry]:
    """How each entry of an office (None: of all) and of every office stands: its newest step, by day."""
    last = CalendarEntry.select(fn.MAX(CalendarEntry.id)).group_by(CalendarEntry.entry)
    query = CalendarEntry.select().where(CalendarEntry.id.in_(last))
    if office_id is not None:
        query = query.where(CalendarEntry.office_id.in_([EVERYWHERE, office_id]))
    return list(query.order_by(CalendarEntry.on, CalendarEntry.id))


def history_of(entry: UUID, *, lock: bool = False) -> list[CalendarEntry]:
    """All steps of one entry, oldest first; NotFound without any. `lock`: nobody else decides on it meanwhile."""
    query = CalendarEntry.select().where(CalendarEntry.entry == entry).order_by(CalendarEntry.id)
    found = list(locked(query) if lock else query)
    if not found:
        raise NotFound("Không có mục lịch này. Mở lại trang lịch làm việc.")
    return found


def add_step(
    entry: UUID, step: Step, *, office_id: str, on: date, kind: DayKind, state: DayState, body: Body, why: str, by: str,
    at: datetime,
) -> CalendarEntry:  # fmt: skip
    """Write what happened to an entry. Inside writing()."""
    return rows.create(
        CalendarEntry, entry=entry, office_id=office_id, on=on, kind=kind, state=state, body=body, why=why, step=step,
        by=by, at=at,
    )  # fmt: skip
