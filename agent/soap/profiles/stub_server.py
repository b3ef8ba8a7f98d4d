"""Serves the stub of a profiled province on the loopback address, with the sandbox's fault switches."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.errors import AgentError, ConfigError
from agent.soap.caps import REQUEST
from agent.soap.contract import ENVELOPE
from agent.soap.loopback import answer_loopback_only
from agent.soap.profiles.profile import Profile
from agent.soap.profiles.stub import Stub, Unheard
from agent.soap.profiles.stub_store import StubStore
from agent.soap.province.faults import Fault, Faults
from agent.soap.province.front import only_body, open_envelope
from agent.soap.province.refusal import Refusal

if TYPE_CHECKING:
    from flask import Flask, Response
    from lxml.etree import _Element

THREADS = 8
HANG_UP = "postal_agent.hang_up"
HTML = b"<!doctype html><title>Bad Gateway</title><h1>502 Bad Gateway</h1>"
UNDERSTOOD = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "http://x-road.eu/xsd/xroad.xsd",
)


def serve_stub(
    profile: Profile,
    *,
    folder: Path,
    now: Callable[[], datetime],
    port: int = 8091,
    faults: str = "",
    announce: Callable[[str], None] = lambda _url: None,
) -> None:
    """Serve until SIGTERM, SIGINT or the process ends; port 0 takes a free one.

    `announce` receives the SOAP address once requests are accepted. Header blocks of WS-Security and X-Road are taken
    and not checked. ConfigError when the fault line is wrong or the port is taken.
    """
    switches, store, stopping = Faults(faults), StubStore(folder), threading.Event()
    stub = Stub(profile, store, lambda: now() + switches.clock_offset)
    server = _server(_app(stub, switches, stopping), port, profile.limit * 2)
    try:
        server.prepare()
    except OSError as error:
        raise ConfigError(f"Không mở được cổng {port} cho tỉnh giả lập: {error.strerror}. Chọn cổng khác.") from None
    stop = _stopper(server, stopping)
    try:
        announce(f"http://127.0.0.1:{server.bind_addr[1]}{_path(profile)}")
        server.serve()
    finally:
        stop()
        store.close()


def _path(profile: Profile) -> str:
    return urlsplit(profile.endpoint).path or "/"


def _app(stub: Stub, switches: Faults, stopping: threading.Event) -> Flask:
    from flask import Flask, abort, jsonify, request

    app, profile = Flask("profile-stub", static_folder=None), stub.profile
    limits = replace(REQUEST, bytes=profile.limit * 2)

    answer_loopback_only(app)

    @app.get(_path(profile))
    def description() -> Response:
        text = profile.wsdl.read_text(encoding="utf-8")
        return _xml(text.replace(stub.service.address, f"http://{request.host}{_path(profile)}").encode())

    @app.get(f"{_path(profile).rpartition('/')[0]}/<name>.xsd")
    def schema(name: str) -> Response:
        file = profile.wsdl.parent / f"{name}.xsd"
        return _xml(file.read_bytes()) if file.parent == profile.wsdl.parent and file.is_file() else abort(404)

    @app.post(_path(profile))
    def soap() -> Response:
        try:
            body = only_body(open_envelope(request.get_data(), request.content_type or "", UNDERSTOOD, limits))
            struck = switches.strike(stub.name_of(body))
            early = _before(stub, body, struck, stopping)
            return early or _after(struck, lambda: _xml(_wrapped(stub.answer(body))))
        except (Refusal, Unheard) as refusal:
            return _xml(_wrapped(_fault(str(refusal))), 500)

    @app.get("/held")
    def held() -> Response:
        """What the stub took, for whoever writes a profile: their elements and our values."""
        messages = stub.store.rows("SELECT operation, number, part, theirs, ours FROM messages")
        log = stub.store.rows("SELECT at, operation, code FROM log ORDER BY id")
        return jsonify({"dossiers": stub.store.dossiers(), "messages": messages, "log": log})

    @app.post("/act")
    def act() -> Any:
        form = request.form
        try:
            stub.act(
                form.get("number", ""), form.get("status", ""), note=form.get("note", ""),
                results=form.getlist("result"), gaps=form.getlist("component"),
            )  # fmt: skip
        except AgentError as error:
            return jsonify({"error": error.message}), 409
        return jsonify({"done": True})

    return app


def _before(stub: Stub, body: _Element, struck: dict[str, Fault], stopping: threading.Event) -> Response | None:
    from flask import Response

    if "delay" in struck:
        stopping.wait(struck["delay"].ms / 1000)
    if "refuse" in struck or "cut-before" in struck:
        return _gone()
    if "503" in struck:
        return Response(b"<h1>503 Service Unavailable</h1>", 503, content_type="text/html")
    if "html" in struck:
        return Response(HTML, 200, content_type="text/html; charset=utf-8")
    return _xml(_wrapped(stub.busy(body))) if "busy" in struck else None


def _after(struck: dict[str, Fault], answer: Callable[[], Response]) -> Response:
    """The answer as the switches spoil it; what the message asked is committed before."""
    from flask import Response

    made = answer()
    if "cut-after-commit" in struck:
        return _gone()
    if "garbage" in struck:
        return _xml(b"\x00\xff<<<not xml>>>" * 7)
    if "empty" in struck:
        return _xml(b"")
    return Response(HTML, 502, content_type="text/html; charset=utf-8") if "html-502" in struck else made


def _gone() -> Response:
    from flask import Response, request

    request.environ[HANG_UP]()
    return Response(status=500)


def _xml(content: bytes, status: int = 200) -> Response:
    from flask import Response

    return Response(content, status, content_type="text/xml; charset=utf-8")


def _wrapped(child: _Element) -> bytes:
    from lxml import etree

    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE})
    etree.SubElement(root, f"{{{ENVELOPE}}}Body").append(child)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _fault(words: str) -> _Element:
    from lxml import etree

    fault = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap={"s": ENVELOPE})
    etree.SubElement(fault, "faultcode").text = "s:Client"
    etree.SubElement(fault, "faultstring").text = words
    return fault


def _server(app: Any, port: int, most: int) -> Any:
    import cheroot.wsgi

    from agent.soap.province.server import hang_up

    wsgi: Any = cheroot.wsgi

    class Gateway(wsgi.Gateway_10):  # type: ignore[misc]
        """Offers the connection to the fault switches."""

        def get_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().get_environ()
            connection = self.req.conn
            environ[HANG_UP] = lambda: hang_up(connection.socket)
            return environ

    server = wsgi.Server(("127.0.0.1", port), app, numthreads=THREADS, request_queue_size=64, shutdown_timeout=2)
    server.gateway = Gateway
    server.max_request_body_size = most
    return server


def _stopper(server: Any, stopping: threading.Event) -> Callable[[], None]:
    once = threading.Lock()

    def stop() -> None:
        if once.acquire(blocking=False):
            stopping.set()
            server.stop()

    if threading.current_thread() is threading.main_thread():
        with contextlib.suppress(ValueError):
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_given: threading.Thread(target=stop).start())
    return stop
