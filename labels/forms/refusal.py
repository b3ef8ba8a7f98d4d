"""Form 03: why a dossier is not taken, on paper, for both sides to sign."""

from __future__ import annotations

from dataclasses import dataclass

from labels.errors import LabelError
from labels.forms.common import Head, Party

TITLE = "Phiếu từ chối tiếp nhận giải quyết hồ sơ"


@dataclass(frozen=True)
class RefusalForm:
    """Phiếu từ chối tiếp nhận giải quyết hồ sơ; `dossier_code` empty when none was given.

    `head.code` is then the refusal's own number. Raises LabelError("spec") without a reason.
    """

    head: Head
    applicant: Party
    procedure_code: str
    procedure_name: str
    reasons: tuple[str, ...]
    contact: str
    refuser_name: str
    dossier_code: str = ""

    def __post_init__(self) -> None:
        if not any(reason.strip() for reason in self.reasons):
            raise LabelError("spec", "Phiếu từ chối phải ghi lý do.")


def render(form: RefusalForm) -> bytes:
    """The refusal as an A5 PDF."""
    from labels.forms.sheet import Sheet, Signature

    sheet = Sheet(form.head, TITLE)
    sheet.party(form.applicant, "Hồ sơ của")
    sheet.fields(
        [
            ("Mã hồ sơ", form.dossier_code),
            ("Nội dung yêu cầu", f"{form.procedure_name} ({form.procedure_code})"),
        ]
    )
    sheet.section("Qua xem xét, hồ sơ không được tiếp nhận, giải quyết với lý do")
    sheet.numbered(form.reasons)
    sheet.paragraph(f"Ông/bà cần hướng dẫn thêm xin liên hệ {form.contact}.")
    sheet.signatures(
        [
            Signature("NGƯỜI NỘP HỒ SƠ", form.applicant.name),
            Signature("NGƯỜI TIẾP NHẬN HỒ SƠ", form.refuser_name),
        ]
    )
    return sheet.publish()
