"""A HID POS reader: the hidraw node on Linux, hidapi on Windows."""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any, Protocol

from agent.devices.link import OpenedByWith
from agent.devices.link_node import Node
from agent.errors import ConfigError, DeviceUnavailable

SCANNER_PAGES = (0x8C, 0xFF8C)  # bar code scanner; some makers use the second
_USB_ID = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(.+))?")


class HidLink(Protocol):
    """Input reports of one HID device, one a read."""

    @property
    def address(self) -> str: ...
    @property
    def simulated(self) -> bool:
        """Whether reports come as a stream of bytes, not one a read."""

    def open(self) -> None: ...
    def read(self, most: int, *, timeout: float) -> bytes: ...
    def close(self) -> None: ...


class HidrawNode(Node):
    """/dev/hidraw0 on Linux: each read is one report."""


class HidapiDevice(OpenedByWith):
    """A HID device through the hidapi library: `VID:PID`, `VID:PID:SERIAL` in hexadecimal, or hidapi's own path."""

    simulated = False

    def __init__(self, address: str) -> None:
        self._address = address
        self._device: Any = None

    @property
    def address(self) -> str:
        return self._address

    def open(self) -> None:
        """Open it; ConfigError without the library, DeviceUnavailable when the reader is absent or taken."""
        if self._device is not None:
            return
        try:
            hid = importlib.import_module("hid")
        except ImportError as error:
            raise ConfigError(
                f"Đầu đọc “{self._address}”: thiếu thư viện hidapi. Cài nó (gói hidapi), hoặc đặt đầu đọc sang USB-COM."
            ) from error
        path = self._path(hid)
        device = hid.device()
        try:
            device.open_path(path)
        except OSError as error:
            raise DeviceUnavailable(
                f"Không mở được đầu đọc {self._address} ({error}); có thể chương trình khác đang giữ. "
                "Tắt chương trình đó hoặc cắm lại đầu đọc."
            ) from error
        self._device = device

    def read(self, most: int, *, timeout: float) -> bytes:
        """One report, or b"" when none comes within `timeout` seconds; DeviceUnavailable when it was unplugged."""
        self.open()
        try:
            return bytes(self._device.read(most, max(1, round(timeout * 1000))))
        except (OSError, ValueError) as error:
            self.close()
            raise DeviceUnavailable(
                f"Đầu đọc {self._address} vừa bị rút ra hoặc tắt ({error}). Cắm lại rồi quét lại."
            ) from error

    def close(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _path(self, hid: Any) -> bytes:
        """The path of the scanner's own collection: one USB device may show several."""
        wanted = _USB_ID.fullmatch(self._address)
        if wanted is None:
            return self._address.encode()
        for found in hid.enumerate(int(wanted[1], 16), int(wanted[2], 16)):
            if found["usage_page"] in SCANNER_PAGES and wanted[3] in {None, found["serial_number"]}:
                return bytes(found["path"])
        raise DeviceUnavailable(
            f"Không thấy đầu đọc HID POS {self._address}. Kiểm tra cáp, và đặt đầu đọc sang chế độ HID POS."
        )


def hid_link(address: str) -> HidLink:
    """The way to a HID reader on this platform."""
    return HidapiDevice(address) if sys.platform == "win32" else HidrawNode(address)
