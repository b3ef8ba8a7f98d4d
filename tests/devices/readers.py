"""What the reader tests share: simulated readers and a thread's loop over one."""

from __future__ import annotations

import time
from pathlib import Path

from agent.devices.readers.factory import reader_of
from agent.devices.readers.reader import Reader
from agent.devices.simulators.process import SimulatorProcess
from agent.errors import DeviceUnavailable
from agent.ports import Scan
from agent.settings import Device

KINDS = {"reader": "serial", "reader-tcp": "tcp", "reader-hid": "hidraw", "reader-wedge": "evdev"}
CARD = "001099012345|012345678|Đặng Thị Ngọc Ẳng|01021999|Nữ|Số 7, ngõ 12, đường Thụy Khuê, Tây Hồ, Hà Nội|05062021"


def line(simulator: SimulatorProcess, kind: str, **more: object) -> Device:
    return Device("doc", "reader", KINDS[kind], simulator.address, **more)  # type: ignore[arg-type]


def reader(simulator: SimulatorProcess, kind: str, **more: object) -> Reader:
    made = reader_of(line(simulator, kind, **more))
    made.open()
    return made


def some(source: Reader, count: int = 1, limit: float = 10.0) -> list[Scan]:
    """The next scans, at least `count`."""
    scans: list[Scan] = []
    deadline = time.monotonic() + limit
    while len(scans) < count:
        assert time.monotonic() < deadline, f"only {len(scans)} of {count} scans came"
        scans += source.read(0.5)
    return scans


def until_unplugged(source: Reader, limit: float = 20.0) -> tuple[list[Scan], str]:
    """All that comes until the wire breaks, what was torn at the end; and the words for it."""
    scans: list[Scan] = []
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        try:
            scans += source.read(0.5)
        except DeviceUnavailable as error:
            return scans + source.lost(), error.message
    raise AssertionError("the reader was not unplugged in time")


def folder(base: Path, name: str) -> Path:
    path = base / name
    path.mkdir(exist_ok=True)
    return path
