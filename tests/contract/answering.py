"""A server that answers whatever a test tells it to, on a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress


def http(body: bytes, *, status: int = 200, content_type: str = "text/xml; charset=utf-8", more: str = "") -> bytes:
    """An HTTP answer; `more` are further header lines, each with its end."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode("ascii") + body


@contextmanager
def answering(reply: bytes, *, drip: bytes = b"", silent: bool = False, eager: bool = False) -> Iterator[str]:
    """A server that gives the same bytes to every request, then hangs up, drips on or keeps silent.

    `eager`: to whatever comes first, whole request or not.
    """
    stop = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            server.settimeout(0.05)
            while not stop.is_set():
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                with peer, suppress(OSError):
                    peer.settimeout(2)
                    peer.recv(65_536) if eager else _read_request(peer)
                    peer.sendall(reply)
                    while (drip or silent) and not stop.wait(0.02):
                        peer.sendall(drip)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/soap/tthc"
        finally:
            stop.set()
            thread.join(5)


def _read_request(peer: socket.socket) -> None:
    """Read one request to its end, so that hanging up is an end and no reset."""
    data = more = peer.recv(65_536)
    while more and b"\r\n\r\n" not in data:
        more = peer.recv(65_536)
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    promised = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0].strip()
    missing = int(promised or 0) - len(body)
    while missing > 0 and (more := peer.recv(65_536)):
        missing -= len(more)
