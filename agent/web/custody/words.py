"""The words of custody pages: steps, holders, conflicts, alarms; Vietnamese, spoken through gettext."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from agent.domain.custody_attempts import ACTION_NAME, EVIDENCE_NAME, REASON_NAME
from agent.domain.custody_order import ConflictKind
from agent.domain.custody_steps import STEP_NAME, CustodyStep
from agent.domain.promise import LEG_NAME
from agent.store.accounts import User
from agent.tracking.journal.alarms import AlarmKind
from agent.web.context import site
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


CONFLICT_WORDS: Final = {
    ConflictKind.CLOCKS: _("Giờ quá sát, không biết việc nào trước"),
    ConflictKind.FORK: _("Trái với việc đã ghi"),
    ConflictKind.SEQUENCE: _("Thứ tự của điện thoại trái với liên kết"),
    ConflictKind.TWICE: _("Điện thoại có hai sự kiện cùng số"),
    ConflictKind.CLAIM: _("Chờ quá lâu, không thấy sự kiện trước"),
    ConflictKind.AMOUNT: _("Bưu tá thu nhiều hơn số phải thu"),
}
ALARM_WORDS: Final = {
    AlarmKind.CONFLICT: _("Xung đột chờ quyết định"),
    AlarmKind.CASH: _("Tiền bưu tá đã thu, chờ quyết định"),
    AlarmKind.CORRECTION: _("Đính chính chờ người thứ hai"),
    AlarmKind.OFFER: _("Đã giao, chưa ai nhận"),
    AlarmKind.BAG: _("Bảng kê quá giờ chưa tới"),
    AlarmKind.PHONE: _("Điện thoại còn nợ sự kiện"),
    AlarmKind.CHAIN: _("Chuỗi sự kiện của điện thoại bị đứt"),
    AlarmKind.WAITING: _("Sự kiện chờ quá lâu"),
    AlarmKind.PROMISE: _("Hẹn trả sắp trễ hoặc đã trễ"),
}
VERDICT_WORDS: Final = {
    "waiting": _("đang chờ"), "refused": _("không có hiệu lực"), "conflict": _("xung đột"), "taken": _("đã ghi"),
}  # fmt: skip
CAPTURE_WORDS: Final = {"camera": _("máy ảnh"), "reader": _("đầu đọc"), "typed": _("gõ tay")}
PAID_WORDS: Final = {
    "waived": _("được miễn"), "till": _("tiền mặt tại quầy"), "courier": _("tiền mặt, bưu tá thu"),
    "vietqr": _("chuyển khoản, chờ sao kê"), "bank": _("chuyển khoản, sao kê đã có"), "direct": _("nộp thẳng cơ quan"),
}  # fmt: skip
LEG_WORDS: Final = {
    **{kind.value: words for kind, words in LEG_NAME.items()},
    "near": _("sắp trễ"),
    "late": _("đã trễ"),
}


def step_words(step: str) -> str:
    """What happened, in words."""
    return gettext(STEP_NAME[CustodyStep(step)]) if step in [one.value for one in CustodyStep] else step


def detail_words(reason: str, action: str, evidence: Iterable[str]) -> str:
    """Reason, action and evidence of an event in one line."""
    parts = []
    reasons = {str(key): words for key, words in REASON_NAME.items()}
    actions = {str(key): words for key, words in ACTION_NAME.items()}
    kinds = {str(key): words for key, words in EVIDENCE_NAME.items()}
    if reason:
        parts.append(gettext(reasons.get(reason, reason)))
    if action:
        parts.append("→ " + gettext(actions.get(action, action)))
    shown = [gettext(kinds.get(one, one)) for one in evidence]
    if shown:
        parts.append(", ".join(shown))
    return " · ".join(parts)


def holder_names(holders: Iterable[str]) -> dict[str, str]:
    """Holders, and people as journals name them, in words: our office and authority by name. Inside reading()."""
    wanted, ours = {one for one in holders if one}, site().settings.office
    people = [name for kind, _colon, name in (one.partition(":") for one in wanted) if kind in ("courier", "user")]
    rows: Any = User.select(User.username, User.full_name).where(User.username.in_(people or [""])).tuples()
    names: dict[str, str] = dict(rows)
    found = {"": ""}
    for one in wanted:
        kind, _colon, name = one.partition(":")
        found[one] = {
            "courier": names.get(name) or name,
            "user": names.get(name) or name,
            "office": ours.name if name == ours.id else gettext("bưu cục %(office)s") % {"office": name},
            "authority": ours.authority_name
            if name == ours.authority
            else gettext("cơ quan %(agency)s") % {"agency": name},
            "receiver": gettext("người nhận"),
        }.get(kind, one)
    return found


def people_names(actors: Iterable[str]) -> dict[str, str]:
    """People's full names by how journals name them (user:…). Inside reading()."""
    wanted = [one.removeprefix("user:") for one in actors]
    rows: Any = User.select(User.username, User.full_name).where(User.username.in_(wanted or [""])).tuples()
    return {f"user:{username}": name for username, name in rows}


def span_words(seconds: float) -> str:
    """A length of time in the largest unit that fits: 3 ngày, 5 giờ, 12 phút."""
    minutes = int(seconds // 60)
    if minutes >= 48 * 60:
        return gettext("%(n)s ngày") % {"n": minutes // (24 * 60)}
    if minutes >= 60:
        return gettext("%(n)s giờ") % {"n": minutes // 60}
    return gettext("%(n)s phút") % {"n": max(minutes, 0)}
