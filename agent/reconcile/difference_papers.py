"""A list of differences as paper and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from agent.clock import local
from agent.reconcile.explain import NAME, OWNER_NAME, Kind, Owner, suggestion
from agent.reconcile.exports import Table, csv_of, xlsx_of
from agent.site import Site
from agent.store.reconciliation import Difference

if TYPE_CHECKING:
    from labels.forms.common import Head

COLUMNS: Final = (
    "Hồ sơ", "Số tạm", "Bưu cục", "Loại", "Ai giữ việc", "Từ", "Khép lúc", "Vì sao", "Việc tiếp theo", "Lý do",
)  # fmt: skip


def differences_file(rows: Sequence[Difference], kind: str, *, pdf_head: Head | None = None) -> bytes:
    """Differences as `csv`, `xlsx` or, under `pdf_head`, `pdf`: which, whose, why and the next step."""
    cells = [
        (
            row.number, row.key, row.office_id, NAME[Kind(row.kind)], OWNER_NAME[Owner(row.owner)], _when(row.found_at),
            _when(row.closed_at) if row.closed_at else "", row.explanation, suggestion(Kind(row.kind)), row.reason,
        )
        for row in rows
    ]  # fmt: skip
    if kind != "pdf" or pdf_head is None:
        return (csv_of if kind == "csv" else xlsx_of)([Table("Khác biệt", COLUMNS, cells)])
    from labels.forms.sheet import Column, Sheet

    sheet = Sheet(pdf_head, "Danh sách khác biệt", a4=True)
    shape = [
        Column("Hồ sơ", 5.2),
        Column("Khác ở", 2.1),
        Column("Ai giữ việc", 1.7),
        Column("Từ", 2.3),
        Column("Vì sao", 6.2),
    ]
    lines = [(f"{c[0] or c[1]}\n{c[2]}", c[3], c[4], _two_lines(c[5]), c[7]) for c in cells]
    if lines:
        sheet.table(shape, lines)
    else:
        sheet.paragraph("Không có khác biệt nào.")
    return sheet.publish()


def office_head(site: Site, office_name: str, code: str, number: str = "") -> Head:
    """The heading of a paper about an office's books."""
    from labels.forms.common import Head

    mine = site.settings.office
    return Head(
        authority=mine.authority_name, desk=office_name, number=number, code=code, payload=f"PA1|{code}|",
        place=mine.address.rpartition(",")[2].strip() or mine.name, issued_at=local(site.clock.now()),
        training=site.settings.training,
    )  # fmt: skip


def _two_lines(when: str) -> str:
    return "\n".join(reversed(when.split(" ")))


def _when(at: datetime) -> str:
    return f"{local(at):%H:%M %d/%m/%Y}"
