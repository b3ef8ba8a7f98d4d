"""What is kept of a device's talk, what is not, and that it can be played again."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.devices import trace
from agent.devices.drivers.escpos import EscposPrinter
from agent.devices.drivers.tspl import TsplPrinter
from agent.devices.link import Link
from agent.devices.link_tcp import TcpLink
from agent.devices.recorder import SLOT, RecordingLink, Ring
from agent.devices.registry import driver_of
from agent.devices.simulators.process import SimulatorProcess
from agent.devices.terminal import TerminalDevices, Tools
from agent.errors import DeviceProtocol, DeviceUnavailable, IntegrityError
from agent.ports import DeviceState, PrintResult, Scan
from agent.settings import Device
from tests.devices.printers import device, eventually, label

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
KEY = bytes(range(32))


class Ticking:
    """A clock that moves by a millisecond at each look."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now


@pytest.fixture
def tspl(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("tspl", folder=tmp_path / "out") as simulator:
        yield simulator


def test_headers_and_hashes_are_kept_but_not_a_byte_of_the_label(tspl: SimulatorProcess, tmp_path: Path) -> None:
    ring, job = Ring(tmp_path / "nhan.ring"), label("tspl")
    driver = driver_of(device(tspl, "tspl"), wrap=lambda _, link: RecordingLink(link, ring, Ticking(), key=KEY))
    assert driver.print(job).result is PrintResult.PRINTED
    (sent,) = [entry for entry in ring.entries() if entry.length == len(job)]
    assert (sent.direction, sent.mark, sent.first) == ("out", hmac.digest(KEY, job, "sha256").hex()[:16], "line")
    assert {entry.direction for entry in ring.entries()} == {"out", "in"}
    assert b"SIZE" not in (tmp_path / "nhan.ring").read_bytes()


def test_the_ring_never_grows_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "x.ring"
    for _ in range(3):
        ring = Ring(path, slots=8)
        for n in range(5):
            ring.add(at="", direction="out", length=n, mark="0" * 16, first="text", last="binary")
    assert path.stat().st_size == 8 * SLOT
    assert [entry.number for entry in Ring(path, slots=8).entries()] == list(range(7, 15))
    with path.open("r+b") as file:  # a slot torn by a power cut
        file.seek(3 * SLOT)
        file.write(b"{torn")
    assert len(Ring(path, slots=8).entries()) == 7


def test_an_unplugged_device_is_in_the_record(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "x.ring")
    with pytest.raises(DeviceUnavailable):
        RecordingLink(TcpLink("127.0.0.1", 9), ring, Ticking(), key=KEY).open()
    assert [(entry.direction, entry.note) for entry in ring.entries()] == [("error", "device-unavailable")]


def test_a_full_disk_does_not_keep_a_label_from_being_printed(tspl: SimulatorProcess, tmp_path: Path) -> None:
    ring = Ring(tmp_path / "x.ring")
    link = RecordingLink(TcpLink.at(tspl.address), ring, Ticking(), key=KEY)
    (tmp_path / "x.ring").unlink()
    assert TsplPrinter(link).print(label("tspl")).result is PrintResult.PRINTED
    assert link.lost > 0


def test_a_diagnostic_trace_plays_the_same_job_again(tmp_path: Path) -> None:
    with SimulatorProcess("escpos", folder=tmp_path / "out") as receipt:
        taped = trace.Trace(tmp_path / "t", "bl", key=KEY, start=NOON, until=NOON + timedelta(minutes=5))
        link = RecordingLink(TcpLink.at(receipt.address), Ring(tmp_path / "r"), Ticking(), key=KEY, trace=taped)
        first = EscposPrinter(link, count=41).print(label("escpos"))
        assert (first.result, first.evidence["print_done"]) == (PrintResult.PRINTED, "0042")
    tape = trace.ReplayLink(trace.read(taped.path, KEY))
    again = EscposPrinter(tape, count=41).print(label("escpos"))
    assert (again.result, again.evidence["print_done"]) == (PrintResult.PRINTED, "0042")
    assert tape.exhausted
    with pytest.raises(DeviceProtocol, match="không khớp"):
        trace.ReplayLink(trace.read(taped.path, KEY)).write(b"another question")


def test_a_trace_is_unreadable_without_its_key_ends_in_time_and_is_gone_after_a_day(tmp_path: Path) -> None:
    taped = trace.Trace(tmp_path, "nhan", key=KEY, start=NOON, until=NOON + timedelta(days=9))
    taped.add("out", b"Nguy\xe1\xbb\x85n Th\xe1\xbb\x8b H\xc6\xb0\xe1\xbb\x9dng", NOON)
    taped.add("out", b"too late", NOON + trace.LONGEST)
    assert b"Nguy" not in taped.path.read_bytes()
    assert [piece.data.decode() for piece in trace.read(taped.path, KEY)] == ["Nguyễn Thị Hường"]
    with pytest.raises(IntegrityError):
        list(trace.read(taped.path, KEY[::-1]))
    torn = bytearray(taped.path.read_bytes())
    torn[-1] ^= 1
    (tmp_path / "nhan-20261121T050000.copy").write_bytes(torn)
    with pytest.raises(IntegrityError):
        list(trace.read(tmp_path / "nhan-20261121T050000.copy", KEY))
    assert trace.sweep(tmp_path, NOON + timedelta(hours=23)) == []
    assert trace.sweep(tmp_path, NOON + timedelta(hours=25)) == [taped.path]
    assert not taped.path.exists()


def test_an_entry_fits_its_slot(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "x.ring")
    at = NOON.isoformat(timespec="milliseconds")
    ring.add(
        at=at,
        direction="error",
        length=10**9,
        mark="f" * 16,
        first="command",
        last="command",
        note="device-outcome-unknown",
    )
    (entry,) = ring.entries()
    assert json.dumps(entry.note)


def test_the_ring_of_a_reader_tells_that_there_was_a_scan_and_no_letter_of_it(tmp_path: Path) -> None:
    card = "001088012345|011234567|Nguyễn Văn An|01011988|Nam|12 Lạc Long Quân|01012021"
    with SimulatorProcess("reader", folder=tmp_path / "sim") as running:
        rings: list[Ring] = []

        def record(name: str, link: Link, secretive: bool) -> RecordingLink:
            rings.append(Ring(tmp_path / f"{name}.ring"))
            return RecordingLink(link, rings[-1], Ticking(), key=KEY, secretive=secretive)

        devices = TerminalDevices([Device("doc", "reader", "serial", running.address)], Tools(record=record))
        station, desk = devices.stations()[0], ListeningDesk()
        thread = threading.Thread(target=station.run, args=(desk,), daemon=True)
        thread.start()
        eventually(lambda: bool(desk.states))
        running.tell("scan", text=card, piece=1, pause=0.002)  # a slow wire gives a letter at a time
        eventually(lambda: any(scan.payload.decode() == card for scan in desk.scans))
        station.stop.set()
        thread.join(5)
    noted = [entry for entry in rings[-1].entries() if entry.direction in {"in", "scan"}]
    assert [(entry.direction, entry.length, entry.mark, entry.first, entry.last) for entry in noted] == [
        ("scan", len(card.encode()), "", "", "")
    ]


def test_bare_hashes_of_an_older_version_are_gone_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "x.ring"
    path.write_bytes(b'{"number":0,"at":"","direction":"in","length":1,"sha256":"00","first":"","last":""}\n')
    assert Ring(path).entries() == [] and path.read_bytes() == b""


class ListeningDesk:
    """A Desk that keeps what a reader's station tells; it is asked for nothing else."""

    def __init__(self) -> None:
        self.states: list[DeviceState] = []
        self.scans: list[Scan] = []

    def said(self, line: Device, state: DeviceState, identity: str) -> None:
        self.states.append(state)

    def scanned(self, line: Device, scans: Sequence[Scan]) -> None:
        self.scans += scans
