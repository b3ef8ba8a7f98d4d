"""`make fuzz`: a million damaged byte strings through every status and scan parser, written down in docs/results/."""

from __future__ import annotations

import argparse
import faulthandler
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from tests.devices import test_reader_parsers, test_status_replies

ROOT = Path(__file__).resolve().parents[2]
PARTS = 20  # of the rounds, each with a seed of its own, so that one that fails is repeated quickly
HUNG = 600.0  # seconds without an end of a part
FUZZERS = {
    "status": (test_status_replies.fuzz, len(test_status_replies.PARSERS), "replies refused"),
    "scans": (test_reader_parsers.fuzz, len(test_reader_parsers.MAKERS) + 1, "frames seen"),
}


def part(name: str, rounds: int, seed: int) -> tuple[int, float, int]:
    """One part in a process of its own, which ends itself when it hangs: count, processor seconds, memory in MB."""
    faulthandler.dump_traceback_later(HUNG, exit=True)
    began = time.process_time()
    count = FUZZERS[name][0](rounds, seed)
    spent = time.process_time() - began
    faulthandler.cancel_dump_traceback_later()
    return count, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> int:
    """Run every fuzzer for `--rounds` and write the report; 1 when a parser raised what it may not, or hung."""
    parser = argparse.ArgumentParser(prog="python -m tests.devices.fuzz", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--report", type=Path, default=None, help="default: docs/results/fuzz-<date>.md")
    asked = parser.parse_args()
    started, clock, load = datetime.now(UTC), time.monotonic(), os.getloadavg()[0]
    rows, troubles = list[str](), list[str]()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        share = -(-asked.rounds // PARTS)
        waiting: dict[str, list[tuple[int, Future[tuple[int, float, int]]]]] = {
            name: [
                (asked.seed + number, pool.submit(part, name, share, asked.seed + number)) for number in range(PARTS)
            ]
            for name in FUZZERS
        }
        for name, parts in waiting.items():
            counted, spent, memory = 0, 0.0, 0
            for seed, one in parts:
                try:
                    count, seconds, megabytes = one.result()
                except Exception as error:  # noqa: BLE001 (told in the report)
                    troubles.append(f"{name}, seed {seed}: {type(error).__name__}: {error}")
                    continue
                counted, spent, memory = counted + count, spent + seconds, max(memory, megabytes)
                print(f"{name}: seed {seed}, {seconds:.0f} s", file=sys.stderr, flush=True)
            _, parsers, what = FUZZERS[name]
            rows.append(
                f"| {name} | {share * PARTS:,} | {parsers} | {counted:,} {what} | {spent:.0f} s | {memory} MB |"
            )
    text = told(asked.rounds, started, time.monotonic() - clock, load, rows, troubles)
    report = asked.report or ROOT / "docs" / "results" / f"fuzz-{started:%Y-%m-%d}.md"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(text, encoding="utf-8")
    print(f"{text}\n{report}")
    return 1 if troubles else 0


def told(rounds: int, at: datetime, seconds: float, load: float, rows: list[str], troubles: list[str]) -> str:
    """The report: command, commit, load, what was tried, what went wrong."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = [
        f"# Damaged bytes through every parser, {at:%Y-%m-%d %H:%M} UTC",
        "",
        f"`make fuzz ROUNDS={rounds}` at commit {commit.stdout.strip() or 'unknown'}; {seconds:.0f} s; load "
        f"{load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end, {os.cpu_count()} cores.",
        "",
        "| parsers | byte strings | each given to | counted | processor | memory of a part |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "A fifth is noise, the rest are replies and scans with bytes changed, cut, put in or joined to others. Allowed",
        "are errors of our own with words; anything else, or a part that hung, is listed here.",
        "",
        *(f"- {trouble}" for trouble in troubles),
        *([] if troubles else ["Nothing was."]),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
