"""The list of bags and loose envelopes that travels ahead of them, or with them, to whoever receives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.text import clock_date

TITLE = "Bảng kê túi và phong bì"


@dataclass(frozen=True)
class ManifestRow:
    """A bag with its seal, or an envelope; `inside` counts what a bag holds, `dossiers` are their numbers."""

    number: str
    kind: str
    seal: str
    inside: int
    dossiers: tuple[str, ...]


@dataclass(frozen=True)
class ManifestForm:
    """Bảng kê, A4. `head.code` is the manifest's number; times are local. LabelError("spec") without a row."""

    head: Head
    giver: Party
    receiver: Party
    announced_at: datetime
    expected_at: datetime
    rows: tuple[ManifestRow, ...]
    things: int
    dossiers: int

    def __post_init__(self) -> None:
        if not self.rows:
            raise LabelError("spec", "Bảng kê phải có ít nhất một túi hoặc phong bì.")


def render(form: ManifestForm) -> bytes:
    """The manifest as an A4 PDF; its QR is what the hand-over begins with."""
    from labels.forms.sheet import Column, Sheet, Signature

    sheet = Sheet(form.head, TITLE, a4=True)
    sheet.fields(
        [
            ("Bên giao", ", ".join(part for part in (form.giver.name, form.giver.address, form.giver.phone) if part)),
            ("Nơi nhận", ", ".join(part for part in (form.receiver.name, form.receiver.address) if part)),
            ("Báo trước lúc", clock_date(form.announced_at)),
            ("Dự kiến đến trước", clock_date(form.expected_at)),
        ],
        label_share=0.2,
    )
    columns = [
        Column("STT", 0.9, "centre"),
        Column("Túi, phong bì", 3.4),
        Column("Niêm phong", 2.2),
        Column("Bên trong", 1.4, "right"),
        Column("Hồ sơ", 8),
    ]
    rows = [
        (str(n), f"{one.number}\n{one.kind}", one.seal, str(one.inside), "; ".join(one.dossiers))
        for n, one in enumerate(form.rows, start=1)
    ]
    sheet.table(columns, rows, total=("", f"{form.dossiers} hồ sơ", "", str(form.things), ""))
    sheet.paragraph("Bên nhận quét mã bảng kê này để bắt đầu kiểm đếm; thiếu hay thừa ghi vào biên bản giao nhận.")
    sheet.signatures([Signature("NGƯỜI LẬP", form.giver.name), Signature("NGƯỜI NHẬN", "")])
    return sheet.publish()
