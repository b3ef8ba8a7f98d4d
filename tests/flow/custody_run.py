"""The whole simulated season: `python -m tests.flow.custody_run [--items 8000] [--on postgresql] [--save]`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.clock import SystemClock, local
from tests.bench.cluster import cluster
from tests.bench.figures import ROOT, load
from tests.flow.custody_judge import run
from tests.flow.custody_sim import Outcome, Plan

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def main() -> int:
    """Run it and say what came out; 1 when one item is not what really happened."""
    parser = argparse.ArgumentParser(prog="python -m tests.flow.custody_run", description=__doc__)
    parser.add_argument("--items", type=int, default=8_000)
    parser.add_argument("--couriers", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--on", choices=DATABASES, default="sqlite", help="the database that keeps the books")
    parser.add_argument("--save", action="store_true", help="write docs/results/custody-<database>-<date>.md")
    asked = parser.parse_args()
    plan = Plan(asked.items, asked.couriers, seed=asked.seed)
    began, processor = time.perf_counter(), time.process_time()

    def say(words: str) -> None:
        print(f"▸ {time.perf_counter() - began:6.0f} s  {words}", file=sys.stderr, flush=True)

    with _place(asked.on) as place:
        out = run(place.pop("data"), plan, say, **place)
    spent = f"{time.perf_counter() - began:,.0f} s, of the processor {time.process_time() - processor:,.0f} s"
    text = table(plan, out, asked.on, spent)
    print(text)
    if asked.save:
        target = ROOT / "docs" / "results" / f"custody-{asked.on}-{local(SystemClock().now()):%Y-%m-%d}.md"
        target.write_text(text + "\n", encoding="utf-8")
    return 1 if out.wrong or out.unlisted or out.wrong_at_last or out.doctor or out.cash_wrong else 0


@contextmanager
def _place(on: str) -> Iterator[dict[str, object]]:
    """Where a site keeps its data: an empty folder, or with it an empty database of a server of our own."""
    with tempfile.TemporaryDirectory(prefix="postal-custody-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # PostgreSQL's unprivileged user passes through it
        if on == "sqlite":
            yield {"data": folder / "data"}
            return
        with cluster(folder / "cluster") as url:
            if url is None:
                sys.exit("PostgreSQL's initdb and postgres are not installed.")
            yield {"data": folder / "data", "url": url}


def table(plan: Plan, out: Outcome, on: str, spent: str) -> str:
    """The outcome as a page."""
    kinds = ", ".join(f"{kind} {count}" for kind, count in out.by_kind.items())
    command = f"python -m tests.flow.custody_run --items {plan.items} --couriers {plan.couriers} --seed {plan.seed}"
    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()
    lines = [
        f"# Custody on {DATABASES[on]}: a simulated season against the known truth", "",
        f"`{command} --on {on}` at commit {commit}", "",
        f"{plan.items:,} items, {plan.couriers} couriers, two days; {plan.doubled:.0%} of uploads doubled, "
        f"{plan.delayed:.0%} late and out of turn, {plan.unlinked:.0%} of events without a parent, clocks off by up to "
        f"{plan.clock_hours:g} h, {plan.passed_on:.0%} of items handed on in the street, {plan.disputed:.0%} disputed "
        f"by a note at the desk that the phone never saw, {plan.overpaid:.0%} of deliveries with cash that the books "
        "do not ask for.", "",
        "| | |", "|---|---|",
        f"| events of phones / sent with repetitions / late / without parent | {out.phone_events:,} / {out.sent:,} / "
        f"{out.late:,} / {out.unlinked:,} |",
        f"| items whose order of arrival is not what happened | {out.arrival_wrong:,} |",
        f"| items whose order by the phones' own clocks is not what happened | {out.clocks_wrong:,} |",
        f"| conflicts listed for a person | {out.conflicts:,} ({kinds}) |",
        f"| **items that are not what happened and that no conflict names** | **{len(out.wrong)}** |",
        f"| **events kept back that no conflict names** | **{len(out.unlisted)}** |",
        f"| decisions of a person who knows what happened | {out.decided:,} |",
        f"| **items that are not what happened after that** | **{len(out.wrong_at_last)}** |",
        f"| đồng taken at doors / shown as waiting for a decision before it | {out.cash:,} / {out.undecided:,} |",
        f"| **what the books of money say of it that is not so, after that** | **{len(out.cash_wrong)}** |",
        f"| rows that are not the fold of their events (doctor) | {len(out.doctor)} |",
        f"| uploads taken in | {out.events_a_second:,.0f} events/s, each batch of 1 to 20 committed by itself |",
        f"| the whole run | {spent} |",
        f"| load of the machine (1 and 5 minutes) | {load()} |",
    ]  # fmt: skip
    lines += [f"- wrong: {', '.join(some[:20])}" for some in (out.wrong, out.unlisted, out.wrong_at_last) if some]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
