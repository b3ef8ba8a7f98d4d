"""The minutes of a claim: what happened to an item, what was found, what is paid until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.text import in_words, money

TITLE = "Biên bản giải quyết khiếu nại bưu gửi"


@dataclass(frozen=True)
class InventoryLine:
    """One thing that was counted: what it is, how many, and the damage in đồng."""

    thing: str
    quantity: int
    damage: int


@dataclass(frozen=True)
class ClaimForm:
    """Biên bản khiếu nại, A4. `head.code` is the claim's number; days are local; `liability` in đồng.

    LabelError("spec") without a fact or with a negative amount.
    """

    head: Head
    item: str
    dossier: str
    complainant: Party
    kind: str
    complained_on: date
    transit_ended_on: date
    answer_by: date
    facts: tuple[str, ...]
    inventory: tuple[InventoryLine, ...]
    freight: int
    damage: int
    reissue: int
    basis: str
    answer: str = ""
    liability: int | None = None
    pay_by: date | None = None
    office_signer: str = ""

    def __post_init__(self) -> None:
        if not self.facts or min(self.freight, self.damage, self.reissue, self.liability or 0) < 0:
            raise LabelError("spec", "Biên bản khiếu nại phải có sự việc và không có số tiền âm.")


def render(form: ClaimForm) -> bytes:
    """The minutes as an A4 PDF."""
    from labels.forms.item_bars import ItemBars
    from labels.forms.sheet import Column, Sheet, Signature

    sheet = Sheet(form.head, TITLE, a4=True)
    sheet.fields(
        [
            ("Người khiếu nại", ", ".join(part for part in (form.complainant.name, form.complainant.phone) if part)),
            ("Nội dung", form.kind),
            ("Mã hồ sơ", form.dossier),
            ("Ngày khiếu nại", f"{form.complained_on:%d/%m/%Y}"),
            ("Hết thời gian toàn trình", f"{form.transit_ended_on:%d/%m/%Y}"),
            ("Hạn trả lời", f"{form.answer_by:%d/%m/%Y}"),
        ],
        label_share=0.24,
    )
    sheet.block(ItemBars(form.item, sheet.width))
    sheet.section("Sự việc")
    sheet.numbered(form.facts)
    if form.inventory:
        sheet.section("Kiểm kê")
        columns = [Column("STT", 1, "centre"), Column("Giấy tờ, vật", 8), Column("Số lượng", 2, "right"),
                   Column("Thiệt hại", 3, "right")]  # fmt: skip
        rows = [(str(n), one.thing, str(one.quantity), money(one.damage)) for n, one in enumerate(form.inventory, 1)]
        sheet.table(columns, rows, total=("", "Cộng", "", money(sum(one.damage for one in form.inventory))))
    sheet.section("Trả lời và bồi thường")
    sheet.fields(
        [
            ("Trả lời", form.answer or "chưa trả lời"),
            ("Cước đã trả", money(form.freight)),
            ("Thiệt hại thực tế", money(form.damage)),
            ("Chi phí cấp lại", money(form.reissue)),
            ("Căn cứ", form.basis),
            ("Mức bồi thường", money(form.liability) if form.liability is not None else ""),
            ("Bằng chữ", in_words(form.liability) if form.liability is not None else ""),
            ("Trả chậm nhất", f"{form.pay_by:%d/%m/%Y}" if form.pay_by else ""),
        ],
        label_share=0.24,
    )
    sheet.signatures(
        [Signature("NGƯỜI KHIẾU NẠI", form.complainant.name), Signature("ĐẠI DIỆN BƯU CỤC", form.office_signer)]
    )
    return sheet.publish()
