"""Run the sandbox province as a process of its own on the loopback address."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.errors import ConfigError
from agent.soap.province import catalogue, web
from agent.soap.province.endpoint import Endpoint
from agent.soap.province.faults import Faults
from agent.soap.province.ledger import Ledger
from agent.soap.province.numbers import Rules
from agent.soap.province.operations import Operations
from agent.soap.province.submissions import Submissions
from agent.soap.province.uploads import Uploads

THREADS = 8


def serve_sandbox(
    *,
    folder: Path,
    sign_bytes: Callable[[bytes], bytes],
    now: Callable[[], datetime],
    port: int = 8090,
    faults: str = "",
    rules: Rules | None = None,
    procedures: Sequence[Mapping[str, Any]] | None = None,
    announce: Callable[[str], None] = lambda _url: None,
    desk: type[Submissions] = Submissions,
) -> None:
    """Serve until SIGTERM, SIGINT or the process ends; port 0 takes a free one.

    `announce` receives the SOAP address (http://127.0.0.1:PORT/soap/tthc) once requests are accepted.
    `sign_bytes` makes the detached CMS signature (DER) of a receipt. `procedures` default to the sample.
    ConfigError when the fault line is wrong or the port is taken.
    """
    switches = Faults(faults)

    def time() -> datetime:
        return now() + switches.clock_offset

    ledger = Ledger(folder)
    known = [catalogue.complete(entry) for entry in procedures] if procedures is not None else catalogue.sample()
    made = desk(ledger, Uploads(folder), replace(rules or Rules(), procedures=known), sign_bytes=sign_bytes, now=time)
    endpoint = Endpoint(Operations(made), switches)
    server = _server(web.make_app(endpoint, ledger, folder, time), port)
    try:
        server.prepare()
    except OSError as error:
        raise ConfigError(f"Không mở được cổng {port} cho tỉnh tập huấn: {error.strerror}. Chọn cổng khác.") from None
    stop = _stopper(server, endpoint)
    try:
        announce(f"http://127.0.0.1:{server.bind_addr[1]}/soap/tthc")
        server.serve()
    finally:
        stop()
        ledger.close()


def _server(app: Any, port: int) -> Any:
    import cheroot.wsgi

    wsgi: Any = cheroot.wsgi

    class Gateway(wsgi.Gateway_10):  # type: ignore[misc]
        """Offers the connection to the fault switches."""

        def get_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().get_environ()
            connection = self.req.conn
            environ[web.HANG_UP] = lambda: hang_up(connection.socket)
            environ[web.SEND_TWICE] = lambda *answer: send_again(connection.wfile, *answer)
            return environ

    server = wsgi.Server(("127.0.0.1", port), app, numthreads=THREADS, request_queue_size=64, shutdown_timeout=2)
    server.gateway = Gateway
    server.max_request_body_size = 8 * 1024 * 1024
    return server


def hang_up(connection: socket.socket) -> None:
    """End the connection at once, so that the other side sees a cut and no answer."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def send_again(wfile: Any, status: int, content_type: str, content: bytes) -> None:
    """Write the same HTTP answer once more on the connection."""
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(content)}\r\n\r\n"
    with contextlib.suppress(OSError):
        wfile.write(head.encode("ascii") + content)
        wfile.flush()


def _stopper(server: Any, endpoint: Endpoint) -> Callable[[], None]:
    stopped = threading.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            endpoint.stop()
            server.stop()

    if threading.current_thread() is threading.main_thread():
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_given: threading.Thread(target=stop).start())
    return stop
