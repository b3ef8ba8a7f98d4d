"""The background work of one agent: its senders, the poller of the status feed, the schedule, each in its thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from agent.jobs import hand_off, schedule
from agent.jobs.bulk import BulkSender
from agent.jobs.line import Line
from agent.jobs.notify import notice_worker
from agent.jobs.runner import Worker
from agent.jobs.sender import Sender
from agent.site import Site
from agent.store import claiming

HANDOFF: Final = "handoff"
LAST_WORDS: Final = 10.0  # seconds that a thread has to end in


def send_worker(site: Site) -> Worker:
    """The worker of a command that sends what is due and ends: files and messages one after the other."""
    return Worker(site, hand_off.HANDLERS, (HANDOFF,), f"{site.settings.terminal.id}:send")


def senders(site: Site, line: Line) -> tuple[Sender, Sender, BulkSender]:
    """Two senders of small messages and one of files, on one line."""
    name = send_worker(site).name
    first = Sender(site, hand_off.HANDLERS, (HANDOFF,), name, line=line)
    second = Sender(site, hand_off.HANDLERS, (HANDOFF,), f"{name}2", line=line, first=False)
    return first, second, BulkSender(site, line, first)


def run(site: Site, stop: threading.Event, reading: Callable[[threading.Event], None]) -> None:
    """Send, follow, read pages (`reading`) and keep the schedule until `stop`."""
    line = Line(site)
    first, second, bulk = senders(site, line)
    for sender in (first, second):
        claiming.recover(at=site.clock.now(), lanes=(HANDOFF,), dead=sender.name)
    feed = [schedule.Entry("feed", timedelta(seconds=5), lambda at: schedule.poll(at, line))]
    rest = [entry for entry in schedule.entries() if entry.name != "feed"]
    work = {
        "schedule": lambda: schedule.run(site, stop, rest, line=line),
        "feed": lambda: schedule.run(site, stop, feed),
        "reading": lambda: reading(stop),
        "bulk": lambda: bulk.run(stop),
        "send2": lambda: second.run(stop),
    }
    if site.notifier() is not None:
        messages = notice_worker(site)
        claiming.recover(at=site.clock.now(), lanes=messages.lanes, dead=messages.name)
        work["notices"] = lambda: messages.run(stop)
    threads = [threading.Thread(target=act, name=name, daemon=True) for name, act in work.items()]
    for thread in threads:
        thread.start()
    first.run(stop)
    for thread in threads:
        thread.join(LAST_WORDS)
