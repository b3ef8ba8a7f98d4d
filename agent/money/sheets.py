"""Rows of a CSV or XLSX file that somebody brings, read with limits: text of cells, nothing else of it is used."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime

from agent.errors import RuleViolation

MOST_BYTES = 8 << 20
MOST_UNPACKED = 64 << 20
MOST_BESIDE = 16 << 20  # shared strings and styles: they are held in memory whole
MOST_ROWS, MOST_COLUMNS = 50_000, 200
_DAY_NOUGHT = date(1899, 12, 30)
_BROKEN = (
    zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError, AttributeError, EOFError,
    NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip
"""What openpyxl raises for files that are damaged, encrypted, or no workbook; bad XML is a SyntaxError."""
_BAD = "Không đọc được tệp sao kê: {why}. Xuất lại CSV hoặc XLSX từ ngân hàng. Chưa nhập dòng nào."


def rows_of(data: bytes) -> list[list[str]]:
    """The rows of the first sheet, or of the CSV (UTF-8, UTF-16 with its mark, Windows-1258; comma, semicolon, tab)."""
    if not data:
        raise RuleViolation(_BAD.format(why="tệp rỗng"))
    if len(data) > MOST_BYTES:
        raise RuleViolation(_BAD.format(why="tệp lớn hơn 8 MB"))
    if data[:4] == b"PK\x03\x04":
        return _xlsx(data)
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise RuleViolation(_BAD.format(why="đây là tệp Excel kiểu cũ (.xls), hãy lưu thành .xlsx"))
    return _csv(data)


def _csv(data: bytes) -> list[list[str]]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1258", "replace")
    if "\0" in text:
        raise RuleViolation(_BAD.format(why="đây không phải tệp văn bản"))
    sample = text[:5_000]
    delimiter = max(",;\t", key=sample.count)
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise RuleViolation(_BAD.format(why=str(error))) from None
    return _bounded(found)


def _bounded(found: list[list[str]]) -> list[list[str]]:
    if len(found) > MOST_ROWS:
        raise RuleViolation(_BAD.format(why=f"quá {MOST_ROWS} dòng"))
    return found


def _xlsx(data: bytes) -> list[list[str]]:
    """The first sheet by openpyxl, after the parts' sizes were looked at; what is wrong with the file is said."""
    from openpyxl import load_workbook  # 0.2 s

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            sizes = {one.filename: one.file_size for one in book.infolist()}
        beside = sum(size for name, size in sizes.items() if not name.startswith("xl/worksheets/"))
        if sum(sizes.values()) > MOST_UNPACKED or beside > MOST_BESIDE:
            raise RuleViolation(_BAD.format(why="tệp bung ra quá lớn"))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        with closing(book):
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its own size is not believed
            cells = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
            return _bounded([_row(row) for row in cells])
    except _BROKEN as error:
        raise RuleViolation(_BAD.format(why=f"tệp XLSX hỏng ({type(error).__name__})")) from None


def _row(cells: Sequence[object]) -> list[str]:
    """The cells up to the last that is filled."""
    texts = [_text(value) for value in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(value: object) -> str:
    """A cell as it would stand in a CSV: whole numbers without a point, a date as the spreadsheet's own day number."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return str((value.date() - _DAY_NOUGHT).days)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
