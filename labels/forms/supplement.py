"""Form 02: one request that names every gap of a dossier at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.text import clock_date

TITLE = "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"


@dataclass(frozen=True)
class Gap:
    """What is missing or wrong, and why it is needed."""

    content: str
    reason: str = ""


@dataclass(frozen=True)
class SupplementForm:
    """Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ. `answer_by` is local time, None when the law sets no term.

    Raises LabelError("spec") when it names no gap.
    """

    head: Head
    applicant: Party
    procedure_code: str
    procedure_name: str
    gaps: tuple[Gap, ...]
    contact: str
    guide_name: str
    answer_by: datetime | None = None

    def __post_init__(self) -> None:
        if not self.gaps:
            raise LabelError("spec", "Phiếu yêu cầu bổ sung phải nêu ít nhất một nội dung.")


def render(form: SupplementForm) -> bytes:
    """The request as an A5 PDF."""
    from labels.forms.sheet import Sheet, Signature

    sheet = Sheet(form.head, TITLE)
    sheet.party(form.applicant, "Hồ sơ của")
    sheet.fields([("Nội dung yêu cầu", f"{form.procedure_name} ({form.procedure_code})")])
    sheet.section(f"Yêu cầu hoàn thiện hồ sơ gồm {len(form.gaps)} nội dung sau")
    sheet.numbered([f"{g.content} – Lý do: {g.reason}" if g.reason else g.content for g in form.gaps])
    if form.answer_by:
        sheet.notice(f"Đề nghị bổ sung trước {clock_date(form.answer_by)}.")
    sheet.paragraph("Yêu cầu này nêu đủ mọi nội dung cần bổ sung trong một lần.")
    sheet.paragraph(
        f"Trong quá trình hoàn thiện hồ sơ, nếu có vướng mắc, ông/bà liên hệ {form.contact} để được hướng dẫn."
    )
    sheet.signatures([Signature("", hint=""), Signature("NGƯỜI HƯỚNG DẪN", form.guide_name)])
    return sheet.publish()
