"""The device supervisor over a real store and simulated devices: what the clerk sees, and which labels come out."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.devices.drivers.learnt import Learnt, LearntFile, Memory, Remembered
from agent.devices.registry import learn
from agent.devices.simulators.process import SimulatorProcess
from agent.devices.terminal import Tools
from agent.domain.jobs import JobState
from agent.intake.devices import Shown, accept_unit, adopt, assign_role, give_up, published
from agent.intake.prints import request_test
from agent.settings import Device
from agent.wiring import device_folder
from tests import postgres
from tests.devices.printers import eventually
from tests.devices.running import CLERK, LIMIT, ROOT, AgentProcess, counter, line, plugged, wire
from tests.devices.sysfs import Ports
from tests.webdesk import HandClock

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on Windows are there no ptys")


@pytest.fixture
def zpl(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("zpl", folder=tmp_path / "zpl") as simulator:
        yield simulator


@pytest.fixture
def other(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("zpl", folder=tmp_path / "other") as simulator:
        yield simulator


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    with postgres.migrated(request.getfixturevalue("postgres_server")) as made:
        yield made


# --- unplugged and plugged in again ----------------------------------------------------------------
@pytest.mark.parametrize("kind", ["zpl", "escpos", pytest.param("tspl-pty", marks=posix)])
def test_an_unplugged_printer_is_missed_at_once_and_the_queue_goes_on_by_itself(kind: str, tmp_path: Path) -> None:
    with (
        SimulatorProcess(kind, folder=tmp_path / kind) as printer,
        counter(tmp_path / "data", line(printer, kind.removesuffix("-pty"))) as at,
    ):
        at.until_ready()
        at.prints()
        printer.tell("vanish")
        gone = at.until_said("Kiểm tra nguồn điện", limit=5.0)
        assert (gone.connected, gone.ready) == (False, False)
        waiting = at.test_print()
        why = at.until_job(waiting, JobState.READY, "Kiểm tra nguồn điện")
        assert why.attempts == 0, "it was claimed although the printer was away"
        printer.tell("ok")
        at.until_job(waiting, JobState.ACKED)
        at.until_ready()
        assert len(printer.labels) == 2


def test_what_kept_the_labels_is_told_on_each_and_when_it_is_gone_none_waits_its_time_out(
    url: str, zpl: SimulatorProcess, tmp_path: Path
) -> None:
    """The clock stands still: a job that was put off by 5 seconds prints only because it is called."""
    with counter(tmp_path / "data", line(zpl), url=url, clock=HandClock()) as at:
        at.until_ready()
        zpl.tell("paper-out")
        jobs = [at.test_print(), at.test_print(), at.test_print()]
        for job in jobs:
            at.until_job(job, JobState.READY, "hết giấy")
        at.until_said("hết giấy")
        assert zpl.labels == []
        zpl.tell("ok")
        for job in jobs:
            at.until_job(job, JobState.ACKED)
        assert len(zpl.labels) == 3


def test_a_printer_that_is_off_at_the_start_is_found_when_it_comes_on(zpl: SimulatorProcess, tmp_path: Path) -> None:
    zpl.tell("vanish")
    with counter(tmp_path / "data", line(zpl), start=False) as at:
        job = at.test_print()  # queued before anything runs
        at.start()
        at.until_job(job, JobState.READY, "Không liên lạc được")
        zpl.tell("ok")
        at.until_job(job, JobState.ACKED)
        assert len(zpl.labels) == 1


def test_a_silent_printer_is_not_ready_and_its_label_says_why_it_waits(zpl: SimulatorProcess, tmp_path: Path) -> None:
    def brisk(tools: Tools) -> Tools:
        return replace(tools, timeout=0.3)

    with counter(tmp_path / "data", line(zpl), tools=brisk) as at:
        at.until_ready()
        zpl.tell("stall")
        at.until_said("không trả lời")
        job = at.test_print()
        at.until_job(job, JobState.READY, "không trả lời")
        zpl.tell("ok")
        at.until_job(job, JobState.ACKED)
        assert len(zpl.labels) == 1


# --- roles ------------------------------------------------------------------------------------------
def test_two_printers_of_one_role_take_one_queue_and_the_idle_ones_trouble_is_not_the_jobs(
    zpl: SimulatorProcess, other: SimulatorProcess, tmp_path: Path
) -> None:
    other.tell("vanish")
    with counter(tmp_path / "data", line(zpl), line(other, name="phu")) as at:
        at.until_ready()
        at.until_said("Không liên lạc được", "phu")
        zpl.tell("paper-out")
        job = at.test_print()
        at.until_job(job, JobState.READY, "hết giấy")
        before = at.site.store.data_version()
        at.until_said("hết giấy")
        quiet = threading.Event()
        seen = {(at.site.store.data_version(), at.job(job).error) for _ in range(20) if not quiet.wait(0.1)}
        assert {error for _, error in seen} == {at.job(job).error}
        assert len({version for version, _ in seen} | {before}) <= 3, "the store is written to without end"
        zpl.tell("ok")
        at.until_job(job, JobState.ACKED)
        assert (len(zpl.labels), len(other.labels)) == (1, 0)


def test_a_label_that_waits_for_a_broken_printer_comes_out_of_the_one_that_gets_its_role(
    zpl: SimulatorProcess, other: SimulatorProcess, tmp_path: Path
) -> None:
    zpl.tell("paper-out")
    with counter(tmp_path / "data", line(zpl), line(other, name="phu", role="receipt")) as at:
        at.until_said("hết giấy")
        at.until_ready("phu")
        job = at.test_print()
        at.until_job(job, JobState.READY, "hết giấy")
        assign_role(at.site, "nhan", "receipt", by=CLERK)
        assign_role(at.site, "phu", "label", by=CLERK)
        at.until_job(job, JobState.ACKED)
        assert (len(zpl.labels), len(other.labels)) == (0, 1)
        eventually(lambda: {s.name: s.role for s in published(at.site)} == {"nhan": "receipt", "phu": "label"}, LIMIT)


def test_a_label_made_in_one_language_is_not_sent_to_a_printer_of_another(
    zpl: SimulatorProcess, tmp_path: Path
) -> None:
    zpl.tell("paper-out")
    with (
        SimulatorProcess("escpos", folder=tmp_path / "roll") as roll,
        counter(tmp_path / "data", line(zpl), line(roll, "escpos", name="cuon", role="receipt")) as at,
    ):
        at.until_said("hết giấy")
        at.until_ready("cuon")
        job = at.test_print()
        at.until_job(job, JobState.READY, "hết giấy")
        assign_role(at.site, "nhan", "receipt", by=CLERK)
        assign_role(at.site, "cuon", "label", by=CLERK)
        told = at.until_job(job, JobState.REJECTED, "Bản in làm cho máy in zpl")
        assert "Chưa gửi gì" in told.error
        at.prints()  # made anew, it fits
        assert (len(zpl.labels), len(roll.labels)) == (0, 1)


def test_a_label_for_which_no_printer_is_set_up_says_so(tmp_path: Path) -> None:
    with counter(tmp_path / "data") as at:
        at.until_job(at.test_print(), JobState.READY, "Chưa khai báo máy in cho vai trò “label”")


# --- who is plugged in ------------------------------------------------------------------------------
@posix
def test_a_printer_is_taken_in_use_and_given_up_while_the_agent_runs(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    with (
        SimulatorProcess("zpl-pty", folder=tmp_path / "zpl") as printer,
        counter(tmp_path / "data", tools=plugged(ports)) as at,
    ):
        job = at.test_print()
        at.until_job(job, JobState.READY, "Chưa khai báo")
        ports.zebra("1-1", "lp0")
        wire(ports, "usb/lp0", printer)
        (found,) = at.site.devices.found()
        assert (found.identity, found.port) == ("0a5f:0166:28J1234", "1-1")
        adopt(
            at.site, Shown(found.identity, found.place, found.kind), name="nhan", role="label", language="zpl", by=CLERK
        )
        at.until_ready()
        at.until_job(job, JobState.ACKED)
        assert at.site.devices.found() == []
        give_up(at.site, "nhan", by=CLERK)
        eventually(lambda: at.said() is None, LIMIT)
        assert "device-nhan" not in {thread.name for thread in threading.enumerate()}
        assert len(at.site.devices.found()) == 1
        at.until_job(at.test_print(), JobState.READY, "Chưa khai báo")


@posix
def test_a_printer_that_moved_to_another_port_and_node_is_followed(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    ports.zebra("1-1", "lp0")
    with (
        SimulatorProcess("zpl-pty", folder=tmp_path / "zpl") as printer,
        counter(
            tmp_path / "data", Device("nhan", "label", "usb", "usb-id:0a5f:0166:28J1234"), tools=plugged(ports)
        ) as at,
    ):
        wire(ports, "usb/lp0", printer)
        at.until_ready()
        at.prints()
        ports.unplug("1-1")
        printer.tell("vanish")
        at.until_said("28J1234")
        job = at.test_print()
        at.until_job(job, JobState.READY, "Kiểm tra nguồn điện")
        printer.tell("ok")
        ports.zebra("1-3", "lp4")
        wire(ports, "usb/lp4", printer)
        at.until_job(job, JobState.ACKED)
        assert at.site.devices.unit("nhan") == ("0a5f:0166:28J1234", "1-3:1.0")


@posix
@pytest.mark.parametrize("named", [True, False], ids=["with serial numbers", "without"])
def test_another_unit_of_the_model_prints_nothing_until_somebody_says_use_this_one(named: bool, tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    language, address = ("zpl", str(ports.dev / "usb/lp0")) if named else ("tspl", "usb-id:2d37:1a24")
    if named:
        ports.zebra("1-1", "lp0")
    else:
        ports.xprinter("1-1", "lp0")
    with (
        SimulatorProcess(f"{language}-pty", folder=tmp_path / "first") as first,
        SimulatorProcess(f"{language}-pty", folder=tmp_path / "second") as second,
        counter(
            tmp_path / "data", Device("nhan", "label", "usb", address, language=language), tools=plugged(ports)
        ) as at,
    ):
        wire(ports, "usb/lp0", first)
        at.until_ready()
        at.prints()
        first.tell("vanish")
        ports.unplug("1-1")
        at.until_said("Kiểm tra nguồn điện")
        if named:
            ports.zebra("1-1", "lp0", serial="28J9999")
        else:
            ports.xprinter("1-2", "lp0")
        wire(ports, "usb/lp0", second)
        told = at.until_said("“Dùng máy này”")
        assert (told.connected, told.ready) == (True, False)
        job = at.test_print()
        at.until_job(job, JobState.READY, "“Dùng máy này”")
        assert second.labels == []
        accept_unit(at.site, "nhan", Shown(*at.site.devices.unit("nhan")), by=CLERK)
        at.until_job(job, JobState.ACKED)
        assert (len(first.labels), len(second.labels)) == (1, 1)


@posix
def test_an_address_that_fits_two_printers_is_told_on_the_screen_with_what_to_write(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    ports.xprinter("1-1", "lp0")
    ports.xprinter("1-2", "lp1")
    both = Device("nhan", "label", "usb", "usb-id:2d37:1a24", language="tspl")
    with (
        SimulatorProcess("tspl-pty", folder=tmp_path / "sim") as printer,
        counter(tmp_path / "data", both, tools=plugged(ports)) as at,
    ):
        told = at.until_said("hợp với 2 thiết bị")
        assert "usb-id:2d37:1a24@1-1" in told.words
        job = at.test_print()
        at.until_job(job, JobState.READY, "hợp với 2 thiết bị")
        wire(ports, "usb/lp0", printer)
        ports.unplug("1-2")
        at.until_job(job, JobState.ACKED)


# --- other ways of holding a printer ----------------------------------------------------------------
def asked_by_another(printer: SimulatorProcess, patience: float) -> bytes:
    """What the printer answers to somebody else on the network."""
    host, _, port = printer.address.removeprefix("tcp://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=patience) as wire:
        wire.sendall(b"~HS")
        wire.settimeout(patience)
        try:
            return wire.recv(100)
        except TimeoutError:
            return b""


def test_a_shared_network_printer_is_let_go_between_jobs_and_another_is_held(
    zpl: SimulatorProcess, other: SimulatorProcess, tmp_path: Path
) -> None:
    lines = line(zpl, shared=True), line(other, name="rieng", role="receipt")
    with counter(tmp_path / "data", *lines) as at:
        at.until_ready("nhan", "rieng")
        at.prints()
        assert asked_by_another(zpl, 5.0).startswith(b"\x02")
        at.prints()
        assert asked_by_another(other, 1.0) == b""
        assert len(zpl.labels) == 2


def test_a_printer_that_was_learnt_to_be_mute_prints_and_each_label_is_asked_about(
    zpl: SimulatorProcess, tmp_path: Path
) -> None:
    device = line(zpl)
    with counter(tmp_path / "data", device, start=False) as at:
        zpl.tell("silence")
        learn(device, LearntFile(device_folder(at.site.settings) / "learnt.json"), timeout=0.3)
        at.start()
        mute = at.until_said("không biết trả lời")
        assert (mute.connected, mute.ready) == (True, None)
        at.until_job(at.test_print(), JobState.NEEDS_CLERK, "Xem nhãn đã ra chưa")
        eventually(lambda: len(zpl.labels) == 1, LIMIT)


# --- faults of ours and of the store ----------------------------------------------------------------
class Forgetful(Memory):
    """A memory that fails for one printer, so many times."""

    def __init__(self, whose: str, times: int) -> None:
        self._whose, self.left, self._sound = whose, times, Remembered()

    def recall(self, identity: str) -> Learnt:
        if self._whose in identity and self.left > 0:
            self.left -= 1
            raise RuntimeError("a fault of ours")
        return self._sound.recall(identity)

    def keep(self, identity: str, learnt: Learnt) -> None:
        self._sound.keep(identity, learnt)


def test_a_device_whose_code_fails_is_started_again_and_the_others_print_meanwhile(
    zpl: SimulatorProcess, other: SimulatorProcess, tmp_path: Path
) -> None:
    bad = Forgetful(other.address, 1_000_000)
    lines = line(zpl), line(other, name="hong", role="receipt", dpi=203)
    with counter(tmp_path / "data", *lines, tools=lambda tools: replace(tools, memory=bad)) as at:
        at.until_ready("nhan")
        eventually(lambda: bad.left < 1_000_000, LIMIT)
        at.prints()
        assert at.said("hong") is None
        bad.left = 0
        at.until_ready("hong")
        assert len(zpl.labels) == 1


def test_what_people_decided_cannot_be_read_for_a_while_and_the_printers_go_on(
    zpl: SimulatorProcess, tmp_path: Path
) -> None:
    failing = threading.Event()

    def broken(tools: Tools) -> Tools:
        def decided() -> Any:
            if failing.is_set():
                raise ValueError("a row that nobody understands")
            return tools.decisions()

        return replace(tools, decisions=decided)

    with counter(tmp_path / "data", line(zpl), tools=broken) as at:
        at.until_ready()
        failing.set()
        threading.Event().wait(1.5)  # at least one look of the supervisor falls into this
        at.prints()
        failing.clear()
        at.prints()


def test_a_label_is_printed_once_the_store_that_was_locked_is_free(zpl: SimulatorProcess, tmp_path: Path) -> None:
    with counter(tmp_path / "data", line(zpl)) as at:
        at.until_ready()
        job = at.test_print
        at.site.store._patience = 0.2  # seconds for which a writer waits for another
        with at.site.store.writing():
            zpl.tell("vanish")  # its state cannot be published now
            threading.Event().wait(2.0)
            zpl.tell("ok")
        at.until_ready()
        at.until_job(job(), JobState.ACKED)
        assert len(zpl.labels) == 1


# --- two agents -------------------------------------------------------------------------------------
@posix
def test_two_agents_on_one_serial_port_the_second_is_told_and_the_first_prints_on(tmp_path: Path) -> None:
    with SimulatorProcess("tspl-pty", folder=tmp_path / "sim") as printer:
        device = line(printer, "tspl")
        with counter(tmp_path / "data", device) as first:
            first.until_ready()
            told = said([sys.executable, "-m", "agent", "devices", "probe", "--data", str(second(tmp_path, device))])
            assert "một postal-agent khác" in told
            first.prints()
        assert len(printer.labels) == 1


def second(base: Path, device: Device) -> Path:
    """Another agent's data folder with the same device."""
    folder = base / "two"
    with AgentProcess(folder, [device]) as agent:  # it waits for the port, and prints nothing
        assert agent.process.poll() is None
    return folder


def said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60).stdout


def test_two_terminals_of_one_office_print_each_on_its_own_printer(
    postgres_server: str, zpl: SimulatorProcess, other: SimulatorProcess, tmp_path: Path
) -> None:
    there = replace(CLERK, terminal_id="T2")
    with (
        postgres.migrated(postgres_server) as url,
        counter(tmp_path / "t1", line(zpl), url=url) as one,
        AgentProcess(tmp_path / "t2", [line(other)], url=url, terminal="T2"),
    ):
        one.until_ready()
        jobs = [request_test(one.site, "label", by=by) for _ in range(5) for by in (CLERK, CLERK, there)]
        for job in jobs:
            one.until_job(job, JobState.ACKED)
        assert (len(zpl.labels), len(other.labels)) == (10, 5)
        other.tell("vanish")
        waiting = request_test(one.site, "label", by=there)
        one.until_job(waiting, JobState.READY, "Không liên lạc được")
        one.prints()
        assert (one.job(waiting).state, len(zpl.labels)) == (JobState.READY, 11)
        other.tell("ok")
        one.until_job(waiting, JobState.ACKED)
        assert (len(zpl.labels), len(other.labels)) == (11, 6)
