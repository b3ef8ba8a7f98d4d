"""The journal in words: what each kind of entry says in a dossier's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agent.domain.custody_steps import STEP_NAME, CustodyStep
from agent.domain.tracking_status import STATUS_NAME, ProvinceStatus
from agent.store.journal import JournalEntry
from agent.web.counter.parcel_words import parcel_words
from agent.web.filters import day, dong, s10
from agent.web.i18n import gettext, language


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


KINDS = {
    "received": _("tiếp nhận hồ sơ"),
    "numbered": _("tỉnh cấp số %(number)s"),
    "label_queued": _("gửi in nhãn lần %(attempt)s"),
    "label_answered": _("trả lời về nhãn vừa in"),
    "print_queued": _("gửi in %(print)s lần %(attempt)s"),
    "print_answered": _("trả lời về bản in: %(print)s"),
    "print_cancelled": _("bỏ bản in đang chờ: %(print)s"),
    "label": _("quét nhãn, đã dán đúng hồ sơ"),
    "pages_filed": _("nộp %(pages)s trang"),
    "feed_filed": _("xếp một lượt quét %(pages)s trang, đã đối chiếu số trang"),
    "pages_returned": _("trả %(pages)s trang về hộp trang"),
    "page_removed": _("bỏ một trang"),
    "page_turned": _("xoay một trang"),
    "page_moved": _("đổi thứ tự một trang"),
    "page_placed": _("chuyển một trang sang thành phần khác"),
    "page_replaced": _("thay một trang bằng ảnh quét lại"),
    "page_flattened": _("chọn lại ảnh chụp: trang đã nắn hoặc ảnh gốc"),
    "form_changed": _("ghi lại dạng nộp của một thành phần"),
    "text_kept": _("đã lưu tệp chữ kèm bản sao"),
    "values_settled": _("xác nhận %(fields)s mục dữ liệu trên giấy tờ"),
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
    "withdrawal_queued": _("công dân xin rút hồ sơ; xếp hàng gửi tỉnh"),
    "withdraw": _("tỉnh ghi nhận yêu cầu rút hồ sơ"),
    "satisfaction": _("ghi mức độ hài lòng của công dân"),
    "province_status": _("tỉnh báo: %(status)s"),
    "finish": _("tỉnh báo có kết quả"),
    "deliver": _("đã trả kết quả"),
    "close": _("đóng hồ sơ: mọi kết quả đã trả"),
    "refuse": _("tỉnh từ chối giải quyết"),
    "stop": _("dừng giải quyết"),
    "void": _("hủy tại quầy, có lý do"),
    "fee": _("khoản thu %(amount)s"),
    "refund": _("hoàn lại %(amount)s, có lý do"),
    "reopen": _("làm lại một bản số hóa trước khi gửi"),
    "reopened": _("làm lại một bản số hóa bổ sung"),
    "extended": _("tỉnh hẹn lại: %(was)s thành %(due)s"),
    "unknown_status": _("tỉnh báo trạng thái không biết: mã %(status)s"),
    "unreadable": _("thông báo của tỉnh không dùng được (trạng thái %(status)s)"),
    "citizen_told": _("đã báo công dân"),
    "filed": _("nộp hợp lệ theo biên bản %(minutes)s; hạn trả %(was)s thành %(due)s"),
    "due_change_seen": _("đã xem hạn trả mới theo biên bản"),
    "result_collected": _("nhận kết quả tại cơ quan, biên bản %(minutes)s"),
    "paper_reused": _("dùng lại một giấy tờ đã số hóa"),
    "paper_entered": _("ghi hiệu lực và phạm vi của một giấy tờ"),
    "retired": _("xóa phần hết thời hạn lưu giữ: %(objects)s tệp"),
    "held": _("giữ hồ sơ, không xóa gì"),
    "released": _("thôi giữ hồ sơ"),
    "survey_answered": _("công dân đánh giá mức độ hài lòng"),
    "feedback_given": _("công dân gửi phản ánh, kiến nghị"),
    "feedback_answered": _("đã trả lời phản ánh, kiến nghị"),
    "notice_wish": _("ghi ý muốn nhận tin của công dân"),
    "notice_told": _("đã báo tin cho công dân thay tin nhắn"),
    "due_recomputed": _("tính lại ngày hẹn theo lịch làm việc"),
    "repeat_freight": _("thêm cước phát lại"),
    "waived": _("miễn một khoản thu, có lý do"),
}
ITEM_KINDS = {
    "plan": _("ghi quyết định của bưu cục phát"),
    "invitation": _("lập giấy mời lần %(number)s"),
    "authorisation": _("ghi giấy ủy quyền"),
    "authorisation_withdrawn": _("rút giấy ủy quyền"),
    "no_attempt": _("bưu tá không đi phát"),
    "returned": _("chuyển hoàn, biên bản %(minutes)s"),
    "claim_opened": _("mở hồ sơ khiếu nại %(claim)s"),
    "claim_accept": _("nhận lỗi trong khiếu nại %(claim)s"),
    "claim_reject": _("bác khiếu nại %(claim)s"),
    "claim_minutes": _("lập biên bản bồi thường %(claim)s"),
    "claim_reopened": _("mở lại hồ sơ khiếu nại %(claim)s"),
    "claim_pay": _("trả tiền bồi thường %(claim)s"),
    "correction_asked": _("xin đính chính một sự kiện"),
    "invitation_left": _("bưu tá để lại giấy mời"),
    "take_back": _("giấy phải thu lại"),
}
PLANS = {
    "redeliver": _("hẹn phát lại"),
    "hold": _("lưu giữ"),
    "collect": _("lưu giữ, người nhận đến lấy"),
    "forward": _("chuyển tiếp"),
    "return": _("chuyển hoàn"),
}
PRINTS = {
    "label": _("nhãn hồ sơ"),
    "component-label": _("nhãn thành phần"),
    "item-label": _("nhãn bưu gửi"),
    "slip": _("giấy tiếp nhận, bản cuộn"),
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
    """The entries, newest first, in the user's language; `names` are full names by user name.

    Values of papers that one person settled one after the other are one line.
    """
    told: list[Told] = []
    settled, last = 0, None
    for entry in entries:
        run = entry.kind == "values_settled"
        settled = len(entry.body.get("fields", ())) + (settled if run and last == entry.actor else 0) if run else 0
        words = gettext(KINDS[entry.kind]) % {"fields": settled} if run else _words(entry)
        line = Told(entry.at, _who(entry.actor, names), words, entry.ledger)
        if run and last == entry.actor:
            told[-1] = replace(line, at=told[-1].at)
        else:
            told.append(line)
        last = entry.actor if run else None
    return told


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


def _item_words(entry: JournalEntry) -> str:
    """What the delivery office wrote of an item beside the steps of its custody."""
    told = PLANS.get(entry.body.get("action", "")) if entry.kind == "plan" else None
    words = gettext(told or ITEM_KINDS.get(entry.kind, entry.kind))
    return words % {name: str(entry.body.get(name, "")) for name in ("number", "minutes", "claim")}


def _words(entry: JournalEntry) -> str:
    body: dict[str, Any] = entry.body
    if "parcel" in body:
        return parcel_words(entry.kind, body)
    if entry.ledger == "custody":
        step = CustodyStep(entry.kind) if entry.kind in set(CustodyStep) else None
        told = gettext(STEP_NAME[step]) if step else _item_words(entry)
        return f"{s10(body.get('item', ''))}: {told}"
    facts = {name: str(value) for name, value in body.items() if isinstance(value, str | int)}
    facts |= {name: str(len(value)) for name, value in body.items() if isinstance(value, list)}
    if entry.kind == "label_answered" and "came_out" in body:
        return gettext("trả lời: nhãn đã ra") if body["came_out"] else gettext("trả lời: nhãn không ra")
    if entry.kind == "province_status" and body.get("status") in STATUS_NAME:
        facts["status"] = STATUS_NAME[ProvinceStatus(body["status"])][language() == "en"]
    if "print" in facts:
        facts["print"] = f"{gettext(PRINTS.get(facts['print'], ''))} {s10(facts.get('of', ''))}".strip()
    if entry.kind in ("extended", "filed"):
        facts |= {name: day(datetime.fromisoformat(facts[name])) for name in ("was", "due") if facts.get(name)}
    if entry.kind in ("fee", "refund"):
        facts["amount"] = dong(int(body.get("amount", 0)))
    try:
        return gettext(KINDS[entry.kind]) % facts
    except KeyError:
        return gettext(KINDS[entry.kind]).partition("%(")[0].strip() if entry.kind in KINDS else entry.kind
