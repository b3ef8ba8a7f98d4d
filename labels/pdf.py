"""A layout as a one-page vector PDF: one rectangle a bar, the font embedded, the same bytes every time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from labels import fonts
from labels.elements import Bars, Box, Layout, Qr, Rule, Text

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas


def render(layout: Layout) -> bytes:
    """A PDF page of the label's own size (72 points an inch)."""
    from reportlab.pdfgen.canvas import Canvas

    fonts.register()
    point = 72 / layout.dpi
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(layout.width * point, layout.height * point), invariant=1, pageCompression=1)
    canvas.setTitle(layout.title)
    canvas.transform(point, 0, 0, point, 0, 0)
    for element in layout.elements:
        if isinstance(element, Text):
            _text(canvas, layout, element)
        elif isinstance(element, Rule):
            _fill(canvas, layout, [element.box])
        elif isinstance(element, Bars):
            _fill(canvas, layout, element.bars())
        elif isinstance(element, Qr):
            _fill(canvas, layout, element.cells())
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _text(canvas: Canvas, layout: Layout, text: Text) -> None:
    shade = 1 if text.reverse else 0
    canvas.setFillGray(shade)
    canvas.setFont(text.face, text.size)
    for index, line in enumerate(text.lines):
        x = text.start(canvas.stringWidth(line, text.face, text.size))
        canvas.drawString(x, layout.height - text.baseline(index), line)


def _fill(canvas: Canvas, layout: Layout, boxes: list[Box]) -> None:
    canvas.setFillGray(0)
    path = canvas.beginPath()
    for box in boxes:
        path.rect(box.x, layout.height - box.y - box.height, box.width, box.height)
    canvas.drawPath(path, stroke=0, fill=1)
