"""A peer of software answers this machine only, by whatever name a page asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from flask import Flask

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def answer_loopback_only(app: Flask) -> None:
    """403 for a request whose Host or Origin names another machine: a page of the web can point a name here."""
    from flask import abort, request

    @app.before_request
    def only_loopback() -> None:
        origin = request.headers.get("Origin", "")
        names = [urlsplit(f"//{request.host}").hostname] + ([urlsplit(origin).hostname] if origin else [])
        if any(name not in LOOPBACK for name in names):
            abort(403)
