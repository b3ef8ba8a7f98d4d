"""What the bags' views share: whose row it is, refusals said on the page they came from, names of holders."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent.domain.forward import Seal
from agent.errors import AgentError, Forbidden, NotFound
from agent.store import rows
from agent.store.bags import BAG, Parcel, parcel_of
from agent.store.dossiers import Dossier
from agent.store.minutes import Manifest, Minutes, manifest_by_number, minutes_by_number
from agent.tracking.forward.counting import Answer
from agent.tracking.forward.papers import holder_name
from agent.web.bags import bags
from agent.web.context import current_user, site
from agent.web.i18n import gettext
from agent.web.notices import say

SEALS = {"broken": Seal.BROKEN, "missing": Seal.MISSING, "other": Seal.OTHER, "intact": Seal.INTACT}
SAID = {"counted": "done", "opened": "done", "again": "warn", "over": "warn", "elsewhere": "bad", "unknown": "bad"}
"""How an answer to a scan is coloured."""


class NotHere(NotFound):
    """The address names a row that this office has not: the answer is 404, not words on another page."""


def bag_of(number: str) -> Parcel:
    """The office's own bag, inside reading()."""
    bag = parcel_of(number)
    if bag is None or bag.kind != BAG or bag.office_id != current_user().office_id:
        raise NotHere(f"Không có túi {number} ở bưu cục này. Quét lại nhãn túi.")
    return bag


def manifest_of(number: str) -> Manifest:
    """The office's own manifest, inside reading()."""
    manifest = manifest_by_number(number)
    if manifest is None or manifest.office_id != current_user().office_id:
        raise NotHere(f"Không có bảng kê {number} ở bưu cục này. Quét lại mã trên bảng kê.")
    return manifest


def minutes_of(number: str) -> Minutes:
    """The office's own minutes, inside reading()."""
    minutes = minutes_by_number(number)
    if minutes is None or minutes.office_id != current_user().office_id:
        raise NotHere(f"Không có biên bản {number} ở bưu cục này. Quét lại mã trên biên bản.")
    return minutes


def own_here(uid: UUID) -> Dossier:
    """The office's own dossier."""
    with site().store.reading():
        dossier = rows.first(Dossier, uid=uid)
    if dossier is None or dossier.office_id != current_user().office_id:
        raise NotHere("Không có hồ sơ này ở bưu cục. Quét lại nhãn.")
    return dossier


def told(answer: Answer) -> None:
    """Say what a scan came to at the top of the page."""
    say(gettext(answer.words), kind=SAID[answer.kind])


def said_back(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """A form's view whose refusals stand at the top of the page that it came from; strangers are still turned away."""

    @functools.wraps(view)
    def wrapped(*args: Any, **values: Any) -> ResponseReturnValue:
        try:
            return view(*args, **values)
        except (Forbidden, NotHere):
            raise
        except AgentError as error:
            say(gettext(error.message), kind="bad")
            return to_back()

    return wrapped


def to_back() -> ResponseReturnValue:
    """303 to the page of ours from which the form came."""
    parts = urlsplit(request.referrer or "")
    asked = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return redirect(asked if parts.path.startswith("/bags/") else url_for("bags.home"), code=303)


@bags.app_template_filter("holder_name")
def _holder_name(holder: str) -> str:
    with site().store.reading():
        return holder_name(site(), holder)


@bags.app_template_filter("agency_name")
def _agency_name(agency: str) -> str:
    return _holder_name(f"authority:{agency}")
