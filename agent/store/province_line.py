"""The line to the province as its senders last saw it, written by the work process and read by every screen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import BigIntegerField, FloatField, IntegerField, TextField

from agent.store.base import Model, joined
from agent.store.fields import JsonField, UtcField


class LineStatus(Model):
    """One terminal's line (đường truyền tới tỉnh): its breaker, what it was measured to carry, what is paused."""

    terminal_id = TextField(unique=True)
    office_id = TextField()
    endpoint = TextField()
    state = TextField()  # closed | open | half_open (agent.domain.breaker)
    failures = IntegerField(default=0)  # one after the other
    since = UtcField()  # when it came into this state
    next_try = UtcField(null=True)  # of an open one
    words = TextField(default="")  # what was said last
    paused = JsonField()  # {operation: {"words", "until"}}
    bytes_per_second = BigIntegerField(default=0)  # files, over the last minutes in which any went
    measured_at = UtcField(null=True)
    small_seconds = FloatField(default=0.0)  # one small message, from claim to settled
    nudged_at = UtcField(null=True)  # somebody asked to try now
    changed_at = UtcField()

    class Meta:
        table_name = "line_status"


def line_of(terminal_id: str) -> LineStatus | None:
    """The terminal's line, or None before its first message."""
    found: LineStatus | None = LineStatus.get_or_none(LineStatus.terminal_id == terminal_id)
    return found


def lines_of(office_id: str | None) -> list[LineStatus]:
    """The lines of an office's terminals (None: of all), by terminal."""
    query = LineStatus.select()
    if office_id is not None:
        query = query.where(LineStatus.office_id == office_id)
    return list(query.order_by(LineStatus.office_id, LineStatus.terminal_id))


def write_line(terminal_id: str, **values: Any) -> None:
    """Keep what the senders see now."""
    with joined():
        if not LineStatus.update(**values).where(LineStatus.terminal_id == terminal_id).execute():
            LineStatus.insert(terminal_id=terminal_id, **values).on_conflict_ignore().execute()


def nudge(office_id: str, *, at: datetime) -> int:
    """Ask the office's senders to try their line now; how many lines there are."""
    with joined():
        return int(LineStatus.update(nudged_at=at).where(LineStatus.office_id == office_id).execute())
