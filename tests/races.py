"""Acts that run into each other on one PostgreSQL database: all have read what there is before any may write."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import psycopg

from agent.errors import AgentError
from agent.site import Site

LIMIT = 20.0  # seconds


def race(site: Site, url: str, table: str, *acts: Callable[[], Any]) -> list[str]:
    """What each act said, sorted, when all of them wait to write to `table` before any may.

    "accident" is what nobody meant: a row that is there already, a database's own error.
    """
    said = ["accident" for _ in acts]

    def run(place: int) -> None:
        try:
            acts[place]()
            said[place] = "done"
        except AgentError as error:
            said[place] = error.code
        finally:
            site.store.database.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    with ExitStack() as stack:
        gate = stack.enter_context(psycopg.connect(url))
        watch = stack.enter_context(psycopg.connect(url, autocommit=True))
        gate.execute(f"LOCK TABLE {table} IN SHARE MODE")
        for thread in threads:
            thread.start()
        until = time.monotonic() + LIMIT
        while _waiting(watch) < len(acts) and time.monotonic() < until and any(t.is_alive() for t in threads):
            threading.Event().wait(0.01)
        gate.rollback()
    for thread in threads:
        thread.join(LIMIT)
    return sorted(said)


def free_meanwhile(site: Site, url: str, wanted: str, other: str, act: Callable[[], Any]) -> bool:
    """Whether the row that `other` selects is free while `act` waits for the one that `wanted` selects."""

    def run() -> None:
        try:
            act()
        finally:
            site.store.database.close()

    thread = threading.Thread(target=run)
    with ExitStack() as stack:
        gate = stack.enter_context(psycopg.connect(url))
        watch = stack.enter_context(psycopg.connect(url, autocommit=True))
        gate.execute(f"{wanted} FOR UPDATE")
        thread.start()
        until = time.monotonic() + LIMIT
        while _waiting(watch) < 1 and time.monotonic() < until and thread.is_alive():
            threading.Event().wait(0.01)
        assert thread.is_alive(), "it did not wait"
        free = watch.execute(f"{other} FOR UPDATE SKIP LOCKED").fetchone() is not None
        gate.rollback()
    thread.join(LIMIT)
    return free


def _waiting(watch: psycopg.Connection[Any]) -> int:
    row = watch.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted").fetchone()
    return int(row[0]) if row else 0
