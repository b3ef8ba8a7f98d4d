"""Taken in use while the agent runs: a keyboard is given back, the port meant is opened, the newest decision serves."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.devices.drivers.learnt import STATUS, Learnt, LearntFile
from agent.devices.found import Found
from agent.devices.simulators.process import SimulatorProcess
from agent.domain.jobs import JobState
from agent.intake.devices import Shown, adopt, assign_role
from agent.store.scans import ScanEvent
from agent.wiring import device_folder
from labels.sheets.reader_setup import LINEAR_TEST
from tests.devices.printers import eventually
from tests.devices.running import CLERK, LIMIT, Counter, counter, line, plugged, wire
from tests.devices.sysfs import KEYBOARD, KEYBOARD_KEYS, Ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has evdev and sysfs")


def names(at: Counter) -> list[str]:
    return [one.name for one in at.site.devices.lines()]


def a_typing_device(at: Counter, ports: Ports, wedge: SimulatorProcess) -> None:
    """Plugged in, and taken in use."""
    ports.hid("1-2", "hidraw0", descriptor=KEYBOARD, model="046d:c31c", keys=KEYBOARD_KEYS)
    wire(ports, "input/event3", wedge)
    (found,) = at.site.devices.found()
    it = Shown(found.identity, found.place, found.kind)
    adopt(at.site, it, name="doc", role="reader", language="zpl", is_reader=True, by=CLERK)
    at.until_said("sẵn sàng", "doc")


def test_a_keyboard_is_given_back_with_the_first_that_it_types_and_that_is_not_kept(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    with (
        SimulatorProcess("reader-wedge", folder=tmp_path / "wedge") as wedge,
        counter(tmp_path / "data", tools=plugged(ports)) as at,
    ):
        a_typing_device(at, ports, wedge)
        wedge.tell("scan", text="hunter2")
        eventually(lambda: names(at) == [], LIMIT)
        eventually(lambda: at.said("doc") is None, LIMIT)
        assert at.scans() == []
        assert [one.kind for one in at.site.devices.found()] == ["evdev"]


def test_a_reader_that_reads_the_test_code_stays_and_reads(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    with (
        SimulatorProcess("reader-wedge", folder=tmp_path / "wedge") as wedge,
        counter(tmp_path / "data", tools=plugged(ports)) as at,
    ):
        a_typing_device(at, ports, wedge)
        wedge.tell("scan", text=LINEAR_TEST)
        eventually(lambda: len(at.scans()) == 1, LIMIT)
        wedge.tell("scan", text="RR473124829VN")
        eventually(lambda: len(at.scans()) == 2, LIMIT)
        kinds: list[ScanEvent] = at.scans()
        assert [one.kind for one in kinds] == ["reader-test", "item"]
        assert names(at) == ["doc"]


def test_both_ports_of_one_device_are_taken_in_use_each_by_an_address_of_its_own(tmp_path: Path) -> None:
    two = [Found(f"/dev/ttyUSB{n}", "serial", 0x0403, 0x6010, "FT1ABC", "1-3", interface=f"1.{n}") for n in (0, 1)]
    with counter(tmp_path / "data", tools=lambda t: replace(t, inventory=lambda: two), start=False) as at:
        for name, node in (("mot", "/dev/ttyUSB1"), ("hai", "/dev/ttyUSB0")):
            (one,) = [found for found in at.site.devices.found() if found.node == node]
            it = Shown(one.identity, one.place, one.kind)
            adopt(at.site, it, name=name, role="reader", language="zpl", by=CLERK)
        assert at.site.devices.found() == []
        addresses = [line.address for line in at.site.devices.lines()]
        assert sorted(addresses) == ["usb-id:0403:6010@1-3:1.0", "usb-id:0403:6010@1-3:1.1"]


def test_the_printer_that_was_given_the_role_last_serves_until_another_is(tmp_path: Path) -> None:
    with (
        SimulatorProcess("zpl", folder=tmp_path / "one") as one,
        SimulatorProcess("zpl", folder=tmp_path / "two") as two,
        counter(tmp_path / "data", line(one), line(two, name="phu", role="receipt")) as at,
    ):
        at.until_ready("nhan", "phu")
        at.prints()
        assign_role(at.site, "phu", "label", by=CLERK)
        at.prints()
        assert (len(one.labels), len(two.labels)) == (1, 1)
        assign_role(at.site, "nhan", "label", by=CLERK)
        at.prints()
        assert (len(one.labels), len(two.labels)) == (2, 1)


def test_a_printer_learnt_as_mute_is_used_at_another_node_too(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    ports.zebra("1-1", "lp0")
    with (
        SimulatorProcess("zpl-pty", folder=tmp_path / "zpl") as printer,
        counter(tmp_path / "data", tools=plugged(ports)) as at,
    ):
        printer.tell("silence")
        memory = LearntFile(device_folder(at.site.settings) / "learnt.json")
        memory.keep("zpl@0a5f:0166:28J1234", Learnt("zpl", "", {STATUS: False}))
        wire(ports, "usb/lp0", printer)
        (found,) = at.site.devices.found()
        it = Shown(found.identity, found.place, found.kind)
        adopt(at.site, it, name="nhan", role="label", language="zpl", by=CLERK)
        at.until_job(at.test_print(), JobState.NEEDS_CLERK)
        eventually(lambda: len(printer.labels) == 1, LIMIT)
