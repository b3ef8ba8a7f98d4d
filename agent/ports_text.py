"""What a page says: recognised words with their places, and how sure the reader is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

READ, BLANK, OFF, FAILED, SLOW = "read", "blank", "off", "failed", "slow"


@dataclass(frozen=True)
class Word:
    """One word (từ) in the page's units (pixels; points for a PDF page) from the top left of what one sees."""

    text: str  # NFC
    confidence: float  # 0 (not known, or a guess) to 100
    line: int  # words of one printed line share it; it grows in reading order
    left: float
    top: float
    right: float
    bottom: float  # the upright rectangle around the word
    x: float
    y: float  # where its baseline starts; it runs in the page's `angle`
    length: float  # along the baseline
    height: float  # of the line, across the baseline


@dataclass(frozen=True)
class PageText:
    """What was read on one page. Without words `state` and `reason` say why: nothing depends on there being text."""

    state: str  # read, blank, off (no language data), failed, slow
    reason: str = ""  # Vietnamese, for all but read
    words: tuple[Word, ...] = ()
    confidence: float = 0.0  # 0 to 100, mean by letters
    angle: float = 0.0  # degrees clockwise from the page's own right to the direction that its lines run in
    engine: str = ""  # "tesseract 5.5.0", or "pdf" for the words that a PDF page brings itself
    language: str = ""
    seconds: float = 0.0  # of processor

    @property
    def turn(self) -> int:
        """By how many degrees the page must be turned clockwise to stand upright: 0, 90, 180, 270."""
        return -round(self.angle / 90) * 90 % 360

    @property
    def text(self) -> str:
        """The words in reading order, a printed line a line."""
        return "\n".join(" ".join(word.text for word in line) for line in lines_of(self.words))


NOT_READ = PageText(OFF, "Chưa đọc chữ của trang này.")


def lines_of(words: Iterable[Word]) -> list[Sequence[Word]]:
    """The words of each printed line."""
    return [list(line) for _, line in groupby(words, key=lambda word: word.line)]
