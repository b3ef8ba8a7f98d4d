"""Scans: each frame that a reader delivered, as an event bound to its terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import SQL, BooleanField, IntegerField, TextField, fn

from agent.store import rows
from agent.store.base import Owned, joined
from agent.store.fields import BytesField, UidField, UtcField


class ScanEvent(Owned):
    """One scan (lượt quét): `raw` may hold personal data (a chip card), so it is erased soon after it was taken."""

    uid = UidField(unique=True)
    device = TextField()
    at = UtcField()
    raw = BytesField(null=True)
    length = IntegerField()  # of raw, in bytes; stays when it is erased
    aim = TextField(default="")
    symbology = TextField(default="")
    kind = TextField(default="")  # what it was known as: chip-card, dossier, item, bag, command …
    gap_ms = IntegerField(null=True)  # since the reader's scan before
    repeat = BooleanField(default=False)
    torn = BooleanField(default=False)
    note = TextField(default="")
    taken_at = UtcField(null=True)
    taken_by = TextField(default="")

    class Meta:
        table_name = "scan_event"
        indexes = ((("terminal_id", "id"), False), (("at",), False))


ScanEvent.add_index(ScanEvent.index(ScanEvent.at, where=SQL("raw IS NOT NULL"), name="scan_event_raw"))


def newest(terminal_id: str) -> int:
    """The place of the terminal's newest scan; 0 before the first."""
    return int(ScanEvent.select(fn.MAX(ScanEvent.id)).where(ScanEvent.terminal_id == terminal_id).scalar() or 0)


def after(terminal_id: str, place: int, *, limit: int = 100) -> list[ScanEvent]:
    """The terminal's scans after a place that nobody has taken, oldest first."""
    mine = (ScanEvent.terminal_id == terminal_id) & (ScanEvent.id > place) & ScanEvent.taken_at.is_null()
    return list(ScanEvent.select().where(mine).order_by(ScanEvent.id).limit(limit))


def latest(terminal_id: str, *, limit: int = 20) -> list[ScanEvent]:
    """The terminal's newest scans, newest first."""
    mine = ScanEvent.terminal_id == terminal_id
    return list(ScanEvent.select().where(mine).order_by(ScanEvent.id.desc()).limit(limit))


def by_uid(uid: UUID) -> ScanEvent | None:
    """One scan."""
    return rows.first(ScanEvent, uid=uid)


def keep(scans: Iterable[dict[str, Any]]) -> None:
    """Add scans in their order, inside writing()."""
    rows.insert(ScanEvent, *scans)


def take(scan: ScanEvent, *, at: datetime, by: str) -> bool:
    """Mark a scan as acted upon, inside writing(); False when somebody else was first."""
    free = (ScanEvent.id == scan.id) & ScanEvent.taken_at.is_null()
    return bool(ScanEvent.update(taken_at=at, taken_by=by, raw=None).where(free).execute())


def wipe(before: datetime) -> int:
    """Erase what scans before an instant said; that they were stays. How many."""
    old = ScanEvent.raw.is_null(False) & (ScanEvent.at < before)
    if not ScanEvent.select(ScanEvent.id).where(old).exists():
        return 0
    with joined():
        return int(ScanEvent.update(raw=None).where(old).execute())


def forget(before: datetime) -> int:
    """Delete scans of before an instant; how many."""
    old = ScanEvent.at < before
    if not ScanEvent.select(ScanEvent.id).where(old).exists():
        return 0
    with joined():
        return int(ScanEvent.delete().where(old).execute())
