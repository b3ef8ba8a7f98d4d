"""Receiving over the API, against one process that commits the same rows bare."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

from agent.store.dialects import _bind
from agent.store.keys import load_or_make_keys
from tests.bench import figures
from tests.bench.figures import Figure
from tests.bench.office import ROOT, Client, Served, bodies, furnish, serving

Change = tuple[str, list[Any]]


def record(folder: Path, count: int) -> list[list[Change]]:
    """Receive `count` dossiers here and return the changing statements of each one's transaction."""
    from agent.web.app import create_app

    site, token = furnish(folder)
    site.store.close()
    shutil.copytree(folder, folder.with_name("bare"), dirs_exist_ok=True)
    site.store.database.connect()
    client, connection = create_app(site).test_client(), site.store.database.connection()
    received, seen = [], list[Change]()

    def trace(_cursor: Any, sql: str, values: Any) -> bool:
        if sql.split(None, 1)[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.append((sql, [_plain(value) for value in values or ()]))
        return True

    for number, body in enumerate(bodies(site, count, seed=2)):
        seen.clear()
        connection.exec_trace = trace
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"recorded-{number}"}
        answer = client.post("/api/v1/dossiers", data=body, headers=headers, content_type="application/json")
        assert answer.status_code == 201, answer.data
        received.append(list(seen))
    connection.exec_trace = None
    site.store.close()
    return received


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str | bytes) else _bind(None, 0, value)


class Bare:
    """A process of its own (`python -m tests.bench.receiving FOLDER`) that commits recorded rows when told to."""

    def __init__(self, folder: Path, received: Sequence[Sequence[Change]], environ: Mapping[str, str]) -> None:
        plan = folder / "plan.json"
        rows = [[[sql, [_to_json(value) for value in values]] for sql, values in one] for one in received]
        plan.write_text(json.dumps(rows), encoding="utf-8")
        command = [sys.executable, "-m", "tests.bench.receiving", str(folder)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process: Any = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, **pipes)
        assert self._process.stdout.readline() == "ready\n"

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    def commit(self, count: int) -> float:
        """Commit the next `count` recorded receipts and return the seconds."""
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(20)


def _to_json(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _from_json(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def _commit_bare(folder: Path) -> None:
    """The bare process: one encrypted connection as the product opens it, one transaction for each receipt."""
    from agent.store import dialects

    database = dialects.sqlite(folder / "agent.db", load_or_make_keys(folder).database)
    database.connect()
    connection: Any = database.connection()
    assert connection.pragma("synchronous") == 2 and connection.pragma("journal_mode") == "wal"
    rows = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    plan = iter([[(sql, [_from_json(value) for value in values]) for sql, values in one] for one in rows])
    print("ready", flush=True)
    for line in sys.stdin:
        block = [next(plan) for _ in range(int(line))]
        began = time.perf_counter()
        for changes in block:
            cursor = connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            for sql, values in changes:
                cursor.execute(sql, values)
            cursor.execute("COMMIT")
        print(time.perf_counter() - began, flush=True)


def _send(clients: Sequence[Client], work: Sequence[tuple[bytes, str]]) -> float:
    """Send the bodies over all connections at once and return the seconds."""
    todo, turn = iter(work), threading.Lock()

    def run(client: Client) -> None:
        while True:
            with turn:
                one = next(todo, None)
            if one is None:
                return
            client.receive(*one)

    with ThreadPoolExecutor(len(clients)) as pool:
        began = time.perf_counter()
        list(pool.map(run, clients))  # raises what a thread raised
        return time.perf_counter() - began


def measure(folder: Path, *, block: int, rounds: int, shim: Mapping[str, str], label: str) -> list[Figure]:
    """Alternate blocks of one connection, of four, and of the bare process; compare the medians of their rates."""
    made = record(folder / "recorded", block * (rounds + 1))
    counts = folder / "counts"
    counts.mkdir()
    environ = {**shim, "SLOW_DISK_COUNTS": str(counts)} if shim else {}
    site, token = furnish(folder / "served")
    site.store.close()
    work = [(body, f"key-{n}") for n, body in enumerate(bodies(site, block * (2 * rounds + 1), seed=3))]
    bare = Bare(folder / "bare", made, environ)
    rates: dict[str, list[float]] = {"one": [], "four": [], "bare": []}
    syncs, processor = list[float](), list[tuple[float, float]]()
    with serving(folder / "served", token, environ) as served:
        clients = [served.client() for _ in range(4)]
        take = iter(work)
        for turn in range(rounds + 1):  # the first one warms up both sides
            before = _syncs(counts, served)
            worked = [figures.processor_seconds(pid) for pid in (served.process.pid, bare.pid)]
            one = _send(clients[:1], [next(take) for _ in range(block)])
            syncs.append((_syncs(counts, served) - before) / block)
            worked[0] = figures.processor_seconds(served.process.pid) - worked[0]
            committed = bare.commit(block)
            worked[1] = figures.processor_seconds(bare.pid) - worked[1]
            if turn:
                four = _send(clients, [next(take) for _ in range(block)])
                for name, seconds in (("one", one), ("four", four), ("bare", committed)):
                    rates[name].append(block / seconds)
                processor.append((worked[0] / block * 1e3, worked[1] / block * 1e3))
        for client in clients:
            client.close()
    bare.close()
    mine, its = (figures.middle(some) for some in zip(*processor, strict=True))
    note = f"{its:.1f} ms in the bare process; {label}"
    spent = Figure("processor time per receipt in serve", f"{mine:.1f} ms", note=note)
    return [*_figures(rates, syncs[1:] if shim else [], label), spent]


def _figures(rates: dict[str, list[float]], syncs: list[float], label: str) -> list[Figure]:
    bare = figures.middle(rates["bare"])
    made = []
    for name, words in (("one", "1 connection"), ("four", "4 connections")):
        shares = [mine / other for mine, other in zip(rates[name], rates["bare"], strict=True)]
        note = f"{figures.middle(rates[name]):.0f}/s against {bare:.0f}/s bare; {label}"
        made.append(figures.at_least(f"receive over the API, 5 components, {words}", figures.middle(shares), 0.7, note))
    if syncs:
        note = "all of the web process; a checkpoint every 1,000 pages is the part above 1"
        made.append(Figure("syncs to disk per receipt", f"{figures.middle(syncs):.2f}", "1 commit", None, note))
    return made


def _syncs(counts: Path, served: Served) -> int:
    path = counts / str(served.process.pid)
    return int.from_bytes(path.read_bytes(), sys.byteorder) if path.exists() else 0


def commits_per_receipt(folder: Path) -> int:
    """Commits that one receipt adds to the write-ahead log, read from the log itself."""
    from agent.web.app import create_app

    site, token = furnish(folder)
    client = create_app(site).test_client()
    numbers = [_commits(folder / "agent.db-wal")]
    for number, body in enumerate(bodies(site, 4, seed=4)):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"counted-{number}"}
        answer = client.post("/api/v1/dossiers", data=body, headers=headers, content_type="application/json")
        assert answer.status_code == 201, answer.data
        numbers.append(_commits(folder / "agent.db-wal"))
    site.store.close()
    added = {after - before for before, after in pairwise(numbers)}
    assert len(added) == 1, numbers
    return added.pop()


def _commits(log: Path) -> int:
    """Frames of the log that end a transaction: those that name the database's size (bytes 4 to 8 of the frame)."""
    data = log.read_bytes()
    page = int.from_bytes(data[8:12])
    frames = range(32, len(data) - 23, 24 + page)
    return sum(data[at + 8 : at + 16] == data[16:24] and any(data[at + 4 : at + 8]) for at in frames)


if __name__ == "__main__":
    _commit_bare(Path(sys.argv[1]))
