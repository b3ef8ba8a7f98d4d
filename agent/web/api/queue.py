"""The outbox over the API: what waits to be sent or printed, and what became of it; never what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request

from agent.domain.jobs import JobState
from agent.domain.roles import Action
from agent.store import pages
from agent.store.outbox import Job
from agent.web.api import api
from agent.web.api.operation import Call, operation
from agent.web.api.paging import PAGING, asked, cut, member, offices
from agent.web.context import site


@dataclass(frozen=True)
class QueuedOut:
    """One job without its payload; `dossier` is the provisional number, `terminal` the only one that may do it."""

    key: str
    lane: str
    kind: str
    state: str
    doubt: bool
    attempts: int
    office: str
    terminal: str | None
    dossier: str
    error: str
    created_at: datetime
    not_before: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue, newest first; `next` is the cursor of the following page, null at the end."""

    items: list[QueuedOut]
    next: str | None


@operation(api, "get", "/queue", Action.VIEW_QUEUE, gives=QueuePage, query=("state", "lane", *PAGING))
def list_queue(call: Call) -> QueuePage:
    """Jobs of the office, newest first, by `state` and `lane`."""
    state, lane, wanted = member(JobState, "state"), request.args.get("lane", ""), asked()
    with site().store.reading():
        found = pages.jobs(wanted, office_id=offices(call.user), state=state, lane=lane)
    shown, following = cut(found, wanted, lambda pair: int(pair[0].id))
    return QueuePage([_out(job, number) for job, number in shown], following)


def _out(job: Job, number: str) -> QueuedOut:
    return QueuedOut(
        job.key, job.lane, job.kind, job.state.value, job.doubt, job.attempts, job.office_id, job.terminal_id, number,
        job.error, job.created_at, job.not_before, job.settled_at,
    )  # fmt: skip
