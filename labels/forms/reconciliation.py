"""The minutes that the post office and the province sign at the end of a month: volumes, fees, adjustments."""

from __future__ import annotations

from dataclasses import dataclass

from labels.errors import LabelError
from labels.forms.common import Head
from labels.text import clean, in_words

TITLE = "Biên bản đối soát"
MOST = 4000
"""Rows and adjustments that one form holds."""


@dataclass(frozen=True)
class Volume:
    """One procedure, or one adjustment: what it is called, volumes, and whole đồng by ledger."""

    code: str
    name: str
    received: int
    delivered: int
    state: int
    freight: int
    collected: int
    corrected: int
    period: str = ""  # of an adjustment: the month it belongs to, "10/2026"

    @property
    def money(self) -> int:
        """All đồng."""
        return self.state + self.freight + self.collected + self.corrected


@dataclass(frozen=True)
class Signed:
    """One side's signature as it was recorded; all empty while it has not signed."""

    side: str
    name: str = ""
    when: str = ""


@dataclass(frozen=True)
class ReconciliationForm:
    """Biên bản đối soát, A4. `month` as "11/2026"; `digest` is the SHA-256 that both sides sign.

    `agreement` says how the ledgers compared, `differences` names what was open. Raises LabelError("spec") for more
    than 4,000 lines.
    """

    head: Head
    month: str
    office: str
    province: str
    rows: tuple[Volume, ...]
    total: Volume
    adjustments: tuple[Volume, ...]
    adjusted: Volume
    agreement: str
    differences: tuple[str, ...]
    digest: str
    signatures: tuple[Signed, Signed]

    def __post_init__(self) -> None:
        if len(self.rows) + len(self.adjustments) > MOST:
            raise LabelError("spec", f"Biên bản đối soát chứa tối đa {MOST} dòng. Xuất bảng tính thay cho PDF.")


def render(form: ReconciliationForm) -> bytes:
    """The minutes as an A4 PDF; a form without both signatures says that it is no final one."""
    from labels.forms.sheet import Column, Sheet, Signature

    final = all(one.name for one in form.signatures)
    note = f"Kỳ đối soát: tháng {form.month}" + ("" if final else " – DỰ THẢO, CHƯA ĐỦ CHỮ KÝ HAI BÊN")
    sheet = Sheet(form.head, TITLE, note=note, a4=True)
    sheet.fields([("Bên bưu điện", form.office), ("Bên tỉnh", form.province), ("So khớp sổ", form.agreement)],
                 label_share=0.18)  # fmt: skip
    wide = {"Nhận": 1.3, "Trả": 1.15, "Phí, lệ phí": 2.5, "Cước": 2.3, "Thu hộ": 2.3, "Đính chính": 2.1, "Cộng": 2.6}
    volumes = [Column(title, share, "right") for title, share in wide.items()]
    sheet.section("I. Sản lượng và số tiền theo thủ tục (đồng)")
    if form.rows:
        rows = [(str(n), f"{one.name}\n{one.code}", *_cells(one)) for n, one in enumerate(form.rows, start=1)]
        columns = [Column("STT", 1.05, "centre"), Column("Thủ tục", 4.5), *volumes]
        sheet.table(columns, rows, total=("", "Tổng cộng", *_cells(form.total)))
    else:
        sheet.paragraph("Không phát sinh hồ sơ và số tiền nào trong kỳ.")
    sheet.section("II. Điều chỉnh của các kỳ đã chốt (đồng)")
    if form.adjustments:
        lines = [(one.period, f"{one.code}\n{one.name}", *_cells(one)) for one in form.adjustments]
        columns = [Column("Kỳ", 2.05, "centre"), Column("Hồ sơ", 3.5), *volumes]
        sheet.table(columns, lines, total=("", "Tổng điều chỉnh", *_cells(form.adjusted)))
    else:
        sheet.paragraph("Không có.")
    net = form.total.money + form.adjusted.money
    sheet.paragraph(f"Tổng số tiền của kỳ sau điều chỉnh: {_number(net)} đ{_spelt(net)}.", bold=True)
    sheet.section("III. Khác biệt còn mở khi lập biên bản")
    if form.differences:
        sheet.numbered(form.differences)
    else:
        sheet.paragraph("Không có.")
    sheet.paragraph(
        "Hai bên thống nhất các số liệu trên và chốt kỳ. Điều phát hiện sau được ghi là điều chỉnh của kỳ tiếp theo."
    )
    sheet.paragraph(f"Mã số liệu (SHA-256) hai bên cùng ký: {form.digest[:32]} {form.digest[32:]}", italic=True)
    sheet.signatures([Signature(_role(one), clean(one.name), _hint(one)) for one in form.signatures])
    return sheet.publish()


def _role(one: Signed) -> str:
    return one.side.upper()


def _hint(one: Signed) -> str:
    return f"(Ký điện tử lúc {one.when})" if one.name else "(Chưa ký)"


def _cells(one: Volume) -> tuple[str, ...]:
    return tuple(_number(n) for n in (one.received, one.delivered, one.state, one.freight, one.collected,
                                      one.corrected, one.money))  # fmt: skip


def _spelt(value: int) -> str:
    return f" ({in_words(value)[0].lower()}{in_words(value)[1:]})" if value > 0 else ""


def _number(value: int) -> str:
    """Groups of three by points; a true minus sign."""
    return f"{value:,}".replace(",", ".").replace("-", "−")
