"""The long power-cut drill: `make soak` runs it and writes down what came of it in docs/results/."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESTARTS = re.compile(r"(\d+) restarts of web, the slowest ([\d.]+) s")


def main() -> int:
    """Run the drill with `--kills` kills a test, and write the report."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--report", type=Path, default=None, help="default: docs/results/soak-<date>.md")
    asked = parser.parse_args()
    started = datetime.now(UTC)
    command = [sys.executable, "-m", "pytest", "tests/flow/test_power_cut.py", "-s", "-rA", "-p", "no:cacheprovider"]
    load, clock = os.getloadavg()[0], time.monotonic()
    wanted = {**os.environ, "DRILL_KILLS": str(asked.kills)}
    ran = subprocess.run(command, cwd=ROOT, env=wanted, capture_output=True, text=True, check=False)
    sys.stdout.write(ran.stdout[-20_000:] + ran.stderr[-5_000:])
    report = asked.report or ROOT / "docs" / "results" / f"soak-{started:%Y-%m-%d}.md"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(told(ran, asked.kills, started, time.monotonic() - clock, load), encoding="utf-8")
    print(f"\n{report}")
    return ran.returncode


def told(ran: subprocess.CompletedProcess[str], kills: int, at: datetime, seconds: float, load: float) -> str:
    """The report: command, commit, load, kills, restarts, outcome."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    restarts = [(int(count), float(slowest)) for count, slowest in RESTARTS.findall(ran.stdout)]
    slowest = max((slow for _, slow in restarts), default=0.0)
    outcomes = [line for line in ran.stdout.splitlines() if re.match(r"(PASSED|FAILED|ERROR|SKIPPED)\b", line)]
    lines = [
        f"# Power-cut drill, {at:%Y-%m-%d %H:%M} UTC",
        "",
        "| | |",
        "|---|---|",
        f"| command | `make soak` (DRILL_KILLS={kills}) |",
        f"| commit | {commit.stdout.strip() or 'unknown'} |",
        f"| load | {load:.2f} at the start, {os.getloadavg()[0]:.2f} at the end, {os.cpu_count()} cores |",
        f"| kills | {kills} at random moments on one desk, {kills // 2} on each of two terminals with one database, "
        "and each process at every step's boundary |",
        f"| restarts of web | {sum(count for count, _ in restarts)} |",
        f"| slowest restart to the first page | {slowest:.1f} s (promised: 5 s) |",
        f"| took | {seconds:.0f} s |",
        f"| outcome | {'passed' if ran.returncode == 0 else 'FAILED'} |",
        "",
        *(f"- {line}" for line in outcomes),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
