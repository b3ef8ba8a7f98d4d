"""What the threads that send to the province share: breaker, pauses, budget, measures, whose files are up."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from agent import log
from agent.domain.breaker import Breaker, Circuit
from agent.domain.jobs import DUE, JobState
from agent.domain.pace import ON_THE_WIRE, Meter, TokenBucket
from agent.errors import StoreError
from agent.intake.acknowledge import hold_handoff
from agent.jobs.runner import Settlement, retry_time
from agent.site import Site
from agent.store.outbox import Job
from agent.store.province_line import line_of, write_line
from agent.store.sending import keep_progress

logger = log.get(__name__)
POISON: Final = 5  # failures of one job while others pass
TELL_AGAIN: Final = timedelta(seconds=5)
GRACE: Final = timedelta(seconds=3)  # how long senders have the first turn at an open breaker, then the feed
OPERATIONS: Final = {
    "AllocateNumber": ("allocate",),
    "SubmitDossier": ("submit",),
    "SupplementDossier": ("supplement",),
    "ReportDelivery": ("delivery",),
    "WithdrawDossier": ("withdrawal",),
    "ReportSatisfaction": ("satisfaction",),
    "GetStatusChanges": ("feed",),
    "GetUploadState": ("files",),
    "PutDocumentChunk": ("files",),
    "GetSubmission": (),  # new messages need it not; what is asked about waits by itself
}
"""Which kinds of work an operation of the contract serves."""


@dataclass
class Blame:
    """How often one job failed, and how many of its kind had passed when it last did."""

    times: int
    passed: int


class Line:
    """One terminal's line to the province; every method may be called from any thread."""

    def __init__(self, site: Site, rng: random.Random | None = None) -> None:
        self._site, self._rng = site, rng or random.Random()
        self._lock, self._quiet = threading.RLock(), threading.Condition()
        self._small, self._words = 0, ""
        self._breaker, self._paused = Breaker(), dict[str, tuple[Breaker, str]]()
        self._blames, self._passed = dict[int, Blame](), Counter[str]()
        self._last_failed: int | None = None
        self._failed = set[int]()  # jobs that failed since one passed
        self._up, self._sent = set[int](), dict[int, int]()
        self._files, self._messages = Meter(), Meter()
        self._bucket = TokenBucket(site.settings.province.line_kbit * 125)
        self._told_at: datetime | None = None
        self._measured_at: datetime | None = None
        self._nudged_at: datetime | None = None
        self.version = 0  # differs when senders should look again

    # --- who may go
    def may(self, kind: str = "") -> bool:
        """Whether a call may be made now; at an open breaker the one that tries."""
        now = self._site.clock.now()
        asked = None if self.closed else self._nudge()  # read before the lock: the store may keep it waiting
        with self._lock:
            if kind and kind in self.passing():
                return False
            if asked is not None and asked != self._nudged_at:
                self._nudged_at = asked
                self._breaker.hurry(now)
            return self._breaker.may(now)

    def may_poll(self) -> bool:
        """Whether the status feed may be asked: at an open breaker only when no sender had anything to try."""
        now = self._site.clock.now()
        with self._lock:
            late = self._breaker.next_try is not None and now >= self._breaker.next_try + GRACE
            return (self._breaker.state is Circuit.CLOSED or late) and self.may("feed")

    def unused(self) -> None:
        """Whoever was let through had nothing to send, nor had the feed for a while: what failed has its turn again."""
        now = self._site.clock.now()
        with self._lock:
            if self._breaker.next_try is not None and now >= self._breaker.next_try + 3 * GRACE:
                self._failed.clear()
            self._breaker.unused(now)

    @property
    def closed(self) -> bool:
        return self._breaker.state is Circuit.CLOSED

    @property
    def next_try(self) -> datetime | None:
        """When an open breaker lets one try; None while messages go."""
        return None if self.closed else self._breaker.next_try

    @property
    def allowance(self) -> int:
        """How many messages may be taken together."""
        return self._breaker.allowance

    def passing(self) -> list[str]:
        """Kinds whose operation is paused now; once a pause's wait is over one try is let through."""
        now = self._site.clock.now()
        with self._lock:
            shut = [name for name, (breaker, _) in self._paused.items() if not _over(breaker, now)]
        return sorted({kind for name in shut for kind in OPERATIONS.get(name, ())})

    def avoid(self) -> set[int]:
        """The jobs that a try at an open breaker leaves to others, the feed too: they may be what fails.

        They are all that failed since one passed; when nothing else is left to try they have their turn again.
        """
        with self._lock:
            return set() if self.closed else set(self._failed)

    # --- what came of it
    def passed(self, kind: str, job_id: int | None = None) -> None:
        """A call of this kind was answered."""
        now = self._site.clock.now()
        with self._lock:
            was = self._breaker.state
            if kind != "feed" or was is not Circuit.CLOSED:
                self._breaker.passed(now)
            for name in [name for name in self._paused if kind in OPERATIONS.get(name, ())]:
                self._forget_pause(name)
            if job_id is not None:
                self._passed[kind] += 1
                self._blames.pop(job_id, None)
                self._last_failed = None
                self._failed.clear()
            if was is not Circuit.CLOSED:
                self._words, self._told_at = "", None
                self.version += 1
        self.tell()

    def failed(self, words: str, job_id: int | None = None, *, blocked: bool = False) -> None:
        """A call got no answer that can be used; `blocked`: none will before somebody mends something.

        One message that fails again and again says nothing of the line: it waits by itself, others go on.
        """
        now = self._site.clock.now()
        with self._lock:
            was, self._words = self._breaker.state, words
            same = job_id is not None and job_id == self._last_failed and was is Circuit.CLOSED
            if blocked or not same:
                self._breaker.failed(now, self._rng, at_once=blocked)
            if job_id is not None:
                self._last_failed = job_id
                self._failed.add(job_id)
            else:  # the feed, whose turn comes when every job was tried
                self._failed.clear()
            if self._breaker.state is not was:
                self._told_at = None
        self.tell()

    def pause(self, operation: str, words: str) -> None:
        """The province changed this operation: leave it alone for a while, longer each time; the others go on."""
        now = self._site.clock.now()
        with self._lock:
            breaker, _ = self._paused.get(operation, (Breaker(threshold=1), ""))
            breaker.may(now)
            breaker.failed(now, self._rng)
            self._paused[operation] = (breaker, words)
            self._told_at = None
        self.tell()

    def judge(self, job: Job, settlement: Settlement) -> Settlement:
        """The settlement as the line makes it: no wait of its own while all wait, held when it alone fails."""
        if settlement.drift is not None:
            self.pause(*settlement.drift)
            left = settlement.state is JobState.READY and job.kind in self.passing()  # nobody takes it meanwhile
            now = self._site.clock.now()
            return replace(settlement, retry_at=now if left else retry_time(self._site, job, self._rng))
        if settlement.reached:
            self._forget_pause("GetSubmission" if job.attempts > 1 else "")
            self.passed(job.kind, job.id)
        elif settlement.answered:
            self.passed("")
        elif settlement.reached is False:
            self.failed(settlement.error, job.id, blocked=settlement.blocked)
        if settlement.state not in DUE:
            return settlement
        if self._alone(job, settlement):
            return self._poisoned(job, settlement)
        waits = settlement.retry_at or retry_time(self._site, job, self._rng)
        return replace(settlement, retry_at=waits if self.closed else self._site.clock.now())

    def _forget_pause(self, operation: str) -> None:
        with self._lock:
            if self._paused.pop(operation, None):
                self._told_at = None

    def _alone(self, job: Job, settlement: Settlement) -> bool:
        with self._lock:
            passed = self._passed[job.kind]
            blame = self._blames.setdefault(job.id, Blame(0, passed - 1))
            own = settlement.reached is None and not settlement.answered
            if not settlement.reached and (own or passed > blame.passed):
                blame.times, blame.passed = blame.times + 1, passed
            return blame.times >= POISON

    def _poisoned(self, job: Job, settlement: Settlement) -> Settlement:
        with self._lock:
            del self._blames[job.id]
        words = (
            f"Đã thử {POISON} lần không xong trong khi việc khác vẫn đi được; việc {job.key} được giữ lại để không cản "
            f"hồ sơ khác. Lần cuối: {settlement.error} Báo người quản trị, rồi thả việc để thử lại."
        )
        return Settlement(JobState.HELD, error=words, record=lambda: hold_handoff(self._site, job, words))

    # --- files and small messages beside each other
    @contextmanager
    def small(self) -> Iterator[None]:
        """A small message is on the line: files make way for it."""
        began = self._site.clock.now()
        with self._quiet:
            self._small += 1
        try:
            yield
        finally:
            with self._quiet:
                self._small -= 1
                self._quiet.notify_all()
            ended = self._site.clock.now()
            with self._lock:
                self._messages.add(1.0, max(0.0, (ended - began).total_seconds()), ended)

    def make_way(self, seconds: float = 2.0) -> None:
        """Return when no small message is on the line, or after `seconds`."""
        with self._quiet:
            self._quiet.wait_for(lambda: not self._small, seconds)

    def budget(self, count: int) -> float:
        """Seconds to wait before so many bytes of a file may go."""
        with self._lock:
            return self._bucket.take(round(count * ON_THE_WIRE), self._site.clock.now().timestamp())

    def carried(self, job_id: int, count: int, *, sent: int, seconds: float) -> None:
        """`count` bytes of a job's files went in so many seconds; `sent` of them lie there now."""
        now = self._site.clock.now()
        with self._lock:
            self._files.add(count, max(0.0, seconds), now)
            self._sent[job_id], self._measured_at = sent, now
        self.tell()

    def up(self) -> set[int]:
        """Ids of jobs whose files are up, of those that nobody has claimed since."""
        with self._lock:
            return set(self._up)

    def is_up(self, job_id: int, sent: int) -> None:
        """All files of this job are up: its message may go."""
        with self._lock:
            self._up.add(job_id)
            self._sent[job_id] = sent
            self.version += 1

    def taken(self, jobs: list[Job]) -> None:
        """These were claimed."""
        with self._lock:
            for job in jobs:
                self._up.discard(job.id)
                self._sent.pop(job.id, None)

    # --- for the screens
    def tell(self, *, force: bool = False) -> None:
        """Keep what is seen where the screens read it: a change at once, else every 5 s in which anything went."""
        now = self._site.clock.now()
        with self._lock:
            if not force and self._told_at is not None and now - self._told_at < TELL_AGAIN:
                return
            self._told_at = now
            values, sent, self._sent = self._values(now), self._sent, {}
        try:
            with self._site.store.joined():
                write_line(self._site.settings.terminal.id, **values)
                keep_progress(sent)
        except StoreError as error:  # what is only shown must not keep anything from being settled
            logger.warning("the state of the line was not kept: %s", error.code)

    def _values(self, now: datetime) -> dict[str, object]:
        breaker, per_second = self._breaker, self._messages.rate(now)
        paused = {
            name: {"words": words, "until": held.next_try.isoformat() if held.next_try else ""}
            for name, (held, words) in self._paused.items()
        }
        return {
            "office_id": self._site.settings.office.id,
            "endpoint": self._site.settings.province.endpoint,
            "state": breaker.state.value,
            "failures": breaker.failures,
            "since": breaker.since or now,
            "next_try": breaker.next_try,
            "words": self._words,
            "paused": paused,
            "bytes_per_second": round(self._files.rate(now)),
            "measured_at": self._measured_at,
            "small_seconds": 1 / per_second if per_second else 0.0,
            "changed_at": now,
        }

    def _nudge(self) -> datetime | None:
        """When somebody last asked that the line be tried."""
        with self._site.store.reading():
            kept = line_of(self._site.settings.terminal.id)
        return kept.nudged_at if kept is not None else None


def _over(breaker: Breaker, now: datetime) -> bool:
    return breaker.next_try is None or now >= breaker.next_try
