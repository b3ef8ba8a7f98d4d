"""Readers on real wires, in processes of their own: every whole scan arrives once, in order, and a torn one is told."""

from __future__ import annotations

import errno
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agent.devices.link_hid import HidapiDevice, HidrawNode
from agent.devices.link_trouble import trouble
from agent.devices.readers.factory import reader_of
from agent.devices.readers.reader import Reader
from agent.devices.simulators.process import SimulatorProcess
from agent.errors import ConfigError, DeviceUnavailable
from agent.ports import Scan
from agent.settings import Device
from tests.devices.printers import eventually
from tests.devices.readers import CARD, KINDS, folder, line, reader, some, until_unplugged

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pty or a FIFO: only on Windows there is none")
kinds = pytest.mark.parametrize("kind", KINDS)
HALF = 500  # scans of one of two bursts of one of two readers


@posix
@kinds
def test_the_text_of_a_chip_card_arrives_byte_for_byte(kind: str, tmp_path: Path) -> None:
    hexdump = kind == "reader-wedge"
    with SimulatorProcess(kind, folder=tmp_path) as running:
        wire = reader(running, kind, hexdump=hexdump)
        running.tell("scan", text=CARD, aim="]Q1", hexdump=hexdump)
        (scan,) = some(wire)
        assert (scan.payload, scan.aim, scan.symbology) == (CARD.encode(), "]Q1", "qr")
        assert (scan.torn, scan.repeat, scan.note, scan.device) == (False, False, "", "doc")
        wire.close()


@posix
@kinds
def test_a_code_that_dribbles_in_is_one_scan_and_the_same_code_again_is_a_repeat(kind: str, tmp_path: Path) -> None:
    with SimulatorProcess(kind, folder=tmp_path) as running:
        wire = reader(running, kind)
        running.tell("scan", text="RR473124829VN", aim="]C0", piece=5, pause=0.02)
        (first,) = some(wire)
        assert (first.payload, first.aim, first.gap_ms) == (b"RR473124829VN", "]C0", None)
        assert first.took_ms >= (0 if kind == "reader-hid" else 20)  # a report arrives at once or not at all
        running.tell("scan", text="RR473124829VN")
        running.tell("scan", text="RR473124830VN")
        again, other = some(wire, 2)
        assert [scan.repeat for scan in (first, again, other)] == [False, True, False]
        assert again.gap_ms is not None
        assert wire.read(0.0) == []


class Listener:
    """What a supervisor's thread does with a reader that comes and goes."""

    def __init__(self, line: Device) -> None:
        self.source: Reader = reader_of(line)
        self.scans: list[Scan] = []
        self.words: list[str] = []
        self.opened = 0

    def run(self, last: bytes) -> None:
        while not self.scans or self.scans[-1].payload != last:
            try:
                self.source.open()
                self.opened += 1
                while not self.scans or self.scans[-1].payload != last:
                    self.scans += self.source.read(0.2)
            except DeviceUnavailable as error:
                self.scans += self.source.lost()
                self.words.append(error.message)
        self.source.close()


@posix
@pytest.mark.parametrize("pair", [("reader", "reader-tcp"), ("reader-hid", "reader-wedge")], ids="+".join)
def test_two_readers_at_full_speed_one_unplugged_every_whole_scan_arrives_once_and_in_order(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    steady, shaky = pair
    with (
        SimulatorProcess(steady, folder=folder(tmp_path, "a")) as one,
        SimulatorProcess(shaky, folder=folder(tmp_path, "b")) as two,
        ThreadPoolExecutor(2) as pool,
    ):
        calm, torn = Listener(line(one, steady)), Listener(line(two, shaky))
        done = [pool.submit(calm.run, b"A%06d" % (2 * HALF)), pool.submit(torn.run, b"B%06d" % (2 * HALF))]
        eventually(lambda: calm.opened == torn.opened == 1)
        one.tell("burst", prefix="A", count=2 * HALF)
        two.tell("burst", prefix="B", count=HALF)
        two.tell("scan", text="B-torn-" + "x" * 60, tear=40)
        two.tell("vanish")
        eventually(lambda: not two.tell("status")["connected"], 20)
        two.tell("ok")
        eventually(lambda: torn.opened == 2)
        two.tell("burst", prefix="B", first=HALF + 1, count=HALF)
        for future in done:
            future.result(timeout=60)
        assert one.tell("status")["sent"] == two.tell("status")["sent"] == 2 * HALF
    expected = [b"%d" % (10**6 + n) for n in range(1, 2 * HALF + 1)]
    assert [scan.payload for scan in calm.scans] == [b"A" + number[1:] for number in expected]
    assert [scan.payload for scan in torn.scans if not scan.torn] == [b"B" + number[1:] for number in expected]
    (broken,) = [scan for scan in torn.scans if scan.torn]
    assert torn.scans.index(broken) == HALF
    assert broken.payload.startswith(b"B-torn-xxx")
    assert "Cắm lại rồi quét lại" in broken.note
    assert torn.words


@posix
@kinds
def test_a_reader_that_is_pulled_out_now_says_so_and_goes_on_when_it_is_back(kind: str, tmp_path: Path) -> None:
    with SimulatorProcess(kind, folder=tmp_path) as running:
        wire = reader(running, kind)
        running.tell("vanish", now=True)
        scans, words = until_unplugged(wire)
        assert scans == []
        assert words.endswith("rồi thử lại.")
        with pytest.raises(DeviceUnavailable, match=r"Không thấy thiết bị|Không liên lạc được"):
            wire.read(0.1)
        running.tell("ok")
        wire.open()
        running.tell("scan", text="T1-6T21-00CQ")
        assert [scan.payload for scan in some(wire)] == [b"T1-6T21-00CQ"]


@posix
def test_a_scan_that_was_on_its_way_while_the_port_was_opened_is_torn_for_its_beginning_may_be_lost(
    tmp_path: Path,
) -> None:
    with SimulatorProcess("reader", folder=tmp_path) as running:
        running.tell("scan", text="0123456789" * 20, piece=1, pause=0.004)
        running.tell("scan", text="RR473124829VN", end="\r\n")
        eventually(lambda: running.tell("status")["waiting"] < 150)
        early, whole = some(reader(running, "reader"), 2)
        assert (early.torn, len(early.payload) < 200, "phần đầu" in early.note) == (True, True, True)
        assert (whole.payload, whole.torn) == (b"RR473124829VN", False)


@posix
def test_keys_that_the_kernel_dropped_are_told(tmp_path: Path) -> None:
    with SimulatorProcess("reader-wedge", folder=tmp_path) as running:
        wire = reader(running, "reader-wedge")
        running.tell("scan", text="RR473124829VN", drop=4)
        running.tell("scan", text="RR473124829VN")
        harmed, whole = some(wire, 2)
        assert (harmed.torn, harmed.payload, whole.torn, whole.repeat) == (True, b"RR4724829VN", False, False)


@posix
@pytest.mark.parametrize(
    ("kind", "settings", "end"),
    [
        ("reader", {"end": ""}, "none"),
        ("reader", {"end": ""}, ""),
        ("reader", {"end": "\r\n"}, ""),
        ("reader", {"start": "\x02", "end": "\x03"}, ""),
        ("reader", {"start": "\x02", "end": "\x03"}, "etx"),
        ("reader-wedge", {"end": "\t"}, "tab"),
        ("reader-wedge", {"end": ""}, "none"),
    ],
)
def test_a_reader_with_any_terminator_or_none_is_understood(
    kind: str, settings: dict[str, str], end: str, tmp_path: Path
) -> None:
    with SimulatorProcess(kind, folder=tmp_path) as running:
        wire = reader(running, kind, end=end)
        running.tell("set", **settings)
        for code in (b"T1-6T21-00CQ", b"PA1K|next"):
            running.tell("scan", hex=code.hex())
            assert [(scan.payload, scan.torn) for scan in some(wire)] == [(code, False)]


@posix
@pytest.mark.parametrize("kind", ["reader", "reader-hid", "reader-wedge"])  # a network box decides whom it lets in
def test_two_agents_on_one_reader_the_second_is_told(kind: str, tmp_path: Path) -> None:
    with SimulatorProcess(kind, folder=tmp_path) as running:
        wire = reader(running, kind)
        with pytest.raises(DeviceUnavailable, match="một postal-agent khác"):
            reader(running, kind)
        running.tell("scan", text="A1")
        assert [scan.payload for scan in some(wire)] == [b"A1"]
        wire.close()
        reader(running, kind).close()


@pytest.mark.parametrize(
    ("address", "group"),
    [("/dev/input/event3", "input"), ("/dev/hidraw0", "input"), ("/dev/ttyACM0", "dialout"), ("/dev/usb/lp0", "lp")],
)
def test_a_reader_without_permission_names_the_group(address: str, group: str) -> None:
    assert f"nhóm “{group}”" in trouble(PermissionError(errno.EACCES, "Permission denied"), address)


@posix
def test_a_node_that_is_forbidden_absent_or_no_input_device_says_so(tmp_path: Path) -> None:
    node = tmp_path / "hidraw0"
    node.touch(mode=0o000)
    if not os.access(node, os.R_OK):  # root may all
        with pytest.raises(DeviceUnavailable, match="nhóm “input”"):
            reader_of(Device("d", "reader", "hidraw", str(node))).open()
    with pytest.raises(DeviceUnavailable, match="Không thấy thiết bị"):
        reader_of(Device("d", "reader", "hidraw", str(tmp_path / "hidraw9"))).open()
    if sys.platform.startswith("linux"):
        node.chmod(0o600)
        wrong = reader_of(Device("d", "reader", "evdev", str(node)))  # a file cannot be grabbed
        with pytest.raises(DeviceUnavailable, match=r"vừa bị rút ra hoặc tắt|Không liên lạc được"):
            wrong.open()


def test_a_line_that_no_reader_understands_is_refused_with_what_there_is() -> None:
    wrong = Device("doc", "reader", "usb", "x")
    with pytest.raises(ConfigError, match="serial, tcp, hidraw, evdev"):
        reader_of(wrong)
    with pytest.raises(ConfigError, match="cr, lf, crlf, etx, tab, none"):
        reader_of(replace(wrong, kind="serial", end="cr lf"))
    with pytest.raises(ConfigError, match="rtscts"):
        reader_of(replace(wrong, kind="serial", flow="dtr"))
    with pytest.raises(ConfigError, match="Viết theo dạng"):
        reader_of(replace(wrong, kind="tcp", address="http://x:y"))
    if not sys.platform.startswith("linux"):
        with pytest.raises(ConfigError, match="chỉ có trên Linux"):
            reader_of(replace(wrong, kind="evdev"))


STAND_IN = """
class device:
    def open_path(self, path):
        if path != b"scanner":
            raise OSError("open failed")
        self.reports = [list(range(64)), []]
    def read(self, most, timeout_ms):
        if not self.reports:
            raise OSError("read error")
        return self.reports.pop(0)
    def close(self):
        pass

def enumerate(vid, pid):
    pages = [(0x01, b"keyboard", "S1"), (0x8C, b"scanner", "S1"), (0x8C, b"other", "S2")]
    return [{"usage_page": page, "path": path, "serial_number": serial} for page, path, serial in pages
            if (vid, pid) == (0x0C2E, 0x0B6A)]
"""


def test_the_library_for_windows_is_asked_for_the_scanner_and_its_absence_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the hidapi package, with the calls of it that we use."""
    monkeypatch.delitem(sys.modules, "hid", raising=False)
    (tmp_path / "hid.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(str(tmp_path))
    scanner = HidapiDevice("0c2e:0b6a")
    with scanner:
        assert scanner.read(64, timeout=0.1) == bytes(range(64))
        assert scanner.read(64, timeout=0.1) == b""
        with pytest.raises(DeviceUnavailable, match="vừa bị rút ra"):
            scanner.read(64, timeout=0.1)
    with pytest.raises(DeviceUnavailable, match="chương trình khác"):
        HidapiDevice("0c2e:0b6a:S2").open()
    with pytest.raises(DeviceUnavailable, match="chế độ HID POS"):
        HidapiDevice("0c2e:ffff").open()
    (tmp_path / "hid.py").write_text("raise ImportError('hid')")
    sys.modules.pop("hid")
    with pytest.raises(ConfigError, match="hidapi"):
        HidapiDevice("scanner").open()
    sys.modules.pop("hid", None)


@posix
def test_a_node_is_closed_twice_without_harm_and_opened_again(tmp_path: Path) -> None:
    with SimulatorProcess("reader-hid", folder=tmp_path) as running:
        node = HidrawNode(running.address)
        with node:
            assert node.simulated
            assert node.read(64, timeout=0.0) == b""
        node.close()
        assert not node.simulated
        with node:
            assert node.simulated


@posix
def test_an_order_that_makes_no_sense_is_refused_and_a_reader_that_is_unplugged_waits(tmp_path: Path) -> None:
    with SimulatorProcess("reader-hid", folder=tmp_path) as running:
        assert "burst" in str(running.tell("dance")["error"])
        assert running.tell("scan", hex="zz")["ok"] is False
        running.tell("vanish", now=True)
        running.tell("scan", text="A1")
        assert running.tell("status") == {"ok": True, "sent": 0, "waiting": 64, "connected": False}
        running.tell("ok")
        assert [scan.payload for scan in some(reader(running, "reader-hid"))] == [b"A1"]


def test_a_reader_behind_a_pyserial_address_is_read_and_its_loss_told(tmp_path: Path) -> None:
    with SimulatorProcess("reader-tcp", folder=tmp_path) as running:
        address = running.address.replace("tcp://", "socket://")
        wire = reader_of(Device("doc", "reader", "serial", address))
        wire.open()
        running.tell("burst", prefix="A", count=50)
        assert [scan.payload for scan in some(wire, 50)] == [b"A%06d" % n for n in range(1, 51)]
        running.tell("scan", text="A1" * 30, tear=20)
        running.tell("vanish")
        (torn,), _ = until_unplugged(wire)
        assert (torn.payload, torn.torn) == (b"A1" * 10, True)


def test_an_idle_reader_waits_for_its_whole_time_and_a_scan_ends_the_waiting(tmp_path: Path) -> None:
    with SimulatorProcess("reader-tcp", folder=tmp_path) as running:
        wire = reader(running, "reader-tcp")
        assert wire.read(0.05) == []
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(wire.read, 30.0)
            running.tell("scan", text="A1")
            assert [scan.payload for scan in waiting.result(timeout=10)] == [b"A1"]
