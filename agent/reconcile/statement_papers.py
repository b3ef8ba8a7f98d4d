"""A monthly statement as paper and as tables."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from agent.clock import local
from agent.domain.statement import Figures, Line, body_digest, month_words
from agent.reconcile.difference_papers import office_head
from agent.reconcile.explain import NAME, Kind
from agent.reconcile.exports import Cell, Table, csv_of, xlsx_of
from agent.site import Site
from agent.store.fields import utc_instant
from agent.store.statements import Statement

if TYPE_CHECKING:
    from labels.forms.common import Head
    from labels.forms.reconciliation import Signed, Volume

PROVINCE_SIDE = "Trung tâm Phục vụ hành chính công"
_MONEY = ("Phí, lệ phí", "Cước", "Thu hộ", "Đính chính", "Cộng")


def statement_file(site: Site, figures: Figures, kind: str, statement: Statement | None = None) -> bytes:
    """The figures as `csv`, `xlsx` or `pdf`; without `statement` they are a draft."""
    if kind == "pdf":
        return statement_pdf(site, figures, statement)
    return (csv_of if kind == "csv" else xlsx_of)(statement_tables(figures, statement))


def statement_tables(figures: Figures, statement: Statement | None) -> list[Table]:
    """Three sheets: what it is and who signed it, rows by procedure, adjustments by dossier."""
    head = ("Nhận", "Trả", *_MONEY)
    rows: list[tuple[Cell, ...]] = [(row.code, row.name, *_counts(row)) for row in figures.rows]
    lines: list[tuple[Cell, ...]] = [(line.period, line.key, line.name, *_counts(line)) for line in figures.adjustments]
    facts: list[tuple[str, str]] = [
        ("Bưu cục", f"{figures.office_name} ({figures.office})"),
        ("Kỳ", month_words(figures.month)),
        ("Số", statement.number if statement else "dự thảo"),
        ("Mã số liệu (SHA-256)", body_digest(figures.plain())),
        ("Bưu cục ký", _signed_words(statement, "office")),
        ("Tỉnh ký", _signed_words(statement, "province")),
        *((f"Còn mở: {NAME[Kind(kind)]}", str(count)) for kind, count in figures.differences.items()),
    ]
    return [
        Table("Biên bản", ("Mục", "Nội dung"), facts),
        Table("Theo thủ tục", ("Mã thủ tục", "Thủ tục", *head), rows),
        Table("Điều chỉnh", ("Kỳ", "Hồ sơ", "Thủ tục", *head), lines),
    ]


def statement_pdf(site: Site, figures: Figures, statement: Statement | None) -> bytes:
    """The minutes (biên bản đối soát) as PDF."""
    from labels.forms.reconciliation import ReconciliationForm, render

    month = f"{figures.month[5:]}/{figures.month[:4]}"
    at = f"{local(utc_instant(figures.compared_at)):%H:%M ngày %d/%m/%Y}" if figures.compared_at else ""
    agreement = f"đã so {figures.compared:,} hồ sơ với sổ của tỉnh lúc {at}".replace(",", ".") if at else "chưa so"
    return render(
        ReconciliationForm(
            head=_head(site, figures, statement),
            month=month,
            office=f"{figures.office_name} ({figures.office})",
            province=PROVINCE_SIDE,
            rows=tuple(_volume(row) for row in figures.rows),
            total=_volume(Line("", "", "", "", figures.total)),
            adjustments=tuple(_volume(line) for line in figures.adjustments),
            adjusted=_volume(Line("", "", "", "", figures.adjusted)),
            agreement=agreement,
            differences=tuple(f"{NAME[Kind(kind)].capitalize()}: {n}" for kind, n in figures.differences.items()),
            digest=body_digest(figures.plain()),
            signatures=_signatures(statement),
        )
    )


def _head(site: Site, figures: Figures, statement: Statement | None) -> Head:
    from dataclasses import replace

    code = statement.number if statement else f"DT-{figures.office}-{figures.month.replace('-', '')}"
    head = office_head(site, figures.office_name, code, f"{statement.number}" if statement else "")
    return replace(head, issued_at=local(statement.office_signed_at)) if statement else head


def _signatures(statement: Statement | None) -> tuple[Signed, Signed]:
    from labels.forms.reconciliation import Signed

    if statement is None:
        return Signed("Đại diện bưu cục"), Signed("Đại diện tỉnh")
    theirs = statement.province_signed_at
    return (
        Signed("Đại diện bưu cục", statement.office_signed_name, _when(statement.office_signed_at)),
        Signed("Đại diện tỉnh", statement.province_signed_name, _when(theirs) if theirs else ""),
    )


def _signed_words(statement: Statement | None, side: str) -> str:
    at = getattr(statement, f"{side}_signed_at", None)
    return f"{getattr(statement, f'{side}_signed_name')}, {_when(at)}" if at else "chưa ký"


def _volume(line: Line) -> Volume:
    from labels.forms.reconciliation import Volume

    at = line.measures
    period = f"{line.period[5:]}/{line.period[:4]}" if line.key else ""
    return Volume(line.key or line.code, line.name, at.received, at.delivered, at.state, at.freight, at.collected,
                  at.corrected, period)  # fmt: skip


def _counts(line: Line) -> tuple[int, ...]:
    at = line.measures
    return at.received, at.delivered, at.state, at.freight, at.collected, at.corrected, at.money


def _when(at: datetime) -> str:
    return f"{local(at):%H:%M %d/%m/%Y}"
