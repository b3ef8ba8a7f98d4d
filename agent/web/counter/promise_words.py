"""How each state of a leg of the promise is said and shown."""

from __future__ import annotations

from agent.domain.promise import LegState


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


LEG_WORDS = {
    LegState.WAITING: ("untouched", _("chưa tới")),
    LegState.RUNNING: ("partial", _("đang chạy")),
    LegState.NEAR: ("decide", _("sắp hết hạn")),
    LegState.LATE: ("refused", _("đang trễ")),
    LegState.DONE: ("complete", _("xong đúng hạn")),
    LegState.DONE_LATE: ("refused", _("xong trễ")),
}
