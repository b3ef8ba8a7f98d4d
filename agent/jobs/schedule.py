"""What is done by the clock: leases freed, the status feed read, the books compared, what is over let go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agent import log
from agent.citizen.custody_news import CustodyNews
from agent.citizen.survey import report_surveys
from agent.domain.notices import NOTICE_LANE
from agent.errors import AgentError, HandoffBlocked, HandoffDrift, HandoffError
from agent.intake.paper_retention import retire_step
from agent.jobs.line import Line
from agent.money.issuing import exchange
from agent.reconcile import compare
from agent.reconcile.compare import Report
from agent.reconcile.heads import exchange_heads
from agent.site import Site
from agent.store import claiming, wrong_tries
from agent.tracking.follow import BATCH, follow
from agent.tracking.journal.ingest import sweep
from agent.tracking.phones.sweeping import sweep_phones
from agent.tracking.province_reports import report_all

logger = log.get(__name__)
MOST_BATCHES: Final = 50  # of the feed, read before the books are compared


@dataclass
class Entry:
    """One recurring task; `due` moves on by `every` after each run; `first`: how long after the start it begins.

    One that asks the province waits while the line's breaker is open, and is done once it closes.
    """

    name: str
    every: timedelta
    act: Callable[[Site], object]
    first: timedelta = timedelta(0)
    asks: bool = False
    due: datetime | None = None


def entries() -> list[Entry]:
    """The schedule of one agent."""
    return [
        Entry("leases", timedelta(seconds=5), free_leases),
        Entry("feed", timedelta(seconds=5), follow, asks=True),
        Entry("books", timedelta(hours=1), compare_books, first=timedelta(minutes=10), asks=True),
        Entry("reports", timedelta(minutes=1), report_all, first=timedelta(minutes=1), asks=True),
        Entry("heads", timedelta(hours=1), exchange_heads, first=timedelta(minutes=2), asks=True),
        Entry("fee receipts", timedelta(minutes=1), exchange, first=timedelta(minutes=1)),
        Entry("custody-news", timedelta(seconds=10), CustodyNews().step),
        Entry("surveys", timedelta(minutes=10), report_surveys, first=timedelta(minutes=1)),
        Entry("waiting events", timedelta(minutes=1), sweep, first=timedelta(seconds=30)),
        Entry("wrong tries", timedelta(minutes=10), _sweep_tries, first=timedelta(minutes=2)),
        Entry("phones", timedelta(hours=6), sweep_phones, first=timedelta(minutes=5)),
        Entry("retention", timedelta(minutes=1), retire_step, first=timedelta(minutes=1)),
    ]


def poll(site: Site, line: Line) -> None:
    """Read all that is new in the status feed, where the line lets it; HandoffError offline."""
    while line.may_poll():
        try:
            read = follow(site)
        except HandoffDrift as error:
            line.pause(error.operation, error.message)
            raise
        except HandoffError as error:
            line.failed(error.message, blocked=isinstance(error, HandoffBlocked))
            raise
        line.passed("feed")
        if read < BATCH:
            return


def free_leases(site: Site) -> int:
    """Free the jobs of workers that died in the middle; a print is freed by its own terminal alone, when it starts."""
    return claiming.recover(at=site.clock.now(), lanes=("handoff", NOTICE_LANE))


def _sweep_tries(site: Site) -> int:
    with site.store.writing():
        return wrong_tries.sweep(site.clock.now())


def compare_books(site: Site) -> list[Report]:
    """Compare the books with the province's, after what it has to say was read; HandoffError offline."""
    for _ in range(MOST_BATCHES):
        if follow(site) < BATCH:
            break
    return compare.compare_books(site)


def run(site: Site, stop: threading.Event, schedule: list[Entry] | None = None, *, line: Line | None = None) -> None:
    """Run each entry when it is due until `stop`; a refusal is logged and tried again at its next turn."""
    schedule = entries() if schedule is None else schedule
    while not stop.is_set():
        run_due(site, schedule, line=line)
        stop.wait(0.5)


def run_due(site: Site, schedule: list[Entry], *, line: Line | None = None) -> None:
    """Run what is due now; what asks the province only while `line`, if any, lets messages go."""
    for entry in schedule:
        now = site.clock.now()
        if entry.due is None:
            entry.due = now + entry.first
        if entry.due > now or (entry.asks and line is not None and not line.closed):
            continue
        entry.due = now + entry.every
        try:
            entry.act(site)
        except AgentError as error:
            logger.info("%s: %s", entry.name, error.code)
        except Exception:  # one task that fails must not end the others
            logger.exception("%s failed", entry.name)
