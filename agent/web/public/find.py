"""Tracking by number and the phone's last four digits, where an office switches it on; slow, and always one answer."""

from __future__ import annotations

import re

from flask import request
from werkzeug.wrappers import Response

from agent.store.public_view import by_phone, phone_tracking_somewhere
from agent.web.context import site
from agent.web.guard import by_link
from agent.web.guard import public as open_to_all
from agent.web.public import frame, public
from agent.web.public.track import shown

_NUMBER = re.compile(r"[0-9A-Z.\-]{8,60}")
_LAST = re.compile(r"[0-9]{4}", re.ASCII)
LONGEST = 80


@public.get("/")
@open_to_all
def door() -> Response:
    """How to find one's dossier: by the receipt's code, and by number where an office allows it."""
    with site().store.reading():
        offered = phone_tracking_somewhere()
    return frame.page("public/door.html", offered=offered)


@public.post("/find")
@by_link
def find() -> Response:
    """The dossier's page, or the one answer to everything else."""
    number = request.form.get("number", "")[:LONGEST].strip().upper()
    last = request.form.get("last", "")[:LONGEST].strip()
    if not _NUMBER.fullmatch(number) or not _LAST.fullmatch(last):
        number = last = ""  # asks as much, finds nothing
    seconds = frame.limits().wait_by_phone(frame.asker(), number, last, frame.now())
    if seconds:
        return frame.too_many(seconds)
    with site().store.reading():
        found = by_phone(number, last)
    return frame.not_found() if found is None else shown(found, "")
