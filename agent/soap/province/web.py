"""The sandbox's HTTP side: the SOAP port, its WSDL, and the clerk's page."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from agent.errors import AgentError
from agent.soap.contract import WSDL, XSD
from agent.soap.loopback import answer_loopback_only
from agent.soap.province import clerk, page
from agent.soap.province.endpoint import Answer, Endpoint
from agent.soap.province.front import MAX_BYTES, inflate
from agent.soap.province.ledger import Ledger
from agent.soap.province.refusal import Refusal

if TYPE_CHECKING:
    from flask import Flask, Response

HANG_UP = "postal_agent.hang_up"
SEND_TWICE = "postal_agent.send_twice"
"""Keys of the WSGI environment by which the server offers its connection."""
WORTH_COMPRESSING = 1_000
PLACEHOLDER = "http://127.0.0.1:8090/soap/tthc"


def make_app(
    endpoint: Endpoint, ledger: Ledger, folder: Path, now: Callable[[], datetime], *, training: bool = False
) -> Flask:
    """The Flask application; only loopback names are answered."""
    from flask import Flask, Response

    app = Flask("sandbox-province", static_folder=None, template_folder=str(Path(__file__).parent / "templates"))
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES

    answer_loopback_only(app)

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    _soap_routes(app, endpoint)
    _clerk_routes(app, ledger, folder, now, training)
    return app


def _soap_routes(app: Flask, endpoint: Endpoint) -> None:
    from flask import abort, request

    @app.get("/soap/tthc")
    def description() -> Response:
        if "xsd" in request.args:
            return _xml(XSD.read_bytes())
        address = f"{request.scheme}://{request.host}/soap/tthc"
        text = WSDL.read_text(encoding="utf-8").replace(PLACEHOLDER, address)
        return _xml(text.encode())

    @app.get("/soap/tthc.xsd")
    def types() -> Response:
        return _xml(XSD.read_bytes())

    @app.post("/soap/tthc")
    def soap() -> Response:
        coding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip"):
            abort(415)
        if (request.content_length or 0) > MAX_BYTES:
            _drain(request.environ["wsgi.input"])
            abort(413)
        try:
            data = inflate(request.get_data()) if coding == "gzip" else request.get_data()
        except Refusal as refusal:
            return _send(endpoint.refusal(refusal), request.environ)
        answer = endpoint.answer(data, request.content_type or "")
        return _send(answer, request.environ, compressed="gzip" in request.headers.get("Accept-Encoding", ""))


def _clerk_routes(app: Flask, ledger: Ledger, folder: Path, now: Callable[[], datetime], training: bool) -> None:
    from flask import redirect, request

    @app.get("/")
    def dossiers() -> str:
        return page.render(ledger, chosen=request.args, training=training)

    @app.post("/act")
    def act() -> Any:
        form = request.form
        try:
            action = form.get("action", "").partition(":")[0]
            clerk.act(folder, form.get("number", ""), action, now=now(), **page.options(form))
        except AgentError as error:
            return page.render(ledger, problem=error.message, chosen=form, training=training), 409
        kept = {name: form[name] for name in ("office", "status") if form.get(name)}
        return redirect(f"/?{urlencode(kept)}" if kept else "/", 303)


def _xml(content: bytes) -> Response:
    from flask import Response

    return Response(content, content_type="text/xml; charset=utf-8")


def _drain(body: Any) -> None:
    """Read what is over the limit to its end (the server caps it), so that the sender gets to read the answer."""
    while body.read(65_536):
        pass


def _send(answer: Answer, environ: dict[str, Any], *, compressed: bool = False) -> Response:
    from flask import Response

    if answer.hang_up:
        environ[HANG_UP]()
        return Response(status=500)
    response = Response(answer.content, answer.status, content_type=answer.content_type)
    if compressed and len(answer.content) >= WORTH_COMPRESSING:
        response.data = gzip.compress(answer.content, 6, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    if answer.twice:
        again = environ[SEND_TWICE]
        response.call_on_close(lambda: again(answer.status, answer.content_type, answer.content))
    return response
