"""The whole simulated season: `python -m tests.flow.custody_run [--items 8000] [--seed 7] [--save]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from agent.clock import SystemClock, local
from tests.bench.figures import ROOT, load
from tests.flow.custody_sim import Outcome, Plan, run


def main() -> int:
    """Run it and say what came out; 1 when one item is not what really happened."""
    parser = argparse.ArgumentParser(prog="python -m tests.flow.custody_run", description=__doc__)
    parser.add_argument("--items", type=int, default=8_000)
    parser.add_argument("--couriers", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--save", action="store_true", help="write docs/results/custody-<date>.md")
    asked = parser.parse_args()
    plan = Plan(asked.items, asked.couriers, seed=asked.seed)
    with tempfile.TemporaryDirectory(prefix="postal-custody-") as folder:
        out = run(Path(folder) / "data", plan)
    text = table(plan, out)
    print(text)
    if asked.save:
        target = ROOT / "docs" / "results" / f"custody-{local(SystemClock().now()):%Y-%m-%d}.md"
        target.write_text(text + "\n", encoding="utf-8")
    return 1 if out.wrong or out.unlisted or out.wrong_at_last or out.doctor else 0


def table(plan: Plan, out: Outcome) -> str:
    """The outcome as a page."""
    kinds = ", ".join(f"{kind} {count}" for kind, count in out.by_kind.items())
    command = f"python -m tests.flow.custody_run --items {plan.items} --couriers {plan.couriers} --seed {plan.seed}"
    lines = [
        "# Custody: a simulated season against the known truth", "", f"`{command}`", "",
        f"{plan.items:,} items, {plan.couriers} couriers, two days; {plan.doubled:.0%} of uploads doubled, "
        f"{plan.delayed:.0%} late and out of turn, {plan.unlinked:.0%} of events without a parent, clocks off by up to "
        f"{plan.clock_hours:g} h, {plan.passed_on:.0%} of items handed on in the street, {plan.disputed:.0%} disputed "
        "by a note at the desk that the phone never saw.", "",
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
        f"| rows that are not the fold of their events (doctor) | {len(out.doctor)} |",
        f"| uploads taken in | {out.events_a_second:,.0f} events/s, each batch of 1 to 20 committed by itself |",
        f"| load of the machine (1 and 5 minutes) | {load()} |",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
