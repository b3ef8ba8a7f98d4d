"""Codes on the picture of a filed page, each with its place: looked for again where what they say is wanted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from agent.documents import gate, pdfpages, raster
from agent.documents.page_codes import LONGEST, MOST
from agent.errors import DocumentError
from agent.ports import PageImage

if TYPE_CHECKING:
    from PIL import Image

LONG_SIDE = 3600  # pixels, 300 dpi for A4: a chip card's code has four dots a millimetre


def codes_of(page: PageImage) -> list[dict[str, Any]]:
    """The QR codes and Code 128 of a page: `kind`, `text`, and `box` (left, top, right, bottom in the page's units).

    DocumentError for a page that cannot be shown.
    """
    import zxingcpp

    luma, scale = _luma(page)
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode])
    found: Any = zxingcpp.read_barcodes(luma, formats, try_invert=False)
    return [_plain(one, scale) for one in found[:MOST] if one.valid]


def _plain(one: Any, scale: float) -> dict[str, Any]:
    place = one.position
    corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
    across, down = [corner.x / scale for corner in corners], [corner.y / scale for corner in corners]
    text = "".join(letter for letter in one.text[:LONGEST] if letter.isprintable())
    box = [round(float(side), 1) for side in (min(across), min(down), max(across), max(down))]
    return {"kind": str(one.format), "text": text, "box": box}


def _luma(page: PageImage) -> tuple[Image.Image, float]:
    """The page as one sees it, in grey, and its pixels for each of the page's units."""
    from PIL import Image

    if page.media == pdfpages.MEDIA:
        grey = pdfpages.render(page.raw, longest=LONG_SIDE, grey=True).convert("L")
    else:
        try:
            with Image.open(io.BytesIO(page.raw), formats=[page.media.removeprefix("image/").upper()]) as image:
                if gate.too_heavy("L" if page.media == "image/jpeg" else image.mode, image.size):
                    raise DocumentError(gate.REFUSALS["too-large"])
                image.draft("L", (min(image.width, LONG_SIDE), min(image.height, LONG_SIDE)))
                raster.note_inks(image)
                grey = raster.small(image, LONG_SIDE).convert("L")
        except (*raster.BAD_IMAGE, Image.DecompressionBombError) as error:
            raise DocumentError(gate.REFUSALS["torn"]) from error
    return grey, max(grey.size) / max(1, page.width, page.height)
