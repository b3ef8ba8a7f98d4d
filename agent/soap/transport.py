"""One HTTP exchange with a province: time-outs, a kept connection, and an honest word on how far it got."""

from __future__ import annotations

import contextlib
import http.client
import io
import selectors
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from agent.clock import SystemClock
from agent.domain.pace import SLOWEST_LINE
from agent.errors import ConfigError, HandoffUnavailable
from agent.soap.tls import Tls, client_context, refused_by_them, refused_by_us, refuses_ours

MAX_REPLY = 64 * 1024 * 1024
IDLE_SECONDS = 20.0
UNREACHABLE = "Không kết nối được với hệ thống của tỉnh. Hồ sơ vẫn nằm trong hàng đợi và sẽ tự gửi lại."


class LostReply(Exception):
    """The request left, and no complete answer came back."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer as it came, inflated when it was compressed."""

    status: int
    content_type: str
    content: bytes


class HttpExchange:
    """POST to one address over one kept connection per thread.

    `connect_timeout` and `read_timeout` are seconds; the whole answer must arrive within `read_timeout` and the
    time that the request itself needs on the slowest line.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        connect_timeout: float,
        read_timeout: float,
        tls: Tls | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"Địa chỉ của tỉnh “{endpoint}” không dùng được. Ghi dạng https://máy/đường-dẫn.")
        self._host, self._path = parts.hostname, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secure, self._port = parts.scheme == "https", parts.port or (443 if parts.scheme == "https" else 80)
        self._name = parts.netloc.rpartition("@")[2]  # as the Host header says it
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._tls, self._now = tls or Tls(), now or SystemClock().now
        self._context: ssl.SSLContext | None = None
        self._threads = threading.local()
        self.ahead: timedelta | None = None  # how far their clock was ahead of ours at the last answer that told

    def post(self, body: bytes, headers: dict[str, str]) -> Reply:
        """Send and wait for the answer.

        HandoffUnavailable when nothing was sent (HandoffBlocked: and a person has to mend why), LostReply when it is
        not known whether it was processed.
        """
        message = self._request(headers, len(body)) + body  # in one piece: two would be two packets
        kept = self._usable()
        sock = kept or self._connect()
        limit = self._read_timeout + len(body) / SLOWEST_LINE
        until = time.monotonic() + limit
        sock.settimeout(limit)
        try:
            sock.sendall(message)
            reply = self._read(sock, until)
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            self._drop()
            if kept is None and isinstance(error, OSError) and refuses_ours(error):
                self._context = None
                raise refused_by_them() from None  # TLS 1.3 tells of it after the handshake, before reading anything
            raise LostReply from None  # the cause may quote the answer: it stays out of logs
        self._threads.idle_since = time.monotonic()
        return reply

    def close(self) -> None:
        """Close this thread's connection."""
        self._drop()

    def _request(self, headers: dict[str, str], length: int) -> bytes:
        lines = {"Host": self._name, "Accept-Encoding": "gzip", "Content-Length": str(length), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        if head.count("\n") != len(lines) or head.count("\r") != len(lines):
            raise ConfigError("Tiêu đề HTTP có ký tự xuống dòng: kiểm tra soapAction trong WSDL của tỉnh.")
        return f"POST {self._path} HTTP/1.1\r\n{head}\r\n".encode("latin-1", "replace")

    def _usable(self) -> socket.socket | None:
        """The kept connection if it is silent and young: one with bytes or an end waiting is not reused."""
        kept: socket.socket | None = getattr(self._threads, "kept", None)
        if kept is not None and (time.monotonic() - self._threads.idle_since > IDLE_SECONDS or _readable(kept)):
            self._drop()
            return None
        return kept

    def _connect(self) -> socket.socket:
        self._drop()
        context = self._context
        if self._secure and context is None:
            context = self._context = client_context(self._tls, self._now())
        try:
            made = socket.create_connection((self._host, self._port), self._connect_timeout)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is not None:
                made = _secured(made, context, self._host)
        except ssl.SSLError as error:
            self._context = None  # files may be mended while the program runs
            raise refused_by_us(error, (self._host, self._port), self._connect_timeout) from None
        except OSError:
            raise HandoffUnavailable(UNREACHABLE) from None
        self._threads.kept = made
        return made

    def _read(self, sock: socket.socket, until: float) -> Reply:
        """The answer, read against the clock of the whole exchange and not of each packet: answers may drip."""
        response = http.client.HTTPResponse(sock, method="POST")
        response.fp = io.BufferedReader(_Timed(response.fp.detach(), sock, until), 65_536)
        response.begin()
        pieces = _Inflating(response.headers.get("Content-Encoding", "identity").strip().lower())
        while piece := response.read1(65_536):
            pieces.add(piece)
        if response.length:  # fewer bytes than promised
            raise ValueError
        content = pieces.whole()
        self._compare_clocks(response.headers.get("Date", ""))
        response.close()
        if response.will_close:
            self._drop()
        return Reply(response.status, response.headers.get("Content-Type", ""), content)

    def _compare_clocks(self, date: str) -> None:
        """Learn from an answer's Date how far apart the clocks are; it has whole seconds, cut off."""
        with contextlib.suppress(TypeError, ValueError):  # no date, or none that anybody can read
            theirs = parsedate_to_datetime(date)
            self.ahead = (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)) - self._now()

    def _drop(self) -> None:
        kept: socket.socket | None = getattr(self._threads, "kept", None)
        if kept is not None:
            kept.close()
            self._threads.kept = None


class _Timed(io.RawIOBase):
    """A socket's bytes until an instant of the monotonic clock."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, until: float) -> None:
        super().__init__()
        self._raw, self._socket, self._until = raw, sock, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._raw.readinto(buffer) or 0

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Inflating:
    """The pieces of an answer, inflated as they come and never beyond MAX_REPLY."""

    def __init__(self, encoding: str) -> None:
        if encoding not in ("identity", "", "gzip", "x-gzip"):
            raise ValueError
        self._inflater = zlib.decompressobj(31) if encoding.endswith("gzip") else None
        self._pieces, self._size = list[bytes](), 0

    def add(self, piece: bytes) -> None:
        """Take one piece; ValueError when the whole grows too large."""
        if self._inflater is not None:
            piece = self._inflater.decompress(piece, MAX_REPLY - self._size + 1)
        self._size += len(piece)
        if self._size > MAX_REPLY:
            raise ValueError
        self._pieces.append(piece)

    def whole(self) -> bytes:
        """Everything; ValueError when a compressed answer stops short."""
        if self._inflater is not None and not self._inflater.eof:
            raise ValueError
        return b"".join(self._pieces)


def _secured(plain: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    """TLS over a connection, which is closed when the handshake fails."""
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def _readable(sock: socket.socket) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))
