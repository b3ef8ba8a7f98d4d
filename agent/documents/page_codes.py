"""Codes on a page's picture: Code 128 and QR, read at about 150 dpi, and those that are there but cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

MOST = 12  # codes of one page that are kept
LONGEST = 400  # letters of one code that are kept


def read_codes(luma: Image.Image) -> tuple[list[dict[str, Any]], list[str]]:
    """The codes of a page in mode L, as plain values, and the kinds of those that could not be read.

    Each has `text`, `kind` ("Code 128", "QR Code"), `x` and `y` (its middle, 0 … 1 of the page) and `turn` (degrees).
    """
    import zxingcpp

    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode])
    found = zxingcpp.read_barcodes(luma, formats, try_downscale=False, try_invert=False, return_errors=True)
    codes, unread = [], []
    for one in found[:MOST]:
        kind = str(one.format)
        if not one.valid:
            unread.append(kind)
            continue
        place, (width, height) = one.position, luma.size
        x = (place.top_left.x + place.bottom_right.x) / 2 / max(1, width)
        y = (place.top_left.y + place.bottom_right.y) / 2 / max(1, height)
        text = "".join(letter for letter in one.text[:LONGEST] if letter.isprintable())
        codes.append({"text": text, "kind": kind, "x": round(x, 3), "y": round(y, 3), "turn": int(one.orientation)})
    return codes, unread
