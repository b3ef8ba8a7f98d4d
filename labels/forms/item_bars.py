"""An item's number as Code 128 with its grouped text, for a cell of a table."""

from __future__ import annotations

from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from labels import fonts
from labels.codes import LINEAR_QUIET, code128
from labels.errors import LabelError
from labels.text import grouped_s10

_MODULES = (4 / 300 * 25.4 * mm, 3 / 300 * 25.4 * mm, 5 / 600 * 25.4 * mm)  # whole dots of office printers
_BAR_HEIGHT = 9 * mm


class ItemBars(Flowable):
    """Bars as wide as fit into `width` points with their quiet zones; the number beneath."""

    def __init__(self, number: str, width: float) -> None:
        super().__init__()
        self._bars, self._text, self.width = code128(number), grouped_s10(number), width
        fitting = [m for m in _MODULES if m * (self._bars.modules + 2 * LINEAR_QUIET) <= width]
        if not fitting:
            raise LabelError("too-small", f"Mã {number} quá dài, không in vừa ô.")
        self._module, self.height = fitting[0], _BAR_HEIGHT + 4.6 * mm

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Its own fixed size."""
        return self.width, self.height

    def draw(self) -> None:
        """One rectangle a bar, the text under it."""
        canvas: Any = self.canv
        canvas.setFillColor("black")
        x, path = LINEAR_QUIET * self._module, canvas.beginPath()
        for index, run in enumerate(self._bars.runs):
            if index % 2 == 0:
                path.rect(x, 4.2 * mm, run * self._module, _BAR_HEIGHT)
            x += run * self._module
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.setFont(fonts.BOLD, 8)
        canvas.drawString(LINEAR_QUIET * self._module, 1.1 * mm, self._text)
