"""The whole fault campaign: `make faults` runs it and writes down what came of it in docs/results/."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.contract.sandbox_process import ROOT
from tests.faults.audit import audit, ends
from tests.faults.bulk import furnish
from tests.faults.campaign import Campaign, Spec

POWER = "tests/faults/test_power.py"


def main() -> int:
    """Run the campaign and the replay of power cuts and write the report; 1 when anything is lost, doubled or open."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dossiers", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--full-disks", type=int, default=6)
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--limit", type=float, default=1500.0, help="seconds until what has not ended is called stuck")
    parser.add_argument("--report", type=Path, default=None, help="default: docs/results/faults-<date>.md")
    asked = parser.parse_args()
    begun, load = datetime.now(UTC), os.getloadavg()[0]
    blows = {
        "kill-worker": asked.kills // 2, "kill-province": asked.kills - asked.kills // 2,
        "full-worker": asked.full_disks // 2, "full-province": asked.full_disks - asked.full_disks // 2,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        started = time.monotonic()
        names = furnish(Path(folder) / "data", asked.dossiers, seed=asked.seed)
        made = time.monotonic() - started
        sys.stderr.write(f"{len(names)} dossiers made in {made:.0f} s\n")
        campaign = Campaign(Path(folder), Spec(asked.seed, asked.dossiers, blows, limit=asked.limit)).run()
        sys.stderr.write(f"sent in {campaign.seconds:.0f} s\n")
        wrong = audit(campaign.data, campaign.province_folder, names)
        ended = ends(campaign.data)
    power = _power_cuts()
    text = told(campaign, asked, begun, load, ended, wrong, power)
    report = asked.report or ROOT / "docs" / "results" / f"faults-{begun:%Y-%m-%d}.md"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{text}\n{report}\n")
    return int(bool(wrong) or power.returncode != 0)


def _power_cuts() -> subprocess.CompletedProcess[str]:
    """Replay a power cut at every recorded act."""
    command = [sys.executable, "-m", "pytest", POWER, "-s", "-q", "-p", "no:cacheprovider"]
    wanted = {**os.environ, "POWER_CUTS_EVERY": "1"}
    return subprocess.run(command, cwd=ROOT, env=wanted, capture_output=True, text=True, check=False)


def told(
    campaign: Campaign, asked: argparse.Namespace, begun: datetime, load: float, ended: Counter[str], wrong: list[str],
    power: subprocess.CompletedProcess[str],
) -> str:  # fmt: skip
    """The report."""
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    line = {name: count for name, count in campaign.proxy.counts().items() if name not in campaign.fallen}
    cuts = re.findall(r"(\d+) commits, (\d+) power cuts, (\d+) promises broken", power.stdout)
    shown = [f"{lost} of {tried} replayed power cuts broke a promise" for _, tried, lost in cuts] or ["not run"] * 2
    lines = [
        f"# Fault campaign, {begun:%Y-%m-%d %H:%M} UTC",
        "",
        "| | |",
        "|---|---|",
        f"| command | `make faults` (--dossiers {asked.dossiers} --kills {asked.kills} "
        f"--full-disks {asked.full_disks} --seed {asked.seed}) |",
        f"| commit | {commit or 'unknown'} |",
        f"| load | {load:.2f} at the start, {os.getloadavg()[0]:.2f} at the end, {os.cpu_count()} cores |",
        f"| dossiers | {asked.dossiers}, three files each |",
        f"| exchanges | {campaign.proxy.operations.total()}: {_listed(campaign.proxy.operations)} |",
        f"| faults of the line | {_listed(Counter(line))} |",
        f"| blows | {_listed(campaign.fallen)} (a disk is full for 0.4 s) |",
        f"| clocks | the agent's {campaign.spec.speed:g} times as fast, drawn anew at each start among "
        f"{', '.join(f'{skew:+g} s' for skew in campaign.spec.skews)}; the province's among "
        f"{', '.join(f'{skew:+d} s' for skew in campaign.spec.clocks)} |",
        f"| processes that ended unasked | {_listed(campaign.deaths) or 'none'} |",
        f"| took | {campaign.seconds:.0f} s |",
        f"| dossiers ended | {_listed(ended)} |",
        f"| lost, duplicated, other bytes, open | {len(wrong)} |",
        f"| power, synchronous=FULL | {shown[0]} |",
        f"| power, a mutant with NORMAL | {shown[-1]} |",
        "",
        *(f"- {one}" for one in wrong[:40]),
        "",
    ]
    return "\n".join(lines)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
