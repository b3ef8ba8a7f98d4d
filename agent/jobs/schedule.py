"""What is done by the clock: leases freed, the status feed read, the books compared."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent import log
from agent.errors import AgentError
from agent.reconcile.compare import Report, compare
from agent.site import Site
from agent.store import outbox
from agent.tracking.follow import follow

logger = log.get(__name__)


@dataclass
class Entry:
    """One recurring task; `due` moves on by `every` after each run; `first`: how long after the start it begins."""

    name: str
    every: timedelta
    act: Callable[[Site], object]
    first: timedelta = timedelta(0)
    due: datetime | None = None


def entries() -> list[Entry]:
    """The schedule of one agent."""
    return [
        Entry("leases", timedelta(seconds=5), free_leases),
        Entry("feed", timedelta(seconds=5), follow),
        Entry("books", timedelta(hours=1), compare_books, first=timedelta(minutes=10)),
    ]


def free_leases(site: Site) -> int:
    """Free the jobs of workers that died in the middle."""
    return outbox.recover(at=site.clock.now(), lanes=("handoff", "print"))


def compare_books(site: Site) -> Report:
    """Compare the office's books with the province's, after what it has to say was read; HandoffError offline."""
    follow(site)
    return compare(site, office=site.settings.office.id)


def run(site: Site, stop: threading.Event, schedule: list[Entry] | None = None) -> None:
    """Run each entry when it is due until `stop`; a refusal is logged and tried again at its next turn."""
    schedule = entries() if schedule is None else schedule
    while not stop.is_set():
        run_due(site, schedule)
        stop.wait(0.5)


def run_due(site: Site, schedule: list[Entry]) -> None:
    """Run what is due now."""
    for entry in schedule:
        now = site.clock.now()
        if entry.due is None:
            entry.due = now + entry.first
        if entry.due > now:
            continue
        entry.due = now + entry.every
        try:
            entry.act(site)
        except AgentError as error:
            logger.info("%s: %s", entry.name, error.code)
        except Exception:  # one task that fails must not end the others
            logger.exception("%s failed", entry.name)
