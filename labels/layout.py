"""A label's spec placed on its paper: every position in whole dots at the printer's resolution."""

from __future__ import annotations

from labels import fonts
from labels.codes import LINEAR_QUIET, QR_QUIET, code128, qr
from labels.elements import MM_PER_INCH, Bars, Box, Element, Layout, Qr, Rule, Text
from labels.errors import LabelError
from labels.fit import block_height, fit
from labels.spec import DossierLabel, ItemLabel, Spec
from labels.text import clean, grouped_s10, money, short_time

DOSSIER_SIZE = (100.0, 60.0)
ITEM_SIZE = (100.0, 150.0)
RESOLUTIONS = (203, 300, 600)
TRAINING = "BẢN TẬP HUẤN"
ADDRESSEE_ONLY = "CHỈ GIAO TẬN TAY NGƯỜI NHẬN"

_WIDEST_MODULE, _NARROWEST_MODULE, _QR_MODULE, _SMALLEST_QR = 0.51, 0.24, 0.76, 0.36  # mm
_ZPL_QR_LIMIT = 10  # dots a module that every firmware takes


def layout(spec: Spec, dpi: int = 203, size: tuple[float, float] | None = None) -> Layout:
    """Place `spec` on a label of `size` (width, height in mm; default 100x60 dossier, 100x150 item).

    Raises LabelError: `too-long` when a text does not fit at its smallest size, `too-small` when a code does
    not fit with whole-dot modules, `code-text` when a number cannot be encoded.
    """
    if isinstance(spec, DossierLabel):
        paper = _Paper(dpi, DOSSIER_SIZE, size or DOSSIER_SIZE)
        _dossier(paper, spec)
        return paper.done(spec.provisional)
    paper = _Paper(dpi, ITEM_SIZE, size or ITEM_SIZE)
    _item(paper, spec)
    return paper.done(spec.item_number)


class _Paper:
    """Collects elements; positions are given in mm of the default size and scaled to the real one."""

    def __init__(self, dpi: int, default: tuple[float, float], size: tuple[float, float]) -> None:
        if not 150 <= dpi <= 1200:
            raise LabelError("spec", f"Độ phân giải {dpi} dpi không dùng được cho nhãn (150-1200).")
        self.dpi, self.dot = dpi, MM_PER_INCH / dpi
        self.width, self.height = int(size[0] / self.dot), int(size[1] / self.dot)
        self._across, self._down = size[0] / default[0], size[1] / default[1]
        self._type = min(self._across, self._down)
        self._elements: list[Element] = []

    def done(self, title: str) -> Layout:
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
        sizes = [max(8, round(mm * self._type / self.dot)) for mm in (largest, smallest)]
        got = fit(
            clean(text),
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

    def rule(self, y: float, margin: float = 3.0) -> None:
        line = self.box(margin, y, 100 - 2 * margin, 0)
        self._elements.append(Rule(Box(line.x, line.y, line.width, max(1, round(0.25 / self.dot)))))

    def bars(self, at: tuple[float, float, float, float], data: str) -> None:
        """Code 128 centred in a box that includes its quiet zones, with the widest module that fits."""
        box, code = self.box(*at), code128(data)
        module = min(int(_WIDEST_MODULE / self.dot), box.width // (code.modules + 2 * LINEAR_QUIET))
        if module * self.dot < _NARROWEST_MODULE:
            raise LabelError("too-small", f"Mã vạch {data} không vừa nhãn này. Hãy dùng nhãn rộng hơn.")
        width = module * code.modules
        x = box.x + (box.width - width) // 2
        self._elements.append(Bars(Box(x, box.y, width, box.height), module, code))

    def qr(self, at: tuple[float, float, float, float], payload: str) -> None:
        """QR centred in a box that includes its quiet zone, with the largest module that fits."""
        box, code = self.box(*at), qr(payload)
        room = min(box.width, box.height) // (code.modules + 2 * QR_QUIET)
        module = min(room, max(1, int(_QR_MODULE / self.dot)), _ZPL_QR_LIMIT)
        if module * self.dot < _SMALLEST_QR:
            raise LabelError("too-small", "Mã QR không vừa nhãn này. Hãy dùng nhãn lớn hơn.")
        side = module * code.modules
        x, y = box.x + (box.width - side) // 2, box.y + (box.height - side) // 2
        self._elements.append(Qr(Box(x, y, side, side), module, code))

    def training(self, y: float) -> None:
        self.text((3, y, 94, 4.8), TRAINING, 3.2, 2.4, bold=True, align="centre", reverse=True)


def _dossier(paper: _Paper, spec: DossierLabel) -> None:
    paper.text((3, 2, 58, 6.4), spec.office, 3.6, 2.0, bold=True, middle=True)
    paper.text((62, 2, 35, 6.4), short_time(spec.received_at), 3.4, 2.8, align="right", middle=True)
    paper.rule(9)
    paper.text((3, 9.8, 68, 8.6), spec.provisional, 5.8, 3.0, bold=True)
    official = f"Số chính thức: {spec.official}" if spec.official else "Chờ số chính thức của tỉnh"
    paper.text((3, 18.5, 68, 4.8), official, 3.2, 2.2)
    name = f"{spec.procedure_code}  {spec.procedure_name}"
    paper.text((3, 23.4, 68, 11.8), name, 3.2, 2.1, shorten=True)
    paper.text((3, 35.2, 68, 4.4), f"{spec.component_count} thành phần hồ sơ", 2.9, 2.4, bold=True)
    paper.qr((72, 10, 27, 27), spec.payload)
    paper.bars((0, 40.4, 100, 13 if spec.training else 16.5), spec.provisional)
    if spec.training:
        paper.training(54.4)


def _item(paper: _Paper, spec: ItemLabel) -> None:
    paper.text((3, 3, 30, 15), spec.service_mark, 8, 3, bold=True, align="centre", reverse=True)
    paper.text((36, 2.4, 61, 3.6), "Cơ quan gửi", 2.4, 2.2)
    paper.text((36, 6.1, 61, 13.6), spec.sending_authority, 4.2, 2.1, bold=True)
    paper.rule(20.2)
    paper.bars((0, 22, 100, 15), spec.item_number)
    paper.text((3, 37.2, 94, 9), grouped_s10(spec.item_number), 6, 4, bold=True, align="centre")
    paper.rule(46.8)
    paper.text((3, 47.6, 60, 3.6), "Người nhận", 2.4, 2.2)
    end = paper.text((3, 51.3, 94, 16.5), spec.receiver_name, 6.6, 2.7, bold=True)
    end = paper.text((3, end + 0.6, 94, 87.4 - end), spec.receiver_address, 5, 2.5)
    if spec.masked_phone:
        paper.text((3, end + 0.8, 94, 7), f"Điện thoại: {spec.masked_phone}", 4.4, 3)
    paper.rule(96.2)
    _collect(paper, spec)
    paper.rule(128.2)
    paper.text((3, 128.8, 94, 3.6), "Khi không phát được", 2.4, 2.2)
    paper.text((3, 132.5, 94, 11), spec.undelivered, 3.6, 2.1)
    if spec.training:
        paper.training(144)


def _collect(paper: _Paper, spec: ItemLabel) -> None:
    paper.text((3, 97.2, 62, 3.6), "Thu của người nhận", 2.4, 2.2)
    due = money(spec.amount_to_collect) if spec.amount_to_collect else "Không thu tiền"
    paper.text((3, 100.9, 62, 11), due, 7, 4, bold=True)
    if spec.addressee_only:
        paper.text((3, 112.6, 62, 6.2), ADDRESSEE_ONLY, 3.5, 2.6, bold=True, align="centre", reverse=True)
    paper.text((3, 119.8, 62, 7.6), f"Hồ sơ: {spec.dossier_code}", 3.6, 2.2, bold=True, middle=True)
    paper.qr((66, 97, 32, 31), spec.qr_payload)
