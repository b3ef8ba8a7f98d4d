"""Layouts as vector PDF pages: one rectangle a bar, the font embedded, the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from labels import fonts
from labels.elements import Bars, Box, Layout, Qr, Rule, Text
from labels.errors import LabelError

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

    from labels.spec import Spec


def render(layout: Layout) -> bytes:
    """A PDF page of the label's own size (72 points an inch)."""
    return pages([layout], title=layout.title)


def batch(specs: Iterable[Spec], *, dpi: int = 203, size: tuple[float, float] | None = None) -> bytes:
    """One PDF, a page a label, every label checked as for print: nothing comes out when one is unreadable.

    Raises LabelError as `produce` does, "spec" for no label at all.
    """
    from labels.check import readable
    from labels.layout import layout

    laid = [layout(spec, dpi, size) for spec in specs]
    if not laid:
        raise LabelError("spec", "Chưa chọn nhãn nào để in.")
    for label in laid:
        readable(label)
    return pages(laid, title=f"{len(laid)} nhãn")


def pages(layouts: Iterable[Layout], *, title: str) -> bytes:
    """One PDF, a page a layout, each of its own size."""
    from reportlab.pdfgen.canvas import Canvas

    fonts.register()
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    for layout in layouts:
        point = 72 / layout.dpi
        canvas.setPageSize((layout.width * point, layout.height * point))
        canvas.transform(point, 0, 0, point, 0, 0)
        draw(canvas, layout)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def draw(canvas: Canvas, layout: Layout) -> None:
    """Draw a layout with its lower left corner at the origin, a unit a dot."""
    for element in layout.elements:
        if isinstance(element, Text):
            _text(canvas, layout, element)
        elif isinstance(element, Rule):
            _fill(canvas, layout, [element.box])
        elif isinstance(element, Bars):
            _fill(canvas, layout, element.bars())
        elif isinstance(element, Qr):
            _modules(canvas, layout, element)


def _text(canvas: Canvas, layout: Layout, text: Text) -> None:
    run = canvas.beginText()
    run.setFillGray(1 if text.reverse else 0)
    run.setFont(text.face, text.size)
    x = y = 0
    for words, pen, baseline in _words(layout, text):
        run.moveCursor(pen - x, y - baseline)
        run.textOut(words)
        x, y = pen, baseline
    canvas.drawText(run)


def _words(layout: Layout, text: Text) -> Iterator[tuple[str, int, int]]:
    """What is written at once, with its pen; a mark without a letter of its own kind is set onto it by itself."""
    for index, line in enumerate(text.lines):
        pen = round(text.start(fonts.width(line, text.face, text.size)))
        baseline = layout.height - text.baseline(index)
        if not fonts.marked(line):
            yield line, pen, baseline
            continue
        yield "".join(char for char in line if not fonts.is_mark(char)), pen, baseline
        letter, begins = "", 0
        for at, char in enumerate(line):
            if letter and fonts.is_mark(char):
                across, up = fonts.mark_at(char, letter, text.face, text.size)
                yield char, begins + across, baseline + up
            else:
                letter, begins = char, pen + round(fonts.width(line[:at], text.face, text.size))


def _fill(canvas: Canvas, layout: Layout, boxes: list[Box]) -> None:
    canvas.setFillGray(0)
    bottom = layout.height
    outline = [f"{b.x} {bottom - b.y - b.height} {b.width} {b.height} re" for b in boxes]
    code: list[str] = canvas._code  # type: ignore[attr-defined]  # whole dots: no rounding of a thousand numbers
    code.append("n " + " ".join(outline) + " f")


def _modules(canvas: Canvas, layout: Layout, qr: Qr) -> None:
    """A rectangle for each run of dark modules, in modules from the symbol's top left corner."""
    outline = [f"{x} {y} {run} 1 re" for y, x, run in qr.code.runs]
    placed = f"q {qr.module} 0 0 -{qr.module} {qr.box.x} {layout.height - qr.box.y} cm 0 g n"
    code: list[str] = canvas._code  # type: ignore[attr-defined]
    code.append(" ".join([placed, *outline, "f Q"]))
