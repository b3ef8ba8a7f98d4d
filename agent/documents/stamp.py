"""The visible signature: an image of its lines, and the clear space of a page where it covers nothing."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.clock import local
from agent.documents import stamp_page

if TYPE_CHECKING:
    from PIL import Image

DPI = 300
POINTS = 10.0  # size of the text (Decree 30/2020: Times New Roman 10, upright, black)
LEADING = 1.2
PAD = 10  # pixels around the text
MARGIN = 14.0  # points kept from the page's edges
GAP = 5  # points kept from ink
UPPER = 0.5  # the stamp belongs to this upper share of the page
# Times New Roman itself, then faces that are drawn like it. The first that has all Vietnamese letters is taken:
# Liberation's first edition, which is still installed in many places, lacks most of them.
FACES = (
    "times.ttf",
    "Times New Roman.ttf",
    "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf",
    "LiberationSerif-Regular.ttf",
    "Tinos-Regular.ttf",
    "FreeSerif.ttf",
    "texgyretermes-regular.otf",
)
LETTERS = "ĂÂĐÊÔƠƯẮẶẤẬẺẾỆỈỐỘỚỢỤỨỰỲỴắặấậẻếệỉốộớợụứựỳỵđ–·"


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
    """The lines as a grey image at 300 dpi, black on white, with a hairline around them."""
    from PIL import Image, ImageDraw

    font, step = _font(), round(POINTS * LEADING * DPI / 72)
    width = max((round(font.getlength(line)) for line in text), default=0)
    image = Image.new("L", (width + 2 * PAD, step * len(text) + 2 * PAD), 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width - 1, image.height - 1), outline=0, width=1)
    for number, line in enumerate(text):
        pen.text((PAD, PAD + step * number + step // 2), line, font=font, fill=0, anchor="lm")
    return image


def shapes(text: Sequence[str]) -> Iterator[Image.Image]:
    """The same words as a block and, for a page with little space, as two long lines."""
    yield draw(text)
    if len(text) > 2:
        half = (len(text) + 1) // 2
        yield draw([" · ".join(text[:half]), " · ".join(text[half:])])


def arrange(pdf: bytes, text: Sequence[str], *, room: bool = False) -> tuple[Image.Image, Place]:
    """The stamp's image and its place: clear space nearest to the top right of page 1, in its upper half, full size.

    A page without such space grows a strip on top: ink is never covered, the scale never changed. With `room` another
    stamp of the same size must find clear space beside it.
    """
    import numpy

    (left, _, right, top), picture = stamp_page.first_page(pdf)
    grey = numpy.asarray(picture)
    ink = grey[: round(grey.shape[0] * UPPER)] < numpy.median(grey[::3, ::3]) - 24
    block: Image.Image | None = None
    for image in shapes(text):
        block = block or image
        spot = _spot(ink, image)
        if spot is None or (room and all(_spot(_with(ink, spot, image), other) is None for other in shapes(text))):
            continue
        x, y = left + spot[0], top - spot[1]
        width, height = _points(image)
        return image, Place(x, y - height, x + width, y)
    assert block is not None
    width, height = _points(block)
    shrink = min(1.0, (right - left - 2 * MARGIN) / width)
    width, height = width * shrink, height * shrink
    grow = math.ceil(height) + GAP + MARGIN + 1  # as clear space is measured, so that a seal fits in it too
    return block, Place(right - MARGIN - width, top + GAP, right - MARGIN, top + GAP + height, grow)


def _points(image: Image.Image) -> tuple[float, float]:
    return image.width * 72 / DPI, image.height * 72 / DPI


def _with(ink: Any, spot: tuple[int, int], image: Image.Image) -> Any:
    """The ink after a stamp was put on it."""
    (x, y), (width, height) = spot, _points(image)
    covered = ink.copy()
    covered[y : y + math.ceil(height) + 1, x : x + math.ceil(width) + 1] = True
    return covered


def _spot(ink: Any, image: Image.Image) -> tuple[int, int] | None:
    """Left and top (points from the page's top left) of the clear window nearest to the top right corner."""
    import numpy

    margin, (width, height) = round(MARGIN), map(math.ceil, _points(image))
    rows, columns = ink.shape
    wide, high = width + 2 * GAP, height + 2 * GAP
    if wide > columns - 2 * margin + 2 * GAP or high > rows:
        return None
    sums = numpy.zeros((rows + 1, columns + 1), dtype=numpy.int32)
    numpy.cumsum(ink, axis=0, dtype=numpy.int32, out=sums[1:, 1:])
    numpy.cumsum(sums[1:, 1:], axis=1, out=sums[1:, 1:])
    window = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
    clear = window == 0
    edge = margin - GAP
    clear[:edge], clear[:, :edge] = False, False
    clear[:, columns - wide - edge + 1 :] = False
    tops, lefts = numpy.nonzero(clear)
    if not len(tops):
        return None
    best = int(numpy.argmin(tops * 1.0 + (columns - wide - lefts) * 0.8))
    return int(lefts[best]) + GAP, int(tops[best]) + GAP


@functools.cache
def face() -> str:
    """The file of the stamp's face: like Times New Roman where the machine has one, else the program's own."""
    import fontpkg_be_vietnam_pro
    from PIL import ImageFont

    for name in FACES:
        try:
            font = ImageFont.truetype(name, 20)
        except OSError:
            continue
        if _speaks_vietnamese(font):
            return str(font.path)
    return str(fontpkg_be_vietnam_pro.ROOT / "files" / "BeVietnamPro-Regular.ttf")


def _speaks_vietnamese(font: Any) -> bool:
    missing = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(letter)) != missing for letter in LETTERS)


@functools.cache
def _font() -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(face(), round(POINTS * DPI / 72))
