"""Claim, handle, settle: one loop for every lane of the outbox."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agent import log
from agent.domain.jobs import CLERK_LANES, JobState, backoff
from agent.domain.pace import ON_THE_WIRE, SLOWEST_LINE
from agent.errors import StoreError
from agent.site import Site
from agent.store import claiming, sending
from agent.store.outbox import Job, LeaseLost

LEASE = timedelta(seconds=60)
OWN_WORK = 10.0  # seconds beside the calls: vault, signatures
IN_PARTS = ("tthc", "sandbox")  # profiles whose files go before their message, never in it
EVERY = 0.25  # seconds between two looks at whether the store changed
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
    files_again: bool = False  # its files have to go once more before it
    reached: bool | None = None  # whether the other side answered; None: it says nothing of the line
    answered: bool = False  # the line carried it, and the other side failed at this one
    blocked: bool = False  # it will not answer before somebody mends something
    drift: tuple[str, str] | None = None  # the operation that the other side changed, and words for it


Handler = Callable[[Site, Job], Settlement]


def keep_looking(
    stop: threading.Event, version: Callable[[], object], look: Callable[[], object], *, every: float = EVERY
) -> None:
    """Until `stop`, `look` as often as it finds something: when `version` differs, and at least every 2 seconds.

    A store that refuses (disk full, locked) is tried again: whoever looks must not end with it.
    """
    seen, quiet = None, 0.0
    while not stop.is_set():
        try:
            now = version()
            if now != seen or quiet >= LOOK_AGAIN:
                seen, quiet = now, 0.0
                while not stop.is_set() and look():
                    pass
        except StoreError as error:
            logger.warning("nothing claimed: %s", error.code)
        stop.wait(every)
        quiet += every


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
    _owed: list[tuple[Job, Settlement]] = field(default_factory=list)  # outcomes of prints that the store did not take

    def run(self, stop: threading.Event, *, every: float = EVERY) -> None:
        """Work until `stop`: see `keep_looking`."""
        keep_looking(stop, self.version, self.run_once, every=every)

    def version(self) -> object:
        """What differs when there may be something new to do."""
        return self.site.store.data_version()

    def run_once(self, lane: str | None = None, *, only: str | None = None) -> int:
        """Claim what is due (`only` the job of that key), handle each, settle each; the number of jobs handled.

        What a printer proved and the store refused to hear is told first: nothing is claimed before. StoreError then.
        """
        while self._owed:
            self._record(*self._owed[0])
            self._owed.pop(0)
        now = self.site.clock.now()
        open_lanes = [one for one in ([lane] if lane else self.lanes) if self._paused.get(one, now) <= now]
        if not open_lanes:
            return 0
        jobs = claiming.claim(
            lanes=open_lanes,
            worker=self.name,
            terminal_id=self.site.settings.terminal.id,
            at=now,
            lease=LEASE,
            limit=self.batch,
            only=only,
        )
        for job in jobs:
            if self.site.clock.now() >= now + LEASE:
                break  # the rest took too long to reach: their leases ran out, they are freed and claimed anew
            self._work(job)
        return len(jobs)

    def _work(self, job: Job) -> None:
        about = {"job": job.key, "lane": job.lane, "dossier": job.dossier_id}
        try:
            self._keep(job)
        except StoreError as error:
            logger.warning("not begun: %s", error.code, extra=about)
            return
        settlement = self.judge(job, self._handle(job))
        try:
            settlement = self._record(job, settlement)
        except StoreError as error:
            logger.warning("not settled: %s", error.code, extra=about)
            if job.lane in CLERK_LANES and not isinstance(error, LeaseLost):
                self._owed.append((job, settlement))  # nobody else can tell what came of it
            return  # of other lanes the lease runs out, and the job is asked about again
        if settlement.pause_lane:
            self._paused[job.lane] = self.site.clock.now() + settlement.pause_lane
        logger.info("settled", extra={**about, "outcome": settlement.state.value})

    def _keep(self, job: Job) -> None:
        """Hold the lease for as long as the job may take, so that nobody sends it beside us; StoreError otherwise.

        Most fit into what they were claimed for, and cost no commit.
        """
        if job.lane in CLERK_LANES:
            return  # no lease says that a print was cut off
        until = self.site.clock.now() + longest(self.site, job)
        if job.lease_until is None or job.lease_until < until:
            sending.renew(job, until=until)

    def judge(self, job: Job, settlement: Settlement) -> Settlement:
        """What a handler's settlement becomes before it is recorded."""
        return settlement

    def _record(self, job: Job, settlement: Settlement) -> Settlement:
        """Settle; what contradicts the records is held, for people must look. StoreError when the store refuses."""
        try:
            self._settle(job, settlement)
        except StoreError:
            raise
        except Exception as error:
            logger.exception("outcome not recorded", extra={"job": job.key, "lane": job.lane})
            words = getattr(error, "message", "") or f"Lỗi chương trình: {type(error).__name__}"
            settlement = Settlement(JobState.HELD, error=words)
            self._settle(job, settlement)
        return settlement

    def _settle(self, job: Job, settlement: Settlement) -> None:
        with self.site.store.writing():
            if settlement.record:
                settlement.record()
            claiming.settle(
                job,
                settlement.state,
                at=self.site.clock.now(),
                result=settlement.result,
                error=settlement.error,
                retry_at=settlement.retry_at,
                files_again=settlement.files_again,
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


def longest(site: Site, job: Job) -> timedelta:
    """The longest that one try of a message may take: what the time-outs of its calls allow on the slowest line."""
    asked, up = site.settings.province, job.sent_bytes >= job.file_bytes
    inside = asked.profile not in IN_PARTS  # then the files may be part of the message
    parts = 0 if up else 2 * math.ceil(job.file_bytes / asked.chunk_bytes)  # each, and a question for each file
    calls = 1 + (job.attempts > 1) + 2 * inside + parts  # its number and what is there already may be asked for too
    carried = job.file_bytes * ON_THE_WIRE if inside or not up else 0
    return timedelta(seconds=OWN_WORK + calls * (asked.connect_timeout + asked.read_timeout) + carried / SLOWEST_LINE)


def retry_time(site: Site, job: Job, rng: random.Random | None = None) -> datetime:
    """Now plus full-jitter back-off, 5 s to 30 min."""
    return site.clock.now() + backoff(job.attempts, rng or random.Random())
