"""A reader's set-up sheet: its maker's programming codes as examples, then tests that show how it is really set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels.elements import Layout
from labels.errors import LabelError
from labels.paper import Paper
from labels.payload import READER_TEST
from labels.sheets.page import A4, DPI, Page, Placed, publish

_ROW = (190.0, 31.0)
_LEFT, _FIRST, _ROWS = 10.0, 42.0, 8

LINEAR_TEST: Final = f"{READER_TEST}|1|ASDFGHJKL-0123456789"
"""Letters that Telex, VNI and a French layout change."""
MATRIX_TEST: Final = f"{READER_TEST}|2|Đặng Thị Ngưỡng Ẳng Ậm ưu ơi"
"""Vietnamese that a reader must pass on byte by byte (UTF-8)."""


@dataclass(frozen=True)
class SetUpStep:
    """One programming code: plain Code 128 text as the maker prints it, what it does, and whether it was tried.

    `tried` is True only after this very model obeyed the code at a counter.
    """

    does: str
    text: str
    tried: bool = False


@dataclass(frozen=True)
class ReaderModel:
    """A maker's model and its steps, in the order to scan them."""

    maker: str
    steps: tuple[SetUpStep, ...]


NEWLAND_EXAMPLE: Final = ReaderModel(
    "Newland (ví dụ)",
    (
        SetUpStep("Vào chế độ cài đặt", "@SETUPE1"),
        SetUpStep("Gửi mã AIM trước dữ liệu", "@AIDENA1"),
        SetUpStep("Bật ký tự kết thúc", "@TSUENA1"),
        SetUpStep("Ký tự kết thúc là CR", "@TSUSET0D"),
        SetUpStep("Ra khỏi chế độ cài đặt", "@SETUPE0"),
    ),
)
"""From memory of the maker's plain-text syntax; every model's own manual decides. Not tried on a device."""


def set_up(model: ReaderModel) -> bytes:
    """The sheet as A4 PDF. Raises LabelError: `spec` for no step, `code-text` for a text no Code 128 carries."""
    if not model.steps:
        raise LabelError("spec", "Chưa có bước cài đặt nào cho máy đọc này.")
    rows = [_step(n, step) for n, step in enumerate(model.steps, start=1)]
    tests = (("Thử mã vạch", LINEAR_TEST, False), ("Thử tiếng Việt", MATRIX_TEST, True))
    rows += [_test(len(model.steps) + n, *test) for n, test in enumerate(tests, start=1)]
    parts = [rows[first : first + _ROWS] for first in range(0, len(rows), _ROWS)]
    return publish([_page(model, part) for part in parts], title=f"Cài đặt máy đọc {model.maker}")


def _page(model: ReaderModel, rows: Sequence[Layout]) -> Page:
    head = Paper(DPI, (190.0, 30.0), (190.0, 30.0))
    head.text((0, 0, 190, 9), f"Cài đặt máy đọc mã: {model.maker}", 6, 3.4, bold=True)
    tried = all(step.tried for step in model.steps)
    state = (
        "Đã thử trên máy này."
        if tried
        else "VÍ DỤ, CHƯA KIỂM CHỨNG: đối chiếu với sách của đúng kiểu máy trước khi quét."
    )
    head.text((0, 10.4, 190, 6), state, 3.8, 2.6, bold=True)
    how = (
        "Quét lần lượt từ trên xuống; che các mã khác khi quét. Nên chọn giao tiếp USB-COM hoặc HID POS, gửi mã AIM, "
        "kết thúc bằng CR, giữ nguyên UTF-8. Hai mã thử cuối phải hiện đúng từng chữ ở ô quét."
    )
    head.text((0, 17, 190, 12), how, 3.2, 2.4)
    placed = [Placed(row, _LEFT, _FIRST + n * _ROW[1]) for n, row in enumerate(rows)]
    lines = [(_LEFT, _FIRST + n * _ROW[1], A4[0] - _LEFT, _FIRST + n * _ROW[1]) for n in range(len(rows) + 1)]
    return Page([Placed(head.done(), _LEFT, 10), *placed], lines)


def _step(number: int, step: SetUpStep) -> Layout:
    paper = Paper(DPI, _ROW, _ROW)
    paper.text((0, 4, 10, 10), f"{number}.", 6, 5, bold=True)
    paper.text((12, 4, 66, 13), step.does, 4.4, 2.8, bold=True)
    paper.text((12, 18, 66, 5), step.text, 3.2, 2.4)
    paper.text((12, 23.6, 66, 4.6), "đã thử" if step.tried else "chưa kiểm chứng", 2.8, 2.4)
    paper.bars((80, 7, 110, 17), step.text)
    return paper.done(step.text)


def _test(number: int, does: str, text: str, matrix: bool) -> Layout:
    paper = Paper(DPI, _ROW, _ROW)
    paper.text((0, 4, 10, 10), f"{number}.", 6, 5, bold=True)
    paper.text((12, 4, 66, 8), does, 4.4, 2.8, bold=True)
    paper.text((12, 14, 66, 13), f"Phải hiện: {text.rsplit('|', 1)[1]}", 3.2, 2.2)
    if matrix:
        paper.qr((120, 0.5, 30, 30), text, widest=0.9)
    else:
        paper.bars((80, 7, 110, 17), text)
    return paper.done(text)
