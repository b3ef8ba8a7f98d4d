"""A sheet to place texts and codes on: millimetres in, whole dots at the printer's resolution out."""

from __future__ import annotations

from labels import fonts
from labels.codes import LINEAR_QUIET, QR_QUIET, code128, qr
from labels.elements import MM_PER_INCH, Bars, Box, Element, Layout, Qr, Rule, Text
from labels.errors import LabelError
from labels.fit import block_height, fit
from labels.letters import printable

RESOLUTIONS = (203, 300, 600)
TRAINING = "BẢN TẬP HUẤN"

_WIDEST_MODULE, _NARROWEST_MODULE, _QR_MODULE, _SMALLEST_QR = 0.51, 0.24, 0.76, 0.36  # mm
_LEGIBLE = 1.75  # mm an em: below it stacked accents run together at 203 dpi
_ZPL_QR_LIMIT = 10  # dots a module that every firmware takes


class Paper:
    """Collects elements; positions are given in mm of the default size and scaled to the real one."""

    def __init__(self, dpi: int, default: tuple[float, float], size: tuple[float, float]) -> None:
        if not 150 <= dpi <= 1200:
            raise LabelError("spec", f"Độ phân giải {dpi} dpi không dùng được cho nhãn (150-1200).")
        self.dpi, self.dot = dpi, MM_PER_INCH / dpi
        self.width, self.height = int(size[0] / self.dot), int(size[1] / self.dot)
        self._default_width = default[0]
        self._across, self._down = size[0] / default[0], size[1] / default[1]
        self._type = min(self._across, self._down)
        self._elements: list[Element] = []

    def done(self, title: str = "") -> Layout:
        return Layout(self.width, self.height, self.dpi, tuple(self._elements), title)

    def box(self, x: float, y: float, width: float, height: float) -> Box:
        left, top = round(x * self._across / self.dot), round(y * self._down / self.dot)
        return Box(left, top, int(width * self._across / self.dot), int(height * self._down / self.dot))

    def text(
        self,
        at: tuple[float, float, float, float],
        text: str,
        largest: float,
        smallest: float,
        *,
        bold: bool = False,
        align: str = "left",
        middle: bool = False,
        reverse: bool = False,
        shorten: bool = False,
    ) -> float:
        """Text in a box (x, y, width, height mm), its em between `smallest` and `largest` mm.

        Returns the mm from the label's top to the text's lowest dot, for what flows below it.
        """
        box, face = self.box(*at), fonts.BOLD if bold else fonts.REGULAR
        pad = round(1.2 / self.dot) if reverse else 0
        sizes = [max(round(_LEGIBLE / self.dot), round(mm * self._type / self.dot)) for mm in (largest, smallest)]
        got = fit(
            printable(text, face),
            face,
            width=box.width - 2 * pad,
            height=box.height,
            largest=sizes[0],
            smallest=sizes[1],
            shorten=shorten,
        )
        used = block_height(len(got.lines), got.size)
        if reverse:
            self._elements.append(Rule(box))
        y = box.y + (round((box.height - used) / 2) if middle or reverse else 0)
        inner = Box(box.x + pad, y, box.width - 2 * pad, used)
        if got.lines:
            self._elements.append(Text(inner, got.lines, got.size, face, align, reverse))
        return (y + used) * self.dot / self._down

    def rule(self, y: float, margin: float = 3.0, *, thick: float = 0.25) -> None:
        line = self.box(margin, y, self._default_width - 2 * margin, 0)
        self._elements.append(Rule(Box(line.x, line.y, line.width, max(1, round(thick / self.dot)))))

    def bars(self, at: tuple[float, float, float, float], data: str) -> None:
        """Code 128 centred in a box that includes its quiet zones, with the widest module that fits."""
        box, code = self.box(*at), code128(data)
        module = min(int(_WIDEST_MODULE / self.dot), box.width // (code.modules + 2 * LINEAR_QUIET))
        if module * self.dot < _NARROWEST_MODULE:
            raise LabelError("too-small", f"Mã vạch {data} không vừa nhãn này. Hãy dùng nhãn rộng hơn.")
        width = module * code.modules
        x = box.x + (box.width - width) // 2
        self._elements.append(Bars(Box(x, box.y, width, box.height), module, code))

    def qr(self, at: tuple[float, float, float, float], payload: str, *, widest: float = _QR_MODULE) -> None:
        """QR centred in a box that includes its quiet zone, with the largest module (to `widest` mm) that fits."""
        box, code = self.box(*at), qr(payload)
        room = min(box.width, box.height) // (code.modules + 2 * QR_QUIET)
        most = _ZPL_QR_LIMIT if widest == _QR_MODULE else room
        module = min(room, max(1, int(widest / self.dot)), most)
        if module * self.dot < _SMALLEST_QR:
            raise LabelError("too-small", "Mã QR không vừa nhãn này. Hãy dùng nhãn lớn hơn.")
        side = module * code.modules
        x, y = box.x + (box.width - side) // 2, box.y + (box.height - side) // 2
        self._elements.append(Qr(Box(x, y, side, side), module, code))

    def training(self, y: float) -> None:
        self.text((3, y, self._default_width - 6, 4.8), TRAINING, 3.2, 2.4, bold=True, align="centre", reverse=True)
