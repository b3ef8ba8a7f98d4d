"""Claim, handle, settle: one loop for every lane of the outbox."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agent import log
from agent.domain.jobs import CLERK_LANES, JobState, backoff
from agent.errors import StoreError
from agent.site import Site
from agent.store import outbox
from agent.store.outbox import Job

LEASE = timedelta(seconds=60)
LOOK_AGAIN = 2.0  # seconds after which a quiet store is looked at all the same
logger = log.get(__name__)


@dataclass(frozen=True)
class Settlement:
    """What became of one job; `record` writes what it means in the transaction that settles it."""

    state: JobState
    error: str = ""
    retry_at: datetime | None = None
    result: dict[str, Any] | None = None
    record: Callable[[], None] | None = None
    pause_lane: timedelta | None = None


Handler = Callable[[Site, Job], Settlement]


@dataclass
class Worker:
    """Runs the handlers of some lanes; jobs that need this terminal's devices or files are this terminal's alone."""

    site: Site
    handlers: Mapping[str, Handler]
    lanes: Sequence[str]
    name: str
    batch: int = 8
    _paused: dict[str, datetime] = field(default_factory=dict)
    _random: random.Random = field(default_factory=random.Random)

    def run(self, stop: threading.Event, *, every: float = 0.25) -> None:
        """Work until `stop`; look again when the store changed, and at least every 2 seconds.

        A store that refuses (disk full, locked) is tried again: whoever owns the printers must not end with it.
        """
        seen, quiet = -1, 0.0
        while not stop.is_set():
            try:
                version = self.site.store.data_version()
                if version != seen or quiet >= LOOK_AGAIN:
                    seen, quiet = version, 0.0
                    while not stop.is_set() and self.run_once():
                        pass
            except StoreError as error:
                logger.warning("nothing claimed: %s", error.code)
            stop.wait(every)
            quiet += every

    def run_once(self, lane: str | None = None) -> int:
        """Claim what is due, handle each, settle each; the number of jobs handled."""
        now = self.site.clock.now()
        open_lanes = [one for one in ([lane] if lane else self.lanes) if self._paused.get(one, now) <= now]
        if not open_lanes:
            return 0
        jobs = outbox.claim(
            lanes=open_lanes,
            worker=self.name,
            terminal_id=self.site.settings.terminal.id,
            at=now,
            lease=LEASE,
            limit=self.batch,
        )
        for job in jobs:
            if self.site.clock.now() >= now + LEASE:
                break  # the rest took too long to reach: their leases ran out, they are freed and claimed anew
            self._work(job)
        return len(jobs)

    def _work(self, job: Job) -> None:
        about = {"job": job.key, "lane": job.lane, "dossier": job.dossier_id}
        try:
            settlement = self._handle(job)
            try:
                self._settle(job, settlement)
            except StoreError:
                raise
            except Exception as error:  # what the outcome means contradicts what is recorded: people must look
                logger.exception("outcome not recorded", extra=about)
                words = getattr(error, "message", "") or f"Lỗi chương trình: {type(error).__name__}"
                settlement = Settlement(JobState.HELD, error=words)
                self._settle(job, settlement)
        except StoreError as error:
            # the store refused: the lease runs out and the job is asked about again
            logger.warning("not settled: %s", error.code, extra=about)
            return
        if settlement.pause_lane:
            self._paused[job.lane] = self.site.clock.now() + settlement.pause_lane
        logger.info("settled", extra={**about, "outcome": settlement.state.value})

    def _settle(self, job: Job, settlement: Settlement) -> None:
        with self.site.store.writing():
            if settlement.record:
                settlement.record()
            outbox.settle(
                job,
                settlement.state,
                at=self.site.clock.now(),
                result=settlement.result,
                error=settlement.error,
                retry_at=settlement.retry_at,
            )

    def _handle(self, job: Job) -> Settlement:
        handler = self.handlers.get(job.kind)
        if handler is None:
            return Settlement(JobState.HELD, error=f"Chưa có cách xử lý việc “{job.kind}”. Cập nhật chương trình.")
        try:
            return handler(self.site, job)
        except Exception as error:
            logger.exception("handler failed", extra={"job": job.key, "lane": job.lane})
            state = JobState.NEEDS_CLERK if job.lane in CLERK_LANES else JobState.UNKNOWN
            return Settlement(state, error=f"Lỗi chương trình: {type(error).__name__}", retry_at=self.later(job))

    def later(self, job: Job) -> datetime:
        """When to try a job again."""
        return retry_time(self.site, job, self._random)


def retry_time(site: Site, job: Job, rng: random.Random | None = None) -> datetime:
    """Now plus full-jitter back-off, 5 s to 30 min."""
    return site.clock.now() + backoff(job.attempts, rng or random.Random())
