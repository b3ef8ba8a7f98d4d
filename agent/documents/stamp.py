"""The visible signature: an image of its lines, and the clear space of a page where it covers nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.clock import local
from agent.documents import pdfpages

if TYPE_CHECKING:
    from PIL import Image

DPI = 300
POINTS = 9.0  # size of the text
MARGIN = 14.0  # points kept from the page's edges
GAP = 5  # points kept from ink
SCALES = (1.0, 0.85, 0.7)
UPPER = 0.5  # the stamp belongs to this upper share of the page


@dataclass(frozen=True)
class Place:
    """Where the stamp goes, in points of the page's own coordinates; `grow` points are added on top of a full page."""

    left: float
    bottom: float
    right: float
    top: float
    grow: float = 0.0


def lines(form: str, signer: str, office: str, at: datetime) -> list[str]:
    """What Decree 30/2020 wants to see: form of copy, body, signing time in ISO 8601 with zone; and who signed.

    >>> from datetime import UTC
    >>> lines("BẢN SAO ĐIỆN TỬ", "Lê An", "Bưu cục Tây Hồ", datetime(2026, 11, 21, 3, tzinfo=UTC))[-1]
    'Thời gian ký: 2026-11-21T10:00:00+07:00'
    """
    stamp = local(at).isoformat(timespec="seconds")
    return [form, f"Cơ quan ký: {office}", f"Người ký: {signer}", f"Thời gian ký: {stamp}"]


def draw(text: Sequence[str]) -> Image.Image:
    """The lines as a grey image at 300 dpi: the first one bold, a thin frame around all."""
    from PIL import Image, ImageDraw

    fonts = [_font(bold=number == 0) for number in range(len(text))]
    step, pad = round(POINTS * 1.4 * DPI / 72), 20
    width = max((round(font.getlength(line)) for font, line in zip(fonts, text, strict=True)), default=0)
    image = Image.new("L", (width + 2 * pad, step * len(text) + 2 * pad), 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width - 1, image.height - 1), outline=0, width=3)
    for number, (font, line) in enumerate(zip(fonts, text, strict=True)):
        pen.text((pad, pad + step * number + step // 2), line, font=font, fill=0, anchor="lm")
    return image


def find_place(pdf: bytes, image: Image.Image) -> Place:
    """Clear space for the stamp, nearest to the top right of page 1 and in its upper half.

    The stamp shrinks to 70 % before the page grows a strip on top: ink is never covered, the scale never changed.
    """
    import numpy

    (left, _, right, top), picture = _first_page(pdf)
    grey = numpy.asarray(picture, dtype=numpy.int16)
    ink = grey < numpy.median(grey) - 24
    sums = numpy.pad(ink.astype(numpy.int32).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    for scale in SCALES:
        width, height = (side * 72 / DPI * scale for side in image.size)
        spot = _nearest(sums, round(width), round(height))
        if spot is not None:
            x, y = left + spot[0], top - spot[1]
            return Place(x, y - height, x + width, y)
    width, height = (side * 72 / DPI * SCALES[1] for side in image.size)
    shrink = min(1.0, (right - left - 2 * MARGIN) / width)
    width, height = width * shrink, height * shrink
    grow = height + 2 * GAP
    return Place(right - MARGIN - width, top + GAP, right - MARGIN, top + GAP + height, grow)


def _nearest(sums: Any, width: int, height: int) -> tuple[int, int] | None:
    """Left and top (points from the page's top left) of the clear window nearest to the top right corner."""
    import numpy

    margin = round(MARGIN)
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    wide, high = width + 2 * GAP, height + 2 * GAP
    if wide > columns - 2 * margin + 2 * GAP or high > rows * UPPER:
        return None
    window = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
    clear = window == 0
    edge = margin - GAP
    clear[:edge], clear[:, :edge] = False, False
    clear[round(rows * UPPER) - high :] = False
    clear[:, columns - wide - edge + 1 :] = False
    tops, lefts = numpy.nonzero(clear)
    if not len(tops):
        return None
    best = int(numpy.argmin(tops * 1.0 + (columns - wide - lefts) * 0.8))
    return int(lefts[best]) + GAP, int(tops[best]) + GAP


def _first_page(pdf: bytes) -> tuple[tuple[float, float, float, float], Image.Image]:
    """The visible box of page 1 in points, and the page at one pixel a point, grey."""
    import pypdfium2

    picture = pdfpages.render(pdf, dpi=72, grey=True)
    with pdfpages.PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            left, bottom, right, top = document[0].get_cropbox()
        finally:
            document.close()
    return (left, bottom, right, top), picture


def _font(*, bold: bool) -> Any:
    import fontpkg_be_vietnam_pro
    from PIL import ImageFont

    weight = "SemiBold" if bold else "Regular"
    path = fontpkg_be_vietnam_pro.ROOT / "files" / f"BeVietnamPro-{weight}.ttf"
    return ImageFont.truetype(str(path), round(POINTS * DPI / 72))
