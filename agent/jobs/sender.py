"""Small messages to the province: taken by urgency when the line allows, each settled before the next."""

from __future__ import annotations

from dataclasses import dataclass

from agent.jobs.line import Line
from agent.jobs.runner import LEASE, Settlement, Worker
from agent.store import claiming, sending
from agent.store.outbox import Job


@dataclass(kw_only=True)
class Sender(Worker):
    """A worker behind the line's breaker; one that is not the `first` helps when the line has shown that it carries."""

    line: Line
    first: bool = True

    def version(self) -> object:
        return self.site.store.data_version(), self.line.version

    def run_once(self, lane: str | None = None, *, only: str | None = None) -> int:
        """Claim what is due and whose files are up, send, settle; the number of messages handled."""
        if not self.first and (not self.line.closed or self.line.allowance < 2):
            return 0
        if not self.line.may():
            return 0
        jobs = self._claimed()
        if not jobs:
            self.line.unused()
            return 0
        self.line.taken(jobs)
        ends = self.site.clock.now() + LEASE
        for position, job in enumerate(jobs):
            if position and (not self._goes_on(jobs[position:]) or self.site.clock.now() >= ends):
                sending.give_back(jobs[position:])
                return position
            with self.line.small():
                self._work(job)
        return len(jobs)

    def _goes_on(self, jobs: list[Job]) -> bool:
        """Whether what was claimed may still be sent."""
        return self.line.closed and not {job.kind for job in jobs if not job.doubt} & set(self.line.passing())

    def judge(self, job: Job, settlement: Settlement) -> Settlement:
        return self.line.judge(job, settlement)

    def settle_now(self, key: str, settlement: Settlement) -> None:
        """Settle a message that was not sent by what is known of its files; one that is gone meanwhile is let be."""
        here, now = self.site.settings.terminal.id, self.site.clock.now()
        for job in claiming.claim(lanes=self.lanes, worker=self.name, terminal_id=here, at=now, lease=LEASE, only=key):
            self.line.taken([job])
            self._record(job, settlement)

    def _claimed(self) -> list[Job]:
        """The most urgent messages; at an open breaker one, and none that failed since a message passed."""
        return claiming.claim(
            lanes=self.lanes,
            worker=self.name,
            terminal_id=self.site.settings.terminal.id,
            at=self.site.clock.now(),
            lease=LEASE,
            limit=min(self.batch, self.line.allowance) if self.line.closed else 1,
            up=self.line.up(),
            passing=self.line.passing(),
            avoid=self.line.avoid(),
        )
