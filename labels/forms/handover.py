"""The minutes that two sides sign when dossiers change hands at the authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.text import clock_date

TITLE = "Biên bản giao nhận hồ sơ"


@dataclass(frozen=True)
class HandoverItem:
    """One dossier: its number, the slip's number, papers counted, and what was noticed."""

    number: str
    slip_number: str
    procedure_code: str
    components: int
    seal: str = ""
    remark: str = ""


@dataclass(frozen=True)
class HandoverForm:
    """Biên bản giao nhận, A4. `head.code` is the manifest's code; times are local.

    `complete` states that the recount matched the slips; otherwise `differences` names each one.
    Raises LabelError("spec") when it is neither or both, or without an item.
    """

    head: Head
    giver: Party
    receiver: Party
    at: datetime
    where: str
    items: tuple[HandoverItem, ...]
    complete: bool
    differences: tuple[str, ...] = ()
    bag: str = ""

    def __post_init__(self) -> None:
        if not self.items:
            raise LabelError("spec", "Biên bản giao nhận phải có ít nhất một hồ sơ.")
        if self.complete == bool(self.differences):
            raise LabelError("spec", "Biên bản phải ghi đủ theo phiếu, hoặc nêu từng chênh lệch; không cả hai.")


def render(form: HandoverForm) -> bytes:
    """The minutes as an A4 PDF."""
    from labels.forms.sheet import Column, Sheet, Signature

    sheet = Sheet(form.head, TITLE, a4=True)
    sheet.fields(
        [
            ("Thời điểm", clock_date(form.at)),
            ("Địa điểm", form.where),
            ("Bên giao", _side(form.giver)),
            ("Bên nhận", _side(form.receiver)),
            ("Túi, niêm phong", form.bag),
        ],
        label_share=0.2,
    )
    sheet.section(f"Hai bên đã giao, nhận {len(form.items)} hồ sơ")
    columns = [
        Column("STT", 0.85, "centre"),
        Column("Số hồ sơ", 5.4),
        Column("Số phiếu", 2),
        Column("Mã thủ tục", 2.2),
        Column("Giấy tờ", 1.4, "right"),
        Column("Niêm phong", 2),
        Column("Ghi chú", 2.5),
    ]
    rows = [
        (str(n), i.number, i.slip_number, i.procedure_code, str(i.components), i.seal, i.remark)
        for n, i in enumerate(form.items, start=1)
    ]
    total = ("", "Tổng cộng", "", "", str(sum(i.components for i in form.items)), "", "")
    sheet.table(columns, rows, total=total)
    if form.complete:
        sheet.paragraph("Hai bên đã kiểm đếm: đủ hồ sơ, đủ giấy tờ theo phiếu, niêm phong còn nguyên.", bold=True)
    else:
        sheet.section("Chênh lệch khi kiểm đếm")
        sheet.numbered(form.differences)
    sheet.paragraph("Biên bản lập thành hai bản có nội dung như nhau, mỗi bên giữ một bản.")
    sheet.signatures([Signature("BÊN GIAO", form.giver.name), Signature("BÊN NHẬN", form.receiver.name)])
    return sheet.publish()


def _side(party: Party) -> str:
    return ", ".join(part for part in (party.name, party.address, party.phone) if part)
