"""A layout as a 1-bit picture at the printer's resolution: PNG bytes, strips for printer languages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from labels import fonts
from labels.elements import Bars, Box, Layout, Qr, Rule, Text

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

BLACK, WHITE = 0, 1
_LIGHT = [255, *([0] * 255)]  # a QR's modules: what is not dark is paper


def render(layout: Layout) -> bytes:
    """A 1-bit PNG, one pixel a dot, with its resolution in the file."""
    out = io.BytesIO()
    image(layout).save(out, "PNG", dpi=(layout.dpi, layout.dpi), optimize=True)
    return out.getvalue()


def image(layout: Layout) -> Image:
    """The label as a Pillow picture of mode "1"."""
    return _drawn(layout, Box(0, 0, layout.width, layout.height), texts=True)


def codes_in(layout: Layout, box: Box) -> Image:
    """The codes and rules in a part of the label, without its texts, as a picture of mode "1"."""
    return _drawn(layout, box, texts=False)


def _drawn(layout: Layout, part: Box, *, texts: bool) -> Image:
    from PIL import Image, ImageDraw

    picture = Image.new("1", (part.width, part.height), WHITE)
    draw, origin = ImageDraw.Draw(picture), (part.x, part.y)
    for element in layout.elements:
        if isinstance(element, Text):
            if texts:
                _draw_text(picture, element, origin)
        elif not element.box.overlaps(part):
            continue
        elif isinstance(element, Rule):
            _fill(draw, element.box, origin)
        elif isinstance(element, Bars):
            for bar in element.bars():
                _fill(draw, bar, origin)
        elif isinstance(element, Qr):
            picture.paste(_modules(element), (element.box.x - origin[0], element.box.y - origin[1]))
    return picture


def _draw_text(picture: Image, text: Text, origin: tuple[int, int]) -> None:
    if (dots := inked(text)) is not None:
        picture.paste(WHITE if text.reverse else BLACK, (dots.x - origin[0], dots.y - origin[1]), dots.mask)


def _modules(qr: Qr) -> Image:
    from PIL import Image

    side, rows = qr.code.modules, b"".join(map(bytes, qr.code.rows))
    dots = Image.frombytes("L", (side, side), rows).point(_LIGHT, mode="1")
    return dots.resize((qr.box.width, qr.box.height), Image.Resampling.NEAREST)


@dataclass(frozen=True)
class Inked:
    """The dots of a text, cut to its ink: `mask` (mode "1", ink is 1) has its corner at `x`, `y` of the label."""

    mask: Image
    x: int
    y: int


@lru_cache(maxsize=256)  # an office's labels repeat most of their lines in the same places
def inked(text: Text) -> Inked | None:
    """What `text` leaves on the label; None for nothing but spaces."""
    from PIL import Image

    box, margin = text.box, text.size
    strip = Image.new("1", (box.width + 2 * margin, box.height + 2 * margin))
    left, top = box.x - margin, box.y - margin
    for letter, x, y in _letters(text):
        if letter.mask is not None:
            strip.paste(1, (x - left, y - top), letter.mask)
    bounds = strip.getbbox()
    return Inked(strip.crop(bounds), left + bounds[0], top + bounds[1]) if bounds else None


def ink(text: Text) -> list[Box]:
    """One tight box round the dots of each line; a line of spaces has none."""
    lines: dict[int, list[Box]] = {}
    for letter, x, y in _letters(text):
        if letter.mask is not None:
            lines.setdefault(y - letter.top, []).append(Box(x, y, *letter.mask.size))
    return [_around(boxes) for boxes in lines.values()]


def packed(picture: Image, box: Box) -> bytes:
    """The dots of a part of the picture, 8 a byte, rows of whole bytes; 0 is black, outside is white."""
    from PIL import Image

    right, bottom = min(box.x + box.width, picture.width), min(box.y + box.height, picture.height)
    part = picture.crop((box.x, box.y, right, bottom))
    padded = Image.new("1", ((box.width + 7) // 8 * 8, box.height), WHITE)
    padded.paste(part)
    return padded.tobytes()


def _letters(text: Text) -> Iterator[tuple[fonts.Glyph, int, int]]:
    """Each letter with its place on the label."""
    for index, line in enumerate(text.lines):
        pen, start, before = round(text.start(fonts.hinted_width(line, text.face, text.size))), 0, ""
        for char in line:
            letter, across, up = fonts.glyph(char, text.face, text.size), 0, 0
            if before and fonts.is_mark(char):
                across, up = fonts.mark_at(char, before, text.face, text.size)
            else:
                start, before = pen, char
            yield letter, start + letter.left + across, text.baseline(index) + letter.top - up
            pen += letter.advance


def _around(boxes: list[Box]) -> Box:
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    return Box(left, top, right - left, bottom - top)


def _fill(draw: ImageDraw, box: Box, origin: tuple[int, int]) -> None:
    left, top = box.x - origin[0], box.y - origin[1]
    draw.rectangle((left, top, left + box.width - 1, top + box.height - 1), fill=BLACK)
