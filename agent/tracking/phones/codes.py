"""Codes on a picture that a phone sent because its browser cannot read them; the picture is not kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.tracking.phones.picture_room import room, weight_of
from agent.tracking.phones.pictures import kind_of

LONG_SIDE: Final = 2400  # pixels of what is looked at
MOST: Final = 8  # codes of one picture
LONGEST: Final = 4_000  # letters of one code
_LOOKED_AT: Final = 4 * (2 * LONG_SIDE) ** 2  # bytes: a JPEG is decoded to less than twice that side


@dataclass(frozen=True)
class SeenCode:
    """One code: what it says, and `Code128` or `QRCode`."""

    text: str
    format: str


def codes_on(data: bytes) -> tuple[SeenCode, ...]:
    """The Code 128 and QR codes of a PNG or JPEG as a person sees it upright; none is no error.

    NotAPicture for what is no picture or too large to open; PicturesBusy.
    """
    import io

    import zxingcpp
    from PIL import Image, ImageOps

    kind_of(data)
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode])
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as seen, room.taken(weight_of(seen) + _LOOKED_AT):
        seen.draft("L", (LONG_SIDE, LONG_SIDE))
        seen.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BILINEAR)
        grey = ImageOps.exif_transpose(seen).convert("L")
    found = zxingcpp.read_barcodes(grey, formats, try_invert=False)
    shown = [SeenCode(one.text[:LONGEST], str(one.format).replace(" ", "")) for one in found if one.valid]
    return tuple(dict.fromkeys(shown))[:MOST]
