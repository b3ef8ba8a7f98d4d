"""A step of a dossier: new state, journal entry and screen event in the caller's one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agent.clock import Ids
from agent.domain.actor import Actor
from agent.domain.dossier import Step, advance
from agent.store import gathered, journal, rows
from agent.store.dossiers import Dossier
from agent.store.requests import ScreenEvent


def take_step(
    dossier: Dossier, step: Step, *, by: Actor, at: datetime, ids: Ids, keep: bool = True, **body: Any
) -> None:
    """Move the dossier by one legal step, and write it down. IllegalStep when the table forbids it.

    `keep=False`: the row is kept with the next step, which the caller takes at once.
    """
    dossier.state = advance(dossier.state, step)
    dossier.updated_at = at
    note(dossier, step.value, by=by, at=at, ids=ids, state=dossier.state.value, **body)
    if keep:
        rows.save(dossier)


def note(
    dossier: Dossier, kind: str, *, by: Actor, at: datetime, ids: Ids, ledger: str = "dossier", **body: Any
) -> None:
    """Write a fact of this dossier into a ledger; `body` holds ids, codes and commitments only."""
    journal.append(
        ledger,
        kind,
        uid=ids.uid(),
        at=at,
        actor=by.name,
        office_id=dossier.office_id,
        terminal_id=by.terminal_id,
        dossier_id=dossier.id,
        body={"dossier": str(dossier.uid), **body},
    )
    announce(kind, at=at, office_id=dossier.office_id, terminal_id=by.terminal_id, dossier=dossier)


def told(dossier: Dossier, words: str) -> str:
    """What the journal keeps of free words, which may name a person: a commitment that dies with the dossier's salt."""
    return journal.commitment(words.strip(), dossier.salt) if words.strip() else ""


def announce(kind: str, *, at: datetime, office_id: str, terminal_id: str, dossier: Dossier | None = None) -> None:
    """Tell the screens of the office that something changed."""
    uid = dossier.uid if dossier is not None else None
    event = {"at": at, "office_id": office_id, "terminal_id": terminal_id, "kind": kind, "dossier_uid": uid}
    gathered.add(ScreenEvent, event)
