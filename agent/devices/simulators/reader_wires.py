"""Where a simulated reader can be heard: a pty, a TCP port, or a FIFO that stands for a device node."""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from agent.devices.simulators.wires import PtyWire, TcpWire
from agent.errors import ConfigError

CHUNK = 1_536  # bytes of one write: whole reports, whole events


class ReaderWire(Protocol):
    """The reader's end of a wire, which only sends."""

    address: str

    def plug(self) -> None: ...
    def unplug(self) -> None: ...
    def put(self, data: bytes) -> int:
        """How many of the bytes were taken at once; 0 while nobody listens."""

    @property
    def settled(self) -> bool:
        """Whether all that was put has been taken out at the other end."""


def _waiting(node: int, request: str) -> int:
    """Bytes that lie in a buffer of the kernel."""
    import array
    import fcntl
    import termios

    count = array.array("i", [0])
    fcntl.ioctl(node, getattr(termios, request), count)
    return count[0]


def _put(node: int | None, data: bytes) -> int:
    if node is not None and data:
        with suppress(BlockingIOError):
            return os.write(node, data[:CHUNK])
    return 0


class ReaderPty(PtyWire):
    """A pseudo-terminal that looks like a USB-COM reader."""

    def plug(self) -> None:
        super().plug()
        assert self._ends is not None
        os.set_blocking(self._ends[0], False)

    def put(self, data: bytes) -> int:
        return _put(self._ends[0] if self._ends else None, data)

    @property
    def settled(self) -> bool:
        return self._ends is None or _waiting(self._ends[1], "FIONREAD") == 0


class ReaderTcp(TcpWire):
    """A reader behind a network box: whoever connects hears it, one at a time."""

    def put(self, data: bytes) -> int:
        self.read(1, 0)  # lets a listener in, notices that one has left
        if self._peer is None or not select.select([], [self._peer], [], 0)[1]:
            return 0
        try:
            return self._peer.send(data[:CHUNK])
        except OSError:
            self._hang_up()
            return 0

    @property
    def settled(self) -> bool:
        if self._peer is None or sys.platform == "win32":
            return True
        return _waiting(self._peer.fileno(), "TIOCOUTQ") == 0


class ReaderFifo:
    """A named pipe `<folder>/node`, made anew each time it is plugged in."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "node"
        self.address = str(self._path)
        self._node: int | None = None
        self.plug()

    def plug(self) -> None:
        if self._node is not None:
            return
        if sys.platform == "win32":
            raise ConfigError("Máy này không có FIFO để giả lập đầu đọc. Dùng kiểu reader-tcp.")
        draft = self._path.with_suffix(".part")
        draft.unlink(missing_ok=True)
        os.mkfifo(draft)
        self._node = os.open(draft, os.O_RDWR | os.O_NONBLOCK)  # both ways, so that it opens before anybody listens
        draft.replace(self._path)

    def unplug(self) -> None:
        if self._node is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._node)
            self._node = None

    def put(self, data: bytes) -> int:
        return _put(self._node, data)

    @property
    def settled(self) -> bool:
        return self._node is None or _waiting(self._node, "FIONREAD") == 0


def wire_of(kind: str, folder: Path, port: int = 0) -> ReaderWire:
    """The wire of one kind of simulated reader."""
    if kind == "reader":
        return ReaderPty(folder)
    return ReaderTcp(port) if kind == "reader-tcp" else ReaderFifo(folder)
