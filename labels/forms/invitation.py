"""The invitation to fetch or await a result that could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from labels.errors import LabelError
from labels.forms.common import Head
from labels.text import money

TITLE = "Giấy mời nhận kết quả"


@dataclass(frozen=True)
class InvitationForm:
    """Giấy mời, A5, in a closed letter or left at the door: no procedure and no citizen number stands on it.

    `number` is 1 or 2 (or more); days are local; `collect` đồng. LabelError("spec") when the days do not follow.
    """

    head: Head
    number: int
    item: str
    receiver: str
    address: str
    collect_from: date
    collect_until: date
    place: str
    hours: str
    phone: str
    collect: int = 0
    tracking_url: str = ""
    addressee_only: bool = False
    clerk: str = ""

    def __post_init__(self) -> None:
        if self.collect_from > self.collect_until or self.number < 1:
            raise LabelError("spec", "Giấy mời phải có số lần và hạn đến nhận không trước ngày bắt đầu.")


def render(form: InvitationForm) -> bytes:
    """The invitation as an A5 PDF."""
    from labels.forms.item_bars import ItemBars
    from labels.forms.sheet import Sheet, Signature

    sheet = Sheet(form.head, TITLE, note=f"(lần {form.number})")
    sheet.fields([("Kính gửi", form.receiver), ("Địa chỉ", form.address)])
    sheet.paragraph("Bưu tá đã đến phát kết quả của ông/bà nhưng chưa giao được. Mời ông/bà đến nhận:")
    sheet.block(ItemBars(form.item, sheet.width))
    sheet.fields(
        [
            ("Thời gian", f"từ {form.collect_from:%d/%m/%Y} đến hết {form.collect_until:%d/%m/%Y}, {form.hours}"),
            ("Nơi nhận", form.place),
            ("Điện thoại", form.phone),
            ("Phải trả khi nhận", money(form.collect) if form.collect else "không"),
        ]
    )
    sheet.section("Khi đến mang theo")
    papers = ["Giấy mời này và căn cước (hoặc hộ chiếu, VNeID mức 2) của người nhận."]
    if form.addressee_only:
        papers.append("Chỉ trả tận tay chủ hồ sơ, không nhận ủy quyền.")
    else:
        papers.append("Người nhận thay: giấy ủy quyền và giấy tờ của người nhận thay.")
    sheet.numbered(papers)
    sheet.paragraph("Muốn hẹn ngày phát lại hoặc đổi địa chỉ, gọi số trên. Quá hạn, kết quả được chuyển lại cơ quan.")
    if form.tracking_url:
        sheet.code_and_words(form.tracking_url, "Quét để xem kết quả đang ở đâu.")
    sheet.signatures([Signature("NGƯỜI LẬP", form.clerk)])
    return sheet.publish()
