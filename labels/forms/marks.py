"""What stands on every page of a form beside its text: codes, page numbers, the training mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from labels import fonts
from labels.codes import LINEAR_QUIET, QR_QUIET, code128, qr
from labels.errors import LabelError

INK = HexColor("#1b1f24")
SOFT = HexColor("#5b626c")
LINE = HexColor("#a8adb5")
RED = HexColor("#b3261e")
TRAINING = "BẢN TẬP HUẤN – KHÔNG CÓ GIÁ TRỊ GIAO DỊCH"

# Whole dots at 300 and 600 dpi, so that an office printer does not blur the bars.
_MODULES = (5 / 300 * 25.4 * mm, 4 / 300 * 25.4 * mm, 3 / 300 * 25.4 * mm, 5 / 600 * 25.4 * mm)
_BAR_HEIGHT, _QR_MODULE = 8.5 * mm, 5 / 300 * 25.4 * mm

Footer = Callable[[Canvas, int, int], None]


class CodeBand(Flowable):
    """The dossier's number as Code 128 with its text on the left, the QR on the right, in one row."""

    def __init__(self, code: str, payload: str, width: float) -> None:
        super().__init__()
        self._bars, self._qr = code128(code), qr(payload)
        self.width = width
        self._side = (self._qr.modules + 2 * QR_QUIET) * _QR_MODULE
        self.height = max(self._side, _BAR_HEIGHT + 4 * mm)
        room = width - self._side
        fitting = [m for m in _MODULES if m * (self._bars.modules + 2 * LINEAR_QUIET) <= room]
        if not fitting:
            raise LabelError("too-small", f"Mã {code} quá dài, không in vừa biểu mẫu.")
        self._module = fitting[0]

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Its own fixed size."""
        return self.width, self.height

    def draw(self) -> None:
        """One rectangle a bar; the text under the bars; the QR flush right."""
        canvas = self.canv
        canvas.setFillColor("black")
        bottom = (self.height - _BAR_HEIGHT - 4 * mm) / 2 + 4 * mm
        x, path = 0.0, canvas.beginPath()
        for index, run in enumerate(self._bars.runs):
            if index % 2 == 0:
                path.rect(x, bottom, run * self._module, _BAR_HEIGHT)
            x += run * self._module
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.setFont(fonts.BOLD, 8.5)
        canvas.drawString(0, bottom - 3.6 * mm, self._bars.text)
        quiet = QR_QUIET * _QR_MODULE
        draw_qr(canvas, self._qr.rows, self.width - self._side + 2 * quiet, (self.height - self._side) / 2 + quiet)


class InkMark(Flowable):
    """A signature that was drawn on a screen, fitted into the place where one signs on paper."""

    def __init__(self, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
        super().__init__()
        self._strokes = [stroke for stroke in strokes if stroke]
        self.width, self.height = 46 * mm, 12.5 * mm
        self.hAlign = "CENTER"

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Its own fixed size."""
        return self.width, self.height

    def draw(self) -> None:
        """The strokes scaled alike both ways; a screen's y runs downwards."""
        points = [point for stroke in self._strokes for point in stroke]
        left, top = min(x for x, _ in points), min(y for _, y in points)
        wide, high = max(x for x, _ in points) - left, max(y for _, y in points) - top
        scale = min(self.width * 0.9 / max(wide, 1), self.height * 0.9 / max(high, 1))
        shift = (self.width - wide * scale) / 2
        self.canv.setLineWidth(1.1)
        self.canv.setStrokeColor(INK)
        self.canv.setLineCap(1)
        for stroke in self._strokes:
            path = self.canv.beginPath()
            for number, (x, y) in enumerate(stroke):
                place = shift + (x - left) * scale, self.height * 0.95 - (y - top) * scale
                path.lineTo(*place) if number else path.moveTo(*place)
            self.canv.drawPath(path, stroke=1, fill=0)


class QrMark(Flowable):
    """A QR alone, with its quiet zone, for a column of a table."""

    def __init__(self, payload: str, *, most: int = 300) -> None:
        super().__init__()
        self._qr = qr(payload, most)
        self.width = self.height = (self._qr.modules + 2 * QR_QUIET) * _QR_MODULE

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Its own fixed size."""
        return self.width, self.height

    def draw(self) -> None:
        """The symbol inside its quiet zone."""
        self.canv.setFillColor("black")
        draw_qr(self.canv, self._qr.rows, QR_QUIET * _QR_MODULE, QR_QUIET * _QR_MODULE)


def draw_qr(canvas: Any, rows: tuple[tuple[bool, ...], ...], left: float, bottom: float) -> None:
    """Fill the dark modules of a symbol whose lower left module is at (left, bottom) points."""
    path = canvas.beginPath()
    for row_index, row in enumerate(reversed(rows)):
        for column, dark in enumerate(row):
            if dark:
                path.rect(left + column * _QR_MODULE, bottom + row_index * _QR_MODULE, _QR_MODULE, _QR_MODULE)
    canvas.drawPath(path, stroke=0, fill=1)


def numbered(footer: Footer) -> type[Canvas]:
    """A canvas that calls `footer(canvas, page, pages)` on every page once the number of pages is known."""

    class Numbered(Canvas):
        _kept: list[dict[str, Any]]

        def showPage(self) -> None:
            self.__dict__.setdefault("_kept", []).append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            kept = self._kept
            for page, state in enumerate(kept, start=1):
                self.__dict__.update(state)
                footer(self, page, len(kept))
                Canvas.showPage(self)
            Canvas.save(self)

    return Numbered


def page_marks(title: str, code: str, *, training: bool, margin: float) -> Footer:
    """The foot of each page (code, form, page n/m) and, in training, a band at its head."""

    def draw(canvas: Canvas, page: int, pages: int) -> None:
        width, height = canvas._pagesize  # type: ignore[attr-defined]
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.3)
        canvas.line(margin, 9.5 * mm, width - margin, 9.5 * mm)
        canvas.setFillColor(SOFT)
        canvas.setFont(fonts.REGULAR, 6.5)
        canvas.drawString(margin, 6.3 * mm, f"{code} · {title}")
        canvas.drawRightString(width - margin, 6.3 * mm, f"Trang {page}/{pages}")
        if training:
            canvas.setFillColor(RED)
            canvas.rect(0, height - 5.2 * mm, width, 5.2 * mm, stroke=0, fill=1)
            canvas.setFillColor("white")
            canvas.setFont(fonts.BOLD, 7.5)
            canvas.drawCentredString(width / 2, height - 3.7 * mm, TRAINING)

    return draw
