"""The minutes that two sides sign when dossiers change hands at the authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.text import clock_date

if TYPE_CHECKING:
    from labels.forms.sheet import Sheet

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
class Correction:
    """An entry added after the signing; `countersigned` names the second person, empty while it is pending."""

    at: datetime
    by: str
    words: str
    countersigned: str = ""


@dataclass(frozen=True)
class HandoverForm:
    """Biên bản giao nhận, A4, or A5 for a few items. `head.code` is the minutes' own number; times are local.

    `complete` states that the recount matched the list; otherwise `differences` names each one, with what happens
    next. `strokes` are the receiver's, as points (x, y) of the screen where it was signed there; `signed_at` is None
    until both have signed. Raises LabelError("spec") when it is neither complete nor different or both, or without an
    item.
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
    title: str = TITLE
    noun: str = "hồ sơ"
    expected: int = 0
    seals: str = ""
    a4: bool = True
    signed_at: datetime | None = None
    strokes: tuple[tuple[tuple[float, float], ...], ...] = ()
    corrections: tuple[Correction, ...] = ()

    def __post_init__(self) -> None:
        if not self.items:
            raise LabelError("spec", "Biên bản giao nhận phải có ít nhất một hồ sơ.")
        if self.complete == bool(self.differences):
            raise LabelError("spec", "Biên bản phải ghi đủ theo phiếu, hoặc nêu từng chênh lệch; không cả hai.")


def render(form: HandoverForm) -> bytes:
    """The minutes as a PDF, with the places where both sides sign."""
    from labels.forms.sheet import Sheet, Signature

    sheet = Sheet(form.head, form.title, a4=form.a4)
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
    listed = f" trên {form.expected} theo danh sách" if form.expected and form.expected != len(form.items) else ""
    sheet.section(f"Hai bên đã giao, nhận {len(form.items)} {form.noun}{listed}")
    _table(sheet, form)
    if form.complete:
        seals = form.seals or "niêm phong còn nguyên"
        sheet.paragraph(f"Hai bên đã kiểm đếm: đủ {form.noun}, đủ giấy tờ theo phiếu; {seals}.", bold=True)
    else:
        sheet.section("Chênh lệch khi kiểm đếm và hướng xử lý")
        sheet.numbered(form.differences)
        sheet.paragraph(f"Những {form.noun} khác đủ theo danh sách. {_sentence(form.seals)}".strip())
    sheet.paragraph("Biên bản lập thành hai bản có nội dung như nhau, mỗi bên giữ một bản.")
    for one in form.corrections:
        second = f"đã ký xác nhận: {one.countersigned}" if one.countersigned else "CHƯA có người thứ hai ký xác nhận"
        sheet.paragraph(f"Đính chính {clock_date(one.at)}, {one.by}: {one.words} ({second}).", italic=True)
    if form.signed_at is not None and form.signed_at != form.at:
        sheet.paragraph(f"Hai bên ký lúc {clock_date(form.signed_at)}.")
    sheet.signatures(
        [Signature("BÊN GIAO", form.giver.name), Signature("BÊN NHẬN", form.receiver.name, strokes=form.strokes)]
    )
    return sheet.publish()


def _table(sheet: Sheet, form: HandoverForm) -> None:
    from labels.forms.sheet import Column

    columns = [
        Column("STT", 1.15, "centre"),
        Column("Số hồ sơ, số phiếu", 5.2),
        Column("Thủ tục", 2.2),
        Column("Giấy tờ", 1.7, "right"),
        Column("Niêm phong", 2.6),
        Column("Ghi chú", 2.9),
    ]
    rows = [
        (str(n), _numbers(i), i.procedure_code, str(i.components), i.seal, i.remark)
        for n, i in enumerate(form.items, start=1)
    ]
    total = ("", "Tổng cộng", "", str(sum(i.components for i in form.items)), "", "")
    sheet.table(columns, rows, total=total)


def _numbers(item: HandoverItem) -> str:
    """The dossier's number, and the slip's beneath it where it is another."""
    other = item.slip_number and item.slip_number != item.number
    return f"{item.number}\nphiếu {item.slip_number}" if other else item.number


def _side(party: Party) -> str:
    return ", ".join(part for part in (party.name, party.address, party.phone) if part)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""
