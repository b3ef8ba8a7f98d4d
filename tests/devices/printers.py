"""What the device tests share: labels of every language, simulators, and waiting on a condition."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from agent.devices.registry import driver_of
from agent.devices.simulators.process import SimulatorProcess
from agent.ports import Printer, PrintOutcome
from agent.settings import Device
from labels import escpos, tspl, zpl
from labels.elements import Layout
from labels.layout import layout
from labels.spec import DossierLabel

PATIENT, QUICK = 2.0, 0.25  # seconds for one reply: where one is to come on a busy machine, where none will
SPEC = DossierLabel(
    "T3-26N21-0C7K",
    "H26.019.02-261121-000012",
    "1.001193",
    "Đăng ký khai sinh có yếu tố nước ngoài tại khu vực biên giới",
    datetime(2026, 11, 21, 8, 5),  # noqa: DTZ001  local time, as labels show it
    "Bưu cục Tây Hồ",
    4,
    training=True,
)
SIZES = {"zpl": (100.0, 60.0), "tspl": (100.0, 60.0), "escpos": (72.0, 60.0)}  # mm; a receipt is 72 mm wide
RENDER = {"zpl": zpl.render, "tspl": tspl.render, "escpos": escpos.render}


def laid_out(language: str) -> Layout:
    return layout(SPEC, 203, SIZES[language])


def label(language: str) -> bytes:
    return RENDER[language](laid_out(language))


def device(simulator: SimulatorProcess, language: str, *, role: str = "label") -> Device:
    kind = "tcp" if simulator.address.startswith("tcp://") else "serial"
    return Device(name="nhan", role=role, kind=kind, address=simulator.address, language=language)


def printer(simulator: SimulatorProcess, language: str, timeout: float = PATIENT, **more: object) -> Printer:
    return driver_of(device(simulator, language), timeout=timeout, **more)


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
