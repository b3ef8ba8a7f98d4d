"""Code 128 and QR as plain geometry: bar runs and dark modules, from well-kept encoders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from labels.errors import LabelError

LINEAR_QUIET = 10  # modules, each side
QR_QUIET = 4


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


@lru_cache(maxsize=256)
def code128(text: str) -> Linear:
    """Encode 1-48 printable ASCII characters, `>` excepted (ZPL's escape), with the optimal choice of subsets.

    Raises LabelError("code-text") for anything else.
    """
    from reportlab.graphics.barcode.code128 import Code128

    if not 1 <= len(text) <= 48 or not all(" " <= c <= "~" and c != ">" for c in text):
        raise LabelError("code-text", f"Mã “{text[:40]}” không in được thành mã vạch: chỉ dùng chữ không dấu và số.")
    symbol: Any = Code128(text, quiet=0)
    symbol.validate()
    symbol.encode()
    symbol.decompose()
    runs = tuple(ord(c.lower()) - ord("a") + 1 for c in symbol.decomposed)
    return Linear(text, runs)


@lru_cache(maxsize=256)
def qr(text: str) -> Matrix:
    """Encode 1-300 characters (UTF-8 bytes, error level M); raises LabelError("code-text") otherwise."""
    import segno

    if not 1 <= len(text) <= 300:
        raise LabelError("code-text", "Nội dung mã QR phải có từ 1 đến 300 ký tự.")
    symbol = segno.make_qr(text, error="m", mode="byte", encoding="utf-8", boost_error=False)
    return Matrix(text, tuple(tuple(bool(cell) for cell in row) for row in symbol.matrix))
