"""What a bench says: one line a figure, with its limit and whether it holds."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Figure:
    """One measured figure; `holds` is None where there is no limit, only a statement."""

    what: str
    figure: str
    limit: str = ""
    holds: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        return "" if self.holds is None else ("holds" if self.holds else "MISSES")


def at_most(what: str, value: float, limit: float, unit: str, note: str = "") -> Figure:
    """A figure that must not exceed its limit."""
    return Figure(what, f"{value:.1f} {unit}", f"<= {limit:g} {unit}", value <= limit, note)


def at_least(what: str, value: float, limit: float, note: str = "") -> Figure:
    """A share that must reach its limit."""
    return Figure(what, f"{value:.0%}", f">= {limit:.0%}", value >= limit, note)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far; what else the machine does changes it little (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load() -> str:
    """The machine's load over 1 and 5 minutes."""
    one, five, _ = os.getloadavg()
    return f"{one:.1f} / {five:.1f} on {os.cpu_count()} cores"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table that also reads well in a terminal."""
    heads = ("figure", "measured", "limit", "", "note")
    rows = [heads, *((f.what, f.figure, f.limit, f.verdict, f.note) for f in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def save(folder: Path, text: str, command: str) -> Path:
    """Write the results of a run with what is needed to repeat it."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"bench-{now:%Y-%m-%d}.md"
    head = f"# Bench of {now:%Y-%m-%d %H:%M} UTC\n\n`{command}` at commit {commit.stdout.strip()}"
    path.write_text(f"{head}\n\n{text}\n", encoding="utf-8")
    return path
