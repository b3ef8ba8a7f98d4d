"""How long `serve` takes to answer, and what memory it holds when nothing happens."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench import figures
from tests.bench.figures import Figure
from tests.bench.office import furnish, serving

STARTS, QUIET = 5, 4.0  # process starts; seconds of idling before memory is read
SECONDS, MEGABYTES = 1.0, 130.0


def measure(folder: Path) -> list[Figure]:
    """Start the real process over a set-up folder several times; read the memory of the whole tree in the last."""
    site, token = furnish(folder)
    site.store.close()
    taken, worked, memory = [], [], dict[int, float]()
    for turn in range(STARTS):
        began = time.perf_counter()
        with serving(folder, token) as served:
            taken.append(time.perf_counter() - began)
            worked.append(figures.processor_seconds(served.process.pid))
            if turn == STARTS - 1:
                time.sleep(QUIET)  # the worker has started too, and both have nothing to do
                memory = {pid: _proportional(pid) for pid in _tree(served.process.pid)}
    spread = f"median of {STARTS} new processes, {min(taken):.2f} to {max(taken):.2f} s"
    spread += f"; {figures.middle(worked):.2f} s of processor time"
    parts = " + ".join(f"{part:.0f}" for part in memory.values())
    return [
        figures.at_most("serve answers /healthz after", figures.middle(taken), SECONDS, "s", spread),
        figures.at_most("serve idle, proportional set size", sum(memory.values()), MEGABYTES, "MB", f"{parts} MB"),
    ]


def _tree(pid: int) -> list[int]:
    found, todo = list[int](), [pid]
    while todo:
        found.append(todo.pop())
        for task in Path(f"/proc/{found[-1]}/task").iterdir():
            todo += [int(child) for child in _children(task)]
    return found


def _children(task: Path) -> list[str]:
    listed = task / "children"
    if listed.exists():
        return listed.read_text().split()
    parent = task.parent.parent.name
    status = [p for p in Path("/proc").glob("[0-9]*/stat") if p.read_text().rpartition(")")[2].split()[1] == parent]
    return [p.parent.name for p in status] if task.name == parent else []


def _proportional(pid: int) -> float:
    """Proportional set size in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
