"""Form 04: the apology for a result that comes later than promised, with the reason and the new day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.text import clock_date

TITLE = "Phiếu xin lỗi và đề nghị gia hạn thời gian giải quyết hồ sơ"


@dataclass(frozen=True)
class ApologyForm:
    """Phiếu xin lỗi và đề nghị gia hạn; times are local. The head of the resolving body signs it, not the clerk.

    Raises LabelError("spec") when the new day is not later than the promised one.
    """

    head: Head
    applicant: Party
    procedure_code: str
    procedure_name: str
    dossier_code: str
    promised: datetime
    instead: datetime
    reason: str
    body: str  # cơ quan giải quyết

    def __post_init__(self) -> None:
        if self.instead <= self.promised:
            raise LabelError("spec", "Ngày hẹn lại phải sau ngày đã hẹn.")


def render(form: ApologyForm) -> bytes:
    """The apology as an A5 PDF."""
    from labels.forms.sheet import Sheet, Signature

    sheet = Sheet(form.head, TITLE)
    sheet.party(form.applicant, "Kính gửi")
    sheet.fields(
        [
            ("Mã hồ sơ", form.dossier_code),
            ("Nội dung yêu cầu", f"{form.procedure_name} ({form.procedure_code})"),
            ("Đã hẹn trả", clock_date(form.promised)),
        ]
    )
    sheet.paragraph(f"Đến nay {form.body} chưa giải quyết xong hồ sơ của ông/bà. Lý do: {form.reason or 'chưa ghi'}.")
    sheet.notice(f"Xin hẹn lại ngày trả kết quả: {clock_date(form.instead)}.")
    sheet.paragraph("Cơ quan xin lỗi ông/bà vì sự chậm trễ này.")
    sheet.signatures([Signature("", hint=""), Signature("THỦ TRƯỞNG CƠ QUAN", "")])
    return sheet.publish()
