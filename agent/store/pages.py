"""Pages of rows, newest first, by the id to page from: dossiers, jobs, a dossier's journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.store import search
from agent.store.dossiers import Dossier
from agent.store.journal import JournalEntry
from agent.store.outbox import Job
from agent.store.papers import Paper
from agent.store.reconciliation import Difference

SEARCHED = 1000  # a search by words is paged through its newest matches


@dataclass(frozen=True)
class Slice:
    """Where a page begins and how long it is; `before` is the id to page from."""

    limit: int
    before: int | None = None


def dossiers(
    slice_: Slice, *, office_id: str | None, query: str = "", state: State | None = None
) -> list[Dossier]:  # fmt: skip
    """Dossiers of an office (None: all), by words, code or telephone tail when `query` is given."""
    if query:
        return _searched(slice_, office_id, query, state)
    chosen = Dossier.select()
    if office_id is not None:
        chosen = chosen.where(Dossier.office_id == office_id)
    if state is not None:
        chosen = chosen.where(Dossier.state == state)
    return _page(chosen, Dossier, slice_)


def _searched(slice_: Slice, office_id: str | None, query: str, state: State | None) -> list[Dossier]:
    """The rows of what the search found, by id alone: with the office beside, a database reads all of the office."""
    whole = slice_.before is not None or state is not None
    found = search.find(query, office_id=office_id, limit=SEARCHED if whole else slice_.limit)
    chosen = Dossier.select().where(Dossier.id.in_(found or [-1]))
    if state is not None:
        chosen = chosen.where(Dossier.state == state)
    return _page(chosen, Dossier, slice_)


def jobs(
    slice_: Slice, *, office_id: str | None, state: JobState | None = None, lane: str = ""
) -> list[tuple[Job, str]]:  # fmt: skip
    """Jobs of an office (None: all), each with the provisional number of its dossier, empty when it has none."""
    chosen = Job.select()
    if office_id is not None:
        chosen = chosen.where(Job.office_id == office_id)
    if state is not None:
        chosen = chosen.where(Job.state == state)
    if lane:
        chosen = chosen.where(Job.lane == lane)
    found: list[Job] = _page(chosen, Job, slice_)
    wanted = [job.dossier_id for job in found if job.dossier_id is not None]
    rows: Any = Dossier.select(Dossier.id, Dossier.provisional).where(Dossier.id.in_(wanted or [-1])).tuples()
    numbers = dict(rows)
    return [(job, numbers.get(job.dossier_id, "")) for job in found]


def journal(dossier: Dossier, slice_: Slice) -> list[JournalEntry]:
    """Entries of all ledgers about a dossier."""
    return _page(JournalEntry.select().where(JournalEntry.dossier_id == dossier.id), JournalEntry, slice_)


def paper_of(dossier: Dossier, uid: UUID) -> Paper | None:
    """A digitised paper of the dossier."""
    found: Paper | None = Paper.get_or_none((Paper.uid == uid) & (Paper.dossier == dossier))
    return found


def office_of_difference(uid: UUID) -> str | None:
    """Whose difference it is; None for an unknown one."""
    found: Difference | None = Difference.get_or_none(Difference.uid == uid)
    return None if found is None else found.office_id


def _page(query: Any, model: Any, slice_: Slice) -> list[Any]:
    if slice_.before is not None:
        query = query.where(model.id < slice_.before)
    return list(query.order_by(model.id.desc()).limit(slice_.limit))
