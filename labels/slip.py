"""The receipt on a roll: form 01 in short for a 58 or 80 mm receipt printer, as long as its words need."""

from __future__ import annotations

from labels import fonts
from labels.codes import LINEAR_QUIET, QR_QUIET, code128, qr
from labels.elements import MM_PER_INCH, Bars, Box, Element, Layout, Qr, Rule, Text
from labels.errors import LabelError
from labels.fit import balanced, block_height, wrap
from labels.forms.receipt import TITLE, ReceiptForm, standing
from labels.letters import printable
from labels.paper import TRAINING
from labels.text import money, short_time

ROLL_58, ROLL_80 = 48.06, 72.08  # mm that a 58 and an 80 mm printer can print on: 384 and 576 dots at 203 dpi

_BODY, _SMALL, _TITLE = 3.1, 2.6, 4.2  # em in mm
_LONGEST = 400.0  # mm


def print_width(width_mm: float) -> float:
    """The mm that are printed on a roll of this width: that of the paper (58, 80) or of the print (48, 72).

    >>> print_width(80), print_width(48), print_width(100)
    (72.08, 48.06, 100)
    """
    rolls = ((58, ROLL_58), (48, ROLL_58), (80, ROLL_80), (72, ROLL_80))
    return next((print_mm for paper_mm, print_mm in rolls if abs(width_mm - paper_mm) < 1), width_mm)


def slip(form: ReceiptForm, dpi: int, width_mm: float) -> Layout:
    """Lay out the short receipt `width_mm` wide (what the printer prints, not the paper).

    It says how far the dossier truly is, who handed in what, when and where the result is due, what was paid.
    Of the person it holds the name alone. Words wrap and are never cut off. Raises LabelError("too-long") beyond
    400 mm of paper, "too-small" for a roll too narrow for the QR.
    """
    roll = _Roll(dpi, width_mm)
    roll.text(form.head.authority, _SMALL, align="centre")
    roll.text(form.head.desk, _BODY, bold=True, align="centre")
    roll.space(1.5)
    roll.text(TITLE.upper(), _TITLE if width_mm > 60 else _BODY * 1.1, bold=True, align="centre")
    if form.head.training:
        roll.band(TRAINING)
    roll.framed(*standing(form))
    roll.pair("Mã hồ sơ", form.official or "chờ tỉnh cấp", bold=True)
    roll.pair("Số tạm", form.provisional, bold=True)
    roll.bars(form.provisional)
    roll.pair("Người nộp", form.submitter.name)
    roll.pair("Thủ tục", f"{form.procedure_name} ({form.procedure_code})")
    roll.text(f"Giấy tờ đã nhận ({len(form.components)}):", _BODY, bold=True)
    for number, component in enumerate(form.components, start=1):
        roll.text(f"{number}. {component}", _SMALL)
    roll.rule()
    roll.pair("Nhận lúc", short_time(form.received_at))
    roll.pair("Hẹn trả", _due(form), bold=True)
    roll.pair("Nhận kết quả tại", form.result_place)
    for fee in form.fees:
        roll.pair(fee.name, money(fee.amount) + ("" if fee.paid else " (chưa thu)"))
    if form.fees:
        roll.pair("Tổng cộng", money(sum(fee.amount for fee in form.fees)), bold=True)
    roll.pair("Người nhận hồ sơ", form.receiver_name)
    roll.rule()
    roll.qr(form.tracking_url or form.head.payload, "Quét để theo dõi hồ sơ" if form.tracking_url else "")
    return roll.done(f"{TITLE} {form.head.code}")


def _due(form: ReceiptForm) -> str:
    if form.due_at is None:
        return "báo khi tỉnh tiếp nhận"
    return short_time(form.due_at) + ("" if form.accepted_at or form.status == "accepted" else " (dự kiến)")


class _Roll:
    """Blocks one under another; `y` is the first free dot row."""

    def __init__(self, dpi: int, width_mm: float) -> None:
        if not 150 <= dpi <= 1200 or not 40 <= width_mm <= 120:
            raise LabelError("spec", f"Giấy cuộn in được {width_mm:g} mm ở {dpi} dpi không dùng được cho biên nhận.")
        self._dpi, self._dot = dpi, MM_PER_INCH / dpi
        self._width = int(width_mm / self._dot)
        self._y = self._dots(1)
        self._elements: list[Element] = []

    def _dots(self, mm: float) -> int:
        return round(mm / self._dot)

    def done(self, title: str) -> Layout:
        height = self._y + self._dots(3)
        if height * self._dot > _LONGEST:
            raise LabelError("too-long", "Biên nhận dài quá 40 cm giấy. Hãy in mẫu 01 trên giấy A5.")
        return Layout(self._width, height, self._dpi, tuple(self._elements), title)

    def space(self, mm: float) -> None:
        self._y += self._dots(mm)

    def rule(self) -> None:
        self.space(1.2)
        self._elements.append(Rule(Box(0, self._y, self._width, max(1, self._dots(0.25)))))
        self.space(1.4)

    def text(self, words: str, em: float, *, bold: bool = False, align: str = "left", inset: float = 0) -> None:
        """A paragraph as high as it needs to be."""
        face, size, pad = fonts.BOLD if bold else fonts.REGULAR, self._dots(em), self._dots(inset)
        room = self._width - 2 * pad
        shape = balanced if align == "centre" else wrap
        lines = tuple(shape(printable(words, face), face, size, room * 95 // 100))  # the rest is what hinting may add
        if lines:
            box = Box(pad, self._y, room, block_height(len(lines), size))
            self._elements.append(Text(box, lines, size, face, align))
            self._y += box.height + self._dots(0.25)

    def pair(self, name: str, value: str, *, bold: bool = False) -> None:
        """Name left and value right, on one line when they fit, else the value beneath; a long value begins left."""
        face, size = fonts.BOLD if bold else fonts.REGULAR, self._dots(_BODY)
        name, value = printable(name, fonts.REGULAR) + ":", printable(value, face)
        if not value.strip():
            return
        taken, wanted = (fonts.hinted_width(t, f, size) for t, f in ((name, fonts.REGULAR), (value, face)))
        if taken + wanted + size <= self._width:
            height = block_height(1, size)
            self._elements.append(Text(Box(0, self._y, taken, height), (name,), size))
            self._elements.append(Text(Box(self._width - wanted, self._y, wanted, height), (value,), size, face))
            self._y += height + self._dots(0.25)
            return
        self.text(name, _BODY)
        if wanted <= self._width * 95 // 100:
            self.text(value, _BODY, bold=bold, align="right")
        else:
            self.text(value, _BODY, bold=bold, inset=2)

    def band(self, words: str) -> None:
        """White on black across the roll."""
        self.space(0.8)
        size = self._dots(_BODY)
        height = block_height(1, size) + 2 * self._dots(0.4)
        self._elements.append(Rule(Box(0, self._y, self._width, height)))
        box = Box(0, self._y + self._dots(0.4), self._width, block_height(1, size))
        self._elements.append(Text(box, (words,), size, fonts.BOLD, "centre", reverse=True))
        self._y += height
        self.space(0.8)

    def framed(self, words: str, detail: str) -> None:
        """A statement between two heavy lines, that nobody overlooks."""
        thick = max(2, self._dots(0.5))
        self.space(1)
        self._elements.append(Rule(Box(0, self._y, self._width, thick)))
        self.space(1.2)
        self.text(words, _BODY, bold=True, inset=1)
        self.text(detail, _SMALL, inset=1)
        self._elements.append(Rule(Box(0, self._y + self._dots(0.6), self._width, thick)))
        self.space(2.2)

    def bars(self, data: str) -> None:
        """Code 128 in the middle, 12.5 mm high; left out where the roll is too narrow: the QR says the same."""
        code = code128(data)
        module = min(self._width // (code.modules + 2 * LINEAR_QUIET), int(0.51 / self._dot))
        if module * self._dot < 0.24:
            return
        self.space(1)
        width = module * code.modules
        self._elements.append(Bars(Box((self._width - width) // 2, self._y, width, self._dots(12.6)), module, code))
        self.space(14)

    def qr(self, payload: str, words: str) -> None:
        """QR in the middle with its quiet zone, a line beneath."""
        code = qr(payload)
        module = min(self._width // (code.modules + 2 * QR_QUIET), int(0.76 / self._dot))
        if module * self._dot < 0.36:
            raise LabelError("too-small", "Giấy cuộn hẹp quá, mã QR không vừa. Hãy in mẫu 01 trên giấy A5.")
        side = module * code.modules
        self._y += QR_QUIET * module
        self._elements.append(Qr(Box((self._width - side) // 2, self._y, side, side), module, code))
        self._y += side + QR_QUIET * module
        self.text(words, _SMALL, align="centre")
