"""Rows behind the senders to the province: whose files go next, how far they are, what stands before what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from peewee import Case, fn

from agent.domain.jobs import DUE, FINAL, JobState, urgency
from agent.domain.pace import Backlog
from agent.store import outbox, rows
from agent.store.base import joined
from agent.store.claiming import due_jobs
from agent.store.dossiers import Dossier
from agent.store.outbox import Job, LeaseLost

LANE: Final = "handoff"
WAITING: Final = (*DUE, JobState.SENDING)
_LEFT: Final = Case(None, [(Job.file_bytes > Job.sent_bytes, Job.file_bytes - Job.sent_bytes)], 0)


def predecessor(dossier_id: int) -> int | None:
    """The dossier's last message that is not over: what is queued now goes after it."""
    over = [*FINAL, JobState.REJECTED]
    mine = rows.every(Job, dossier_id=dossier_id, lane=LANE)
    return max((job.id for job in mine if job.kind != "allocate" and job.state not in over), default=None)


def queue_message(
    dossier: Dossier,
    kind: str,
    key: str,
    payload: bytes,
    *,
    uid: UUID,
    at: datetime,
    due: datetime | None,
    size: int = 0,
    terminal_id: str | None = None,
) -> Job:
    """Queue what the province is told of a dossier, behind whatever of it is on its way; in the caller's transaction.

    `due` gives its urgency. `size`: bytes of its files, which lie at the terminal `terminal_id` only.
    """
    return outbox.enqueue(
        uid=uid,
        lane=LANE,
        kind=kind,
        key=key,
        payload=payload,
        size=size,
        priority=urgency(due, at),
        after=predecessor(dossier.id),
        office_id=dossier.office_id,
        terminal_id=terminal_id,
        dossier_id=dossier.id,
        at=at,
    )


def withdrawal_of(dossier_id: int) -> Job | None:
    """The citizen's request to withdraw the dossier that is on its way or was acknowledged, else None."""
    given_up = [JobState.CANCELLED, JobState.REJECTED]
    mine = (Job.dossier_id == dossier_id) & (Job.kind == "withdrawal") & Job.state.not_in(given_up)
    found: Job | None = Job.select().where(mine).order_by(Job.id.desc()).first()
    return found


def let_go(job: Job, refused: Job) -> None:
    """A job that waited for one that was refused waits no longer."""
    Job.update(after_id=None).where((Job.id == job.id) & (Job.after_id == refused.id)).execute()


def next_files(terminal_id: str, at: datetime, *, done: Collection[int], passing: Collection[str]) -> Job | None:
    """The most urgent job whose files this terminal has to send first; `done`: ids whose files are up already."""
    query = due_jobs((LANE,), terminal_id, at).where(Job.sent_bytes < Job.file_bytes, Job.kind.not_in(list(passing)))
    first = query.where(Job.id.not_in(list(done))).first()
    return None if first is None else Job.get_by_id(first.id)


def keep_progress(sent: Mapping[int, int]) -> None:
    """Write down how many bytes of these jobs' files lie at the province; in the caller's transaction or its own."""
    with joined():
        for job_id, count in sent.items():
            Job.update(sent_bytes=count).where((Job.id == job_id) & Job.state.in_(list(DUE))).execute()


def put_off(job: Job, *, until: datetime, error: str) -> None:
    """Say why a job that nobody has claimed could not go now, and when it is tried again."""
    with joined():
        waits = (Job.id == job.id) & Job.state.in_(list(DUE)) & (Job.lease_token == job.lease_token)
        Job.update(not_before=until, error=error).where(waits).execute()


def renew(job: Job, *, until: datetime) -> None:
    """Lengthen the lease of a claimed job; LeaseLost when another worker has it meanwhile."""
    with joined():
        mine = (Job.id == job.id) & (Job.state == JobState.SENDING) & (Job.lease_token == job.lease_token)
        if not Job.update(lease_until=until).where(mine).execute():
            raise LeaseLost(f"Việc {job.key} đã được tiến trình khác nhận lại; lần này không gửi.")
    job.lease_until = until


def give_back(jobs: Sequence[Job]) -> None:
    """Return jobs that were claimed and not touched to where they were, in one commit."""
    with joined():
        for job in jobs:
            mine = (Job.id == job.id) & (Job.state == JobState.SENDING) & (Job.lease_token == job.lease_token)
            state = JobState.UNKNOWN if job.doubt else JobState.READY
            values = {"state": state, "attempts": Job.attempts - 1, "lease_until": None, "worker": ""}
            Job.update(**values).where(mine).execute()


@dataclass(frozen=True)
class Waiting:
    """What waits for the province: jobs, bytes of files among them, those that can go at once."""

    jobs: int
    bytes_left: int
    ready: int


def waiting(office_id: str | None, terminal_id: str | None = None) -> Waiting:
    """What waits in an office (None: in all), or for one terminal's senders."""
    query: Any = Job.select(fn.COUNT(Job.id), fn.SUM(_LEFT), fn.SUM(Case(None, [(_LEFT == 0, 1)], 0)))
    query = query.where(Job.lane == LANE, Job.state.in_(list(WAITING)))
    if office_id is not None:
        query = query.where(Job.office_id == office_id)
    if terminal_id is not None:
        query = query.where(_goes_from(terminal_id))
    jobs, left, ready = query.tuples().first() or (0, 0, 0)
    return Waiting(int(jobs), int(left or 0), int(ready or 0))


def backlogs(jobs: Iterable[Job]) -> dict[int, Backlog]:
    """By id what goes before each of these waiting jobs at the terminal that sends it, in one look for all of them."""
    asked = [job for job in jobs if job.lane == LANE and job.state in WAITING]
    found: dict[int, Backlog] = {}
    for terminal in {job.terminal_id for job in asked}:
        mine = {job.id for job in asked if job.terminal_id == terminal}
        query: Any = Job.select(Job.id, _LEFT).where(Job.lane == LANE, Job.state.in_(list(WAITING)))
        query = query.where(_goes_from(terminal)) if terminal else query
        bytes_ahead = ready_ahead = 0
        for job_id, left in query.order_by(Job.priority, Job.id).tuples():
            if job_id in mine:
                found[job_id] = Backlog(bytes_ahead, int(left), ready_ahead)
                if len(found) == len(asked):
                    break
            bytes_ahead += int(left)
            ready_ahead += not left
    return found


def _goes_from(terminal_id: str) -> Any:
    return Job.terminal_id.is_null() | (Job.terminal_id == terminal_id)
