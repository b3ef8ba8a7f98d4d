"""A Linux device node that is only listened to: the kernel's input devices and HID reports."""

from __future__ import annotations

import errno
import os
import select
import stat
import time

from agent.devices.link import OpenedByWith
from agent.devices.link_trouble import trouble
from agent.errors import DeviceUnavailable


class Node(OpenedByWith):
    """One node, locked against another agent: the kernel itself lets any number of programs listen."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._node: int | None = None

    @property
    def address(self) -> str:
        return self._path

    def open(self) -> None:
        """Open and lock it; DeviceUnavailable when it is absent, forbidden or taken."""
        if self._node is not None:
            return
        import fcntl

        try:
            self._node = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.flock(self._node, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._claim(self._node)
        except OSError as error:
            self.close()
            raise self._gone(error) from error

    @property
    def simulated(self) -> bool:
        """Whether a FIFO or a pty stands for the device: a stream of bytes, not one message a read."""
        return self._node is not None and (stat.S_ISFIFO(os.fstat(self._node).st_mode) or os.isatty(self._node))

    def read(self, most: int, *, timeout: float) -> bytes:
        """What lies ready, or comes within `timeout` seconds: b"" is silence. DeviceUnavailable when it is gone."""
        self.open()
        assert self._node is not None
        deadline = time.monotonic() + timeout
        try:
            while select.select([self._node], [], [], max(0.0, deadline - time.monotonic()))[0]:
                try:
                    came = os.read(self._node, most)
                except BlockingIOError:
                    continue
                if not came:
                    raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
                return came
        except OSError as error:
            self.close()
            raise self._gone(error) from error
        return b""

    def close(self) -> None:
        node, self._node = self._node, None
        if node is not None:
            try:
                os.close(node)
            except OSError:
                return  # it is gone already: that is what was wanted

    def _claim(self, node: int) -> None:
        """What else has to be done to have the device alone."""

    def _gone(self, error: OSError) -> DeviceUnavailable:
        return DeviceUnavailable(trouble(error, self.address))
