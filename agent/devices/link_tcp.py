"""A device on the network that takes bytes on a TCP port, 9100 by custom."""

from __future__ import annotations

import socket
import time

from agent.devices.link import MOST, ReadByPieces, cut_off
from agent.errors import ConfigError, DeviceUnavailable

ALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}  # s, s, tries: a box without power is missed in 25 s


class TcpLink(ReadByPieces):
    """A raw TCP connection; `connect` and `write` are patience in seconds."""

    def __init__(self, host: str, port: int, *, connect: float = 2.0, write: float = 5.0) -> None:
        self._host, self._port, self._connect, self._write = host, port, connect, write
        self._socket: socket.socket | None = None

    @classmethod
    def at(cls, address: str) -> TcpLink:
        """From `host:port` or `tcp://host:port`; the port is 9100 when left out. ConfigError when it is neither."""
        host, _, port = address.removeprefix("tcp://").rpartition(":")
        if not host:
            host, port = port, "9100"
        if not host or not port.isdigit() or not 0 < int(port) < 65_536:
            raise ConfigError(f"Địa chỉ máy in “{address}” không đúng. Viết theo dạng 192.0.2.7:9100.")
        return cls(host.strip("[]"), int(port))

    @property
    def address(self) -> str:
        return f"{self._host}:{self._port}"

    def open(self) -> None:
        if self._socket is not None:
            return
        try:
            self._socket = socket.create_connection((self._host, self._port), timeout=self._connect)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in ALIVE.items():
                if hasattr(socket, name):
                    self._socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        except OSError as error:
            raise self._gone(error) from error

    def write(self, data: bytes) -> None:
        wire, sent = self._wire(), 0
        deadline = time.monotonic() + self._write
        try:
            while sent < len(data):
                wire.settimeout(max(0.001, deadline - time.monotonic()))
                sent += wire.send(data[sent : sent + 16_384])
                deadline = time.monotonic() + self._write  # patience is for progress: a slow printer takes its time
        except OSError as error:
            self.close()
            if sent == 0:
                raise self._gone(error) from error
            raise cut_off(self.address, sent, len(data), error) from error

    def read(self, most: int, *, timeout: float) -> bytes:
        return self._received(most, max(0.001, timeout))

    def drain(self) -> bytes:
        return self._received(MOST, 0.0)

    def _received(self, most: int, timeout: float) -> bytes:
        wire = self._wire()
        wire.settimeout(timeout)
        try:
            came = wire.recv(most)
        except (TimeoutError, BlockingIOError):
            return b""
        except OSError as error:
            self.close()
            raise self._gone(error) from error
        if not came:
            self.close()
            raise self._gone(ConnectionResetError("thiết bị đóng kết nối"))
        return came

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _wire(self) -> socket.socket:
        self.open()
        assert self._socket is not None
        return self._socket

    def _gone(self, error: OSError) -> DeviceUnavailable:
        return DeviceUnavailable(
            f"Không liên lạc được với thiết bị ở {self.address} ({error}). Kiểm tra nguồn điện và dây mạng rồi thử lại."
        )
