"""What stands against sending a dossier, as its page shows it: each fault with the one link or key that mends it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from agent.domain.roles import Action
from agent.intake.preflight import Fault, Fix, preflight
from agent.store.dossiers import Dossier
from agent.web.context import current_user, site
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


WORDS = {
    Fix.PAGES: _("nộp trang"),
    Fix.SIGN: _("ký"),
    Fix.REDO: _("làm lại bản này"),
    Fix.REMAKE: _("làm lại bản này"),
    Fix.VOID: _("hủy hồ sơ"),
}
REDONE = {
    "sign": _("Đã bỏ chữ ký cũ; bản số hóa còn nguyên. Ký lại."),
    "copies": _("Bản số hóa cũ đã bỏ; các trang còn nguyên. Tạo lại bản số hóa rồi ký."),
    "pages": _("Bản số hóa và trang cũ không còn dùng được. Quét lại giấy tờ này."),
}
NEEDS = {Fix.SIGN: Action.SIGN, Fix.VOID: Action.VOID}
SHOWN = ("send", "resend", "send-supplement")


@dataclass(frozen=True)
class Mend:
    """One fault; `url` empty: nothing on this page mends it. `post` says that the link changes something."""

    said: str
    words: str = ""
    url: str = ""
    post: bool = False


@dataclass(frozen=True)
class Flight:
    """The pre-flight of a dossier that is about to leave."""

    faults: tuple[Mend, ...]
    remarks: tuple[str, ...]

    @property
    def first(self) -> Mend | None:
        """The first fault that something on the page mends."""
        return next((one for one in self.faults if one.url), None)


def flight_of(dossier: Dossier, step: str, round_: int) -> Flight | None:
    """What the check finds now, where sending is the next step; inside reading()."""
    if step not in SHOWN or not current_user().may(Action.HAND_OFF):
        return None
    found = preflight(site(), dossier, round_=round_ if step == "send-supplement" else None)
    return Flight(
        tuple(_mend(dossier, fault) for fault in found.faults), tuple(remark.said for remark in found.remarks)
    )


def _mend(dossier: Dossier, fault: Fault) -> Mend:
    if not current_user().may(NEEDS.get(fault.fix, Action.DIGITISE)) or fault.fix not in WORDS:
        return Mend(fault.said)
    words = gettext(WORDS[fault.fix])
    match fault.fix:
        case Fix.PAGES:
            url = url_for("counter.dossier", uid=dossier.uid, component=fault.component, _anchor="papers")
        case Fix.SIGN:
            url = url_for("counter.sign", uid=dossier.uid)
        case Fix.VOID:
            url = url_for("counter.void_form", uid=dossier.uid)
        case _:
            anew = "1" if fault.fix is Fix.REMAKE else None
            return Mend(fault.said, words, url_for("counter.redo", uid=dossier.uid, paper=fault.paper, anew=anew), True)
    return Mend(fault.said, words, url)
