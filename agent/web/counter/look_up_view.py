"""What a look-up of an intake's owner was answered: kept for the intake's pages, and said in one quiet line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app

from agent.intake.look_up import Answer, Outcome, person_of
from agent.web.context import site
from agent.web.filters import clock_time
from agent.web.i18n import gettext

KEPT = timedelta(minutes=15)  # an answer serves the pages of its intake; its papers are kept nowhere else
AGAIN = timedelta(minutes=1)  # a line that was down is tried again
MOST = 500
Line = tuple[str, str]  # a sign, or "soft", and words


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


WORDS: dict[Outcome, Line] = {
    Outcome.ABSENT: ("decide", _("Cơ sở dữ liệu của tỉnh không có số này; xem lại số, vẫn nhận được hồ sơ")),
    Outcome.UNAVAILABLE: ("soft", _("Chưa tra cứu được vì không nối được với tỉnh; cứ nhận hồ sơ như thường")),
    Outcome.UNSUPPORTED: ("soft", _("Tỉnh này chưa cho tra cứu người; cứ nhận hồ sơ như thường")),
    Outcome.REFUSED: ("soft", _("Tỉnh không trả lời lượt tra cứu này; cứ nhận hồ sơ như thường")),
    Outcome.LIMIT: ("soft", _("Bạn đã tra cứu %(limit)s lượt trong một giờ, tra tiếp từ %(at)s; cứ nhận hồ sơ")),
}
NAMES = {"name": _("họ tên"), "birth": _("ngày sinh")}


def answer_of(uid: UUID, body: Any) -> Answer | None:
    """What was answered about this owner for this intake, as long as it is kept."""
    kept = _held().get(_key(uid, body))
    if kept is None:
        return None
    at, answer = kept
    lasts = AGAIN if answer.person in (Outcome.UNAVAILABLE, Outcome.LIMIT) else KEPT
    return answer if at <= site().clock.now() <= at + lasts else None


def asks(uid: UUID, body: Any) -> bool:
    """Whether there is somebody to ask about who was not asked about yet."""
    return bool(body.get("procedure")) and person_of(body) is not None and answer_of(uid, body) is None


def lines_of(answer: Answer | None) -> list[Line]:
    """The answer in words, in the user's language; nothing while nothing was asked."""
    if answer is None:
        return []
    if answer.person in WORDS:
        sign, words = WORDS[answer.person]
        lines = [(sign, gettext(words) % {"limit": answer.limit, "at": clock_time(answer.again_at)})]
    else:
        lines = _matches(answer)
    if answer.papers:
        lines.append(("complete", gettext("%(count)s giấy tờ có trong kho của tỉnh") % {"count": len(answer.papers)}))
    return lines


def _matches(answer: Answer) -> list[Line]:
    same = [gettext(NAMES[name]) for name, flag in answer.matches.items() if flag]
    other = [gettext(NAMES[name]) for name, flag in answer.matches.items() if flag is False]
    lines = []
    if other:
        told = gettext("Không khớp cơ sở dữ liệu: %(what)s; xem lại thẻ, vẫn nhận được hồ sơ")
        lines.append(("decide", told % {"what": ", ".join(other)}))
    if same:
        lines.append(("complete", gettext("Khớp cơ sở dữ liệu: %(what)s") % {"what": ", ".join(same)}))
    return lines or [("soft", gettext("Cơ sở dữ liệu có số này, chưa có gì để so"))]


def keep(uid: UUID, body: Any, answer: Answer) -> None:
    """Keep an answer for the pages of this intake, of a bounded number of intakes."""
    held = _held()
    while len(held) >= MOST:
        held.pop(next(iter(held)))
    held[_key(uid, body)] = (site().clock.now(), answer)


def _key(uid: UUID, body: Any) -> tuple[Any, ...]:
    return uid, body.get("procedure", ""), person_of(body)


def _held() -> dict[Any, tuple[datetime, Answer]]:
    held: dict[Any, tuple[datetime, Answer]] = current_app.extensions.setdefault("postal-look-ups", {})
    return held
