"""A note of money taken at the counter; the tax-regulated receipt comes from another system."""

from __future__ import annotations

from dataclasses import dataclass

from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.text import clock_date, in_words, money

TITLE = "Phiếu thu, không thay biên lai"


@dataclass(frozen=True)
class PaymentLine:
    """One amount in whole đồng; `ledger` names whose money it is (lệ phí nhà nước, cước, thu hộ)."""

    name: str
    ledger: str
    amount: int


@dataclass(frozen=True)
class PaymentForm:
    """Phiếu thu, không thay biên lai. `method` as written ("tiền mặt", "chuyển khoản VietQR").

    Raises LabelError("spec") without a line or with a negative amount.
    """

    head: Head
    payer: Party
    lines: tuple[PaymentLine, ...]
    method: str
    cashier_name: str
    dossier_code: str

    def __post_init__(self) -> None:
        if not self.lines or any(line.amount < 0 for line in self.lines):
            raise LabelError("spec", "Phiếu thu phải có ít nhất một khoản và không có số tiền âm.")

    @property
    def total(self) -> int:
        """The sum in whole đồng."""
        return sum(line.amount for line in self.lines)


def render(form: PaymentForm) -> bytes:
    """The note as an A5 PDF."""
    from labels.forms.sheet import Column, Sheet, Signature

    sheet = Sheet(form.head, TITLE)
    sheet.fields(
        [
            ("Người nộp tiền", form.payer.name),
            ("Địa chỉ", form.payer.address),
            ("Mã hồ sơ", form.dossier_code),
            ("Thời điểm thu", clock_date(form.head.issued_at)),
            ("Hình thức", form.method),
        ]
    )
    sheet.space(1)
    columns = [
        Column("STT", 1, "centre"),
        Column("Khoản thu", 5),
        Column("Thuộc", 3),
        Column("Số tiền", 2.6, "right"),
    ]
    rows = [(str(n), line.name, line.ledger, money(line.amount)) for n, line in enumerate(form.lines, start=1)]
    sheet.table(columns, rows, total=("", "Tổng cộng", "", money(form.total)))
    sheet.paragraph(f"Bằng chữ: {in_words(form.total)}.", bold=True)
    sheet.paragraph(
        "Phiếu này ghi nhận việc thu tiền tại quầy và không thay biên lai, hóa đơn theo quy định.",
        italic=True,
    )
    sheet.signatures([Signature("NGƯỜI NỘP TIỀN", form.payer.name), Signature("NGƯỜI THU TIỀN", form.cashier_name)])
    return sheet.publish()
