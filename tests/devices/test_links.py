"""Wires that break, are taken, forbidden or only a queue: each ends in words that say what to do."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest
import serial

from agent.devices.drivers.spooled import SpooledPrinter
from agent.devices.link_cups import CupsQueue
from agent.devices.link_serial import SerialLink
from agent.devices.link_tcp import TcpLink
from agent.devices.link_trouble import trouble
from agent.devices.link_usb import UsbLink
from agent.devices.registry import driver_of
from agent.devices.simulators.process import SimulatorProcess
from agent.devices.terminal import TerminalDevices
from agent.errors import ConfigError, DeviceOutcomeUnknown, DeviceUnavailable
from agent.ports import PrintResult
from agent.settings import Device
from tests.devices.printers import label, printer

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pty: only on Windows there is none")


@pytest.mark.parametrize(
    ("number", "address", "words"),
    [
        (errno.EACCES, "/dev/usb/lp0", "nhóm “lp”"),
        (errno.EACCES, "/dev/ttyUSB0", "nhóm “dialout”"),
        (errno.EBUSY, "/dev/usb/lp0", "chương trình khác giữ"),
        (errno.EAGAIN, "/dev/ttyUSB0", "chương trình khác giữ"),
        (errno.ENOENT, "/dev/ttyUSB9", "Không thấy thiết bị"),
        (errno.ENODEV, "/dev/usb/lp0", "vừa bị rút ra"),
        (errno.EIO, "/dev/ttyACM0", "vừa bị rút ra"),
        (errno.ECONNREFUSED, "socket://127.0.0.1:9", "Không liên lạc được"),
    ],
)
def test_a_port_that_cannot_be_used_says_why_and_who_can_mend_it(number: int, address: str, words: str) -> None:
    assert words in trouble(OSError(number, os.strerror(number)), address)


def test_a_com_port_that_another_program_holds_is_called_taken() -> None:
    said = serial.SerialException("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)")
    assert "chương trình khác giữ" in trouble(said, "COM3")


@posix
def test_two_agents_on_one_port_the_second_is_told(tmp_path: Path) -> None:
    with SimulatorProcess("tspl-pty", folder=tmp_path) as running, SerialLink(running.address):
        with pytest.raises(DeviceUnavailable, match="một postal-agent khác"):
            printer(running, "tspl").print(label("tspl"))
        assert running.labels == []


@posix
def test_a_port_without_permission_names_the_group(tmp_path: Path) -> None:
    node = tmp_path / "ttyUSB0"
    node.touch(mode=0o000)
    if os.access(node, os.R_OK):
        assert "dialout" in trouble(PermissionError(errno.EACCES, "Permission denied"), str(node))  # root may all
    else:
        with pytest.raises(DeviceUnavailable, match="dialout"):
            SerialLink(str(node)).open()


@posix
def test_a_device_node_of_the_printer_class_prints(tmp_path: Path) -> None:
    """A pty stands for /dev/usb/lp0: both are nodes that are read and written without blocking."""
    with SimulatorProcess("escpos-pty", folder=tmp_path) as running:
        usb = Device("bl", "receipt", "usb", running.address, language="escpos")
        assert driver_of(usb).print(label("escpos")).result is PrintResult.PRINTED
        running.tell("vanish", after=40)
        assert driver_of(usb).print(label("escpos")).result is PrintResult.UNCERTAIN
        with pytest.raises(DeviceUnavailable, match="Không thấy thiết bị"):
            driver_of(usb).print(label("escpos"))
        assert len(running.labels) == 1


@posix
def test_a_printer_that_stalls_in_the_middle_of_a_job_is_uncertain_and_one_that_takes_nothing_was_sent_nothing(
    tmp_path: Path,
) -> None:
    import pty
    import tty

    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    link = UsbLink(os.ttyname(theirs), write=0.2)
    with link, pytest.raises(DeviceOutcomeUnknown, match="đã gửi"):
        link.write(b"0" * 1_000_000)  # the kernel's buffer takes some, and nobody reads it
    with link, pytest.raises(DeviceUnavailable):
        link.write(b"1")
    for end in (ours, theirs):
        os.close(end)


@posix
@pytest.mark.parametrize("link_of", [UsbLink, SerialLink])
def test_a_line_slower_than_our_patience_takes_the_whole_label_as_long_as_it_takes_some(link_of) -> None:
    import pty
    import tty

    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    job, came = os.urandom(100_000), bytearray()
    pace = threading.Event()

    def sip() -> None:
        while len(came) < len(job):
            came.extend(os.read(ours, 1_000))
            pace.wait(0.02)

    drinker = threading.Thread(target=sip, daemon=True)
    with link_of(os.ttyname(theirs), write=1.0) as link:
        drinker.start()
        link.write(job)  # about 2 s
        drinker.join(10)
    assert bytes(came) == job
    for end in (ours, theirs):
        os.close(end)


def test_a_slow_network_printer_takes_the_whole_receipt_as_long_as_it_takes_some() -> None:
    job, came, pace = os.urandom(1_000_000) * 12, bytearray(), threading.Event()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def sip() -> None:
        peer = listener.accept()[0]
        while data := peer.recv(500_000):
            came.extend(data)
            pace.wait(0.01)
        peer.close()

    drinker = threading.Thread(target=sip, daemon=True)
    drinker.start()
    with TcpLink("127.0.0.1", listener.getsockname()[1], write=0.3) as link:
        began = time.monotonic()
        link.write(job)
        assert time.monotonic() - began > 0.3, "it was no test of patience: the kernel took it all at once"
    drinker.join(20)
    listener.close()
    assert bytes(came) == job


@posix
def test_words_of_a_serial_device_that_was_unplugged_say_so(tmp_path: Path) -> None:
    """Whatever pyserial makes of it: a wrapped number, a tuple in a sentence, a line that ends."""
    for act in (lambda link: link.write(b"x"), lambda link: link.read(1, timeout=0.1), lambda link: link.drain()):
        with SimulatorProcess("tspl-pty", folder=tmp_path) as running, SerialLink(running.address) as link:
            running.tell("vanish")
            deadline = time.monotonic() + 5.0
            with pytest.raises((DeviceUnavailable, DeviceOutcomeUnknown), match=r"vừa bị rút ra|Mất liên lạc"):
                while time.monotonic() < deadline:  # the simulator lets go within a beat
                    act(link)


@pytest.mark.filterwarnings("ignore:set.* is deprecated:DeprecationWarning")  # in pyserial
def test_a_printer_behind_a_serial_server_of_rfc_2217_prints(tmp_path: Path) -> None:
    with SimulatorProcess("tspl", folder=tmp_path) as running, TelnetServer(running.address) as port:
        served = Device("nhan", "label", "serial", f"rfc2217://127.0.0.1:{port}?ign_set_control", language="tspl")
        outcome = driver_of(served, timeout=3.0).print(label("tspl"))
        assert outcome.result is PrintResult.PRINTED, outcome
        assert running.labels == [label("tspl").lstrip()]


def test_xon_xoff_is_refused_where_status_bytes_are_binary() -> None:
    for language in ("tspl", "escpos"):
        with pytest.raises(ConfigError, match="rtscts"):
            driver_of(Device("x", "label", "serial", "COM3", language=language, flow="xonxoff"))
    driver_of(Device("x", "label", "serial", "COM3", language="zpl", flow="xonxoff"))
    driver_of(Device("x", "label", "serial", "COM3", language="tspl", flow="rtscts"))
    with pytest.raises(ConfigError, match="rtscts, xonxoff"):
        driver_of(Device("x", "label", "serial", "COM3", flow="dtrdsr"))


def test_one_port_serves_one_device_and_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    two = [Device("a", "label", "tcp", "h:1"), Device("b", "receipt", "tcp", "h:1")]
    with pytest.raises(ConfigError, match="cùng dùng cổng h:1"):
        TerminalDevices(two)
    with pytest.raises(ConfigError, match=r"Không có máy in tên “c”\. Tên có: a"):
        TerminalDevices(two[:1]).named("c")
    devices = TerminalDevices(two[:1])
    assert devices.named("a") is devices.printer("label")


def script(folder: Path, name: str, body: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@posix
def test_a_spoolers_word_is_never_taken_for_a_printed_label(tmp_path: Path) -> None:
    lp = script(tmp_path, "lp", f"cat > {tmp_path}/job; echo request id is nhan-7")
    queue = CupsQueue("nhan", lp=lp, lpstat=script(tmp_path, "lpstat", "exit 0"))
    outcome = SpooledPrinter(queue, name="nhan").print(label("zpl"))
    assert (outcome.result, outcome.evidence["spooler"]) == (PrintResult.UNCERTAIN, "request id is nhan-7")
    assert (tmp_path / "job").read_bytes() == label("zpl")
    state = SpooledPrinter(queue).status()
    assert (state.connected, state.ready) == (True, None)


@posix
def test_a_queue_that_refuses_was_sent_nothing_and_one_that_hangs_is_uncertain(tmp_path: Path) -> None:
    no = script(tmp_path, "no", "cat > /dev/null; echo 'lp: unknown destination' >&2; exit 1")
    with pytest.raises(DeviceUnavailable, match="unknown destination"):
        SpooledPrinter(CupsQueue("nhan", lp=no)).print(b"x")
    assert SpooledPrinter(CupsQueue("nhan", lpstat=no)).status().connected is False
    hung = script(tmp_path, "hung", "exec sleep 5")
    assert SpooledPrinter(CupsQueue("nhan", lp=hung, patience=0.2)).print(b"x").result is PrintResult.UNCERTAIN
    with pytest.raises(DeviceUnavailable, match="Cài CUPS"):
        CupsQueue("nhan", lp=str(tmp_path / "absent")).send(b"x")


def test_a_kind_of_link_that_this_platform_lacks_says_which_to_use() -> None:
    wrong = "usb" if sys.platform == "win32" else "spooler"
    with pytest.raises(ConfigError, match="chỉ có trên"):
        driver_of(Device("x", "label", wrong, "TSC TE210"))


class TelnetServer:
    """An RFC 2217 server that passes bytes on to a TCP address, by pyserial's own protocol engine."""

    def __init__(self, target: str) -> None:
        host, _, port = target.removeprefix("tcp://").rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        from serial.rfc2217 import PortManager

        peer = self._listener.accept()[0]
        device = socket.create_connection(self._target)
        line = serial.serial_for_url("loop://")  # stands for the modem lines
        manager = PortManager(line, Connection(peer))

        def back() -> None:
            try:
                while data := device.recv(1024):
                    peer.sendall(b"".join(manager.escape(data)))
            except OSError:
                return

        threading.Thread(target=back, daemon=True).start()
        try:
            while data := peer.recv(1024):
                device.sendall(b"".join(manager.filter(data)))
        except OSError:
            pass
        device.close()
        peer.close()


class Connection:
    """What PortManager writes its answers to."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer

    def write(self, data: bytes) -> None:
        self._peer.sendall(data)
