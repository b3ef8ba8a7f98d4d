"""Run the sandbox province as a process of its own on the loopback address."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from agent.errors import ConfigError
from agent.settings import Sandbox
from agent.soap.province import catalogue, web
from agent.soap.province.endpoint import Endpoint
from agent.soap.province.faults import Faults
from agent.soap.province.guard import Demands, Guard
from agent.soap.province.ledger import Ledger
from agent.soap.province.numbers import Rules
from agent.soap.province.operations import Operations
from agent.soap.province.submissions import Submissions
from agent.soap.province.training import Trainer
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
    asked: Sandbox | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or the process ends; port 0 takes a free one.

    `announce` receives the SOAP address (http://127.0.0.1:PORT/soap/tthc) once requests are accepted.
    `sign_bytes` makes the detached CMS signature (DER) of a receipt. `procedures` default to the sample.
    `asked` says what protection it demands (settings `[sandbox]`); nothing by default.
    ConfigError when the fault line is wrong or the port is taken.
    """
    switches, asked = Faults(faults), asked or Sandbox()

    def time() -> datetime:
        return now() + switches.clock_offset

    ledger = Ledger(folder)
    known = [catalogue.complete(entry) for entry in procedures] if procedures is not None else catalogue.sample()
    made = desk(ledger, Uploads(folder), replace(rules or Rules(), procedures=known), sign_bytes=sign_bytes, now=time)
    endpoint = Endpoint(Operations(made), switches, Guard(Demands.of(asked, now()), ledger, time))
    trainer = _trainer(asked, folder, time)
    server = _server(web.make_app(endpoint, ledger, folder, time, training=trainer is not None), port)
    if asked.tls_certificate:
        server.ssl_adapter = _tls(asked)
    try:
        server.prepare()
    except OSError as error:
        raise ConfigError(f"Không mở được cổng {port} cho tỉnh tập huấn: {error.strerror}. Chọn cổng khác.") from None
    stop = _stopper(server, endpoint)
    try:
        scheme = "https" if asked.tls_certificate else "http"
        announce(f"{scheme}://127.0.0.1:{server.bind_addr[1]}/soap/tthc")
        if trainer is not None:
            trainer.start()
        server.serve()
    finally:
        stop()
        if trainer is not None:
            trainer.stop()
        ledger.close()


def _trainer(asked: Sandbox, folder: Path, now: Callable[[], datetime]) -> Trainer | None:
    if asked.training_seconds <= 0:
        return None
    return Trainer(folder, now, pace=timedelta(seconds=asked.training_seconds), seed=asked.training_seed)


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


def _tls(asked: Sandbox) -> Any:
    """TLS 1.2 or newer with the named certificate; with `tls_client_roots` only for clients that they certify."""
    from cheroot.ssl.builtin import BuiltinSSLAdapter

    try:
        adapter = BuiltinSSLAdapter(asked.tls_certificate, asked.tls_key)
        adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
        if asked.tls_client_roots:
            adapter.context.load_verify_locations(cafile=asked.tls_client_roots)
            adapter.context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"[sandbox] tls_certificate, tls_key: không dùng được ({error.strerror}).") from None
    return adapter


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
