"""Be Vietnam Pro for paper: where its files are, how wide a text is, its names in a PDF."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FAMILY = "BeVietnamPro"
REGULAR, BOLD, ITALIC = FAMILY, f"{FAMILY}-Bold", f"{FAMILY}-Italic"

# In em, measured over every Vietnamese letter (the highest is "Ẳ", the lowest "Ậ").
TOP, DROP, LEADING = 1.23, 0.25, 1.35

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
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for face in _FACES:
        pdfmetrics.registerFont(TTFont(face, file(face)))
    pdfmetrics.registerFontFamily(FAMILY, normal=REGULAR, bold=BOLD, italic=ITALIC, boldItalic=BOLD)


def width(text: str, face: str, size: int) -> float:
    """Dots that `text` takes at `size` by the font's scalable widths: exact in a PDF, near in a bitmap."""
    from reportlab.pdfbase import pdfmetrics

    register()
    return pdfmetrics.stringWidth(text, face, size)


def hinted_width(text: str, face: str, size: int) -> float:
    """Dots that `text` takes in a bitmap, where hinting rounds each letter (up to 3 % more at small sizes)."""
    return pillow(face, size).getlength(text)
