"""Both sides of one difference as lines of a table, what differs marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.reconcile.explain import status_words
from agent.store.differences_view import Pair
from agent.store.fields import utc_instant
from agent.web.filters import dong, moment, short_sha
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


NONE = "–"
_NAMES = {
    "number": _("Số hồ sơ"), "office": _("Bưu cục"), "at": _("Nhận lúc"), "status": _("Trạng thái"),
    "fee": _("Phí đã thu"), "digest": _("Nội dung (mã tóm tắt)"), "job": _("Việc đang chờ"), "since": _("Chờ từ"),
    "state": _("Tình trạng gửi"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One fact: its name, our value, the province's, and a remark when they differ."""

    name: str
    ours: str
    theirs: str
    remark: str = ""


def lines_of(pair: Pair) -> list[Line]:
    """The facts in the order in which people ask for them; files and delivered items one a line."""
    lines = [
        Line(
            gettext(words), _said(name, pair.ours), _said(name, pair.theirs),
            _remark(name, pair) if name in pair.changed else "",
        )
        for name, words in _NAMES.items()
        if name in pair.ours or name in pair.theirs
    ]  # fmt: skip
    for sha256 in _either(pair, "files"):
        name = pair.papers.get(sha256, gettext("Tệp"))
        lines.append(_present(name, sha256, short_sha(sha256), "files", pair))
    for fact, words in (("payments", _("Bút toán")), ("milestones", _("Mốc giữ bưu gửi"))):
        for entry in _either(pair, fact):
            lines.append(_present(gettext(words), entry, entry, fact, pair))
    for item in _either(pair, "items"):
        lines.append(_present(gettext("Đã phát"), item, item, "items", pair))
    return lines


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds >= 86_400:
        return gettext("%(n)s ngày") % {"n": seconds // 86_400}
    if seconds >= 3600:
        return gettext("%(n)s giờ") % {"n": seconds // 3600}
    return gettext("%(n)s phút") % {"n": seconds // 60}


def _either(pair: Pair, name: str) -> list[str]:
    return sorted({*(pair.ours.get(name) or ()), *(pair.theirs.get(name) or ())})


def _present(name: str, value: str, shown: str, fact: str, pair: Pair) -> Line:
    here, there = (value in (side.get(fact) or ()) for side in (pair.ours, pair.theirs))
    remark = "" if here and there else gettext("tỉnh không có") if here else gettext("bưu cục không có")
    return Line(name, shown if here else NONE, shown if there else NONE, remark)


def _said(name: str, side: dict[str, Any]) -> str:
    value = side.get(name)
    if value is None or value == "":
        return NONE
    match name:
        case "at" | "since":
            return moment(utc_instant(value) if "." in str(value) else datetime.fromisoformat(str(value)))
        case "status":
            return f"{value} {gettext(status_words(int(value)))}"
        case "fee":
            return dong(int(value))
        case "digest":
            return short_sha(str(value))
    return str(value)


def _remark(name: str, pair: Pair) -> str:
    if name not in pair.theirs or not pair.theirs:
        return gettext("tỉnh không có") if name not in ("job", "since", "state") else ""
    if name not in pair.ours:
        return gettext("bưu cục không có")
    if name == "fee":
        return gettext("lệch %(amount)s") % {"amount": dong(int(pair.theirs["fee"]) - int(pair.ours["fee"]))}
    return gettext("khác nhau")
