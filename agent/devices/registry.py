"""The terminal's devices as its settings name them, found by their role."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from agent.clock import Clock
from agent.devices.drivers.zpl import ZplPrinter
from agent.devices.link import Link
from agent.devices.link_serial import SerialLink
from agent.devices.link_tcp import TcpLink
from agent.errors import ConfigError, DeviceUnavailable
from agent.ports import DeviceState, Printer, PrintOutcome
from agent.settings import Device

KINDS = ("tcp", "serial")
LANGUAGES = ("zpl",)


def link_of(device: Device) -> Link:
    """The link that a device line describes; ConfigError when no such kind is known."""
    match device.kind:
        case "tcp":
            return TcpLink.at(device.address)
        case "serial":
            return SerialLink(device.address, baud=device.baud)
        case _:
            raise ConfigError(
                f"Thiết bị “{device.name}”: không biết kiểu kết nối “{device.kind}”. Kiểu có: {', '.join(KINDS)}."
            )


def driver_of(device: Device, *, clock: Clock | None = None, timeout: float = 2.0) -> Printer:
    """The driver that a device line describes; ConfigError when no such language is known."""
    if device.language != "zpl":
        raise ConfigError(
            f"Thiết bị “{device.name}”: không biết ngôn ngữ “{device.language}”. Có: {', '.join(LANGUAGES)}."
        )
    return ZplPrinter(link_of(device), name=device.name, role=device.role, timeout=timeout, clock=clock)


def probe(device: Device, *, clock: Clock | None = None, timeout: float = 2.0) -> DeviceState:
    """Ask one device how it is, now; takes up to twice `timeout` seconds of a silent one."""
    return driver_of(device, clock=clock, timeout=timeout).status()


class ConfiguredDevices:
    """The devices of the settings; one conversation with each at a time."""

    def __init__(self, devices: Sequence[Device], *, clock: Clock | None = None, timeout: float = 2.0) -> None:
        self._printers = {
            device.name: _Remembering(device, driver_of(device, clock=clock, timeout=timeout)) for device in devices
        }
        if len(self._printers) < len(devices):
            raise ConfigError("Hai thiết bị trùng tên. Đặt cho mỗi thiết bị một tên riêng trong tệp cấu hình.")

    def printer(self, role: str) -> Printer:
        """The first printer that has this role; DeviceUnavailable when none is set up."""
        for printer in self._printers.values():
            if printer.device.role == role:
                return printer
        raise DeviceUnavailable(
            f"Chưa khai báo máy in cho vai trò “{role}”. Thêm mục [[device]] vào tệp cấu hình rồi chạy lại."
        )

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
