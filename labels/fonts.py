"""Be Vietnam Pro for paper: where its files are, how wide a text is, its names in a PDF."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

FAMILY = "BeVietnamPro"
REGULAR, BOLD, ITALIC = FAMILY, f"{FAMILY}-Bold", f"{FAMILY}-Italic"

# In em, measured over every Vietnamese letter (the highest is "Ẳ", the lowest "Ậ").
TOP, DROP, LEADING = 1.23, 0.25, 1.35

_ABOVE = 230  # the combining class of marks above a letter
_MARK = re.compile("[\u0300-\u036f]")
_FACES = {REGULAR: (400, "normal"), BOLD: (700, "normal"), ITALIC: (400, "italic")}


@lru_cache(maxsize=3)
def file(face: str) -> str:
    """The TTF of a face (REGULAR, BOLD, ITALIC), from the installed font package."""
    import fontpkg

    weight, style = _FACES[face]
    return str(fontpkg.path("be-vietnam-pro", weight=weight, style=style))


@lru_cache(maxsize=64)
def pillow(face: str, size: int) -> FreeTypeFont:
    """The face at `size` dots an em, laid out without a shaper so that every machine agrees."""
    from PIL import ImageFont

    return ImageFont.truetype(file(face), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1)
def register() -> None:
    """Make the three faces known to reportlab by their names; once a process."""
    from reportlab import rl_config
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    rl_config.useA85 = 0  # bytes as they are: a fifth smaller, 3 ms a page less
    for face in _FACES:
        pdfmetrics.registerFont(TTFont(face, file(face)))
    pdfmetrics.registerFontFamily(FAMILY, normal=REGULAR, bold=BOLD, italic=ITALIC, boldItalic=BOLD)


@lru_cache(maxsize=3)
def _advances(face: str) -> tuple[dict[int, float], float]:
    """Each letter's width in thousandths of an em (0 of a mark), and that of a letter the face lacks."""
    from reportlab.pdfbase import pdfmetrics

    register()
    metrics: Any = pdfmetrics.getFont(face)
    metrics = metrics.face
    return {code: 0 if is_mark(chr(code)) else wide for code, wide in metrics.charWidths.items()}, metrics.defaultWidth


@lru_cache(maxsize=3)
def letters(face: str) -> frozenset[str]:
    """The letters and marks that the face can draw."""
    return frozenset(map(chr, _advances(face)[0]))


def is_mark(char: str) -> bool:
    """Whether a character is drawn onto the letter before it: the breve of “ơ̆”, for which there is no one letter."""
    return "\u0300" <= char <= "\u036f"


def marked(text: str) -> bool:
    """Whether any character of a text is such a mark."""
    return _MARK.search(text) is not None


@lru_cache(maxsize=8192)
def _em_width(text: str, face: str) -> float:
    widths, missing = _advances(face)
    return sum([widths.get(ord(char), missing) for char in text]) / 1000


def width(text: str, face: str, size: int) -> float:
    """Dots that `text` takes at `size` by the font's scalable widths: exact in a PDF, near in a bitmap."""
    return _em_width(text, face) * size


@dataclass(frozen=True)
class Glyph:
    """One letter as black dots: `mask` (None for a space) starts `left` dots from the pen, `top` from the baseline."""

    mask: Image | None
    left: int
    top: int
    advance: int


@lru_cache(maxsize=4096)
def glyph(char: str, face: str, size: int) -> Glyph:
    """A letter at `size` dots an em, hinted for one-bit print; rastered once (drawing one takes 0.1 ms)."""
    from PIL import Image, ImageDraw

    font, edge = pillow(face, size), 2 * size
    picture = Image.new("1", (2 * edge, 2 * edge))
    draw = ImageDraw.Draw(picture)
    draw.fontmode = "1"
    draw.text((edge, edge), char, font=font, fill=1, anchor="ls")
    advance, bounds = 0 if is_mark(char) else round(font.getlength(char, mode="1")), picture.getbbox()
    if bounds is None:
        return Glyph(None, 0, 0, advance)
    return Glyph(picture.crop(bounds), bounds[0] - edge, bounds[1] - edge, advance)


@lru_cache(maxsize=8192)
def hinted_width(text: str, face: str, size: int) -> int:
    """Dots that `text` takes in a bitmap, where hinting rounds each letter (up to 3 % more at small sizes)."""
    return sum([glyph(char, face, size).advance for char in text])


def mark_at(mark: str, letter: str, face: str, size: int) -> tuple[int, int]:
    """Where a mark stands on its letter: dots to the right of the letter's pen and above its baseline.

    It is centred over the letter's ink; one that belongs above is lifted clear of it.
    """
    base, sign = glyph(letter, face, size), glyph(mark, face, size)
    if base.mask is None or sign.mask is None:
        return 0, 0
    across = base.left + (base.mask.width - sign.mask.width) // 2 - sign.left
    if unicodedata.combining(mark) != _ABOVE:
        return across, 0
    clear = -base.top + max(1, size // 24)  # the mark's foot, above the baseline
    return across, clear + sign.top + sign.mask.height
