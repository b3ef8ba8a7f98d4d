"""The courier's offline web app: its shell, its files under an address of their content, its service worker."""

from __future__ import annotations

from flask import Blueprint

courier_app = Blueprint("courier_app", __name__, url_prefix="/courier/app")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.courier_app import shell

    assert shell
    return courier_app
