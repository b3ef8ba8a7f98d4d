"""The terminal's devices as its settings name them, found by their role."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
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
from agent.errors import ConfigError, DeviceProtocol, DeviceUnavailable
from agent.ports import DeviceState, Printer, PrintOutcome
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
) -> Printer:
    """The driver that a device line describes; ConfigError when it names no known language, kind or flow control."""
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
        memory=memory,
        identity=identity_of(device),
    )


def identity_of(device: Device) -> str:
    """What a profile is kept under: the printer's own serial where it tells one, else its port; the language too."""
    known = device_id_of(device.address) if device.kind == "usb" else None
    own = f"{known.manufacturer}:{known.model}:{known.serial}" if known and known.serial else device.address
    return f"{device.language}@{own}"


def probe(device: Device, *, clock: Clock | None = None, timeout: float = 2.0) -> DeviceState:
    """Ask one device how it is, now; takes up to twice `timeout` seconds of a silent one."""
    return driver_of(device, clock=clock, timeout=timeout).status()


def find_language(device: Device, *, timeout: float = 0.5) -> Detected:
    """Which language the printer at a device line's port speaks, whatever the line says."""
    known = device_id_of(device.address) if device.kind == "usb" else None
    return detect(link_of(device), known, timeout=timeout)


def learn(device: Device, memory: Memory, *, timeout: float = 2.0) -> Learnt:
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
    driver = driver_of(device, timeout=timeout, memory=memory)
    if not isinstance(driver, LinkedPrinter):
        raise DeviceProtocol(f"Thiết bị “{device.name}” nằm sau hàng đợi in, không dò được.")
    learnt = driver.learn()
    kept = Learnt(learnt.language, found.model, learnt.answers)
    memory.keep(identity_of(device), kept)
    return kept


class ConfiguredDevices:
    """The devices of the settings; one conversation with each at a time."""

    def __init__(
        self,
        devices: Sequence[Device],
        *,
        clock: Clock | None = None,
        timeout: float = 2.0,
        memory: Memory | None = None,
        wrap: Wrap | None = None,
    ) -> None:
        self._printers = {
            device.name: _Remembering(device, driver_of(device, clock=clock, timeout=timeout, memory=memory, wrap=wrap))
            for device in devices
        }
        if len(self._printers) < len(devices):
            raise ConfigError("Hai thiết bị trùng tên. Đặt cho mỗi thiết bị một tên riêng trong tệp cấu hình.")
        ports = [(device.kind, device.address) for device in devices]
        if twice := next((port for port in ports if ports.count(port) > 1), None):
            raise ConfigError(f"Hai thiết bị cùng dùng cổng {twice[1]}. Mỗi cổng chỉ khai báo một thiết bị.")

    def printer(self, role: str) -> Printer:
        """The first printer that has this role; DeviceUnavailable when none is set up."""
        for printer in self._printers.values():
            if printer.device.role == role:
                return printer
        raise DeviceUnavailable(
            f"Chưa khai báo máy in cho vai trò “{role}”. Thêm mục [[device]] vào tệp cấu hình rồi chạy lại."
        )

    def named(self, name: str) -> Printer:
        """The printer of this name; ConfigError, with the names there are, when there is none."""
        if name not in self._printers:
            known = ", ".join(self._printers) or "chưa khai báo thiết bị nào"
            raise ConfigError(f"Không có thiết bị tên “{name}”. Tên có: {known}.")
        return self._printers[name]

    def states(self) -> list[DeviceState]:
        """What each device last said; only one that was never asked is asked now."""
        return [printer.last or printer.status() for printer in self._printers.values()]

    def probe(self) -> list[DeviceState]:
        """Ask every device how it is, one after the other."""
        return [printer.status() for printer in self._printers.values()]


class _Remembering:
    """A printer that keeps its last state and lets one thread in at a time."""

    def __init__(self, device: Device, printer: Printer) -> None:
        self.device, self._printer, self._busy = device, printer, Lock()
        self.last: DeviceState | None = None

    def status(self) -> DeviceState:
        with self._busy:
            self.last = state = self._printer.status()
        return state

    def print(self, job: bytes) -> PrintOutcome:
        with self._busy:
            return self._printer.print(job)
