"""Devices: from "print" to the printer's last byte, from a reader's byte to the screen, and what idle ones cost."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from agent.accounts.add_user import add_user
from agent.accounts.sign_in import sign_in
from agent.devices.simulators.process import SimulatorProcess
from agent.domain.actor import Actor
from agent.domain.jobs import JobState
from agent.domain.roles import Role
from agent.intake.guide import catalogue, load_catalogue, sample_text, today
from agent.intake.label import request_label
from agent.intake.receive import receive
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.settings import Database, Device, Settings
from agent.site import Site
from agent.store import outbox
from agent.wiring import build_site, run_devices
from tests.bench import figures
from tests.bench.device_peers import Peer, peer
from tests.bench.figures import Figure
from tests.bench.office import CLERK, OFFICE, Served, serving

PRINT_MS, SCAN_MS, SCAN_P99_MS, IDLE_PERCENT = 25.0, 20.0, 50.0, 1.0
LABELS, WARM = 60, 8  # labels measured, and printed before
SCANS, RATE = 400, 20.0  # scans, and how many a second
IDLE = 30.0  # seconds
PASSWORD = "lúa chín vàng đồng"
PROCEDURE = "2.000635"


# --- (1) a label ---------------------------------------------------------------------------------------
def printing(folder: Path) -> list[Figure]:
    """Per language: `request_label`, the supervisor's thread, the last byte at a simulator in another process."""
    return [_one_language(folder / language, language) for language in ("zpl", "tspl", "escpos")]


def _one_language(folder: Path, language: str) -> Figure:
    with peer(language, folder / "printer") as printer:
        media = "72x0" if language == "escpos" else "100x60"
        line = Device("nhan", "label", "tcp", printer.address, language=language, media=media)
        site = build_site(Settings(data=folder / "data", devices=(line,)))
        stop = threading.Event()
        owner = threading.Thread(target=run_devices, args=(site, stop))
        owner.start()
        try:
            taken = _labels(site, printer)
        finally:
            stop.set()
            owner.join(30)
            site.store.close()
    spread = f"p95 {figures.percentile(taken, 0.95):.1f}, from {min(taken):.1f} ms; {LABELS} labels"
    return figures.at_most(f"print to last byte, {language}, median", figures.middle(taken), PRINT_MS, "ms", spread)


def _labels(site: Site, printer: Peer) -> list[float]:
    """Milliseconds of each label after the first few; each is another one's, and the printer is idle before it."""
    add_user(site, CLERK.username, role=CLERK.role, office_id=OFFICE, full_name=CLERK.full_name)
    load_catalogue(site, sample_text(), by=Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1"))
    taken, pause = [], threading.Event()
    for number in range(WARM + LABELS):
        case = catalogue(site).current(PROCEDURE, today(site)).case()
        parts = tuple(ComponentInput(needed.code) for needed in case.mandatory)
        owner = PartyInput(chip_card=CARD.format(number=number), phone="0912 345 678")
        dossier = receive(site, Intake(PROCEDURE, owner, parts), by=CLERK)
        pause.wait(0.1)
        began = time.monotonic()
        job = request_label(site, dossier.uid, by=CLERK)
        ended = printer.instants.get(timeout=60)
        _until(lambda job=job: outbox.show(job.key).state is JobState.ACKED)
        if number >= WARM:
            taken.append((ended - began) * 1000)
    return taken


CARD = "00118801{number:04}||Nguyễn Thị Quỳnh Hường|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"


# --- (2) a scan ----------------------------------------------------------------------------------------
def scanning(folder: Path, url: str = "") -> list[Figure]:
    """The reader's byte in one process, `serve` in another, the screen's stream read here."""
    with peer("reader", folder / "reader") as reader:
        line = Device("doc", "reader", "tcp", reader.address)
        token = office(folder / "data", [line], url)
        with serving(folder / "data") as served, stream(served, token) as arrived:
            _until(lambda: reader.tell("status")["connected"] and _heard(reader, arrived), 60)
            taken = _scans(reader, arrived)
    where = "PostgreSQL" if url else "SQLite"
    note = f"{SCANS} scans, {RATE:.0f} a second; longest {max(taken):.1f} ms"
    return [
        figures.at_most(f"scan to the screen, {where}, median", figures.middle(taken), SCAN_MS, "ms", note),
        figures.at_most(f"scan to the screen, {where}, p99", figures.percentile(taken, 0.99), SCAN_P99_MS, "ms"),
    ]


def _heard(reader: Peer, arrived: list[float]) -> bool:
    """Whether a scan came through; those before do not count."""
    reader.tell("scan", text="PA1T|T-0421")
    time.sleep(0.5)
    return bool(arrived)


def _scans(reader: Peer, arrived: list[float]) -> list[float]:
    time.sleep(1.0)
    while not reader.instants.empty():
        reader.instants.get()
    before, due = len(arrived), time.monotonic()
    for number in range(SCANS):
        due += 1 / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        reader.tell("scan", text=f"T1-6T21-{number:04}")
    _until(lambda: len(arrived) >= before + SCANS, 30)
    written = [reader.instants.get(timeout=5) for _ in range(SCANS)]
    return [(seen - sent) * 1000 for sent, seen in zip(written, arrived[before:], strict=True)]


@contextmanager
def stream(served: Served, token: str) -> Iterator[list[float]]:
    """The instants at which `scan` events came on a real HTTP client's /live/events."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("GET", "/live/events", headers={"Cookie": f"agent={token}", "Sec-Fetch-Site": "same-origin"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()[:300]
    arrived, over = list[float](), threading.Event()

    def listen() -> None:
        while not over.is_set():
            line = answer.readline()
            if line.startswith(b"event: scan"):
                arrived.append(time.monotonic())
            if not line:
                return

    reading = threading.Thread(target=listen, daemon=True)
    reading.start()
    try:
        yield arrived
    finally:
        over.set()
        reading.join(5)
        connection.close()


# --- (3) idle ------------------------------------------------------------------------------------------
def idling(folder: Path) -> list[Figure]:
    """Processor time of `serve` with five printers, two readers and a watched folder, and of one without any."""
    kinds = {"nhan": "zpl", "cuon": "escpos", "hai": "tspl", "ba": "zpl", "bon": "zpl-pty"}
    (folder / "pages").mkdir()
    with ExitStack() as stack:
        lines = [Device("may-quet", "pages", "folder", str(folder / "pages"))]
        for name, kind in kinds.items():
            made = stack.enter_context(SimulatorProcess(kind, folder=folder / name))
            role, wire = "receipt" if kind == "escpos" else "label", "serial" if kind.endswith("pty") else "tcp"
            lines.append(Device(name, role, wire, made.address, language=kind.removesuffix("-pty")))
        for name, kind in {"doc": "reader", "doc-2": "reader-tcp"}.items():
            made = stack.enter_context(SimulatorProcess(kind, folder=folder / name))
            lines.append(Device(name, "reader", "serial" if kind == "reader" else "tcp", made.address))
        with_all, child = _idle(folder / "data", lines)
    without, _ = _idle(folder / "none", [])
    note = f"over {IDLE:.0f} s; with none {without:.2f} %; its `work` child {child:.2f} % more"
    return [figures.at_most("8 devices attached and idle, serve", with_all, IDLE_PERCENT, "% of a core", note)]


def _idle(folder: Path, lines: Sequence[Device]) -> tuple[float, float]:
    """Per cent of a core of `serve`, and of its child, while nothing happens."""
    token = office(folder, lines)
    assert token
    with serving(folder) as served:
        time.sleep(8.0)  # what is done once at the start
        pids = [served.process.pid, *_children(served.process.pid)]
        before, began = [figures.processor_seconds(pid) for pid in pids], time.monotonic()
        time.sleep(IDLE)
        spent = [figures.processor_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]
        seconds = time.monotonic() - began
    return 100 * spent[0] / seconds, 100 * sum(spent[1:]) / seconds


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if stat.read_text().rpartition(")")[2].split()[1] == str(pid):
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


# --- all of them -----------------------------------------------------------------------------------------
def office(folder: Path, lines: Sequence[Device], url: str = "") -> str:
    """A data folder with these devices and a clerk; the token of the clerk's session."""
    settings = Settings(data=folder, devices=tuple(lines), database=Database(url))
    site = build_site(settings)
    add_user(site, CLERK.username, role=CLERK.role, office_id=OFFICE, password=PASSWORD, full_name=CLERK.full_name)
    load_catalogue(site, sample_text(), by=replace(CLERK, role=Role.SUPERVISOR))
    token = sign_in(site, CLERK.username, PASSWORD, terminal_id="T1")
    site.store.close()
    words = [f'[database]\nurl = "{url}"', '[province]\nendpoint = "http://127.0.0.1:9/soap/tthc"']
    for line in lines:
        told = {name: value for name, value in asdict(line).items() if value not in ("", False)}
        words.append("[[device]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in told.items()))
    (folder / "agent.toml").write_text("\n".join(words) + "\n", encoding="utf-8")
    return token


def _until(condition: object, limit: float = 60.0) -> None:
    assert callable(condition)
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"it did not come true in {limit} s (load {os.getloadavg()[0]:.1f})"
        time.sleep(0.005)
