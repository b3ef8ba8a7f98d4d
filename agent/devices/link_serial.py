"""A device on a serial port, a USB port that behaves like one, a pty, or a pyserial URL such as socket://host:port."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
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
PIECE = 256  # bytes a write: pyserial's own patience is for a whole write, and a label takes 13 s at 9,600 baud
NEXT_LOOK = 0.01  # seconds between two looks at what the kernel still holds
LETTING_GO = 0.5  # seconds that a caller waits for a port to close


class SerialLink(OpenedByWith):
    """One serial line, held exclusively; `write` is the patience in seconds without progress, `flow` one of FLOWS.

    With XON/XOFF the kernel eats 11h and 13h from replies: no good for a language whose status is binary.

    An unplugged adapter shows in pyserial as SerialException (read, write), OSError 5 or 25 (`in_waiting`) or
    termios.error (`flush`): all three become our own errors here. So does a device that takes no more bytes: flushing
    such a line never ends, and closing it takes the kernel up to 30 seconds, which nobody waits for here.
    """

    def __init__(self, port: str, *, baud: int = 9600, flow: str = "none", write: float = 5.0) -> None:
        if flow not in FLOWS:
            raise ConfigError(f"Cổng {port}: không biết kiểu điều khiển luồng “{flow}”. Có: {', '.join(FLOWS)}.")
        self._flow = flow
        self._name, self._baud, self._write = port, baud, write
        self._port: serial.SerialBase | None = None
        self._closing: Thread | None = None

    @property
    def address(self) -> str:
        return self._name

    def open(self) -> None:
        if self._port is not None:
            return
        if self._closing is not None and self._closing.is_alive():
            raise DeviceUnavailable(
                f"Thiết bị ở cổng {self.address} không nhận dữ liệu, cổng đang được đóng. "
                "Tắt thiết bị, bật lại, chờ nửa phút rồi thử lại."
            )
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
                for at in range(1, len(data), PIECE):
                    port.write(data[at : at + PIECE])
                self._drained(port)
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
        if not first:
            return b""
        try:
            waiting = min(port.in_waiting, most - 1)
            return first + (bytes(port.read(waiting)) if waiting > 0 else b"")
        except (OSError, TermiosError):
            return first  # the next read says that the wire broke

    def drain(self) -> bytes:
        port = self._wire()
        with self._translated():
            waiting = port.in_waiting
            return bytes(port.read(waiting)) if waiting else b""

    def close(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        self._closing = Thread(target=_close, args=(port,), name=f"closing {self._name}", daemon=True)
        self._closing.start()
        self._closing.join(LETTING_GO)

    def _drained(self, port: serial.SerialBase) -> None:
        """Wait until all has left; OSError when nothing did for `write` seconds."""
        waiting, deadline = 0, time.monotonic() + self._write
        while left := getattr(port, "out_waiting", 0):  # a URL of pyserial has no such thing
            if left != waiting:
                waiting, deadline = left, time.monotonic() + self._write
            if time.monotonic() > deadline:
                raise TimeoutError("thiết bị không nhận thêm dữ liệu")
            time.sleep(NEXT_LOOK)
        port.flush()

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
            raise DeviceUnavailable(trouble(_number_of(error), self.address)) from error


def _close(port: serial.SerialBase) -> None:
    try:
        port.close()
    except (OSError, TermiosError):
        return  # it is gone already: that is what was wanted


def _number_of(error: BaseException) -> BaseException:
    """The system's own error that pyserial wrapped; being unplugged where it only says that nothing came."""
    at: BaseException | None = error
    while at is not None:
        number = getattr(at, "errno", None) or (at.args[0] if isinstance(at, TermiosError) and at.args else None)
        if isinstance(number, int):
            return at if isinstance(at, OSError) else OSError(number, os.strerror(number))
        at = at.__cause__ or at.__context__
    return OSError(errno.EIO, os.strerror(errno.EIO)) if "returned no data" in str(error) else error
