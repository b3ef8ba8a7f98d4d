"""What a clerk is told of a label, whatever happens to the printer: separate processes, real sockets and ttys."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.clock import SystemClock
from agent.devices.link_tcp import TcpLink
from agent.devices.registry import driver_of, link_of
from agent.devices.simulators.process import SimulatorProcess
from agent.devices.terminal import TerminalDevices, Tools
from agent.errors import ConfigError, DeviceOutcomeUnknown, DeviceUnavailable
from agent.ports import Printer, PrintOutcome, PrintResult
from agent.settings import Device

LABEL = b"^XA^CI28^PW800^LL480^FO20,20^GFA,8,8,1,FF00FF00FF00FF00^FS^FO30,80^BCN,100,Y,N,N,A^FDTQ-0001^FS^PQ1,0,1,Y^XZ"
PATIENT, QUICK = 1.0, 0.25  # seconds for one reply: where one is to come on a busy machine, where none will
needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")


@pytest.fixture(params=["zpl", pytest.param("zpl-pty", marks=needs_pty)])
def simulator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(request.param, folder=tmp_path / "out") as running:
        yield running


@pytest.fixture
def tcp_simulator(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("zpl", folder=tmp_path / "out") as running:
        yield running


def device(simulator: SimulatorProcess, *, role: str = "label") -> Device:
    kind = "tcp" if simulator.address.startswith("tcp://") else "serial"
    return Device(name="nhan", role=role, kind=kind, address=simulator.address)


def printer(simulator: SimulatorProcess, timeout: float = PATIENT) -> Printer:
    return driver_of(device(simulator), timeout=timeout)


def eventually(condition: Callable[[], bool], limit: float = 5.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def during(simulator: SimulatorProcess, act: Callable[[], PrintOutcome], order: str) -> PrintOutcome:
    """What `act` ends in when the order is given as soon as the printer holds the label."""
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(act)
        eventually(lambda: simulator.tell("status")["formats"] == 1)
        simulator.tell(order)
        return result.result(timeout=20)


def test_a_label_comes_out_byte_for_byte(simulator: SimulatorProcess) -> None:
    outcome = printer(simulator).print(LABEL)
    assert (outcome.result, outcome.reason) == (PrintResult.PRINTED, "")
    assert simulator.labels == [LABEL]
    assert outcome.evidence["before"]["formats"] == outcome.evidence["after"]["formats"] == 0


def test_a_large_label_arrives_whole(simulator: SimulatorProcess) -> None:
    drawing = b"^XA^FO0,0^GFA,60000,60000,100," + b"0123456789ABCDEF" * 7500 + b"^FS^XZ"
    assert printer(simulator).print(drawing).result is PrintResult.PRINTED
    assert simulator.labels == [drawing]


def test_a_printer_behind_a_serial_server_prints_too(tcp_simulator: SimulatorProcess) -> None:
    tcp_simulator.address = tcp_simulator.address.replace("tcp://", "socket://")
    assert printer(tcp_simulator).print(LABEL).result is PrintResult.PRINTED
    tcp_simulator.tell("vanish", after=20)
    assert printer(tcp_simulator).print(LABEL).result is PrintResult.UNCERTAIN
    assert tcp_simulator.labels == [LABEL]


@pytest.mark.parametrize(
    ("fault", "words"), [("paper-out", "hết giấy"), ("head-open", "Đầu in đang mở"), ("pause", "tạm dừng")]
)
def test_a_printer_that_cannot_print_is_not_given_the_label(
    simulator: SimulatorProcess, fault: str, words: str
) -> None:
    simulator.tell(fault)
    outcome = printer(simulator).print(LABEL)
    assert outcome.result is PrintResult.NOT_PRINTED
    assert words in outcome.reason
    simulator.tell("ok")
    assert simulator.labels == []
    assert printer(simulator).print(LABEL).result is PrintResult.PRINTED


def test_a_printer_unplugged_mid_label_is_uncertain(simulator: SimulatorProcess) -> None:
    simulator.tell("vanish", after=20)
    outcome = printer(simulator).print(LABEL)
    assert outcome.result is PrintResult.UNCERTAIN
    assert "rồi mới in lại" in outcome.reason
    assert simulator.labels == []
    simulator.tell("ok")
    assert printer(simulator).print(LABEL).result is PrintResult.PRINTED


def test_a_printer_unplugged_in_a_large_label_is_uncertain(simulator: SimulatorProcess) -> None:
    simulator.tell("vanish", after=2000)
    outcome = printer(simulator).print(b"^XA^FD" + b"0" * 8_000_000 + b"^FS^XZ")
    assert outcome.result is PrintResult.UNCERTAIN
    assert simulator.labels == []


def test_a_printer_that_is_not_there_was_sent_nothing(simulator: SimulatorProcess) -> None:
    simulator.tell("vanish")
    with pytest.raises(DeviceUnavailable):
        printer(simulator).print(LABEL)
    assert printer(simulator).status().connected is False
    simulator.tell("ok")
    assert simulator.labels == []


def test_a_silent_printer_was_sent_nothing_and_is_never_called_ready(simulator: SimulatorProcess) -> None:
    simulator.tell("stall")
    with pytest.raises(DeviceUnavailable, match="không trả lời"):
        printer(simulator, QUICK).print(LABEL)
    state = printer(simulator, QUICK).status()
    assert (state.connected, state.ready) == (True, None)
    simulator.tell("ok")
    assert simulator.labels == []


def test_paper_that_runs_out_under_the_label_is_uncertain_and_says_so(simulator: SimulatorProcess) -> None:
    simulator.tell("slow", seconds=30)
    outcome = during(simulator, lambda: printer(simulator).print(LABEL), "paper-out")
    assert outcome.result is PrintResult.UNCERTAIN
    assert "hết giấy" in outcome.reason


def test_a_printer_that_falls_silent_over_the_label_is_uncertain(simulator: SimulatorProcess) -> None:
    simulator.tell("slow", seconds=30)
    outcome = during(simulator, lambda: printer(simulator).print(LABEL), "stall")
    assert outcome.result is PrintResult.UNCERTAIN
    simulator.tell("ok")  # a stalled printer may well print later: that is why nobody may resend blindly
    eventually(lambda: simulator.labels == [LABEL])


def test_noise_before_the_label_sends_nothing_and_noise_after_it_is_uncertain(simulator: SimulatorProcess) -> None:
    simulator.tell("garble")
    assert printer(simulator).print(LABEL).result is PrintResult.NOT_PRINTED
    simulator.tell("ok")
    assert simulator.labels == []
    simulator.tell("slow", seconds=30)
    assert during(simulator, lambda: printer(simulator).print(LABEL), "garble").result is PrintResult.UNCERTAIN


def test_an_answer_that_comes_late_is_not_taken_for_another(tcp_simulator: SimulatorProcess) -> None:
    tcp_simulator.tell("late", seconds=0.4)
    outcome = printer(tcp_simulator, QUICK).print(LABEL)
    assert outcome.result is PrintResult.PRINTED
    assert tcp_simulator.labels == [LABEL]


def test_a_slow_label_is_waited_for(tcp_simulator: SimulatorProcess) -> None:
    tcp_simulator.tell("slow", seconds=0.5)
    outcome = printer(tcp_simulator).print(LABEL)
    assert outcome.result is PrintResult.PRINTED
    assert outcome.evidence["seconds"] >= 0.3


def test_a_second_label_waits_until_the_first_is_out(tcp_simulator: SimulatorProcess) -> None:
    tcp_simulator.tell("slow", seconds=30)
    with TcpLink.at(tcp_simulator.address) as link:
        link.write(LABEL)
        eventually(lambda: tcp_simulator.tell("status")["formats"] == 1)
    outcome = printer(tcp_simulator).print(LABEL)
    assert outcome.result is PrintResult.NOT_PRINTED
    assert "nhãn trước" in outcome.reason


def test_half_a_label_in_the_printer_is_not_mixed_with_the_next(tcp_simulator: SimulatorProcess) -> None:
    with TcpLink.at(tcp_simulator.address) as link:
        link.write(LABEL[:30])
        eventually(lambda: tcp_simulator.tell("status")["partial"])
    outcome = printer(tcp_simulator).print(LABEL)
    assert outcome.result is PrintResult.NOT_PRINTED
    assert "gửi dở" in outcome.reason  # waiting would not help: it has to be switched off and on


def test_a_label_left_on_the_peeler_is_taken_first(tcp_simulator: SimulatorProcess) -> None:
    tcp_simulator.tell("label-waiting")
    assert printer(tcp_simulator).print(LABEL).result is PrintResult.NOT_PRINTED


def test_a_break_in_the_middle_of_a_write_is_told_from_one_before_it(tcp_simulator: SimulatorProcess) -> None:
    """More than the kernel's buffers hold, so that the write itself breaks."""
    tcp_simulator.tell("vanish", after=2000)
    with TcpLink.at(tcp_simulator.address) as link, pytest.raises(DeviceOutcomeUnknown):
        link.write(b"^XA" + b"0" * 30_000_000)


@needs_pty
def test_a_serial_printer_held_by_another_program_is_left_alone(tmp_path: Path) -> None:
    with SimulatorProcess("zpl-pty", folder=tmp_path) as running, link_of(device(running)):
        with pytest.raises(DeviceUnavailable):
            printer(running).print(LABEL)
        assert running.labels == []


def test_the_devices_page_shows_what_each_device_last_said(simulator: SimulatorProcess) -> None:
    devices = TerminalDevices([device(simulator)], Tools(clock=SystemClock(), timeout=PATIENT))
    assert devices.states()[0].ready is True
    simulator.tell("paper-out")
    assert devices.printer("label").status().words.startswith("Máy in hết giấy")
    simulator.tell("ok")
    (state,) = devices.states()  # what it last said, not what it would say now
    assert (state.name, state.role, state.connected, state.ready) == ("nhan", "label", True, False)
    assert state.at is not None
    assert devices.stations()[0].state().ready is True


def test_settings_that_name_no_such_device_say_what_to_write() -> None:
    with pytest.raises(ConfigError, match="tcp, serial, usb"):
        TerminalDevices([Device("x", "label", "fax", "1")])
    with pytest.raises(ConfigError, match="zpl"):
        TerminalDevices([Device("x", "label", "tcp", "h:1", language="klingon")])
    with pytest.raises(ConfigError, match="9100"):
        TerminalDevices([Device("x", "label", "tcp", "host:port")])
    with pytest.raises(ConfigError, match="trùng tên"):
        TerminalDevices([Device("x", "label", "tcp", "h:1"), Device("x", "receipt", "tcp", "h:2")])
    with pytest.raises(DeviceUnavailable, match="receipt"):
        TerminalDevices([Device("x", "label", "tcp", "h:1")]).printer("receipt")


def test_a_simulator_ends_with_its_starter(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agent.devices.simulators", "zpl", "--folder", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        assert b"control" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=5) == 0
