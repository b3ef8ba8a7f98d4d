"""A page's words as upright rows of tokens, and where the labels of fields stand in them."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.domain.extraction import Box, PageWords
from agent.domain.syllables import parted
from agent.domain.text import fold, nfc

SAME_ROW = 0.45  # of a line's height: baselines that are nearer belong to one row
GUESSED = 85.0  # the most that is believed of a word that was parted
APART = 1.6  # heights: a wider gap parts two columns
_SPECKS = dict.fromkeys(map(ord, "ˆ˜´`¨˙˚¸˛^¬°¦"))  # what OCR makes of dust
_FOREIGN = str.maketrans("ŸÿïÏ", "ỶỷiI")  # letters that Vietnamese has not, as what they are misread from
_GLUED = re.compile(r"(?<=[^\d\s]):(?=\S)|:(?=[^\d\s])|(?<=[A-Za-zÀ-ỹ])/(?=[A-ZÀ-Ỹ][a-zà-ỹ])")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a part of one that OCR glued to another, in the upright page."""

    text: str
    squeezed: str  # folded letters and digits alone
    confidence: float
    left: float
    right: float
    base: float
    height: float

    @property
    def top(self) -> float:
        return self.base - 0.85 * self.height

    @property
    def bottom(self) -> float:
        return self.base + 0.3 * self.height

    @property
    def ends_label(self) -> bool:
        return self.text.endswith(":")


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on one height of the page, from left to right."""

    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)

    @property
    def squeezed(self) -> str:
        return "".join(token.squeezed for token in self.tokens)

    @property
    def left(self) -> float:
        return self.tokens[0].left

    @property
    def right(self) -> float:
        return self.tokens[-1].right

    @property
    def base(self) -> float:
        return sum(token.base for token in self.tokens) / len(self.tokens)

    @property
    def height(self) -> float:
        ordered = sorted(token.height for token in self.tokens)
        return ordered[len(ordered) // 2]

    @property
    def confidence(self) -> float:
        letters = sum(len(token.text) for token in self.tokens)
        return sum(token.confidence * len(token.text) for token in self.tokens) / max(1, letters)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One upright page: its rows from top to bottom, and their pieces between wide gaps."""

    page: str
    left: float
    top: float
    width: float
    height: float
    angle: float
    size: tuple[float, float]  # of the page as it lies
    rows: tuple[Row, ...]
    pieces: tuple[Row, ...]

    def share(self, x: float, y: float) -> tuple[float, float]:
        """A point as shares of the upright page."""
        return (x - self.left) / self.width, (y - self.top) / self.height

    def inside(self, token: Token, zone: tuple[float, float, float, float]) -> bool:
        """Whether a token begins in a zone."""
        x, y = self.share(token.left, token.base)
        return zone[0] <= x <= zone[2] and zone[1] <= y <= zone[3]


def squeeze(text: str) -> str:
    """Folded letters and digits alone, as labels are compared.

    >>> squeeze("Họ, chữ đệm, tên:")
    'hochudemten'
    """
    return "".join(letter for letter in fold(text) if letter.isalnum())


def box_of(sheet: Sheet, tokens: Sequence[Token]) -> Box | None:
    """The rectangle around tokens, with a little air."""
    if not tokens:
        return None
    air = 0.25 * max(token.height for token in tokens)
    return (
        round(min(token.left for token in tokens) - air, 1),
        round(min(token.top for token in tokens) - air, 1),
        round(max(token.right for token in tokens) + air, 1),
        round(max(token.bottom for token in tokens) + air, 1),
        round(sheet.angle, 2),
        *sheet.size,
    )


def sheet_of(page: PageWords) -> Sheet:
    """The page turned upright, its words in rows whatever order they were read in."""
    turn = math.radians(-page.angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    x0, y0 = page.width / 2, page.height / 2
    placed: list[tuple[int, Token]] = []
    for word in page.words:
        across, down = word.x - x0, word.y - y0
        left = x0 + across * cosine - down * sine
        base = y0 + across * sine + down * cosine
        text = nfc(word.text).translate(_SPECKS)
        foreign = text.translate(_FOREIGN)
        sure = word.confidence if foreign == text else min(word.confidence, GUESSED)
        whole = Token(foreign, "", sure, left, left + word.length, base, word.height)
        placed += [(word.line, token) for token in _parted(whole) if token.text]
    lying = abs(round(page.angle / 90)) % 2 == 1
    width, height = (page.height, page.width) if lying else (page.width, page.height)
    rows = _rows(placed)
    pieces = tuple(piece for row in rows for piece in pieces_of(row))
    size = (max(1.0, width), max(1.0, height))
    lies = (page.width, page.height)
    return Sheet(page.page, x0 - width / 2, y0 - height / 2, *size, page.angle, lies, rows, pieces)


def _parted(token: Token) -> list[Token]:
    """The token cut after a colon in it, `tên:NGUYỄN`, but not in `08:15`, and between syllables: `GIASƠN`."""
    cuts = [0, *(found.end() for found in _GLUED.finditer(token.text)), len(token.text)]
    if len(cuts) == 2 and (words := parted(token.text.rstrip(",.;:"))) and len(words) > 1:
        cuts = [*itertools.accumulate(map(len, words[:-1]), initial=0), len(token.text)]
        token = replace(token, confidence=min(token.confidence, GUESSED))
    if len(cuts) == 2:
        return [replace(token, squeezed=squeeze(token.text))]
    step = (token.right - token.left) / max(1, len(token.text))
    parts = [(a, b) for a, b in itertools.pairwise(cuts) if b > a]
    return [
        replace(
            token,
            text=token.text[a:b],
            squeezed=squeeze(token.text[a:b]),
            left=token.left + a * step,
            right=token.left + b * step,
        )
        for a, b in parts
    ]


def _rows(placed: Sequence[tuple[int, Token]]) -> tuple[Row, ...]:
    """Lines as they were read, those of one height joined."""
    lines: dict[int, list[Token]] = {}
    for line, token in placed:
        lines.setdefault(line, []).append(token)
    rows: list[list[Token]] = []
    for tokens in sorted(lines.values(), key=lambda line: Row(tuple(line)).base):
        here = Row(tuple(tokens))
        for row in reversed(rows[-4:]):
            other = Row(tuple(row))
            near = abs(other.base - here.base) < SAME_ROW * min(other.height, here.height)
            if near and not _overlap(other, here):
                row.extend(tokens)
                break
        else:
            rows.append(list(tokens))
    return tuple(Row(tuple(sorted(row, key=lambda token: token.left))) for row in rows)


def _overlap(one: Row, other: Row) -> bool:
    """Whether tokens of both stand over one another: then they are not of one row."""
    slack = 0.3 * min(one.height, other.height)
    return any(a.left < b.right - slack and b.left < a.right - slack for a in one.tokens for b in other.tokens)


def pieces_of(row: Row) -> list[Row]:
    """The row cut at wide gaps."""
    pieces: list[list[Token]] = [[row.tokens[0]]]
    for before, token in itertools.pairwise(row.tokens):
        if token.left - before.right > APART * max(before.height, token.height, row.height * 0.8):
            pieces.append([])
        pieces[-1].append(token)
    return [Row(tuple(piece)) for piece in pieces]


# --- labels ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Hit:
    """A label in a row: tokens `start` up to `end`; `quality` 1 for letter by letter."""

    row: int
    start: int
    end: int
    label: str
    quality: float


def find_labels(sheet: Sheet, labels: Iterable[str]) -> list[Hit]:
    """Where labels stand, those inside a longer one left out; in reading order."""
    wanted = {label: (squeeze(label), _pairs(squeeze(label))) for label in labels}
    hits = []
    for number, row in enumerate(sheet.rows):
        pairs, text = _pairs(row.squeezed), row.squeezed
        for label, (letters, own) in wanted.items():
            if letters and letters in text:
                hits += _exact(row, number, label, letters)
            elif len(letters) >= 6 and len(own & pairs) >= 0.6 * len(own):
                hits += _near(row, number, label, letters)
    return _longest(hits, wanted)


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _exact(row: Row, number: int, label: str, letters: str) -> list[Hit]:
    found = []
    for start in range(len(row.tokens)):
        text = ""
        for end in range(start, len(row.tokens)):
            text += row.tokens[end].squeezed
            if text == letters:
                found.append(Hit(number, start, end + 1, label, 1.0))
                break
            if len(text) >= len(letters):
                break
    return found


def _near(row: Row, number: int, label: str, letters: str) -> list[Hit]:
    """The best window of whole tokens that differs in few letters."""
    most, best = max(1, len(letters) // 6), None
    for start in range(len(row.tokens)):
        text = ""
        for end in range(start, len(row.tokens)):
            text += row.tokens[end].squeezed
            if len(text) > len(letters) + most:
                break
            if len(text) < len(letters) - most:
                continue
            away = distance(letters, text, most)
            if away <= most and (best is None or away < best[0]):
                best = (away, start, end + 1)
    if best is None:
        return []
    return [Hit(number, best[1], best[2], label, 1 - best[0] / len(letters))]


def distance(one: str, other: str, most: int) -> int:
    """Letters that differ, or `most` + 1 when it is more."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, start=1):
        last, row[0] = row[0], number
        for at, sign in enumerate(other, start=1):
            last, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, last + (letter != sign))
        if min(row) > most:
            return most + 1
    return row[-1]


def _longest(hits: list[Hit], wanted: dict[str, tuple[str, set[str]]]) -> list[Hit]:
    taken: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (-len(wanted[one.label][0]) * one.quality**4, one.row, one.start)):
        if all(
            hit.row != other.row
            or hit.end <= other.start
            or other.end <= hit.start
            or (hit.start, hit.end, hit.quality) == (other.start, other.end, other.quality)
            for other in taken
        ):
            taken.append(hit)
    return sorted(taken, key=lambda one: (one.row, one.start))


def bare(text: str) -> str:
    """Without signs at both ends.

    >>> bare("“NGUYỄN”,")
    'NGUYỄN'
    """
    return text.strip(" .,;:…_-–—“”\"'()[]{}|*«»<>/\\‘’`~·•=+") if text else ""


def upper_share(text: str) -> float:
    """How many of its letters are capitals."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(letter.isupper() for letter in letters) / len(letters) if letters else 0.0


def plain(text: str) -> str:
    """Marks taken off, case kept.

    >>> plain("ĐẶNG Văn")
    'DANG Van'
    """
    marks = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in marks if not unicodedata.combining(letter))
