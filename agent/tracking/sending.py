"""When what waits for the province will be over, as far as the line was measured, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agent.domain.breaker import Circuit
from agent.domain.jobs import JobState
from agent.domain.pace import ON_THE_WIRE, Backlog, expected
from agent.site import Site
from agent.store.outbox import Job
from agent.store.province_line import LineStatus, lines_of
from agent.store.sending import Waiting, backlogs, waiting

ONE_MESSAGE: Final = 1.0  # seconds, where none was measured yet
KIND_OPERATION: Final = {
    "allocate": ("AllocateNumber",),
    "submit": ("SubmitDossier", "PutDocumentChunk", "GetUploadState"),
    "supplement": ("SupplementDossier", "PutDocumentChunk", "GetUploadState"),
    "delivery": ("ReportDelivery",),
    "withdrawal": ("WithdrawDossier",),
    "satisfaction": ("ReportSatisfaction",),
}


@dataclass(frozen=True)
class Outlook:
    """What is known of one waiting message; `left` is None where the line was not measured yet.

    `offline`: the line is down, and `left` counts from when it is back. `paused`: the operation that the province
    changed, in words.
    """

    left: timedelta | None
    offline: bool
    paused: str
    bytes_left: int
    bytes_ahead: int


@dataclass(frozen=True)
class LineOutlook:
    """One terminal's line and what waits for it; `left` as in Outlook, for all of it."""

    line: LineStatus
    waiting: Waiting
    left: timedelta | None

    @property
    def offline(self) -> bool:
        return bool(self.line.state != Circuit.CLOSED)


def outlooks(site: Site, jobs: Iterable[Job]) -> dict[int, Outlook]:
    """By id what is known of those of these jobs that wait for the province; inside reading()."""
    asked = list(jobs)
    found = backlogs(asked)
    lines = {line.terminal_id: line for line in lines_of(None)}
    here, now = site.settings.terminal.id, site.clock.now()
    made = {}
    for job in asked:
        if job.id in found:
            made[job.id] = _outlook(site, job, found[job.id], lines.get(job.terminal_id or here), now)
    return made


def line_outlooks(site: Site, office_id: str | None) -> list[LineOutlook]:
    """The lines of an office's terminals (None: all), with how long all that waits there takes; inside reading()."""
    made = []
    for line in lines_of(office_id):
        held = waiting(line.office_id, line.terminal_id)
        left = _left(site, Backlog(0, held.bytes_left, held.ready), line) if held.jobs else timedelta(0)
        made.append(LineOutlook(line, held, left))
    return made


def _outlook(site: Site, job: Job, backlog: Backlog, line: LineStatus | None, now: datetime) -> Outlook:
    left = _left(site, backlog, line)
    if left is not None and job.not_before > now and job.state is not JobState.SENDING:
        left = max(left, job.not_before - now)
    paused = dict(line.paused) if line is not None else {}
    words = next((paused[name]["words"] for name in KIND_OPERATION.get(job.kind, ()) if name in paused), "")
    offline = line is not None and line.state != Circuit.CLOSED
    return Outlook(left, offline, words, backlog.own_bytes, backlog.bytes_ahead)


def _left(site: Site, backlog: Backlog, line: LineStatus | None) -> timedelta | None:
    budget = site.settings.province.line_kbit * 125 / ON_THE_WIRE
    measured = line.bytes_per_second if line is not None else 0
    small = line.small_seconds if line is not None and line.small_seconds else ONE_MESSAGE
    return expected(backlog, bytes_per_second=measured or budget, small_seconds=small)
