"""`reconcile statement` and `--export`: the month's figures and the differences as files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import DocumentError, RuleViolation

if TYPE_CHECKING:
    from agent.cli.program import Program
    from agent.domain.statement import Figures
    from agent.site import Site
    from agent.store.statements import Statement


def statement(args: argparse.Namespace, program: Program) -> int:
    """Show, and with `--export` write, a month's statement: as both signed it, else as it stands now."""
    from agent.cli import EXIT_DONE, answer
    from agent.domain.statement import Figures
    from agent.reconcile.statement import draft
    from agent.reconcile.statement_papers import statement_file
    from agent.store.statement_facts import newest

    if not args.month:
        raise RuleViolation("Thiếu tháng của biên bản. Thêm --month, ví dụ --month 2026-11.")
    site = program.site()
    office = args.office or site.settings.office.id
    made = draft(site, office=office, month=args.month)
    with site.store.reading():
        signed = newest(office, args.month)
    if signed is not None and signed.returned_at is not None:
        signed = None
    figures = Figures.from_plain(signed.body) if signed else made.figures
    body = figures.plain()
    told = {"statement": body, "draft": signed is None, "file": ""}
    lines = [_words(figures, signed)]
    if args.export:
        number = signed.number if signed else f"BBDS-{office}-{args.month.replace('-', '')}-du-thao"
        path = args.out or Path(f"{number}.{args.export}")
        write(path, statement_file(site, figures, args.export, signed))
        told["file"] = str(path.resolve())
        lines.append(f"Đã ghi {path}.")
    answer(args, told, "\n".join(lines))
    return EXIT_DONE


def export_differences(args: argparse.Namespace, site: Site, office: str | None) -> Path:
    """Write the open differences of an office (None: of all) in the form asked for; where to."""
    from agent.reconcile.difference_papers import differences_file, office_head
    from agent.store.differences_view import open_differences

    mine = site.settings.office
    path: Path = args.out or Path(f"khac-biet-{office or 'tat-ca'}.{args.export}")
    name = mine.name if office == mine.id else office or mine.authority_name
    with site.store.reading():
        rows = open_differences(office, limit=100_000)
    head = office_head(site, name, f"KB-{office or 'TAT-CA'}") if args.export == "pdf" else None
    write(path, differences_file(rows, args.export, pdf_head=head))
    return path


def write(path: Path, data: bytes) -> None:
    """Write a file; DocumentError when it cannot be."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise DocumentError(f"Không ghi được {path}: {error.strerror}. Chọn chỗ khác rồi làm lại.") from error


def _words(figures: Figures, signed: Statement | None) -> str:
    from agent.domain.money import dong
    from agent.domain.statement import month_words

    state = "dự thảo, chưa ký"
    if signed is not None:
        state = "hai bên đã ký" if signed.province_signed_at else "bưu cục đã ký, chờ tỉnh"
    total, adjusted = figures.total, figures.adjusted
    lines = [
        f"Biên bản đối soát {month_words(figures.month)}, {figures.office_name}: {state}.",
        f"  nhận {total.received}, trả {total.delivered}, thu {dong(total.money)}; điều chỉnh kỳ trước "
        f"{dong(adjusted.money)} ({len(figures.adjustments)} hồ sơ)",
    ]
    for row in figures.rows:
        at = row.measures
        lines.append(f"  {row.code} {row.name}: nhận {at.received}, trả {at.delivered}, {dong(at.money)}")
    return "\n".join(lines)
