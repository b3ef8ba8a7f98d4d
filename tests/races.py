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


def meanwhile(
    site: Site, url: str, wanted: str, act: Callable[[], Any], look: Callable[[psycopg.Connection[Any]], Any]
) -> tuple[Any, str]:
    """Let `act` wait for the row that `wanted` selects; what `look` finds or does then, and what `act` said at last."""
    said = ["accident"]

    def run() -> None:
        try:
            act()
            said[0] = "done"
        except AgentError as error:
            said[0] = error.code
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
        found = look(gate)
        gate.commit()
    thread.join(LIMIT)
    return found, said[0]


def free(row: str) -> Callable[[psycopg.Connection[Any]], bool]:
    """Whether nobody else has the row that this selects."""
    return lambda gate: gate.execute(f"{row} FOR UPDATE SKIP LOCKED").fetchone() is not None


def _waiting(watch: psycopg.Connection[Any]) -> int:
    row = watch.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted").fetchone()
    return int(row[0]) if row else 0
