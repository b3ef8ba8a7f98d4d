"""The paper of a simulated printer: dots of ink, and what a print head can put there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Dots = NDArray[np.bool_]

Ink = Literal["or", "xor", "over"]
WIDEST, LONGEST = 4_800, 24_000  # dots; more is a damaged job
DOTS_PER_MM = {203: 8, 300: 12, 600: 24}  # as the makers count them


class Paper:
    """`width` x `height` dots, white at first; what would fall beside the paper is lost."""

    def __init__(self, width: int, height: int) -> None:
        import numpy as np

        self.dots: Dots = np.zeros((_within(height, LONGEST), _within(width, WIDEST)), dtype=np.bool_)

    def reach(self, height: int) -> None:
        """Feed paper until it is at least `height` dots long."""
        import numpy as np

        missing = min(height, LONGEST) - self.dots.shape[0]
        if missing > 0:
            self.dots = np.pad(self.dots, ((0, missing), (0, 0)))

    def stamp(self, x: int, y: int, pattern: Dots, ink: Ink = "or") -> None:
        """Put a pattern with its top left corner at x, y."""
        left, top = max(0, x), max(0, y)
        right, bottom = min(self.dots.shape[1], x + pattern.shape[1]), min(self.dots.shape[0], y + pattern.shape[0])
        if left >= right or top >= bottom:
            return
        piece = pattern[top - y : bottom - y, left - x : right - x]
        place = (slice(top, bottom), slice(left, right))
        if ink == "xor":
            self.dots[place] ^= piece
        elif ink == "over":
            self.dots[place] = piece
        else:
            self.dots[place] |= piece

    def box(self, x: int, y: int, width: int, height: int, ink: Ink = "or") -> None:
        """A filled rectangle."""
        import numpy as np

        self.stamp(x, y, np.ones((_within(height, LONGEST), _within(width, WIDEST)), dtype=np.bool_), ink)

    def frame(self, x: int, y: int, width: int, height: int, line: int, ink: Ink = "or") -> None:
        """A rectangle's outline of `line` dots; a thick one fills it."""
        import numpy as np

        pattern = np.ones((_within(height, LONGEST), _within(width, WIDEST)), dtype=np.bool_)
        if 2 * line < min(pattern.shape):
            pattern[line:-line, line:-line] = False
        self.stamp(x, y, pattern, ink)

    def png(self, dpi: int) -> bytes:
        """The picture as a 1-bit PNG with its resolution."""
        from PIL import Image

        out = io.BytesIO()
        Image.fromarray(~self.dots).save(out, "PNG", dpi=(dpi, dpi))
        return out.getvalue()


def bits(data: bytes, row: int, *, ink: int = 1) -> Dots:
    """Rows of `row` bytes as dots, the leftmost in the highest bit; `ink` is the value of a black one."""
    import numpy as np

    row = _within(row, WIDEST // 8)
    rows = len(data) // row
    cells = np.frombuffer(data[: rows * row], dtype=np.uint8).reshape(rows, row)
    dots: Dots = np.unpackbits(cells, axis=1) == ink
    return dots


def code128(text: str, module: int, height: int) -> Dots:
    """The bars of a Code 128 without quiet zones; nothing when the printer could not encode the text."""
    import numpy as np

    symbol = _symbol(text, "Code128")
    row = symbol[:1] if symbol.size else np.zeros((1, 1), dtype=np.bool_)
    return np.repeat(np.repeat(row, _within(module, 20), axis=1), _within(height, LONGEST), axis=0)


def qr(text: str, level: str, module: int) -> Dots:
    """A QR symbol at error level L, M, Q or H without quiet zone; nothing when it cannot be encoded."""
    symbol, size = _symbol(text, "QRCode", ec_level=level), _within(module, 40)
    return symbol.repeat(size, axis=0).repeat(size, axis=1)


def letters(text: str, size: int) -> Dots:
    """Text in the printer's own font, which has no Vietnamese letters; `size` in dots."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(_within(size, 400))
    plain = "".join(c if " " <= c <= "~" else "?" for c in text[:200])
    left, top, right, bottom = font.getbbox(plain or " ")
    picture = Image.new("1", (max(1, int(right - left)), max(1, int(bottom - top))))
    ImageDraw.Draw(picture).text((-left, -top), plain, font=font, fill=1)
    return np.array(picture, dtype=np.bool_)


def number(text: bytes | str, default: int = 0) -> int:
    """The whole number in a parameter, `default` when there is none."""
    try:
        return int(float(text)) if text else default
    except (ValueError, OverflowError):
        return default


def _symbol(text: str, kind: str, **options: Any) -> Dots:
    import numpy as np
    import zxingcpp

    try:
        code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind), **options)
        dots: Dots = np.array(code.to_image(scale=1, add_quiet_zones=False, add_hrt=False)) == 0
    except (ValueError, RuntimeError):
        return np.zeros((1, 1), dtype=np.bool_)
    return dots


def _within(value: int, most: int) -> int:
    return max(1, min(value, most))
