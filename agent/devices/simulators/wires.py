"""Where a simulated device can be reached: a TCP port, or (not on Windows) a pty that looks like a serial port."""

from __future__ import annotations

import os
import select
import socket
import struct
import sys
from pathlib import Path
from typing import Protocol

from agent.errors import ConfigError

LINGER_NOT = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)  # close with a reset


class Wire(Protocol):
    """The device's end of a wire; `read` gives b"" when nothing came within `timeout` seconds."""

    address: str

    def plug(self) -> None: ...
    def unplug(self) -> None: ...
    def wait(self, timeout: float) -> bool:
        """Whether something came within `timeout` seconds; may be called while another thread unplugs."""

    def read(self, most: int, timeout: float) -> bytes: ...
    def write(self, data: bytes) -> None: ...


def _ready(end: socket.socket | int | None, timeout: float) -> bool:
    try:
        return end is not None and bool(select.select([end], [], [], timeout)[0])
    except (OSError, ValueError):  # closed meanwhile
        return False


class TcpWire:
    """Listens on loopback and serves one connection at a time, as print servers do."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._listener: socket.socket | None = None
        self._peer: socket.socket | None = None
        self.plug()
        self.address = f"tcp://127.0.0.1:{self._port}"

    def plug(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self._port))
            self._port = self._listener.getsockname()[1]

    def unplug(self) -> None:
        """Break the connection without a goodbye and refuse new ones."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._peer is not None:
            self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
            self._hang_up()

    def wait(self, timeout: float) -> bool:
        return _ready(self._peer or self._listener, timeout)

    def read(self, most: int, timeout: float) -> bytes:
        waiting = self._peer or self._listener
        if waiting is None or not select.select([waiting], [], [], timeout)[0]:
            return b""
        if self._peer is None:
            assert self._listener is not None
            self._peer = self._listener.accept()[0]
            return b""
        try:
            data = self._peer.recv(most)
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def write(self, data: bytes) -> None:
        if self._peer is not None:
            try:
                self._peer.sendall(data)
            except OSError:
                self._hang_up()

    def _hang_up(self) -> None:
        if self._peer is not None:
            self._peer.close()
            self._peer = None


class PtyWire:
    """A pseudo-terminal behind a link `<folder>/port` that stays the same when it is unplugged and plugged again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "port"
        self._ends: tuple[int, int] | None = None
        self.address = str(self._path)
        self.plug()

    def plug(self) -> None:
        if self._ends is not None:
            return
        if sys.platform == "win32":
            raise ConfigError("Máy này không có cổng giả lập (pty). Dùng kiểu tcp.")
        import pty
        import tty

        self._ends = pty.openpty()
        tty.setraw(self._ends[1])
        draft = self._path.with_suffix(".part")
        draft.unlink(missing_ok=True)
        draft.symlink_to(os.ttyname(self._ends[1]))
        draft.replace(self._path)

    def unplug(self) -> None:
        if self._ends is not None:
            self._path.unlink(missing_ok=True)
            for end in self._ends:
                os.close(end)
            self._ends = None

    def wait(self, timeout: float) -> bool:
        ends = self._ends
        return _ready(ends[0] if ends else None, timeout)

    def read(self, most: int, timeout: float) -> bytes:
        if self._ends is None or not select.select([self._ends[0]], [], [], timeout)[0]:
            return b""
        return os.read(self._ends[0], most)

    def write(self, data: bytes) -> None:
        while self._ends is not None and data:
            data = data[os.write(self._ends[0], data) :]
