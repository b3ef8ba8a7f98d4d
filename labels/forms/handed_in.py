"""The citizen's own copy of what was handed in: each paper, how it is handled, how it was digitised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from labels.forms.common import Head, Party
from labels.text import clean

TITLE = "Bản kê giấy tờ đã nộp"


class PaperKind(StrEnum):
    """What was handed in (bản chính, bản sao, bản điện tử)."""

    ORIGINAL = "original"
    COPY = "copy"
    ELECTRONIC = "electronic"


class Handling(StrEnum):
    """What becomes of a paper (giữ và chuyển, sao và trả lại, chỉ xuất trình)."""

    KEEP = "keep"
    COPY_BACK = "copy-back"
    SHOW = "show"


KIND_WORDS = {
    PaperKind.ORIGINAL: "bản chính",
    PaperKind.COPY: "bản sao",
    PaperKind.ELECTRONIC: "bản điện tử",
}
HANDLING_WORDS = {
    Handling.KEEP: "giữ và chuyển",
    Handling.COPY_BACK: "sao và trả lại",
    Handling.SHOW: "chỉ xuất trình",
}


@dataclass(frozen=True)
class HandedPaper:
    """One paper; `paper_code` and `sha256` (64 hex characters) once it is digitised, else empty."""

    name: str
    kind: PaperKind
    quantity: int
    pages: int
    handling: Handling
    paper_code: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class HandedInForm:
    """Bản kê giấy tờ đã nộp, an annex to the receipt; the hash's first 16 characters are printed."""

    head: Head
    submitter: Party
    procedure_code: str
    procedure_name: str
    papers: tuple[HandedPaper, ...]
    receiver_name: str


def render(form: HandedInForm) -> bytes:
    """The list as an A5 PDF."""
    from labels.forms.sheet import Column, Sheet, Signature

    sheet = Sheet(form.head, TITLE, note="Bản của người nộp, kèm theo Giấy tiếp nhận hồ sơ")
    sheet.fields([("Người nộp", form.submitter.name), ("Thủ tục", f"{form.procedure_name} ({form.procedure_code})")])
    sheet.space(1)
    columns = [
        Column("STT", 1.05, "centre"),
        Column("Giấy tờ", 6),
        Column("Loại", 2.2),
        Column("Bản", 1.2, "right"),
        Column("Trang", 1.5, "right"),
        Column("Cách xử lý", 2.6),
    ]
    rows = [
        (str(n), _described(p), KIND_WORDS[p.kind], str(p.quantity), str(p.pages), HANDLING_WORDS[p.handling])
        for n, p in enumerate(form.papers, start=1)
    ]
    total = ("", "Tổng cộng", "", str(sum(p.quantity for p in form.papers)), str(_pages(form)), "")
    sheet.table(columns, rows, total=total)
    if any(p.handling is Handling.COPY_BACK for p in form.papers):
        sheet.paragraph(
            "Giấy tờ ghi “sao và trả lại” được trả lại người nộp; bưu cục không giữ bản chính.", italic=True
        )
    sheet.signatures(
        [
            Signature("NGƯỜI NỘP HỒ SƠ", form.submitter.name),
            Signature("NGƯỜI TIẾP NHẬN HỒ SƠ", form.receiver_name),
        ]
    )
    return sheet.publish()


def _pages(form: HandedInForm) -> int:
    return sum(p.pages for p in form.papers)


def _described(paper: HandedPaper) -> str:
    marks = [f"mã {paper.paper_code}"] if paper.paper_code else []
    marks += [f"SHA-256:{paper.sha256[:16]}…"] if paper.sha256 else []
    return clean(paper.name) + ("\n" + " · ".join(marks) if marks else "")
