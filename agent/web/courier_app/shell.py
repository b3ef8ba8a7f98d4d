"""The addresses of the app: its one page, its manifest, its service worker, its files; none holds personal data."""

from __future__ import annotations

from flask import Response, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from agent.web.context import site
from agent.web.courier_app import courier_app
from agent.web.courier_app.files import AppFiles, app_files
from agent.web.guard import public

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SENSORS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"
FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
FILES = "courier_app.files"


@courier_app.get("/")
@public
def home() -> ResponseReturnValue:
    """The app's one page, the same for everybody."""
    return _with_policy(Response(render_template("courier_app/shell.html", files=_prefix()), mimetype="text/html"))


@courier_app.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What a phone needs to install the app."""
    icon = {"type": "image/png", "purpose": "any"}
    answer = jsonify(
        id=url_for("courier_app.home"), start_url=url_for("courier_app.home"), scope=url_for("courier_app.home"),
        name=f"Bưu tá · {site().settings.office.name}", short_name="Bưu tá", lang="vi", display="standalone",
        orientation="portrait", background_color="#fbfaf7", theme_color="#0b4f8a",
        icons=[
            icon | {"src": _prefix() + "icons/icon-192.png", "sizes": "192x192"},
            icon | {"src": _prefix() + "icons/icon-512.png", "sizes": "512x512"},
            icon | {"src": _prefix() + "icons/maskable-512.png", "sizes": "512x512", "purpose": "maskable"},
        ],
    )  # fmt: skip
    answer.mimetype, answer.headers["Cache-Control"] = "application/manifest+json", ASK_FIRST
    return answer


@courier_app.get("/sw.js")
@public
def service_worker() -> ResponseReturnValue:
    """The service worker of this version; its text differs when any file does, which is how a phone learns of it."""
    lines = render_template(
        "courier_app/sw.js", prefix=_prefix(), version=held().version, listing=held().listing(),
        base=_base(), pages=[url_for("courier_app.home"), url_for("courier_app.manifest")],
    )  # fmt: skip
    return _with_policy(Response(lines, mimetype="text/javascript"))


@courier_app.get("/files/<version>/<path:name>")
@public
def file(version: str, name: str) -> ResponseReturnValue:
    """A file of the app; one of another version is not there, so that two versions are never mixed."""
    one = held().files.get(name)
    if version != held().version or one is None:
        raise NotFound
    packed = one.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    answer = Response(one.packed if packed else one.data, mimetype=one.kind)
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    answer.set_etag(one.digest)
    _with_policy(answer)  # a worker has the policy of its own file
    answer.headers["Cache-Control"] = FOREVER
    return answer


@courier_app.get("/index.html")
@public
def index() -> ResponseReturnValue:
    """The way some launchers name the page."""
    return redirect(url_for("courier_app.home"), code=301)


def held() -> AppFiles:
    """The version that this server hands out: what its extension `courier_app.files` names, else what is installed."""
    files: AppFiles | None = current_app.extensions.get(FILES)
    return files or app_files()


def _base() -> str:
    return f"{url_for('courier_app.home')}files/{held().version}/"


def _prefix() -> str:
    return f"{_base()}courier-app/"


def _with_policy(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Permissions-Policy"] = SENSORS
    answer.headers["Cache-Control"] = ASK_FIRST
    return answer
