"""Code 128 and QR as plain geometry: bar runs and dark modules, from well-kept encoders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from labels.errors import LabelError

LINEAR_QUIET = 10  # modules, each side
QR_QUIET = 4
LONGEST_LINEAR = 64  # characters
_DARK = re.compile("x+")


@dataclass(frozen=True)
class Linear:
    """One Code 128 symbol: `runs` alternate bar, space, bar … in modules."""

    text: str
    runs: tuple[int, ...]

    @property
    def modules(self) -> int:
        """Width without quiet zones."""
        return sum(self.runs)


@dataclass(frozen=True)
class Matrix:
    """One QR symbol at error level M; `rows` hold True for dark, without the quiet zone."""

    text: str
    rows: tuple[tuple[bool, ...], ...]

    @property
    def modules(self) -> int:
        """Side without quiet zones."""
        return len(self.rows)

    @cached_property
    def runs(self) -> tuple[tuple[int, int, int], ...]:
        """The dark modules as (row, first column, length), row by row."""
        text = "\n".join(["".join(map(".x".__getitem__, row)) for row in self.rows])
        line = self.modules + 1
        spans = [run.span() for run in _DARK.finditer(text)]
        return tuple([(start // line, start % line, end - start) for start, end in spans])


@lru_cache(maxsize=256)
def code128(text: str) -> Linear:
    """Encode 1-64 printable ASCII characters, `>` excepted (ZPL's escape), with the optimal choice of subsets.

    Raises LabelError("code-text") for anything else.
    """
    from reportlab.graphics.barcode.code128 import Code128

    if not 1 <= len(text) <= LONGEST_LINEAR or not all(" " <= c <= "~" and c != ">" for c in text):
        raise LabelError("code-text", f"Mã “{text[:40]}” không in được thành mã vạch: chỉ dùng chữ không dấu và số.")
    symbol: Any = Code128(text, quiet=0)
    symbol.validate()
    symbol.encode()
    symbol.decompose()
    runs = tuple(ord(c.lower()) - ord("a") + 1 for c in symbol.decomposed)
    return Linear(text, runs)


@lru_cache(maxsize=256)
def qr(text: str, most: int = 300) -> Matrix:
    """Encode 1 to `most` printable characters (UTF-8, error level M); raises LabelError("code-text") otherwise.

    What stands on a label stays short, so that its modules stay large; a page has room for more.
    """
    if not 1 <= len(text) <= most or not text.isprintable():
        raise LabelError("code-text", f"Nội dung mã QR phải có từ 1 đến {most} ký tự, không có ký tự điều khiển.")
    return Matrix(text, _mixed_modes(text) if text.isascii() else _one_byte_mode(text))


def _mixed_modes(text: str) -> tuple[tuple[bool, ...], ...]:
    """The smallest symbol, digits and capitals packed; 0.3 ms."""
    import zxingcpp

    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    picture: Any = symbol.to_image(scale=1, add_quiet_zones=False)
    dots = memoryview(picture)
    side, dark = dots.shape[0], [dot == 0 for dot in dots.tobytes()]  # type: ignore[index]
    return tuple(tuple(dark[start : start + side]) for start in range(0, side * side, side))


def _one_byte_mode(text: str) -> tuple[tuple[bool, ...], ...]:
    """UTF-8 bytes and no other character set, whatever the text; 5 ms."""
    import segno

    symbol = segno.make_qr(text, error="m", mode="byte", encoding="utf-8", boost_error=False)
    return tuple(tuple(bool(cell) for cell in row) for row in symbol.matrix)
