"""The running numbers of papers' codes: one for each component, with the version of its newest copy."""

from __future__ import annotations

from peewee import IntegerField, TextField

from agent.store.base import Model, current, locked, require_writing
from agent.store.dossiers import Component
from agent.store.fields import Reference

_NEXT = (
    "INSERT INTO paper_series (name, last) VALUES (?, 1) "
    "ON CONFLICT (name) DO UPDATE SET last = paper_series.last + 1 RETURNING last"
)


class PaperSeries(Model):
    """The last number that was given in a series; what was given and rolled back was not given."""

    name = TextField(unique=True)
    last = IntegerField()


class PaperNumber(Model):
    """The number of a component's paper: a copy that is made anew keeps it and gets the next version."""

    component = Reference(Component, unique=True)
    series = TextField()
    number = IntegerField()
    version = IntegerField()

    class Meta:
        indexes = ((("series", "number"), True),)


def allot(component: Component, series: str) -> tuple[int, int]:
    """Number and version for a new copy of this component's paper, in the caller's transaction.

    Several terminals on one database come one after the other, so there are neither gaps nor doubles. A component whose
    series changed with the settings begins anew in the new one.
    """
    require_writing("paper_numbers.allot")
    _one_at_a_time()
    held = locked(PaperNumber.select().where(PaperNumber.component == component)).first()
    if held is not None and held.series == series:
        held.version += 1
        held.save()
        return held.number, held.version
    number = _next(series)
    if held is not None:
        held.series, held.number, held.version = series, number, 1
        held.save()
    else:
        PaperNumber.create(component=component, series=series, number=number, version=1)
    return number, 1


def _one_at_a_time() -> None:
    store = current()
    if store.dialect == "postgresql":  # several series in one transaction could otherwise wait for each other
        store.database.execute_sql("SELECT pg_advisory_xact_lock(7703)")


def _next(series: str) -> int:
    store = current()
    sql = _NEXT if store.dialect == "sqlite" else _NEXT.replace("?", "%s")
    return int(store.database.execute_sql(sql, (series,)).fetchone()[0])
