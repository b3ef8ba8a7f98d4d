"""Device lines to links and drivers, and what a printer behind a line speaks and answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent.clock import Clock
from agent.devices.detect import Confidence, Detected, detect, device_id_of
from agent.devices.drivers.base import LinkedPrinter
from agent.devices.drivers.escpos import EscposPrinter
from agent.devices.drivers.learnt import Learnt, Memory
from agent.devices.drivers.spooled import SpooledPrinter
from agent.devices.drivers.tspl import TsplPrinter
from agent.devices.drivers.zpl import ZplPrinter
from agent.devices.link import Link
from agent.devices.link_cups import CupsQueue
from agent.devices.link_serial import SerialLink
from agent.devices.link_spooler import WindowsQueue
from agent.devices.link_tcp import TcpLink
from agent.devices.link_usb import UsbLink
from agent.devices.readers.factory import reader_of
from agent.errors import ConfigError, DeviceProtocol
from agent.ports import Printer
from agent.settings import Device

KINDS = ("tcp", "serial", "usb", "cups", "spooler")
SPOOLED = ("cups", "spooler")
DRIVERS: dict[str, type[LinkedPrinter[Any]]] = {"zpl": ZplPrinter, "tspl": TsplPrinter, "escpos": EscposPrinter}
LANGUAGES = tuple(DRIVERS)
BINARY = ("tspl", "escpos")  # their status bytes may be 11h or 13h, which XON/XOFF swallows

Wrap = Callable[[str, Link], Link]  # a device's name and its link, to the link to use: the flight recorder's hook


def link_of(device: Device) -> Link:
    """The link that a device line describes; ConfigError when no such kind is known, or it is a spooler's queue."""
    match device.kind:
        case "tcp":
            return TcpLink.at(device.address)
        case "serial":
            return SerialLink(device.address, baud=device.baud, flow=device.flow)
        case "usb":
            return UsbLink(device.address)
        case kind if kind in SPOOLED:
            raise ConfigError(
                f"Thiết bị “{device.name}”: qua hàng đợi không hỏi được máy in. Nối máy in trực tiếp để dò."
            )
        case _:
            raise ConfigError(
                f"Thiết bị “{device.name}”: không biết kiểu kết nối “{device.kind}”. Kiểu có: {', '.join(KINDS)}."
            )


def driver_of(
    device: Device,
    *,
    clock: Clock | None = None,
    timeout: float = 2.0,
    memory: Memory | None = None,
    wrap: Wrap | None = None,
    identity: str = "",
) -> Printer:
    """The driver that a device line describes; ConfigError when it names no known language, kind or flow control.

    `identity` is that of the unit which is plugged in, as the inventory tells it; empty when it tells none.
    """
    if device.language not in DRIVERS:
        raise ConfigError(
            f"Thiết bị “{device.name}”: không biết ngôn ngữ “{device.language}”. Có: {', '.join(LANGUAGES)}."
        )
    if device.kind in SPOOLED:
        queue = CupsQueue(device.address) if device.kind == "cups" else WindowsQueue(device.address)
        return SpooledPrinter(queue, name=device.name, role=device.role, clock=clock)
    if device.flow == "xonxoff" and device.language in BINARY:
        raise ConfigError(
            f"Thiết bị “{device.name}”: {device.language} trả trạng thái dạng nhị phân, XON/XOFF làm mất byte. "
            'Đặt flow = "rtscts" trong tệp cấu hình và trên máy in.'
        )
    link = link_of(device)
    return DRIVERS[device.language](
        wrap(device.name, link) if wrap else link,
        name=device.name,
        role=device.role,
        timeout=timeout,
        clock=clock,
        memory=_Carried(memory, identity_of(device)) if memory and identity else memory,
        identity=identity_of(device, identity),
    )


def can_be(device: Device) -> bool:
    """Whether this platform and this version have such a device; nothing is opened."""
    try:
        _ = reader_of(device) if device.role == "reader" else driver_of(device)
    except ConfigError:
        return False
    return True


def identity_of(device: Device, identity: str = "") -> str:
    """What a profile is kept under: the identity of the unit that is plugged in; the language too.

    Where the inventory tells none: the printer's own serial if it tells one, else its port.
    """
    if identity:
        return f"{device.language}@{identity}"
    known = device_id_of(device.address) if device.kind == "usb" else None
    own = f"{known.manufacturer}:{known.model}:{known.serial}" if known and known.serial else device.address
    return f"{device.language}@{own}"


class _Carried:
    """Profiles by identity; one that an earlier version kept under the port counts until the unit has its own."""

    def __init__(self, memory: Memory, before: str) -> None:
        self._memory, self._before = memory, before

    def recall(self, identity: str) -> Learnt:
        known = self._memory.recall(identity)
        return self._memory.recall(self._before) if known == Learnt() else known

    def keep(self, identity: str, learnt: Learnt) -> None:
        self._memory.keep(identity, learnt)


def find_language(device: Device, *, timeout: float = 0.5) -> Detected:
    """Which language the printer at a device line's port speaks, whatever the line says."""
    known = device_id_of(device.address) if device.kind == "usb" else None
    return detect(link_of(device), known, timeout=timeout)


def learn(device: Device, memory: Memory, *, timeout: float = 2.0, identity: str = "") -> Learnt:
    """Find out and keep what a printer answers; the administrator vouches that it is on, closed and has paper.

    Raises ConfigError when it speaks another language than the device line says, DeviceUnavailable when it is not
    there.
    """
    found = find_language(device, timeout=min(timeout, 1.0))
    if found.confidence is Confidence.CERTAIN and found.language != device.language:
        raise ConfigError(
            f"Thiết bị “{device.name}”: cấu hình ghi {device.language} nhưng máy in nói {found.language}. "
            f'Sửa thành language = "{found.language}" trong tệp cấu hình.'
        )
    driver = driver_of(device, timeout=timeout, memory=memory, identity=identity)
    if not isinstance(driver, LinkedPrinter):
        raise DeviceProtocol(f"Thiết bị “{device.name}” nằm sau hàng đợi in, không dò được.")
    learnt = driver.learn()
    kept = Learnt(learnt.language, found.model, learnt.answers)
    memory.keep(identity_of(device, identity), kept)
    return kept
