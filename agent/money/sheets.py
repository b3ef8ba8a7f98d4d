"""Rows of a CSV or XLSX file that somebody brings, read with limits: text of cells, nothing else of it is used."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator

from lxml import etree

from agent.errors import RuleViolation

MOST_BYTES = 8 << 20
MOST_UNPACKED = 64 << 20
MOST_ROWS = 50_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
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
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(one.file_size for one in book.infolist()) > MOST_UNPACKED:
                raise RuleViolation(_BAD.format(why="tệp bung ra quá lớn"))
            names = sorted(
                (one for one in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", one)),
                key=lambda one: int(re.sub(r"\D", "", one)),
            )
            shared = _shared(book) if "xl/sharedStrings.xml" in book.namelist() else []
            return _bounded(list(_sheet(book.read(names[0]), shared)))
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, IndexError, ValueError, EOFError) as error:
        raise RuleViolation(_BAD.format(why=f"tệp XLSX hỏng ({type(error).__name__})")) from None


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    return etree.fromstring(data, parser)


def _shared(book: zipfile.ZipFile) -> list[str]:
    return [
        "".join(part.text or "" for part in one.iter(f"{_MAIN}t")) for one in _parse(book.read("xl/sharedStrings.xml"))
    ]


def _sheet(data: bytes, shared: list[str]) -> Iterator[list[str]]:
    for row in _parse(data).iter(f"{_MAIN}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            if place > 200:
                continue
            cells += [""] * (place + 1 - len(cells))
            cells[place] = _text(cell, shared)
        yield cells


def _column(reference: str) -> int:
    number = 0
    for letter in re.sub(r"[^A-Z]", "", reference):
        number = number * 26 + ord(letter) - 64
    return number - 1


def _text(cell: etree._Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v") or ""
    return shared[int(value)] if cell.get("t") == "s" else value
