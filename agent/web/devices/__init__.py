"""The terminal's devices: what is connected, what each last said, what waits, and what people decide about them."""

from __future__ import annotations

from flask import Blueprint

devices = Blueprint("devices", __name__, url_prefix="/devices")


def pages() -> Blueprint:
    """The blueprint with its pages."""
    from agent.web.devices import acts, page

    assert acts and page
    return devices
