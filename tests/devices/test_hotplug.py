"""Plugging in and out is noticed, by udev's events where they come and by looking where they do not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent.devices.hotplug import Hotplug, PollingHotplug, UdevHotplug, best_hotplug
from agent.devices.inventory import signature
from tests.devices.sysfs import HID_POS, KEYBOARD, KEYBOARD_KEYS, Ports

ROOT = Path(__file__).resolve().parents[2]
EACH = 0.02  # seconds between two looks
LIMIT = 10.0
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sysfs is made of symbolic links")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has udev")


@pytest.fixture
def usb(tmp_path: Path) -> Ports:
    return Ports(tmp_path)


def polling(usb: Ports) -> Hotplug:
    return PollingHotplug(partial(signature, usb.sys), each=EACH)


def deaf_udev(usb: Ports) -> Hotplug:
    """Udev whose daemon says nothing of the folder that we change: it looks all the same."""
    pytest.importorskip("pyudev")
    return UdevHotplug(partial(signature, usb.sys), each=EACH)


@pytest.fixture(params=[polling, pytest.param(deaf_udev, marks=linux)])
def hotplug(request: pytest.FixtureRequest, usb: Ports) -> Iterator[Hotplug]:
    made: Hotplug = request.param(usb)
    yield made
    made.close()


def test_plugging_in_out_and_in_again_is_noticed_each_time_and_nothing_else_is(usb: Ports, hotplug: Hotplug) -> None:
    assert not hotplug.wait(3 * EACH)
    usb.zebra("1-1.4")
    assert hotplug.wait(LIMIT)
    assert not hotplug.wait(3 * EACH)
    usb.unplug("1-1.4")
    assert hotplug.wait(LIMIT)
    usb.reader("1-1.3")
    assert hotplug.wait(LIMIT)
    usb.node("devices/virtual/tty/tty99", "tty", "tty99")
    assert not hotplug.wait(3 * EACH)


def test_a_printer_swapped_between_two_looks_under_the_same_node_is_noticed(usb: Ports, hotplug: Hotplug) -> None:
    usb.zebra("1-1.4")
    assert hotplug.wait(LIMIT)
    usb.zebra("1-1.3", "lp1")
    assert hotplug.wait(LIMIT)
    usb.unplug("1-1.4")
    usb.zebra("1-1.4", serial="28J9999")
    assert hotplug.wait(LIMIT)


def test_one_who_waits_is_told_at_once_and_is_woken_when_it_is_over(usb: Ports, hotplug: Hotplug) -> None:
    heard: list[bool] = []

    def waits() -> None:
        while hotplug.wait(LIMIT):
            heard.append(True)

    waiting = threading.Thread(target=waits)
    waiting.start()
    usb.zebra("1-1.4")
    deadline = time.monotonic() + LIMIT
    while not heard and time.monotonic() < deadline:
        waiting.join(0.01)
    hotplug.close()
    waiting.join(LIMIT)
    assert heard
    assert not waiting.is_alive()
    assert hotplug.wait(0) is False
    hotplug.close()


def test_short_waits_do_not_look_more_often(usb: Ports) -> None:
    looks = 0

    def look() -> int:
        nonlocal looks
        looks += 1
        return 0

    slow = PollingHotplug(look, each=3600)
    assert not any(slow.wait(0) for _ in range(100))
    assert looks == 1


def test_without_udevs_daemon_it_looks(usb: Ports, tmp_path: Path) -> None:
    chosen = best_hotplug(partial(signature, usb.sys), each=EACH, udev=tmp_path / "absent")
    assert chosen.how == "polling"
    usb.zebra("1-1.4")
    assert chosen.wait(LIMIT)
    chosen.close()


@linux
def test_with_udevs_daemon_it_listens(tmp_path: Path) -> None:
    pytest.importorskip("pyudev")
    (control := tmp_path / "control").touch()
    chosen = best_hotplug(udev=control)
    assert chosen.how == "udev"
    chosen.close()


@linux
@pytest.mark.parametrize(
    ("flags", "first"),
    [
        (["-S"], ""),  # no packages at all, so no pyudev
        ([], "import pyudev, resource, os; resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0));"),  # no socket
    ],
    ids=["no pyudev", "no netlink"],
)
def test_where_udev_cannot_be_heard_it_looks(tmp_path: Path, flags: list[str], first: str) -> None:
    (control := tmp_path / "control").touch()
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r});"
        "import agent.devices.inventory_linux; from pathlib import Path;"
        "from agent.devices.hotplug import best_hotplug;"
        f"{first} print(best_hotplug(udev=Path({str(control)!r})).how)"
    )
    ran = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("polling", "")


def test_looking_each_second_costs_less_than_a_thousandth_of_a_core(usb: Ports) -> None:
    for number in range(4):
        usb.xprinter(f"1-1.{number}", f"lp{number}")
        usb.reader(f"1-2.{number}", f"ttyACM{number}")
        usb.hid(f"1-3.{number}", f"hidraw{number}", descriptor=HID_POS, model="0c2e:0b81")
        keyboard = {"descriptor": KEYBOARD, "model": "046d:c31c", "keys": KEYBOARD_KEYS}
        usb.hid(f"1-4.{number}", f"hidraw{number + 4}", event=f"event{number}", **keyboard)
    looks, began = 200, time.process_time()
    for _ in range(looks):
        signature(usb.sys)
    assert (time.process_time() - began) / looks < 0.001


@pytest.fixture(scope="module")
def mocked() -> dict[str, dict[str, Any]]:
    """What the agent saw of mocked devices, whose events came over udev's netlink (by umockdev)."""
    wrapper = shutil.which("umockdev-wrapper")
    if sys.platform != "linux" or not wrapper:
        pytest.skip("umockdev-wrapper is missing: install umockdev")
    pytest.importorskip("pyudev")
    command = [wrapper, sys.executable, "-m", "tests.devices.mocked_usb"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert ran.returncode == 0, ran.stderr
    return {line["what"]: line for line in map(json.loads, ran.stdout.splitlines())}


def test_udevs_events_are_heard_within_a_moment(mocked: dict[str, dict[str, Any]]) -> None:
    for what in ("in", "out", "in elsewhere", "reader"):
        assert mocked[what]["changed"] is True
        assert mocked[what]["seconds"] < 1.0
    for what in ("quiet", "quiet again", "disk", "closed"):
        assert mocked[what]["changed"] is False
    assert mocked["closed"]["seconds"] < 5.0


def test_what_udev_told_of_is_in_the_inventory_by_who_it_is(mocked: dict[str, dict[str, Any]]) -> None:
    assert mocked["in"]["found"] == [["/dev/usb/lp0", "0a5f:0166:28J1234", ["ZPL"]]]
    assert mocked["out"]["found"] == []
    assert mocked["in elsewhere"]["node"] == "/dev/usb/lp1"


def test_sysfs_and_pyserial_tell_the_same_of_a_serial_port(mocked: dict[str, dict[str, Any]]) -> None:
    assert mocked["reader"]["ours"] == mocked["reader"]["pyserial"] == [["/dev/ttyACM0", "0c2e:0aaa:S2130"]]
