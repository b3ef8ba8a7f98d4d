"""A device on a serial port, a USB port that behaves like one, a pty, or a pyserial URL such as socket://host:port."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.devices.link import MOST, OpenedByWith
from agent.devices.link_trouble import trouble
from agent.errors import ConfigError, DeviceOutcomeUnknown, DeviceUnavailable

if sys.platform == "win32":

    class TermiosError(Exception):
        """Windows has no termios; nothing raises this there."""
else:
    from termios import error as TermiosError

if TYPE_CHECKING:
    import serial


FLOWS = ("none", "rtscts", "xonxoff")


class SerialLink(OpenedByWith):
    """One serial line, held exclusively; `write` is the patience of a write in seconds, `flow` one of FLOWS.

    With XON/XOFF the kernel eats 11h and 13h from replies: no good for a language whose status is binary.

    An unplugged adapter shows in pyserial as SerialException (read, write), OSError 5 or 25 (`in_waiting`) or
    termios.error (`flush`): all three become our own errors here.
    """

    def __init__(self, port: str, *, baud: int = 9600, flow: str = "none", write: float = 5.0) -> None:
        if flow not in FLOWS:
            raise ConfigError(f"Cổng {port}: không biết kiểu điều khiển luồng “{flow}”. Có: {', '.join(FLOWS)}.")
        self._flow = flow
        self._name, self._baud, self._write = port, baud, write
        self._port: serial.SerialBase | None = None

    @property
    def address(self) -> str:
        return self._name

    def open(self) -> None:
        if self._port is not None:
            return
        import serial

        patience = None if self._name.lower().startswith("rfc2217:") else self._write  # pyserial has none there

        with self._translated():
            self._port = serial.serial_for_url(
                self._name,
                baudrate=self._baud,
                timeout=0.05,
                write_timeout=patience,
                exclusive=True,
                rtscts=self._flow == "rtscts",
                xonxoff=self._flow == "xonxoff",
            )

    def write(self, data: bytes) -> None:
        """The first byte goes alone: when it fails, nothing left; after it, nobody can tell."""
        port = self._wire()
        if not data:
            return
        with self._translated():
            port.write(data[:1])
        try:
            with self._translated():
                port.write(data[1:])
                port.flush()
        except DeviceUnavailable as error:
            raise DeviceOutcomeUnknown(
                f"Mất liên lạc với thiết bị {self.address} khi đang gửi {len(data)} byte. "
                "Xem nhãn đã ra chưa rồi mới in lại."
            ) from error

    def read_until(self, end: bytes, *, timeout: float) -> bytes:
        port = self._wire()
        with self._translated():
            port.timeout = timeout
            return bytes(port.read_until(end, MOST))

    def read(self, most: int, *, timeout: float) -> bytes:
        port = self._wire()
        with self._translated():
            port.timeout = timeout
            first = bytes(port.read(1))
            waiting = min(port.in_waiting, most - 1) if first else 0
            return first + (bytes(port.read(waiting)) if waiting > 0 else b"")

    def drain(self) -> bytes:
        port = self._wire()
        with self._translated():
            waiting = port.in_waiting
            return bytes(port.read(waiting)) if waiting else b""

    def close(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        try:
            port.close()
        except (OSError, TermiosError):
            return  # it is gone already: that is what was wanted

    def _wire(self) -> serial.SerialBase:
        self.open()
        assert self._port is not None
        return self._port

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, TermiosError, ValueError) as error:  # SerialException is an OSError; ValueError: a bad URL
            self.close()
            raise DeviceUnavailable(trouble(error, self.address)) from error
