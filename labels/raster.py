"""A layout as a 1-bit picture at the printer's resolution: PNG bytes, strips for printer languages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from labels import fonts
from labels.elements import Bars, Box, Layout, Qr, Rule, Text

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

BLACK, WHITE = 0, 1


def render(layout: Layout) -> bytes:
    """A 1-bit PNG, one pixel a dot, with its resolution in the file."""
    out = io.BytesIO()
    image(layout).save(out, "PNG", dpi=(layout.dpi, layout.dpi), optimize=True)
    return out.getvalue()


def image(layout: Layout) -> Image:
    """The label as a Pillow picture of mode "1"."""
    from PIL import Image, ImageDraw

    picture = Image.new("1", (layout.width, layout.height), WHITE)
    draw = ImageDraw.Draw(picture)
    draw.fontmode = "1"
    for element in layout.elements:
        if isinstance(element, Text):
            draw_text(draw, element)
        elif isinstance(element, Rule):
            _fill(draw, element.box)
        elif isinstance(element, Bars):
            for bar in element.bars():
                _fill(draw, bar)
        elif isinstance(element, Qr):
            for cell in element.cells():
                _fill(draw, cell)
    return picture


def draw_text(draw: ImageDraw, text: Text, *, origin: tuple[int, int] = (0, 0)) -> None:
    """Draw the lines of `text`, shifted so that `origin` (dots on the label) is the picture's corner."""
    font = fonts.pillow(text.face, text.size)
    for index, line in enumerate(text.lines):
        x = round(text.start(font.getlength(line))) - origin[0]
        ink = WHITE if text.reverse else BLACK
        draw.text((x, text.baseline(index) - origin[1]), line, font=font, fill=ink, anchor="ls")


def _fill(draw: ImageDraw, box: Box) -> None:
    draw.rectangle((box.x, box.y, box.x + box.width - 1, box.y + box.height - 1), fill=BLACK)
