"""Cover sheets: one before each component's pages, so that a whole dossier goes through the scanner in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labels.errors import LabelError
from labels.paper import Paper
from labels.payload import component_payload
from labels.sheets.page import A4, DPI, Page, Placed, publish

_CODES, _WORDS = (190.0, 76.0), (190.0, 122.0)
_EDGE = (A4[0] - _CODES[0]) / 2
BAR, BARS_APART = 4.0, _WORDS[1] - 4.0  # mm: two bars tell a cover whose codes are not read; the same turned over


@dataclass(frozen=True)
class CoverSheet:
    """The cover of one component (tờ phân cách). No personal data.

    `component` is the component's code or uid, as in the code `PA1C|<provisional>|<component>`; `position` of
    `of` counts from 1.
    """

    provisional: str
    component: str
    name: str
    position: int
    of: int
    procedure: str
    office: str
    training: bool

    @property
    def payload(self) -> str:
        """The text of every code on the sheet."""
        return component_payload(self.provisional, self.component)


def covers(sheets: Sequence[CoverSheet]) -> bytes:
    """The covers as A4 PDF, a page each; the codes stand at the top left and, turned over, at the bottom right.

    Fed upside down, the sheet looks the same. Raises LabelError: `spec` for no sheet, as labels do otherwise.
    """
    if not sheets:
        raise LabelError("spec", "Hồ sơ chưa có thành phần nào để in tờ phân cách.")
    return publish([_page(sheet) for sheet in sheets], title=f"Tờ phân cách {sheets[0].provisional}")


def _page(sheet: CoverSheet) -> Page:
    codes = Paper(DPI, _CODES, _CODES)
    codes.bars((0, 0, 190, 22), sheet.payload)
    codes.qr((0, 23, 53, 53), sheet.payload, widest=1.4)
    codes.text((57, 30, 130, 10), sheet.provisional, 8, 5, bold=True)
    codes.text((57, 41, 130, 7), f"Thành phần {sheet.position}/{sheet.of}", 5, 4)
    codes.text((57, 49, 130, 6), sheet.component, 4, 2.6)
    block = codes.done(sheet.payload)
    words = Paper(DPI, _WORDS, _WORDS)
    words.rule(0, margin=0, thick=BAR)
    words.rule(5.4, margin=0)
    words.text((0, 9, 150, 6), sheet.office, 4, 2.6)
    if sheet.training:
        words.text((152, 9, 38, 6), "TẬP HUẤN", 3.6, 2.4, bold=True, align="centre", reverse=True)
    words.text((0, 18, 190, 24), f"{sheet.position}/{sheet.of}", 20, 14, bold=True)
    words.text((0, 43, 190, 43), sheet.name, 11, 5, bold=True)
    words.text((0, 88, 190, 11), sheet.procedure, 4.4, 2.8, shorten=True)
    hint = "Đặt tờ này ngay trước các trang của giấy tờ trên rồi quét liền một lượt. Đặt ngược đầu cũng được."
    words.text((0, 102, 190, 12), hint, 4.2, 3.4)
    words.rule(116.4, margin=0)
    words.rule(BARS_APART, margin=0, thick=BAR)
    middle = (A4[1] - _WORDS[1]) / 2
    below = A4[1] - _EDGE - _CODES[1]
    return Page((Placed(block, _EDGE, _EDGE), Placed(words.done(), _EDGE, middle), Placed(block, _EDGE, below, True)))
