"""The minutes by which results that could not be delivered, and papers taken back, go to the authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.text import clock_date

TITLE = "Biên bản chuyển hoàn kết quả"


@dataclass(frozen=True)
class BackLine:
    """One item (`number` without blanks, or empty for a paper) with its dossier, why, and the days it was tried."""

    number: str
    dossier: str
    what: str
    why: str = ""
    tried: str = ""


@dataclass(frozen=True)
class GoingBackForm:
    """Biên bản chuyển hoàn, A4. `head.code` is its number; `at` local. LabelError("spec") without a line."""

    head: Head
    giver: Party
    receiver: Party
    at: datetime
    lines: tuple[BackLine, ...]

    def __post_init__(self) -> None:
        if not self.lines:
            raise LabelError("spec", "Biên bản chuyển hoàn phải có ít nhất một bưu gửi hoặc giấy tờ.")


def render(form: GoingBackForm) -> bytes:
    """The minutes as an A4 PDF."""
    from reportlab.lib.units import mm

    from labels.forms.item_bars import ItemBars
    from labels.forms.sheet import Column, Sheet, Signature

    sheet = Sheet(form.head, TITLE, a4=True)
    sheet.fields(
        [
            ("Thời điểm", clock_date(form.at)),
            ("Bên giao", ", ".join(part for part in (form.giver.name, form.giver.address) if part)),
            ("Bên nhận", ", ".join(part for part in (form.receiver.name, form.receiver.address) if part)),
        ],
        label_share=0.2,
    )
    sheet.section(f"Bên giao trả lại {len(form.lines)} bưu gửi, giấy tờ")
    columns = [
        Column("STT", 9, "centre"), Column("Bưu gửi", 50), Column("Mã hồ sơ", 46), Column("Kết quả, giấy tờ", 32),
        Column("Lý do, các lần phát và mời", 41),
    ]  # fmt: skip
    rows = [
        (
            str(n), ItemBars(line.number, 47 * mm) if line.number else "–", line.dossier, line.what,
            f"{line.why}\n{line.tried}" if line.tried else line.why,
        )
        for n, line in enumerate(form.lines, start=1)
    ]  # fmt: skip
    sheet.table(columns, rows)
    sheet.paragraph("Hai bên đã kiểm đếm, bao bì còn nguyên trừ khi ghi khác. Biên bản lập hai bản, mỗi bên giữ một.")
    sheet.signatures([Signature("BÊN GIAO", form.giver.name), Signature("BÊN NHẬN", form.receiver.name)])
    return sheet.publish()
