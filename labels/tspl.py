"""A layout as TSPL2: bars as rectangles, QR and text as bitmaps, so that what was checked is what is burnt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.elements import MM_PER_INCH, Bars, Box, Layout, Qr, Rule, Text
from labels.errors import LabelError
from labels.raster import image, ink, packed

if TYPE_CHECKING:
    from PIL.Image import Image

GAP_MM = 3.0
# Firmware watches for these even inside counted data: ESC ! (status, reset) and ~! (dump mode).
_REAL_TIME = ((b"\x1b!", b"\x1a!"), (b"~!", b"|!"))


def render(layout: Layout, *, gap_mm: float = GAP_MM, density: int | None = None, native: bool = False) -> bytes:
    """One label, printed once: CRLF lines with counted binary in between.

    `gap_mm` is the gap between two labels, 0 on a continuous roll; `density` 0-15 overrides the printer's own.
    No user data stands in a command but with `native`, which lets the firmware draw Code 128 and QR (a third
    fewer bytes, for a slow serial line): it then chooses subsets, version and mask itself, and clones differ.
    Raises LabelError("spec") for a density or gap that no printer has.
    """
    if (density is not None and not 0 <= density <= 15) or not 0 <= gap_mm <= 25.4:
        raise LabelError("spec", "Độ đậm phải từ 0 đến 15, khe giữa hai nhãn từ 0 đến 25,4 mm.")
    out = [
        b"",  # ends a line that an interrupted job left open
        f"SIZE {_mm(layout.width, layout.dpi)} mm,{_mm(layout.height, layout.dpi)} mm".encode(),
        f"GAP {gap_mm:g} mm,0 mm".encode(),
        *([f"DENSITY {density}".encode()] if density is not None else []),
        b"DIRECTION 0,0",
        b"REFERENCE 0,0",
        b"CLS",
    ]
    picture = image(layout)
    for element in layout.elements:
        if isinstance(element, Rule):
            out.append(_bar(element.box))
        elif isinstance(element, Text):
            out += [_bitmap(picture, box) for box in ink(element)]
        elif native:
            out.append(_native_bars(element) if isinstance(element, Bars) else _native_qr(element))
        elif isinstance(element, Bars):
            out += [_bar(bar) for bar in element.bars()]
        else:
            out.append(_bitmap(picture, element.box))
    return b"\r\n".join([*out, b"PRINT 1,1", b""])


def _mm(dots: int, dpi: int) -> str:
    return f"{dots * MM_PER_INCH / dpi:.2f}"


def _bar(box: Box) -> bytes:
    return f"BAR {box.x},{box.y},{box.width},{box.height}".encode()


def _bitmap(picture: Image, box: Box) -> bytes:
    """The part of the label as BITMAP, mode 0 (overwrite), where a 0 bit is a black dot.

    Whole bytes reach up to 7 dots to the right of `box`: they repeat what stands there already.
    """
    row = (box.width + 7) // 8
    left = max(0, min(box.x, picture.width - row * 8))
    data = packed(picture, Box(left, box.y, row * 8, box.height))
    for watched, harmless in _REAL_TIME:  # one dot blacker: a hair on a letter, never on a code
        data = data.replace(watched, harmless)
    return f"BITMAP {left},{box.y},{row},{box.height},0,".encode() + data


def _native_bars(bars: Bars) -> bytes:
    box, data = bars.box, quoted(bars.code.text)
    return f'BARCODE {box.x},{box.y},"128",{box.height},0,0,{bars.module},{bars.module},"'.encode() + data + b'"'


def _native_qr(qr: Qr) -> bytes:
    return f'QRCODE {qr.box.x},{qr.box.y},M,{qr.module},A,0,M2,"'.encode() + quoted(qr.code.text) + b'"'


def quoted(data: str) -> bytes:
    r"""`data` for a quoted string: printable ASCII, its quotes as \["].

    Raises LabelError("code-text") for what a command line cannot hold: control characters, other letters, the
    backslash and a real-time prefix.

    >>> quoted('A"B')
    b'A\\["]B'
    """
    if not all(" " <= char <= "~" for char in data) or "\\" in data or "~!" in data:
        raise LabelError("code-text", f"Mã “{data[:40]}” có ký tự mà lệnh TSPL không chở được.")
    return data.replace('"', '\\["]').encode("ascii")
