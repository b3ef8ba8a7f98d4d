"""Words for what the custody ledger says of an envelope or a bag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.domain.custody_steps import STEP_NAME, CustodyStep
from agent.domain.forward import SEAL_NAME, Seal
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


OTHERS = {
    "given_back": _("trả giấy tờ, thôi chuyển"),
    "closed": _("đóng túi"),
    "given_up": _("bỏ túi trống"),
}


def parcel_words(kind: str, body: Mapping[str, Any]) -> str:
    """One line of a timeline: the envelope or bag and what happened to it."""
    what = kind.partition("_")[2]
    number = str(body.get("parcel", ""))
    if what.startswith("seal_") and what.removeprefix("seal_") in set(Seal):
        fact = gettext(SEAL_NAME[Seal(what.removeprefix("seal_"))])
        return f"{number}: {gettext('niêm phong')} {body.get('seal', '')} {fact}"
    if what in set(CustodyStep):
        bag = f" ({gettext('túi')} {body['bag']})" if body.get("bag") else ""
        return f"{number}: {gettext(STEP_NAME[CustodyStep(what)])}{bag}"
    return f"{number}: {gettext(OTHERS.get(what, what))}"
