"""One paper's evidence as questions that a doubtful official would ask, each with its answer and a sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.ports_signing import SignatureReport
from agent.web.filters import moment
from agent.web.i18n import gettext as _


@dataclass(frozen=True)
class Answer:
    """A question, what is known, and whether that is good (complete), wants a look (decide) or is bad (refused)."""

    question: str
    sign: str
    words: str
    more: tuple[str, ...] = ()


def answers(facts: Mapping[str, Any], report: SignatureReport | None, names: Mapping[str, str]) -> list[Answer]:
    """The answers of a paper's facts; `report`: what a check of the signed PDF says now, None when it is not here."""
    return [
        _who(facts, names),
        _pages(facts),
        _archive(facts),
        _signature(facts, report),
        _certificate(facts),
        _time(facts),
        _text(facts),
        _files(facts),
    ]


def _who(facts: Mapping[str, Any], names: Mapping[str, str]) -> Answer:
    made = facts["digitised"]
    name = made["by"].removeprefix("user:")
    words = _("%(who)s, lúc %(at)s, bưu cục %(office)s, quầy %(terminal)s") % {
        "who": names.get(name, name) or _("không rõ"), "at": moment(datetime.fromisoformat(made["at"])),
        "office": made["office"] or "–", "terminal": made["terminal"] or "–",
    }  # fmt: skip
    return Answer(_("Ai số hóa, lúc nào, ở đâu?"), "complete" if made["by"] else "decide", words)


def _pages(facts: Mapping[str, Any]) -> Answer:
    pages = facts["pages"]
    open_ = [page for page in pages if page.get("verdict") == "warn" and not page.get("accepted")]
    low = min((page["dpi"] for page in pages if page.get("dpi")), default=0)
    words = _("%(count)s trang gốc, nhỏ nhất %(dpi)s dpi") % {"count": len(pages), "dpi": low or "?"}
    noted = [
        _("trang %(n)s: %(why)s") % {"n": page["position"], "why": page["reason"]}
        for page in pages
        if page.get("reason")
    ]
    sign = "decide" if open_ or any("sha256" not in page or "verdict" not in page for page in pages) else "complete"
    return Answer(_("Chụp từ trang giấy nào, rõ không?"), sign, words, tuple(noted))


def _archive(facts: Mapping[str, Any]) -> Answer:
    said = facts["copy"]["evidence"].get("pdfa") or {}
    passed = said.get("verdict") == "pass"
    words = (
        _("PDF/A-%(flavour)s, %(validator)s xác nhận đạt")
        % {"flavour": said.get("flavour", "?"), "validator": said.get("validator", "?")}
        if passed
        else _("không có xác nhận PDF/A: bản gốc điện tử được giữ nguyên, hoặc chưa kiểm tra")
    )
    changed = [
        _("trang %(n)s: %(how)s")
        % {"n": n, "how": {"re-encoded": _("mã hóa lại, không mất nét"), "rendered": _("vẽ lại từ PDF")}[page["how"]]}
        for n, page in enumerate(facts["copy"]["evidence"].get("pages", []), start=1)
        if page.get("how") in ("re-encoded", "rendered")
    ]
    return Answer(_("Bản sao có đúng chuẩn lưu trữ không?"), "complete" if passed else "decide", words, tuple(changed))


def _signature(facts: Mapping[str, Any], report: SignatureReport | None) -> Answer:
    question = _("Từ lúc ký có ai sửa không?")
    if facts["signed"] is None:
        return Answer(question, "untouched", _("chưa ký"))
    if report is None:
        return Answer(question, "unknown", _("bản đã ký không còn hoặc không nằm ở quầy này; kiểm tra tại nơi giữ bản"))
    if not report.valid:
        return Answer(question, "refused", " ".join(report.problems))
    if _original(facts):
        words = _("không: vừa kiểm tra lại, tệp còn nguyên như khi nộp, chữ ký của %(signer)s còn đúng")
        sign = "decide" if report.problems else "complete"
        return Answer(question, sign, words % {"signer": report.signer}, report.problems)
    words = _("không: vừa kiểm tra lại, chữ ký của %(signer)s bao trùm toàn bộ tệp") % {"signer": report.signer}
    return Answer(question, "complete", words)


def _certificate(facts: Mapping[str, Any]) -> Answer:
    question = _("Chứng thư của người ký lúc đó có hiệu lực không?")
    said = _said(facts)
    if _original(facts):
        return Answer(question, "decide", _("bản điện tử gốc do nơi khác ký, giữ nguyên; đã xét khi nhận"))
    if not said:
        return Answer(question, "untouched", _("chưa ký"))
    asked = len(said.get("ocsp", [])), len(said.get("crls", []))
    chain = _("chuỗi %(count)s chứng thư") % {"count": len(said.get("chain", []))}
    if said.get("training"):
        return Answer(question, "decide", _("TẬP HUẤN: chứng thư tập huấn, không có giá trị pháp lý") + f" · {chain}")
    if said.get("doubts"):
        return Answer(question, "decide", chain, tuple(said["doubts"]))
    if any(asked):
        answered = _("đã hỏi lúc ký: %(ocsp)s trả lời OCSP, %(crls)s CRL, không bị thu hồi") % {
            "ocsp": asked[0],
            "crls": asked[1],
        }
        return Answer(question, "complete", f"{chain} · {answered}")
    return Answer(question, "decide", f"{chain} · " + _("không hỏi tình trạng thu hồi (theo cấu hình)"))


def _time(facts: Mapping[str, Any]) -> Answer:
    question = _("Ký lúc nào, ai chứng giờ?")
    said, signed = _said(facts), facts["signed"]
    if not signed:
        return Answer(question, "untouched", _("chưa ký"))
    level = f"PAdES {said.get('level', '?')}"
    if _original(facts):
        level = _("bản điện tử gốc")
    if said.get("stamped_at"):
        at = moment(datetime.fromisoformat(said["stamped_at"]))
        return Answer(
            question, "complete", _("%(at)s, có dấu thời gian của cơ quan cấp dấu") % {"at": at} + f" · {level}"
        )
    if not signed["at"]:
        return Answer(question, "decide", _("chữ ký không ghi thời gian") + f" · {level}")
    at = moment(datetime.fromisoformat(signed["at"]))
    return Answer(
        question, "decide", _("%(at)s theo đồng hồ của quầy, không có dấu thời gian") % {"at": at} + f" · {level}"
    )


def _text(facts: Mapping[str, Any]) -> Answer:
    question = _("Chữ trong bản có tin được không?")
    read = [page.get("text", {}) for page in facts["copy"]["evidence"].get("pages", [])]
    layered = [one for one in read if one.get("layer")]
    if facts["text"]:
        return Answer(question, "partial", _("máy đọc sau khi lập bản; chữ nằm ở tệp kèm, không ký số"))
    if not layered:
        return Answer(question, "untouched", _("không có lớp chữ; chỉ có hình trang giấy"))
    sure = round(sum(one.get("confidence", 0) for one in layered) / len(layered))
    words = _("lớp chữ máy đọc (%(engine)s), độ chắc trung bình %(sure)s%%; hình trang giấy mới là căn cứ") % {
        "engine": layered[0].get("engine") or "?", "sure": sure,
    }  # fmt: skip
    return Answer(question, "complete" if sure >= 90 else "partial", words)


def _files(facts: Mapping[str, Any]) -> Answer:
    signed = facts["signed"]
    words = _("SHA-256 của bản đã ký: %(sha)s") % {"sha": signed["sha256"]} if signed else _("chưa ký")
    more = (_("bản sao trước khi ký: %(sha)s") % {"sha": facts["copy"]["sha256"]},)
    return Answer(_("Tệp tôi đang cầm có phải bản này không?"), "complete" if signed else "untouched", words, more)


def _original(facts: Mapping[str, Any]) -> bool:
    return bool(facts["copy"]["evidence"].get("form") == "electronic original")


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    signed = facts["signed"]
    return dict(signed["signature"]) if signed else {}
