"""A counter cut off for hours with a backlog, and its thin line back again, in a time that is moved by what is sent."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from agent.domain.canonical import CanonicalDossier, CanonicalFile, canonical_json
from agent.domain.dossier import State
from agent.domain.jobs import JobState, urgency
from agent.errors import HandoffUnavailable
from agent.intake.freeze import files_size, freeze_dossier
from agent.jobs.line import Line
from agent.jobs.working import senders
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.outbox import Job
from agent.tracking.sending import outlooks

MESSAGE_BYTES, WIRE = 3_000, 1.37


class Moving:
    """A clock that whoever sends or waits moves on."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class ThinLine:
    """A province behind `kbit` kbit/s that nobody reaches before `up_at`: a call takes as long as its bytes take."""

    def __init__(self, real: Any, clock: Moving, *, kbit: int, up_at: datetime, latency: float = 0.06) -> None:
        self._real, self._clock, self._rate, self._up_at, self._latency = real, clock, kbit * 125, up_at, latency
        self.sent = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return self._through(found) if callable(found) else found

    def _through(self, act: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            if self._clock.now() < self._up_at:
                self._clock.forward(3.0)  # the patience of a connection
                raise HandoffUnavailable("Không kết nối được với hệ thống của tỉnh.")
            carried = sum(len(value) for value in named.values() if isinstance(value, bytes))
            count = MESSAGE_BYTES + carried * WIRE
            self.sent += round(count)
            self._clock.forward(self._latency + count / self._rate)
            return act(*given, **named)

        return call


class TurnLine(Line):
    """Threads' turns taken one after the other: where files make way, the senders of messages have theirs."""

    turn: Any = None

    def make_way(self, seconds: float = 2.0) -> None:
        while self.turn is not None and self.turn():
            pass


def stack_up(site: Site, dossiers: list[Dossier], *, most_bytes: int, days: int, seed: int = 1) -> list[Job]:
    """Queue these received dossiers, each with a file of its own, due today or in up to `days` days."""
    rng, jobs = random.Random(seed), []
    for dossier in dossiers:
        data = rng.randbytes(rng.randrange(most_bytes // 4, most_bytes))
        file = CanonicalFile(site.vault.put(data), "giay-to.pdf", len(data), 1, "application/pdf")
        due = site.clock.now() + timedelta(days=rng.choice([0, *range(1, days + 1)]))
        with site.store.writing():
            Dossier.update(due_at=due, state=State.SUBMITTED, submission=1).where(Dossier.id == dossier.id).execute()
            kept = Dossier.get_by_id(dossier.id)
            frozen = CanonicalDossier.from_json(json.loads(freeze_dossier(kept)))
            first, *rest = frozen.components
            frozen = replace(frozen, components=(replace(first, files=(file,)), *rest))
            payload = canonical_json(frozen)
            jobs.append(
                outbox.enqueue(
                    uid=site.ids.uid(), lane="handoff", kind="submit", key=f"{kept.provisional}/S1", payload=payload,
                    size=files_size(payload), priority=urgency(due, site.clock.now()), office_id=kept.office_id,
                    terminal_id=site.settings.terminal.id, dossier_id=kept.id, at=site.clock.now(),
                )
            )  # fmt: skip
            assert hashlib.sha256(payload).hexdigest() == jobs[-1].digest
    return jobs


@dataclass
class Told:
    """What the page said of a message, and when."""

    job_id: int
    at: datetime
    left: timedelta


@dataclass
class Recovery:
    """What was seen from the cut to the last message."""

    finished: list[tuple[int, datetime]] = field(default_factory=list)  # (job, when), in the order in which they ended
    told: list[Told] = field(default_factory=list)
    reopened: datetime | None = None

    def errors(self, *, over: timedelta) -> list[float]:
        """How far what was told lay from what came, as a share, of those that had longer than `over` to go."""
        ends = dict(self.finished)
        late = [(one, ends[one.job_id] - one.at) for one in self.told]
        return [abs(one.left - real) / real for one, real in late if real > over]


def recover(site: Site, clock: Moving, province: Any, *, looks: int = 12, seed: int = 1) -> Recovery:
    """Work with one line's senders until nothing waits; at `looks` moments note what the page says."""
    here = replace(site, clock=clock, province=lambda: province)
    line = TurnLine(here, random.Random(seed))
    first, second, bulk = senders(here, line)
    line.turn = lambda: first.run_once() or second.run_once()

    def wait(seconds: float) -> bool:
        clock.forward(seconds)
        return False

    bulk.wait = wait
    seen, open_ids = Recovery(), {job.id for job in _open(site)}
    every = max(1, len(open_ids) // looks)
    while open_ids:
        if not (line.turn() or bulk.run_once()):
            clock.at = max(clock.at + timedelta(seconds=1), line.next_try or clock.at)
        left = {job.id for job in _open(site)}
        for done in sorted(open_ids - left):
            seen.finished.append((done, clock.now()))
            seen.reopened = seen.reopened or clock.now()
            if len(seen.finished) % every == 1:
                _look(here, seen)
        open_ids = left
    return seen


def _open(site: Site) -> list[Job]:
    with site.store.reading():
        over = (JobState.ACKED, JobState.CANCELLED, JobState.REJECTED, JobState.HELD)
        return list(Job.select(Job.id).where((Job.kind == "submit") & Job.state.not_in(list(over))))


def _look(site: Site, seen: Recovery) -> None:
    with site.store.reading():
        waits = (Job.kind == "submit") & (Job.state == JobState.READY)
        jobs = list(Job.select().where(waits).order_by(Job.priority, Job.id))
        some = [jobs[len(jobs) * share // 4] for share in (1, 2, 3)] + jobs[-1:] if len(jobs) > 4 else []
        known = outlooks(site, some)
    seen.told += [Told(job_id, site.clock.now(), one.left) for job_id, one in known.items() if one.left is not None]
