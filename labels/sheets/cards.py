"""Cards to laminate, eight to an A4 page: procedures, commands and staff badges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels.elements import Layout
from labels.errors import LabelError
from labels.paper import Paper
from labels.payload import BADGE, COMMAND, PROCEDURE, Command, compose
from labels.sheets.page import A4, DPI, Page, Placed, publish

PER_PAGE: Final = 8
_CARD = (95.0, 66.0)
_LEFT, _TOP = (A4[0] - 2 * _CARD[0]) / 2, (A4[1] - 4 * _CARD[1]) / 2

COMMAND_WORDS: Final[dict[Command, tuple[str, str]]] = {
    Command.NEXT: ("TIẾP", "Sang bước kế tiếp của hồ sơ đang mở"),
    Command.DONE: ("XONG", "Kết thúc việc đang làm"),
    Command.UNDO: ("LÙI LẠI", "Bỏ việc vừa làm, nếu còn bỏ được"),
    Command.PRINT: ("IN", "In nhãn hoặc giấy của hồ sơ đang mở"),
    Command.SIGN: ("KÝ SỐ", "Ký các bản chụp đang chờ"),
    Command.CASH: ("TIỀN MẶT", "Thu bằng tiền mặt"),
    Command.VIETQR: ("VIETQR", "Thu bằng chuyển khoản, hiện mã VietQR"),
    Command.CANCEL: ("HỦY", "Đóng màn hình này, giữ bản nháp"),
}


@dataclass(frozen=True)
class ProcedureCard:
    """A card that opens the intake of one procedure (thẻ thủ tục)."""

    code: str
    name: str
    field: str = ""


@dataclass(frozen=True)
class CommandCard:
    """A card that stands for a key (thẻ lệnh)."""

    command: Command


@dataclass(frozen=True)
class Badge:
    """A member of staff (thẻ nhân viên): `holder` is the user's name in the program. It proves nothing."""

    holder: str
    name: str
    role: str
    office: str


Card = ProcedureCard | CommandCard | Badge


def cards(chosen: Sequence[Card], *, title: str = "Thẻ để ép nhựa") -> bytes:
    """The cards as A4 PDF, two columns of four with cut lines.

    Raises LabelError: `spec` for no card, `code-text` for a code that cannot be encoded, `too-long` for words.
    """
    if not chosen:
        raise LabelError("spec", "Chưa chọn thẻ nào để in.")
    laid = [_card(card) for card in chosen]
    pages = [laid[first : first + PER_PAGE] for first in range(0, len(laid), PER_PAGE)]
    return publish(
        [Page([_at(n, card) for n, card in enumerate(page)], _cuts(len(page))) for page in pages], title=title
    )


def _at(place: int, card: Layout) -> Placed:
    return Placed(card, _LEFT + place % 2 * _CARD[0], _TOP + place // 2 * _CARD[1])


def _cuts(count: int) -> list[tuple[float, float, float, float]]:
    """The lines round `count` cards."""
    across = [_LEFT + n * _CARD[0] for n in range(min(count, 2) + 1)]
    down = [_TOP + n * _CARD[1] for n in range((count + 1) // 2 + 1)]
    return [(x, down[0], x, down[-1]) for x in across] + [(across[0], y, across[-1], y) for y in down]


def _card(card: Card) -> Layout:
    paper = Paper(DPI, _CARD, _CARD)
    if isinstance(card, ProcedureCard):
        paper.text((5, 4, 50, 4.6), card.field or "Thủ tục", 2.8, 2.4, shorten=True)
        paper.text((5, 9, 51, 24), card.name, 4.6, 2.2, bold=True)
        paper.text((5, 33.4, 51, 5.6), card.code, 3.8, 2.4, middle=True)
        return _coded(paper, compose(PROCEDURE, card.code))
    if isinstance(card, Badge):
        paper.text((5, 4, 50, 7), card.office, 2.8, 1.9)
        paper.text((5, 12, 51, 18), card.name, 6, 3, bold=True)
        paper.text((5, 31, 51, 8), card.role, 3.6, 2.2)
        return _coded(paper, compose(BADGE, card.holder))
    word, meaning = COMMAND_WORDS[card.command]
    paper.text((5, 4, 50, 4.6), "Thẻ lệnh", 2.8, 2.2)
    paper.text((5, 9, 51, 14), word, 10, 5, bold=True)
    paper.text((5, 25, 51, 14), meaning, 3.8, 2.6)
    return _coded(paper, compose(COMMAND, card.command))


def _coded(paper: Paper, payload: str) -> Layout:
    paper.qr((56, 3, 37, 37), payload, widest=1.1)
    paper.bars((2, 42, 91, 15), payload)
    paper.text((5, 58, 85, 5), payload, 2.6, 1.8, align="centre")
    return paper.done(payload)
