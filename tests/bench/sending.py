"""The hand-off's two loads: 20 MB of files at flat memory beside a bare copy, and dossiers beside bare commits."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.domain.jobs import JobState
from agent.jobs.line import Line
from agent.jobs.upload import send_file
from agent.jobs.working import senders
from agent.settings import Settings
from agent.site import Site
from agent.store.outbox import Job
from agent.wiring import build_site
from tests.bench import figures
from tests.bench.figures import ROOT, Figure
from tests.bench.office import CLERK, bodies, furnish
from tests.contract.sandbox_process import Sandbox
from tests.flow.outage import stack_up

BYTES, FILES, DOSSIERS, PIECE = 20_000_000, 4, 200, 262_144


def measure_upload(folder: Path) -> list[Figure]:
    """20 MB of files from the vault to the sandbox by a process of its own, beside a copy that hashes and syncs."""
    rates, grown = list[float](), list[float]()
    bare = list[float]()
    for turn in range(3):
        place = folder / f"turn-{turn}"
        with Sandbox(place / "province") as province:
            made = subprocess.run(
                [sys.executable, "-m", "tests.bench.sending", str(place / "agent"), province.endpoint],
                cwd=ROOT, capture_output=True, text=True, check=True,
            )  # fmt: skip
        told = json.loads(made.stdout.splitlines()[-1])
        rates.append(told["bytes_per_second"])
        grown.append(told["grown"])
        bare.append(_copied(place))
    rate, copy = figures.middle(rates), figures.middle(bare)
    note = f"{rate / 1e6:.0f} MB/s against {copy / 1e6:.0f} MB/s; {BYTES / 1e6:.0f} MB in {FILES} files"
    return [
        figures.at_most("memory that 20 MB of files add to their sender", max(grown) / 1e6, 8.0, "MB", note),
        figures.at_least("files to the province against a bare loopback copy with SHA-256", rate / copy, 0.5, note),
    ]


def _upload(folder: Path, endpoint: str) -> None:
    """The sender's process: one small question first, then the files; how much it grew at the most."""
    settings = Settings(data=folder)
    site = build_site(settings.with_(province=replace(settings.province, endpoint=endpoint, chunk_bytes=1_048_576)))
    names = [site.vault.put(os.urandom(BYTES // FILES)) for _ in range(FILES)]
    assert not site.province().upload_state(names[0]).received
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins here
    began = time.perf_counter()
    for name in names:
        assert send_file(site, name)
    took = time.perf_counter() - began
    print(json.dumps({"bytes_per_second": BYTES / took, "grown": _resident("VmHWM") - before}), flush=True)
    site.store.close()


def _resident(what: str) -> int:
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(text.partition(f"{what}:")[2].split()[0]) * 1024


def _copied(folder: Path) -> float:
    """Bytes per second of a copy over loopback: read from disk, sent, hashed on both sides, written and synced."""
    source, target = folder / "source", folder / "target"
    source.write_bytes(os.urandom(BYTES))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            near, _ = listener.accept()
            seen = hashlib.sha256()
            with near, target.open("wb") as file:
                while data := near.recv(PIECE):
                    seen.update(data)
                    file.write(data)
                file.flush()
                os.fsync(file.fileno())
                near.sendall(seen.digest())

        thread = threading.Thread(target=take)
        thread.start()
        began = time.perf_counter()
        with socket.create_connection(listener.getsockname()) as far, source.open("rb") as file:
            seen = hashlib.sha256()
            while data := file.read(PIECE):
                seen.update(data)
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)
            assert far.recv(32) == seen.digest()
        took = time.perf_counter() - began
        thread.join()
    return BYTES / took


def measure_pipeline(folder: Path) -> list[Figure]:
    """Claim, send, verify the receipt, settle: dossiers a second beside the bare commits that both ledgers need."""
    with Sandbox(folder / "province") as province:
        site, _ = furnish(folder / "agent")
        asked = replace(site.settings.province, endpoint=province.endpoint)
        site = replace(site, settings=site.settings.with_(province=asked), province=lambda: gateway)
        gateway = province.gateway()
        _queued(site)
        line = Line(site)
        first, _, bulk = senders(site, line)
        while bulk.run_once():
            pass
        commits = list[int]()
        connection = site.store.database.connection()
        connection.set_commit_hook(lambda: bool(commits.append(1)))
        began = time.perf_counter()
        while first.run_once():
            pass
        took = time.perf_counter() - began
        connection.set_commit_hook(None)
        done = Job.select().where((Job.kind == "submit") & (Job.state == JobState.ACKED)).count()
        assert done == DOSSIERS, f"{done} of {DOSSIERS}"
        site.store.close()
    bare = 1 / (_commit(folder / "ours.db") + _commit(folder / "theirs.db"))
    note = f"{DOSSIERS / took:.0f}/s against {bare:.0f}/s; small files were up before"
    each = len(commits) / DOSSIERS
    return [
        Figure("commits of the agent per dossier handed off", f"{each:.2f}", "<= 2", each <= 2, f"{DOSSIERS} dossiers"),
        Figure(
            "hand-off of a dossier against one bare commit in each ledger", f"{DOSSIERS / took / bare:.0%}", note=note
        ),
    ]


def _queued(site: Site) -> None:
    from pydantic import TypeAdapter

    from agent.intake.receive import receive
    from agent.intake.request import Intake

    adapter: Any = TypeAdapter(Intake)
    made = [receive(site, adapter.validate_json(body), by=CLERK) for body in bodies(site, DOSSIERS, seed=3)]
    with site.store.writing():
        Job.update(state=JobState.ACKED).where(Job.kind == "allocate").execute()
    stack_up(site, made, most_bytes=2_000, days=3)


def _commit(path: Path) -> float:
    """Seconds of one bare commit of a row to a file that syncs."""
    with sqlite3.connect(path, isolation_level=None) as plain:
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("PRAGMA synchronous=FULL")
        plain.execute("CREATE TABLE row (body BLOB)")
        began = time.perf_counter()
        for _ in range(DOSSIERS):
            plain.execute("INSERT INTO row VALUES (?)", (os.urandom(3_000),))
        return (time.perf_counter() - began) / DOSSIERS


if __name__ == "__main__":
    _upload(Path(sys.argv[1]), sys.argv[2])
