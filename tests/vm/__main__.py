"""The agent on real kernel devices in QEMU: `make vm` runs it, ARGS=--save writes docs/results/vm-<date>.md."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.vm import kernel, machine

SURE = ("PASS", "SKIP")


def main() -> int:
    """Run the checks; 0 when none failed, 1 when one did, 4 when the machine cannot be had here."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--only", default="", help="a part of a check's name, with - for spaces: serial-lines, grab")
    parser.add_argument("--limit", type=float, default=machine.LIMIT, help="seconds for all")
    parser.add_argument("--save", action="store_true", help="write the report to docs/results/")
    parser.add_argument("--keep", type=Path, default=None, help="a folder for the console's words")
    asked = parser.parse_args()
    at, load = datetime.now(UTC), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            kernel.programs()
            ran = machine.run(folder, asked.only.replace(" ", "-"), limit=asked.limit)
        except kernel.CannotBeHad as reason:
            print(f"The kernel-level run cannot be had here: {reason}.")
            return 4
    failed = [check for check in ran.checks if check["outcome"] not in SURE]
    print(f"{len(ran.checks)} checks, {len(failed)} failed, {ran.seconds:.0f} s")
    for line in ran.trouble:
        print(f"kernel: {line}")
    if asked.save:
        report = kernel.ROOT / "docs" / "results" / f"vm-{at:%Y-%m-%d}.md"
        report.write_text(told(ran, asked.only, at, load), encoding="utf-8")
        print(report)
    return int(bool(failed) or not ran.ended)


def told(ran: machine.Ran, only: str, at: datetime, load: float) -> str:
    """The report: command, commit, kernel, load, and a table of the checks."""
    outcomes = [str(check["outcome"]) for check in ran.checks]
    sums = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in ("PASS", "FAIL", "SKIP"))
    lines = [
        f"# On real kernel devices in QEMU, {at:%Y-%m-%d %H:%M} UTC",
        "",
        "| | |",
        "|---|---|",
        f"| command | `make vm{f' ARGS=--only={only}' if only else ''} SAVE=1` |",
        f"| commit | {_said('git', 'describe', '--always', '--dirty')} |",
        f"| kernel | Debian {ran.release}, {_said('qemu-system-x86_64', '--version')}, no KVM, 2 processors |",
        f"| load | {load:.2f} at the start, {os.getloadavg()[0]:.2f} at the end, {os.cpu_count()} cores |",
        f"| up | {ran.booted:.0f} s from the start to the first check, the first imports included |",
        f"| took | {ran.seconds:.0f} s{'' if ran.ended else ', AND DID NOT END'} |",
        f"| outcome | {sums} |",
        f"| the kernel's own trouble | {'; '.join(ran.trouble) or 'none'} |",
        "",
        "Each device is one of the kernel's USB functions (printer, ACM, HID) on its loop from device to host; the",
        "other end is our simulated printer or reader. A cable is pulled by taking the power from the host's port.",
        "",
    ]
    part = ""
    for check in ran.checks:
        if check["part"] != part:
            part = str(check["part"])
            heading = ("", f"## {part.capitalize()}", "", "| | check | s | what was seen |", "|---|---|---|---|")
            lines += heading[1 if lines[-1] == "" else 0 :]
        words = str(check["words"]).replace("|", "/").replace("\n", " ")
        lines.append(f"| {check['outcome']} | {check['name']} | {check['seconds']} | {words} |")
    return "\n".join([*lines, ""])


def _said(*command: str) -> str:
    """The first line that a program says."""
    done = subprocess.run(command, cwd=kernel.ROOT, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or ["unknown"])[0].strip()


if __name__ == "__main__":
    sys.exit(main())
