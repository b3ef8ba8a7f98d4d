"""An agent that settles a job in one commit and keeps its receipt in the next: the replay of power cuts finds it."""

from __future__ import annotations

from dataclasses import replace

from agent.jobs.runner import Settlement, Worker
from agent.jobs.working import send_worker
from agent.site import Site
from agent.store.outbox import Job


class LateReceipts(Worker):
    """Settles first."""

    def _settle(self, job: Job, settlement: Settlement) -> None:
        super()._settle(job, replace(settlement, record=None))
        if settlement.record:
            with self.site.store.writing():
                settlement.record()


def late_worker(site: Site) -> Worker:
    """The worker of a command that sends what is due, with this one fault."""
    sound = send_worker(site)
    return LateReceipts(site, sound.handlers, sound.lanes, sound.name)
