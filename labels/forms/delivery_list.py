"""A courier's delivery list of one day: each item with its bars, what to collect, and a place to sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from labels.errors import LabelError
from labels.forms.common import Head
from labels.text import money

TITLE = "Danh sách phát"


@dataclass(frozen=True)
class DeliveryLine:
    """One item: its S10 number without blanks, who receives it where, đồng to collect, what the courier must heed."""

    number: str
    receiver: str
    address: str
    phone: str = ""
    collect: int = 0
    remark: str = ""


@dataclass(frozen=True)
class DeliveryListForm:
    """Danh sách phát, A4. `head.code` is the list's number. LabelError("spec") without an item or below zero đồng."""

    head: Head
    courier: str
    route: str
    day: date
    lines: tuple[DeliveryLine, ...]
    clerk: str

    def __post_init__(self) -> None:
        if not self.lines or any(line.collect < 0 for line in self.lines):
            raise LabelError("spec", "Danh sách phát phải có ít nhất một bưu gửi và không có số tiền âm.")

    @property
    def total(self) -> int:
        """All that is to be collected, in đồng."""
        return sum(line.collect for line in self.lines)


def render(form: DeliveryListForm) -> bytes:
    """The list as an A4 PDF."""
    from reportlab.lib.units import mm

    from labels.forms.item_bars import ItemBars
    from labels.forms.sheet import Column, Sheet, Signature

    sheet = Sheet(form.head, TITLE, a4=True)
    sheet.fields(
        [
            ("Bưu tá", form.courier),
            ("Tuyến", form.route),
            ("Ngày phát", f"{form.day:%d/%m/%Y}"),
            ("Số bưu gửi", str(len(form.lines))),
            ("Tiền phải thu", money(form.total)),
        ],
        label_share=0.2,
    )
    sheet.space(1.5)
    columns = [
        Column("STT", 9, "centre"),
        Column("Bưu gửi", 49),
        Column("Người nhận, địa chỉ", 52),
        Column("Phải thu", 19, "right"),
        Column("Lưu ý", 25),
        Column("Người nhận ký, giờ", 24),
    ]
    rows = [
        (
            str(n),
            ItemBars(line.number, 47 * mm),
            " · ".join(part for part in (line.receiver, line.address, line.phone.replace(" ", ".")) if part),
            money(line.collect) if line.collect else "–",
            line.remark,
            "",
        )
        for n, line in enumerate(form.lines, start=1)
    ]
    sheet.table(columns, rows, total=("", f"Tổng cộng {len(form.lines)} bưu gửi", "", money(form.total), "", ""))
    sheet.paragraph("Đã giao: ………  Mang về: ………  Tiền đã thu: ……………………… đ  Giấy thu lại: ………")
    sheet.signatures([Signature("NGƯỜI GIAO", form.clerk), Signature("BƯU TÁ", form.courier)])
    return sheet.publish()
