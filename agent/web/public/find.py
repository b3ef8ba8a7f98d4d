"""Tracking by number and the phone's last four digits, where an office switches it on; slow, and always one answer."""

from __future__ import annotations

import re

from flask import request
from werkzeug.wrappers import Response

from agent.domain.wrong_tries import FIND_ADDRESS, FIND_ALL, FIND_DIGITS, FIND_NETWORK, FIND_NUMBER, Asked
from agent.store.public_view import by_phone, phone_tracking_somewhere
from agent.store.wrong_tries import guess, wait
from agent.web.asker import network_of
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
    asked = _asked(number, last)
    with site().store.reading():
        seconds = wait(asked, frame.now())
    if seconds:
        return frame.too_many(seconds)
    seconds, found = guess(asked, frame.now(), lambda: by_phone(number, last))
    if seconds:
        return frame.too_many(seconds)
    return frame.not_found() if found is None else shown(found, "")


def _asked(number: str, last: str) -> Asked:
    """What one wrong try counts against; what is mistyped finds nobody and counts against its asker alone.

    Fixing the last four digits and walking the numbers finds people, so these digits have a bucket of their own.
    """
    asked = [(FIND_ADDRESS, frame.asker())]
    network = network_of(request.remote_addr)
    if network:
        asked.append((FIND_NETWORK, network))
    if number:
        asked += [(FIND_NUMBER, number), (FIND_DIGITS, last), (FIND_ALL, "")]
    return asked
