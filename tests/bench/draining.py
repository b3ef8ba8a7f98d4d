"""A clerk's commits beside a worker that drains the outbox at full speed, each in a process of its own."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from agent.domain.jobs import JobState
from agent.intake.receive import receive
from agent.intake.request import Intake
from agent.jobs.runner import Settlement, Worker
from agent.settings import Settings
from agent.site import Site
from agent.store import outbox
from agent.wiring import build_site
from tests.bench import figures
from tests.bench.figures import Figure
from tests.bench.office import CLERK, OFFICE, ROOT, bodies, furnish
from tests.postgres import with_database

JOBS, LIMIT = 2000, 60.0  # milliseconds
LANE = "bench"


def measure(folder: Path, server: str = "") -> list[Figure]:
    """Receive dossiers as fast as they are accepted, first alone, then while the worker drains 2,000 jobs."""
    with ExitStack() as stack:
        url = _fresh(server, stack) if server else ""
        site, _ = furnish(folder, url)
        stack.callback(site.store.close)
        intakes = _intakes(site, 500)
        alone = [_commit(site, next(intakes)) for _ in range(150)]
        _queue(site)
        command = [sys.executable, "-m", "tests.bench.draining", str(folder), url]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, cwd=ROOT, text=True)
        assert worker.stdout and worker.stdin and worker.stdout.readline() == "ready\n"
        worker.stdin.write("go\n")
        worker.stdin.flush()
        beside: list[float] = []
        while worker.poll() is None:
            taken = _commit(site, next(intakes))
            if worker.poll() is None:
                beside.append(taken)
        drained = float(worker.stdout.read())
    place = "PostgreSQL" if server else "SQLite"
    calm, p99 = (figures.percentile(some, 0.99) * 1e3 for some in (alone, beside))
    note = f"{len(beside)} receipts while {JOBS} jobs drained at {JOBS / drained:.0f}/s; alone p99 {calm:.1f} ms"
    return [figures.at_most(f"a clerk's commit beside a draining worker, p99, {place}", p99, LIMIT, "ms", note)]


def _fresh(server: str, stack: ExitStack) -> str:
    name = f"drained_{uuid.uuid4().hex[:8]}"
    admin = stack.enter_context(psycopg.connect(server, autocommit=True))
    admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    stack.callback(admin.execute, f"DROP DATABASE {name} WITH (FORCE)")
    return with_database(server, name)


def _intakes(site: Site, count: int) -> Any:
    from pydantic import TypeAdapter

    adapter: Any = TypeAdapter(Intake)
    return itertools.cycle([adapter.validate_json(body) for body in bodies(site, count, seed=5)])


def _commit(site: Site, intake: Intake) -> float:
    began = time.perf_counter()
    receive(site, intake, by=CLERK)
    return time.perf_counter() - began


def _queue(site: Site) -> None:
    with site.store.writing():
        for number in range(JOBS):
            outbox.enqueue(
                uid=site.ids.uid(), lane=LANE, kind="null", key=f"bench-{number}", payload=b"{}", office_id=OFFICE,
                at=site.clock.now(),
            )  # fmt: skip


def _drain(folder: Path, url: str) -> None:
    """The worker's process: claim, handle (nothing), settle until the lane is empty."""
    settings = Settings(data=folder)
    site = build_site(settings.with_(database=replace(settings.database, url=url)))
    worker = Worker(site, {"null": lambda _site, _job: Settlement(JobState.ACKED)}, (LANE,), "bench:worker")
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    while worker.run_once():
        pass
    print(time.perf_counter() - began, flush=True)
    site.store.close()


if __name__ == "__main__":
    _drain(Path(sys.argv[1]), sys.argv[2])
