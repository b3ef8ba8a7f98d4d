"""A printer of the USB printer class as Linux shows it: /dev/usb/lp0, opened without blocking."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress

from agent.devices.link import MOST, ReadByPieces, cut_off
from agent.devices.link_trouble import trouble
from agent.errors import ConfigError, DeviceUnavailable

NOTHING_YET = 0.02  # seconds before asking again a printer that has nothing to say
QUESTION = 64  # bytes: what is longer is a job, whose last block is worth waiting for


class UsbLink(ReadByPieces):
    """One printer node, which the kernel lends to one program at a time; `write`: patience without progress, in s.

    The kernel takes one block of up to 8,192 bytes and then nothing (EAGAIN) until the printer has it; closing the
    node throws that block away. An unplugged printer is ENODEV.
    """

    def __init__(self, path: str, *, write: float = 5.0) -> None:
        if os.name == "nt":
            raise ConfigError(f"Thiết bị “{path}”: kiểu usb chỉ có trên Linux. Trên Windows hãy dùng kiểu spooler.")
        self._path, self._write = path, write
        self._node: int | None = None
        self._job = False  # whether what was written last is one that the kernel may still hold the end of

    @property
    def address(self) -> str:
        return self._path

    def open(self) -> None:
        if self._node is not None:
            return
        try:
            self._node = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            raise self._gone(error) from error

    def write(self, data: bytes) -> None:
        node, sent, deadline = self._opened(), 0, time.monotonic() + self._write
        self._job = len(data) > QUESTION
        try:
            while sent < len(data):
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([], [node], [], left)[1]:
                    raise TimeoutError("máy in không nhận thêm dữ liệu")
                try:
                    sent += os.write(node, data[sent : sent + 4096])
                except BlockingIOError:
                    continue
                deadline = time.monotonic() + self._write
        except OSError as error:
            self._let_go()
            if sent == 0:
                raise self._gone(error) from error
            raise cut_off(self.address, sent, len(data), error) from error

    def read(self, most: int, *, timeout: float) -> bytes:
        node, deadline = self._opened(), time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            try:
                if select.select([node], [], [], left)[0]:
                    came = os.read(node, most)
                    if came:
                        return came
            except BlockingIOError:
                pass
            except OSError as error:
                self._let_go()
                raise self._gone(error) from error
            time.sleep(min(NOTHING_YET, max(0.0, deadline - time.monotonic())))
        return b""

    def drain(self) -> bytes:
        try:
            return os.read(self._opened(), MOST)
        except BlockingIOError:
            return b""
        except OSError as error:
            self._let_go()
            raise self._gone(error) from error

    def close(self) -> None:
        """Let go when the printer has the end of the last job, at the latest when `write` seconds are over."""
        if self._node is not None and self._job:
            with suppress(OSError):  # it is gone: there is nothing to wait for
                select.select([], [self._node], [], self._write)
        self._let_go()

    def _let_go(self) -> None:
        node, self._node = self._node, None
        self._job = False
        if node is not None:
            try:
                os.close(node)
            except OSError:
                return  # it is gone already: that is what was wanted

    def _opened(self) -> int:
        self.open()
        assert self._node is not None
        return self._node

    def _gone(self, error: OSError) -> DeviceUnavailable:
        return DeviceUnavailable(trouble(error, self.address))
