"""A statement's workbook is read as its CSV would be; one that is damaged, huge or a trap is refused in words."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
import xlsxwriter

from agent.errors import RuleViolation
from agent.money import sheets
from agent.money.sheets import rows_of


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        fill(book)
    return out.getvalue()


def one_row(*cells: object) -> bytes:
    return workbook(lambda book: book.add_worksheet().write_row(0, 0, cells))


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_are_the_text_that_a_csv_would_have() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Sao kê")
        book.add_worksheet("Khác").write(0, 0, "không đọc")
        day = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_datetime(0, 0, datetime(2026, 11, 21, 9, 30), day)  # noqa: DTZ001 a bank's local time
        sheet.write_row(0, 1, [26_000, -8_000.0, "Nộp  phí", 0.5])
        sheet.write_formula(0, 6, "=1+1", value=2)
        sheet.write(2, 1, "cách một dòng")

    read = rows_of(workbook(fill))
    assert read == [["46347", "26000", "-8000", "Nộp  phí", "0.5", "", "2"], [], ["", "cách một dòng"]]


def test_what_a_file_says_of_its_own_size_is_not_believed() -> None:
    lying = changed(
        one_row("x"), SHEET, lambda xml: re.sub(rb'<dimension ref="[^"]+"', b'<dimension ref="A1:XFD1048576"', xml)
    )
    assert rows_of(lying) == [["x"]]


def bomb() -> bytes:
    return changed(one_row("x"), SHEET, lambda xml: xml + b" " * (sheets.MOST_UNPACKED + 1))


def strings() -> bytes:
    return changed(one_row("x"), "xl/sharedStrings.xml", lambda xml: xml + b" " * (sheets.MOST_BESIDE + 1))


def laughs() -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet'
    return changed(one_row("x"), SHEET, lambda xml: xml.replace(b"<worksheet", entity, 1))


def far_row() -> bytes:
    return changed(
        one_row("x"), SHEET, lambda xml: xml.replace(b'r="1"', b'r="1048576"').replace(b'"A1"', b'"A1048576"')
    )


@pytest.mark.parametrize(
    "make, said",
    [
        (bomb, "bung ra quá lớn"),
        (strings, "bung ra quá lớn"),
        (laughs, "XLSX hỏng"),
        (far_row, "quá 50000 dòng"),
        (lambda: changed(one_row("x"), SHEET, lambda xml: xml[:200]), "XLSX hỏng"),
        (lambda: changed(one_row("x"), "xl/workbook.xml", lambda xml: b"<a/>"), "XLSX hỏng"),
        (lambda: one_row("x")[:-40], "XLSX hỏng"),
        (lambda: b"PK\x03\x04" + b"x" * sheets.MOST_BYTES, "lớn hơn 8 MB"),
    ],
    ids=["bomb", "strings", "entities", "far row", "cut sheet", "no workbook", "cut file", "large file"],
)
def test_a_trap_or_a_damaged_file_is_refused(make: Callable[[], bytes], said: str) -> None:
    with pytest.raises(RuleViolation, match=said) as refused:
        rows_of(make())
    assert "Chưa nhập dòng nào" in str(refused.value)
