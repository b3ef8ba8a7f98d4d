"""A connection of the web server: its worker does the TLS handshake, and a refusal reaches who is still sending."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from typing import Any, Final

from cheroot.server import HTTPConnection, HTTPRequest

HANDSHAKE_SECONDS: Final = 8.0  # then a phone that fell silent gives its worker back
LINGER_SECONDS: Final = 10.0  # that a client with a refused body may go on sending before it is cut off
LINGER_BYTES: Final = 64 << 20  # of them thrown away unread
PIECE: Final = 64 << 10
_lingering = threading.BoundedSemaphore(4)  # of the workers, so that refused bodies never hold them all
_NOT_TLS: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    + "Máy chủ này chỉ nhận https. Sửa địa chỉ thành https://… rồi mở lại.\n".encode()
)


class Request(HTTPRequest):
    """A request that tells its connection when its body was refused for its size."""

    def respond(self) -> None:
        """Answer it."""
        super().respond()
        self.conn.refused = self.status[:3] in (b"413", "413")


class Connection(HTTPConnection):
    """A connection whose first act, in a worker, is the handshake."""

    RequestHandlerClass = Request
    agreed = refused = False

    def communicate(self) -> bool:
        """Read each request and answer it; whether the connection stays."""
        if not self.agreed and isinstance(self.socket, ssl.SSLSocket):
            try:
                self.socket.settimeout(HANDSHAKE_SECONDS)
                self.socket.do_handshake()
                self.socket.settimeout(self.server.timeout)
            except ssl.SSLError as error:
                if error.reason == "HTTP_REQUEST":
                    with contextlib.suppress(OSError):
                        socket.socket.sendall(self.socket, _NOT_TLS)  # past TLS, which was never agreed on
                return False
            except (OSError, ValueError):
                return False
            self.agreed = True
        stays = bool(super().communicate())  # type: ignore[no-untyped-call]
        if self.refused and not stays and _lingering.acquire(blocking=False):
            try:
                _throw_away(self.socket)
            finally:
                _lingering.release()
        return stays


def _throw_away(connection: Any) -> None:
    """Take what is still coming off the wire, as it is: a close before would wipe out the answer on its way."""
    end, left, piece = time.monotonic() + LINGER_SECONDS, LINGER_BYTES, bytearray(PIECE)
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_WR)
        while left > 0 and (wait := end - time.monotonic()) > 0:
            connection.settimeout(wait)
            got = socket.socket.recv_into(connection, piece)
            if not got:
                return
            left -= got
