"""The long rehearsal of an outage: `make outage` cuts a counter off for 8 hours and writes what came after."""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.domain.jobs import JobState
from agent.store.dossiers import Dossier
from agent.store.outbox import Job
from tests.bench.figures import ROOT, Figure, load, percentile, table
from tests.bench.office import bodies, furnish, serving
from tests.contract.sandbox_process import Sandbox
from tests.flow.counter import counter, prepare
from tests.flow.outage import Moving, ThinLine, recover, stack_up
from tests.flow.thin_proxy import thin_proxy

HOURS, DAYS, LIMIT = 8, 10, 60.0


def main() -> int:
    """Run both parts; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.flow.outage_run", description=__doc__)
    parser.add_argument("--dossiers", type=int, default=1_500)
    parser.add_argument("--kbit", type=int, default=1_000)
    parser.add_argument("--bytes", type=int, default=300_000, help="the most that one dossier's file has")
    parser.add_argument("--seconds", type=int, default=60, help="of the real counter beside the drain")
    parser.add_argument("--save", action="store_true", help="write docs/results/outage-<date>.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="postal-outage-") as folder, Sandbox(Path(folder) / "province") as province:
        figures = after(asked, Path(folder), province)
        figures += meanwhile(asked, Path(folder) / "office", province)
    text = table(figures) + f"\n\nLoad of the machine (1 and 5 minutes) at the end: {load()}."
    print(text)
    if asked.save:
        path = ROOT / "docs" / "results" / f"outage-{datetime.now(UTC):%Y-%m-%d}.md"
        command = f"make outage ARGS='--dossiers {asked.dossiers} --kbit {asked.kbit} --bytes {asked.bytes}'"
        path.write_text(f"# An outage of {HOURS} hours\n\n`{command}`\n\n{text}\n", encoding="utf-8")
        print(f"Saved: {path}")
    return 0 if all(figure.holds is not False for figure in figures) else 1


def after(asked: Any, folder: Path, province: Sandbox) -> list[Figure]:
    """The whole backlog through the real senders and the real sandbox, in a time that is moved by the bytes sent."""
    prepared = folder / "prepared"
    prepare(prepared)
    with counter(folder / "counter", prepared, shared=province) as desk:
        began = time.monotonic()
        dossiers = [desk.receive() for _ in range(asked.dossiers)]
        clock = Moving(desk.site.clock.now())
        jobs = stack_up(desk.site, dossiers, most_bytes=asked.bytes, days=DAYS)
        said(f"{len(jobs)} dossiers queued in {time.monotonic() - began:.0f} s")
        back = clock.now() + timedelta(hours=HOURS)
        line = ThinLine(desk.site.province(), clock, kbit=asked.kbit, up_at=back)
        began = time.monotonic()
        seen = recover(desk.site, clock, line, looks=40)
        said(f"drained in {time.monotonic() - began:.0f} s")
        with desk.site.store.reading():
            days = {job.id: job.priority for job in Job.select(Job.id, Job.priority)}
            acked = Job.select().where((Job.kind == "submit") & (Job.state == JobState.ACKED)).count()
            numbers = Dossier.select(Dossier.official).where(Dossier.official.is_null(False)).distinct().count()
    arrived = [days[job_id] for job_id, _ in seen.finished]
    today = [at for job_id, at in seen.finished if days[job_id] == min(arrived)]
    wrong, ordered, opened = seen.errors(over=timedelta(minutes=1)), arrived == sorted(arrived), seen.reopened or back
    wait = (opened - back).total_seconds() / 60
    size = f"{line.sent / 1e6:.0f} MB at {asked.kbit} kbit/s"
    return [
        Figure("dossiers that arrived", f"{acked}", f"= {asked.dossiers}", acked == asked.dossiers),
        Figure("numbers given, each to one dossier", f"{numbers}", f"= {asked.dossiers}", numbers == asked.dossiers),
        Figure("arrived by the day on which they are due", str(ordered), "True", ordered),
        Figure("until the line was found again", f"{wait:.1f} min", "<= 31 min", wait <= 31),
        Figure("all that is due today, from then", minutes(today[-1] - opened), note=f"{len(today)} dossiers"),
        Figure("everything, from then", minutes(seen.finished[-1][1] - opened), note=size),
        Figure(
            "time told against time taken, worst", f"{max(wrong):.0%}", "<= 20%", max(wrong) <= 0.2,
            f"{len(wrong)} looks, those with more than a minute to go",
        ),
    ]  # fmt: skip


@dataclass
class Desk:
    """What a clerk's requests took."""

    reading: list[float] = field(default_factory=list)
    receiving: list[float] = field(default_factory=list)


def meanwhile(asked: Any, folder: Path, province: Sandbox) -> list[Figure]:
    """A real `serve` whose work process drains a backlog over a thin line, and a clerk who goes on beside it."""
    site, token = furnish(folder)
    given, rest = bodies(site, 400), bodies(site, 400, seed=9)
    from pydantic import TypeAdapter

    from agent.intake.receive import receive
    from agent.intake.request import Intake
    from tests.bench.office import CLERK

    adapter: Any = TypeAdapter(Intake)
    made = [receive(site, adapter.validate_json(body), by=CLERK) for body in given]
    stack_up(site, made, most_bytes=asked.bytes, days=DAYS, seed=77)
    alone, desk = Desk(), Desk()
    with serving(folder, token) as served:  # nobody answers on the line yet
        work(served, alone, rest[200:], asked.seconds // 2, "alone")
    with thin_proxy(urlsplit(province.endpoint).port or 0, kbit=asked.kbit) as (port, up):
        text = (folder / "agent.toml").read_text(encoding="utf-8")
        path = urlsplit(province.endpoint).path
        text = text.replace("http://127.0.0.1:9/soap/tthc", f"http://127.0.0.1:{port}{path}")
        (folder / "agent.toml").write_text(text, encoding="utf-8")
        with serving(folder, token) as served:
            until_busy(up)
            work(served, desk, rest[:200], asked.seconds, "beside")
            carried = up.carried
    with site.store.reading():
        done = Job.select().where((Job.kind == "submit") & (Job.state == JobState.ACKED)).count()
    site.store.close()
    note = f"{done} dossiers and {carried / 1e6:.1f} MB went up meanwhile; load {load()}"
    return [
        one("a clerk's look at the queue beside the drain, p99", desk.reading, alone.reading, note),
        one("a clerk's receipt of a dossier beside the drain, p99", desk.receiving, alone.receiving, note),
    ]


def one(what: str, taken: list[float], alone: list[float], note: str) -> Figure:
    value, calm = (percentile(some, 0.99) * 1e3 for some in (taken, alone))
    told = f"{len(taken)} requests; without a line p99 {calm:.1f} ms; {note}"
    return Figure(what, f"{value:.1f} ms", f"<= {LIMIT:g} ms", value <= LIMIT, told)


def until_busy(up: Any) -> None:
    """Return once files are going up."""
    waiting, end = threading.Event(), time.monotonic() + 90
    while up.carried < 200_000:
        assert time.monotonic() < end, "nothing goes up"
        waiting.wait(0.1)


def work(served: Any, desk: Desk, rest: list[bytes], seconds: int, name: str) -> None:
    """Look and receive in turn, four times a second."""
    client, pause = served.client(), threading.Event()
    look = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        began = time.perf_counter()
        look.request("GET", "/api/v1/queue", headers={"Authorization": f"Bearer {served.token}"})
        answer = look.getresponse()
        assert answer.status == 200 and json.loads(answer.read())["items"] is not None
        desk.reading.append(time.perf_counter() - began)
        began = time.perf_counter()
        client.receive(rest[number % len(rest)], f"{name}-{number}")
        desk.receiving.append(time.perf_counter() - began)
        number += 1
        pause.wait(0.25)
    client.close()


def minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.1f} min"


def said(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
