"""The agent's vital signs: what waits and since when for /metrics, room on the disk for /readyz."""

from __future__ import annotations

import shutil
from collections import Counter

from flask import Flask

from agent.domain.jobs import FINAL
from agent.site import Site
from agent.store import outbox
from agent.web.health import add_check

LEAST_FREE = 200 << 20  # bytes: a counter's morning of papers


def install(app: Flask, site: Site) -> None:
    """Publish the queue's depth and the age of its oldest job, and watch the disk."""
    metrics = app.extensions["metrics"]
    metrics.gauge("agent_queue_jobs", "Jobs in the outbox by state.", "state", lambda: depth(site))
    metrics.gauge("agent_oldest_unsent_seconds", "Age of the oldest job that waits.", "", lambda: {"": oldest(site)})
    add_check(app, "disk", lambda: room(site))


def depth(site: Site) -> dict[str, float]:
    """How many jobs are in each state."""
    total: Counter[str] = Counter()
    with site.store.reading():
        for (_, state), count in outbox.counts().items():
            total[state.value] += count
    return dict(total)


def oldest(site: Site) -> float:
    """Seconds since the oldest unfinished job was queued; 0 when nothing waits."""
    with site.store.reading():
        queued = outbox.oldest_waiting(FINAL)
    return (site.clock.now() - queued).total_seconds() if queued else 0.0


def room(site: Site) -> str:
    """Why the disk is not ready, or an empty text."""
    free = shutil.disk_usage(site.settings.data).free
    return "" if free >= LEAST_FREE else f"Ổ đĩa chỉ còn {free >> 20} MB. Giải phóng chỗ trước khi nhận hồ sơ."
