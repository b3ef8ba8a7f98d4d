"""When and why a dossier's promised day was moved, from its journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agent.store import journal
from agent.store.calendar import CalendarEntry
from agent.store.dossiers import Dossier

KINDS = ("extended", "due_recomputed", "filed")


@dataclass(frozen=True, slots=True)
class Move:
    """One change: when it was made, from which day to which; `why`: the calendar's words, where it was that."""

    kind: str
    at: datetime
    was: datetime | None
    now: datetime | None
    door_was: datetime | None
    door: datetime | None
    why: str


def moves_of(dossier: Dossier) -> list[Move]:
    """All changes of a dossier's promise, oldest first. Inside a transaction."""
    found = []
    for entry in journal.entries("dossier", dossier_id=dossier.id):
        if entry.kind not in KINDS:
            continue
        body = entry.body
        was, now = _instant(body.get("was")), _instant(body.get("due"))
        door_was, door = _instant(body.get("door_was")), _instant(body.get("door"))
        if was != now or door_was != door:
            found.append(Move(entry.kind, entry.at, was, now, door_was, door, _why(body.get("entry"))))
    return found


def _why(entry: str | None) -> str:
    if not entry:
        return ""
    row = CalendarEntry.select().where(CalendarEntry.entry == UUID(entry)).order_by(CalendarEntry.id).first()
    return "" if row is None else f"{row.on:%d/%m/%Y}: {row.why}"


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
