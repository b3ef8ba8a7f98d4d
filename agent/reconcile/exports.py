"""Tables for people with spreadsheets: CSV with its mark, XLSX; never a cell that would be run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Cell = str | int
FORMATS: Final = ("csv", "xlsx", "pdf")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Table:
    """One sheet: its name (at most 31 characters), headings and rows; an int stays a number."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_of(tables: Sequence[Table]) -> bytes:
    """UTF-8 with its mark, CRLF; several tables one below the other, each under its name."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for number, table in enumerate(tables):
        if len(tables) > 1:
            writer.writerows([[]] * bool(number) + [[safe(table.name)]])
        writer.writerow([safe(column) for column in table.columns])
        writer.writerows([[cell if isinstance(cell, int) else safe(cell) for cell in row] for row in table.rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def safe(cell: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> safe('=HYPERLINK("http://x")'), safe("Tổng")
    ('\'=HYPERLINK("http://x")', 'Tổng')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def xlsx_of(tables: Sequence[Table]) -> bytes:
    """One workbook, a sheet a table: text stays text, heading frozen, money grouped; the same bytes each time."""
    from datetime import UTC, datetime

    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    number, text = book.add_format({"num_format": "#,##0"}), book.add_format({"text_wrap": True, "valign": "top"})
    for table in tables:
        sheet = book.add_worksheet(table.name[:31])
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(table.columns):
            cells = [row[column] for row in table.rows[:500]]
            widest = max([len(str(title)), *(len(str(cell)) for cell in cells)])
            sheet.set_column(column, column, min(60, max(8, widest + 2)))
            sheet.write_string(0, column, title, head)
        for at, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(at, column, cell, number)
                else:
                    sheet.write_string(at, column, cell, text)
    book.close()
    return out.getvalue()
