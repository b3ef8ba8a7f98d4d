"""The frame of the delivery office's pages: its parts, each shown to those who may open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from agent.web.context import current_user
from agent.web.delivery import delivery


def _(words: str) -> str:
    return words  # marks for translation; the template speaks it


PLACES = (
    ("/delivery/", _("Hôm nay")),
    ("/delivery/lists/", _("Danh sách phát")),
    ("/bags/", _("Túi & bảng kê")),
    ("/custody/", _("Người giữ")),
    ("/custody/alarms", _("Cảnh báo")),
    ("/money/", _("Tiền")),
    ("/phones/", _("Điện thoại")),
)
"""Addresses in the order of the way, with the words of the nav."""


@dataclass(frozen=True)
class Place:
    """One entry of the nav."""

    url: str
    words: str
    here: bool


def places() -> list[Place]:
    """What is there and the signed-in user may open; the longest address that fits is here."""
    found = [(url, words) for url, words in PLACES if may_open(url)]
    at = max((url for url, _words in found if request.path.startswith(url)), key=len, default="")
    if at == PLACES[0][0] and not request.path.startswith((f"{at}queue", f"{at}items")) and request.path != at:
        at = ""  # a page of the register, marked where it stands
    return [Place(url, words, url == at) for url, words in found]


def may_open(url: str) -> bool:
    """Whether a page is there and the signed-in user's role opens it."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, _arguments = adapter.match(url, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    wanted = getattr(current_app.view_functions[endpoint], "allow", None)
    return wanted is not None and (not wanted or any(current_user().may(action) for action in wanted))


@delivery.app_context_processor
def _frame_for_templates() -> dict[str, Any]:
    return {"delivery_places": places, "may_open": may_open}
