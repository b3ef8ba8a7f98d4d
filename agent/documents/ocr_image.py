"""A page image made easy to read: grey at 200 dpi, even paper, straight lines; and the way back to the page."""

from __future__ import annotations

import io
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.documents import gate, pdfpages, raster
from agent.errors import DocumentError
from agent.ports import PageImage

if TYPE_CHECKING:
    import numpy.typing
    from PIL import Image

READING_DPI = 200  # noisy pages are read with a tenth of the errors of 300 dpi
MOST_PIXELS = 8_000_000  # an A3 page at READING_DPI
MOST_BYTES = 200_000_000  # of one decoded image, which bounds a helper's memory
MOST_SKEW = 8.0  # degrees
PAPER, INK = 235, 175  # grey of even paper; darker than the second is taken for ink
BLANK_INK = 0.0002
STRIPS = 24
TURNS = (0, 90, 180, 270)


@dataclass(frozen=True)
class Reading:
    """An image to read, and where its pixels lie on the page: the page was shrunk by `scale`, then turned back."""

    image: Image.Image
    scale: float  # pixels for each of the page's units
    middle: tuple[float, float]  # of the page, in its units
    angle: float  # degrees clockwise that the text's direction has on the page

    def on_page(self, x: float, y: float) -> tuple[float, float]:
        """The page's point that stands at a pixel."""
        across, down = (x - self.image.width / 2) / self.scale, (y - self.image.height / 2) / self.scale
        turn = math.radians(self.angle)
        cosine, sine = math.cos(turn), math.sin(turn)
        return self.middle[0] + across * cosine - down * sine, self.middle[1] + across * sine + down * cosine


def prepare(page: PageImage) -> Reading:
    """The page upright as it says itself, grey, on even paper, at about 200 dpi; DocumentError when it cannot be shown.

    Takes under MOST_BYTES and some copies of the result, whatever the image says of itself.
    """
    if page.media == pdfpages.MEDIA:
        across, down = page.width or 1, page.height or 1
        longest = math.sqrt(min(MOST_PIXELS, across * down * (READING_DPI / 72) ** 2) / (across * down))
        grey = pdfpages.render(page.raw, dpi=72 * longest, grey=True).convert("L")
        size = (float(across), float(down))
    else:
        grey, size = _decoded(page)
    return Reading(evened(grey), grey.width / size[0], (size[0] / 2, size[1] / 2), 0.0)


def turned(reading: Reading, turn: int) -> Reading:
    """The same turned clockwise by `turn` degrees, in quarters."""
    from PIL import Image

    how = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    image = reading.image.transpose(how[turn]) if turn else reading.image
    return Reading(image, reading.scale, reading.middle, (reading.angle - turn) % 360)


def straightened(reading: Reading, skew: float) -> Reading:
    """The same with lines that run down by `skew` degrees made level."""
    from PIL import Image

    if abs(skew) < 0.15:
        return reading
    image = reading.image.rotate(skew, Image.Resampling.BICUBIC, expand=True, fillcolor=PAPER)
    return Reading(image, reading.scale, reading.middle, (reading.angle + skew) % 360)


def skew_of(image: Image.Image) -> tuple[float, float]:
    """By how many degrees the lines of an evened image run down to the right, and how clearly there are lines at all.

    Ink is counted by row in upright strips; at the right angle the strips' counts fall together into sharp lines.
    """
    import numpy

    ink = numpy.asarray(image.reduce(2)) < INK
    height, width = ink.shape
    edges = numpy.linspace(0, width, STRIPS + 1).astype(int)
    strips = numpy.stack([ink[:, a:b].sum(axis=1) for a, b in itertools.pairwise(edges)]).astype(float)
    across = (edges[1:] + edges[:-1]) / 2 - width / 2
    room = math.ceil(math.tan(math.radians(MOST_SKEW + 1)) * width / 2) + 1
    strips = numpy.pad(strips, ((0, 0), (room, room)))

    def sharpness(angle: float) -> float:
        shifts = numpy.round(math.tan(math.radians(angle)) * across).astype(int)
        rows = numpy.zeros(height)
        for strip, shift in zip(strips, shifts, strict=True):
            rows += strip[room + shift : room + shift + height]
        return float((numpy.diff(rows) ** 2).sum())

    best = max(numpy.arange(-MOST_SKEW, MOST_SKEW + 0.1, 0.25), key=sharpness)
    near = [(sharpness(angle), float(angle)) for angle in numpy.arange(best - 0.25, best + 0.26, 0.05)]
    sharpest = max(near)[0]
    same = [angle for sharp, angle in near if sharp >= sharpest]
    return sum(same) / len(same), sharpest / max(1.0, float(ink.sum()))


def is_blank(image: Image.Image) -> bool:
    """Whether an evened image has no more ink than dust."""
    return sum(image.histogram()[:INK]) < BLANK_INK * image.width * image.height


def evened(grey: Image.Image) -> Image.Image:
    """The page as if its paper were evenly light: each part is measured by the lightest around it."""
    import numpy
    from PIL import Image, ImageFilter

    coarse = (max(1, grey.width // 16), max(1, grey.height // 16))
    paper = grey.resize(coarse, Image.Resampling.BOX).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2))
    # a dark picture is no dark paper
    paper = paper.point([max(level, 96) for level in range(256)]).resize(grey.size, Image.Resampling.BILINEAR)
    light = numpy.asarray(grey).astype(numpy.uint16) * PAPER // numpy.asarray(paper)
    return Image.fromarray(_stretched(light.clip(0, PAPER).astype(numpy.uint8)))


def _stretched(light: numpy.typing.NDArray[numpy.uint8]) -> numpy.typing.NDArray[numpy.uint8]:
    """Weak toner made black: the darkest half per cent of the page counts as ink, unless there is none."""
    import numpy

    counts = numpy.bincount(light.ravel(), minlength=256).cumsum()
    dark = min(int(numpy.searchsorted(counts, counts[-1] * 0.005)), 110)
    levels = ((numpy.arange(256) - dark) * (PAPER / (PAPER - dark))).clip(0, PAPER).astype(numpy.uint8)
    return levels[light]


def _decoded(page: PageImage) -> tuple[Image.Image, tuple[float, float]]:
    """The image in grey at READING_DPI, and the page's size as one sees it."""
    from PIL import Image, ImageOps

    dpi = page.dpi or gate.fitted_dpi(page.width, page.height)
    scale = min(1.0, READING_DPI / max(1, dpi), math.sqrt(MOST_PIXELS / max(1, page.width * page.height)))
    wanted = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    try:
        with Image.open(io.BytesIO(page.raw), formats=[page.media.removeprefix("image/").upper()]) as image:
            image.draft("L", wanted)
            if image.width * image.height * _bytes_a_pixel(image) > MOST_BYTES:
                raise DocumentError(gate.REFUSALS["too-large"])
            orientation = image.getexif().get(raster.ORIENTATION, 1)  # only now: a PNG is decoded for it
            grey = raster.grey_of(image).resize(wanted, Image.Resampling.BOX)
    except (*raster.BAD_IMAGE, Image.DecompressionBombError) as error:
        raise DocumentError(gate.REFUSALS["torn"]) from error
    grey.getexif()[raster.ORIENTATION] = orientation
    upright = ImageOps.exif_transpose(grey)
    size = (page.width, page.height) if orientation < 5 else (page.height, page.width)
    return upright, (float(size[0]), float(size[1]))


def _bytes_a_pixel(image: Image.Image) -> int:
    """What the image takes when it is decoded and made grey."""
    if image.mode in ("1", "L", "P") and "transparency" not in image.info:
        return 2
    return 12 if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info else 5
