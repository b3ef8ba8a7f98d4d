"""One HTTP exchange with a province: time-outs, a kept connection, and an honest word on how far it got."""

from __future__ import annotations

import contextlib
import http.client
import selectors
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.errors import ConfigError, HandoffUnavailable

MAX_REPLY = 64 * 1024 * 1024
IDLE_SECONDS = 20.0
UNREACHABLE = "Không kết nối được với hệ thống của tỉnh. Hồ sơ vẫn nằm trong hàng đợi và sẽ tự gửi lại."


class LostReply(Exception):
    """The request left, and no complete answer came back."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer as it came."""

    status: int
    content_type: str
    content: bytes


class HttpExchange:
    """POST to one address over one kept connection per thread.

    `connect_timeout` and `read_timeout` are seconds; the whole answer must arrive within `read_timeout`.
    """

    def __init__(self, endpoint: str, *, connect_timeout: float, read_timeout: float, cafile: str = "") -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"Địa chỉ của tỉnh “{endpoint}” không dùng được. Ghi dạng https://máy/đường-dẫn.")
        self._host, self._path = parts.hostname, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secure, self._port = parts.scheme == "https", parts.port or (443 if parts.scheme == "https" else 80)
        self._connect_timeout, self._read_timeout, self._cafile = connect_timeout, read_timeout, cafile
        self._threads = threading.local()

    def post(self, body: bytes, headers: dict[str, str]) -> Reply:
        """Send and wait for the answer.

        HandoffUnavailable when nothing was sent, LostReply when it is not known whether it was processed.
        """
        connection = self._usable() or self._connect()
        watchdog = threading.Timer(self._read_timeout, _hang_up, [connection.sock])  # also against a dripping answer
        watchdog.daemon = True
        watchdog.start()
        try:
            connection.request("POST", self._path, body, headers)
            reply = self._read(connection)
        except (OSError, http.client.HTTPException, ValueError):
            self._drop()
            raise LostReply from None  # the cause may quote the answer: it stays out of logs
        finally:
            watchdog.cancel()
        self._threads.idle_since = time.monotonic()
        return reply

    def close(self) -> None:
        """Close this thread's connection."""
        self._drop()

    def _usable(self) -> http.client.HTTPConnection | None:
        """The kept connection if it is silent and young: one with bytes or an end waiting is not reused."""
        connection: http.client.HTTPConnection | None = getattr(self._threads, "connection", None)
        if connection is None or connection.sock is None:
            return None
        if time.monotonic() - self._threads.idle_since > IDLE_SECONDS or _readable(connection.sock):
            self._drop()
            return None
        return connection

    def _connect(self) -> http.client.HTTPConnection:
        self._drop()
        connection: http.client.HTTPConnection
        if self._secure:
            context = ssl.create_default_context(cafile=self._cafile or None)
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=self._connect_timeout, context=context
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._connect_timeout)
        try:
            connection.connect()
        except OSError:
            connection.close()
            raise HandoffUnavailable(UNREACHABLE) from None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock.settimeout(self._read_timeout)
        self._threads.connection = connection
        return connection

    def _read(self, connection: http.client.HTTPConnection) -> Reply:
        response = connection.getresponse()
        pieces, size = [], 0
        while piece := response.read1(65_536):
            size += len(piece)
            if size > MAX_REPLY:
                raise ValueError
            pieces.append(piece)
        if response.length:  # fewer bytes than promised
            raise ValueError
        response.close()
        if response.will_close:
            self._drop()
        return Reply(response.status, response.headers.get("Content-Type", ""), b"".join(pieces))

    def _drop(self) -> None:
        connection: http.client.HTTPConnection | None = getattr(self._threads, "connection", None)
        if connection is not None:
            connection.close()
            self._threads.connection = None


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket's own, which is not for other threads


def _readable(sock: socket.socket) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))
