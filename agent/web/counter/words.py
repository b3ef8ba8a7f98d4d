"""The journal in words: what each kind of entry says in a dossier's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.domain.custody_steps import STEP_NAME, CustodyStep
from agent.domain.tracking_status import STATUS_NAME, ProvinceStatus
from agent.store.journal import JournalEntry
from agent.web.filters import dong, s10
from agent.web.i18n import gettext, language


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


KINDS = {
    "received": _("tiếp nhận hồ sơ"),
    "numbered": _("tỉnh cấp số %(number)s"),
    "label_queued": _("gửi in nhãn lần %(attempt)s"),
    "label_answered": _("trả lời về nhãn vừa in"),
    "label": _("quét nhãn, đã dán đúng hồ sơ"),
    "pages_filed": _("nộp %(pages)s trang"),
    "page_removed": _("bỏ một trang"),
    "page_accepted": _("nhận trang có cảnh báo, có lý do"),
    "digitise": _("tạo %(papers)s bản PDF/A"),
    "digitised": _("tạo %(papers)s bản PDF/A bổ sung"),
    "sign": _("ký số %(papers)s bản"),
    "signed": _("ký số %(papers)s bản bổ sung"),
    "submit": _("xếp hàng gửi tỉnh"),
    "acknowledge": _("tỉnh tiếp nhận, có biên nhận"),
    "reject": _("tỉnh không nhận"),
    "handoff_refused": _("tỉnh không nhận một thông điệp"),
    "ask_supplement": _("tỉnh yêu cầu bổ sung"),
    "supplement_arrived": _("công dân nộp giấy tờ bổ sung"),
    "supplement": _("xếp hàng gửi bổ sung"),
    "resume": _("tỉnh tiếp tục giải quyết"),
    "province_status": _("tỉnh báo: %(status)s"),
    "finish": _("tỉnh báo có kết quả"),
    "deliver": _("đã trả kết quả"),
    "close": _("đóng hồ sơ: mọi kết quả đã trả"),
    "refuse": _("tỉnh từ chối giải quyết"),
    "stop": _("dừng giải quyết"),
    "void": _("hủy tại quầy, có lý do"),
    "fee": _("khoản thu %(amount)s"),
}
WHO = {"system": _("Hệ thống"), "province": _("Tỉnh")}


@dataclass(frozen=True)
class Told:
    """One line of the timeline."""

    at: datetime
    who: str
    words: str
    ledger: str


def timeline(entries: Iterable[JournalEntry], names: dict[str, str]) -> list[Told]:
    """The entries, newest first, in the user's language; `names` are full names by user name."""
    return [Told(entry.at, _who(entry.actor, names), _words(entry), entry.ledger) for entry in entries]


def usernames(entries: Iterable[JournalEntry]) -> set[str]:
    """Whom the entries name."""
    return {entry.actor.removeprefix("user:") for entry in entries if entry.actor.startswith("user:")}


def holder_words(holder: str, names: dict[str, str]) -> str:
    """A holder of an item as people say it."""
    kind, _colon, name = holder.partition(":")
    if kind == "courier":
        return f"{gettext('bưu tá')} {names.get(name, name)}"
    return {"office": gettext("bưu cục"), "authority": gettext("cơ quan giải quyết")}.get(kind, holder)


def _who(actor: str, names: dict[str, str]) -> str:
    name = actor.removeprefix("user:")
    return gettext(WHO[actor]) if actor in WHO else names.get(name, name)


def _words(entry: JournalEntry) -> str:
    body: dict[str, Any] = entry.body
    if entry.ledger == "custody":
        step = CustodyStep(entry.kind) if entry.kind in set(CustodyStep) else None
        told = gettext(STEP_NAME[step]) if step else entry.kind
        return f"{s10(body.get('item', ''))}: {told}"
    facts = {name: str(value) for name, value in body.items() if isinstance(value, str | int)}
    facts |= {name: str(len(value)) for name, value in body.items() if isinstance(value, list)}
    if entry.kind == "label_answered" and "came_out" in body:
        return gettext("trả lời: nhãn đã ra") if body["came_out"] else gettext("trả lời: nhãn không ra")
    if entry.kind == "province_status" and body.get("status") in STATUS_NAME:
        facts["status"] = STATUS_NAME[ProvinceStatus(body["status"])][language() == "en"]
    if entry.kind == "fee":
        facts["amount"] = dong(int(body.get("amount", 0)))
    try:
        return gettext(KINDS[entry.kind]) % facts
    except KeyError:
        return gettext(KINDS[entry.kind]).partition("%(")[0].strip() if entry.kind in KINDS else entry.kind
