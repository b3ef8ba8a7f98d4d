"""Browser files: our own, the vendored ones when installed, and the font from its package."""

from __future__ import annotations

import functools
import hashlib
import mimetypes
from importlib.util import find_spec
from pathlib import Path

from flask import Flask, send_file, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

FONTS = frozenset({"BeVietnamPro-Regular.ttf", "BeVietnamPro-SemiBold.ttf"})
_STATIC = Path(__file__).parent / "static"
_YEAR = 31_536_000


@functools.cache
def _version(name: str) -> str:
    path = _STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""


def asset(name: str) -> str:
    """Address of a static file that changes with its content; empty when the file is not installed."""
    version = _version(name)
    return url_for("static", filename=name, v=version) if version else ""


def font(name: str) -> Response:
    """A face of Be Vietnam Pro, from the package that brings it."""
    spec = find_spec("fontpkg_be_vietnam_pro")
    if name not in FONTS or spec is None or spec.origin is None:
        raise NotFound
    return send_file(Path(spec.origin).parent / "files" / name, mimetype="font/ttf", max_age=_YEAR)


def install(app: Flask) -> None:
    """Let browsers keep static files for a year: their addresses change when they do."""
    for ending, kind in ((".js", "text/javascript"), (".css", "text/css"), (".svg", "image/svg+xml")):
        mimetypes.add_type(kind, ending)  # Windows takes these from its registry, where they are often wrong
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR
    app.jinja_env.globals["asset"] = asset
