"""A4 pages on which laid-out blocks stand, upright or turned over, each checked before it is drawn."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels import fonts
from labels.check import readable
from labels.elements import MM_PER_INCH, Layout
from labels.pdf import draw

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

DPI = 300  # blocks are whole dots here, so whole dots on 300 and 600 dpi office printers
A4 = (210.0, 297.0)
_MM = 72 / MM_PER_INCH


@dataclass(frozen=True)
class Placed:
    """A block with its left and top in mm from the page's corner; `turned` by half a turn in place."""

    block: Layout
    left: float
    top: float
    turned: bool = False


@dataclass(frozen=True)
class Page:
    """Blocks and cut lines; a line is (x, y, x, y) in mm from the top left corner."""

    blocks: Sequence[Placed]
    cuts: Sequence[tuple[float, float, float, float]] = ()


def publish(pages: Iterable[Page], *, title: str) -> bytes:
    """The pages as one PDF, the same bytes for the same pages; LabelError when a code would not be read."""
    from reportlab.pdfgen.canvas import Canvas

    fonts.register()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(A4[0] * _MM, A4[1] * _MM), invariant=1, pageCompression=1, lang="vi-VN")
    canvas.setTitle(title)
    for page in pages:
        _cuts(canvas, page)
        for placed in page.blocks:
            readable(placed.block)
            _place(canvas, placed)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _place(canvas: Canvas, placed: Placed) -> None:
    block, point = placed.block, 72 / placed.block.dpi
    canvas.saveState()
    canvas.translate(placed.left * _MM, (A4[1] - placed.top) * _MM - block.height * point)
    canvas.scale(point, point)
    if placed.turned:
        canvas.translate(block.width, block.height)
        canvas.rotate(180)
    draw(canvas, block)
    canvas.restoreState()


def _cuts(canvas: Canvas, page: Page) -> None:
    canvas.setLineWidth(0.3)
    canvas.setDash(2, 3)
    canvas.setStrokeGray(0.55)
    for x, y, to_x, to_y in page.cuts:
        canvas.line(x * _MM, (A4[1] - y) * _MM, to_x * _MM, (A4[1] - to_y) * _MM)
