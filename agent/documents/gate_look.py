"""What a page looks like: its lines, sharpness, borders, edges, light and ink, measured on one small picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.documents.gate_lines import Lines, lines_of

if TYPE_CHECKING:
    from PIL import Image

LONG_SIDE = 880  # pixels of the small picture, 75 dpi for A4
COLOURED = 26  # steps of chroma from the paper's own that are ink of a colour
TONE_BLOCK = 8  # pixels
BANDS, BAND_ROWS = 12, 293  # of what is kept to tell two pictures of one page
SIDES = ("trên", "phải", "dưới", "trái")


@dataclass(frozen=True)
class Look:
    """What was measured; shares are of the page's area or of a side's length, greys run from 0 (black) to 255."""

    ink: float  # share that is clearly darker than its paper, a margin of 3 % left out
    paper: int
    darkest: int  # of the ink: its 5th percentile
    shade: float  # the dark parts of the paper over the bright ones, 0 … 1
    sharpness: float  # the steepest edges over the contrast: about 1 sharp, under 0.3 blurred
    lines: Lines
    borders: tuple[str, ...]  # sides along which it is black
    around: bool  # something darker than the paper lies around it: a photographed table
    cut: tuple[str, ...]  # sides at which letters are cut off
    coloured: float  # share of the page in coloured ink
    tones: float  # share of the page in half-tones, as a photo has
    likeness: str  # where ink is, row by row of each band: for agent.domain.feed.alike


def look(picture: Image.Image, luma: Image.Image) -> Look:
    """Measure a page in mode L, RGB or YCbCr, `luma` its brightness; best with a long side of 1,000 to 2,500 pixels."""
    import numpy

    factor = max(1, round(max(luma.size) / LONG_SIDE))
    small = luma.reduce(factor) if factor > 1 else luma
    grey = numpy.asarray(small)
    ground = _ground(small)
    paper = int(numpy.median(ground))
    depth = numpy.clip(ground.astype(numpy.int16) - grey, 0, 255).astype(numpy.uint8)
    inner = _inside(depth)
    histogram = numpy.bincount(inner.ravel(), minlength=256)
    contrast = _from_top(histogram, 0.05, least=24)
    marks = depth > max(20, contrast * 2 // 5)
    return Look(
        ink=float(histogram[25:].sum() / max(1, inner.size)),
        paper=paper,
        darkest=max(0, paper - contrast),
        shade=_shade(ground),
        sharpness=_sharpness(luma, contrast),
        lines=lines_of(_middle(depth * (depth > 20))),
        borders=tuple(_borders(grey, paper)),
        around=_around(grey, paper),
        cut=tuple(_cut(marks)),
        coloured=_coloured(picture, factor),
        tones=_tones(grey, paper, contrast),
        likeness=_likeness(marks),
    )


def _ground(small: Image.Image) -> Any:
    """The paper's own brightness under the ink, as large as the picture: the brightest means nearby, smoothed."""
    import numpy
    from PIL import Image, ImageFilter

    coarse = small.reduce(8).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(1))
    return numpy.asarray(coarse.resize(small.size, Image.Resampling.BILINEAR))


def _inside(values: Any) -> Any:
    top, left = values.shape[0] // 33, values.shape[1] // 33
    return values[top : values.shape[0] - top, left : values.shape[1] - left]


def _middle(values: Any) -> Any:
    """The same size with the margin of 3 % wiped: a black border is no line."""
    import numpy

    wiped = numpy.zeros_like(values)
    top, left = values.shape[0] // 33, values.shape[1] // 33
    wiped[top : values.shape[0] - top, left : values.shape[1] - left] = _inside(values)
    return wiped


def _from_top(histogram: Any, share: float, *, least: int) -> int:
    """The value that `share` of those above `least` exceed."""
    import numpy

    high = histogram.copy()
    high[:least] = 0
    total = high.sum()
    return int(numpy.searchsorted(high.cumsum(), total * (1 - share))) if total else 0


def _sharpness(luma: Image.Image, contrast: int) -> float:
    """How steep the steepest edges are over two pixels, of the ink's whole contrast; every third row is looked at."""
    import numpy

    rows = _inside(numpy.asarray(luma))[::3].astype(numpy.int16)
    steps = numpy.abs(rows[:, 2:] - rows[:, :-2]).ravel()
    histogram = numpy.bincount(steps, minlength=256)
    return _from_top(histogram, 0.02, least=max(12, contrast // 8)) / max(1, contrast)


def _borders(grey: Any, paper: int) -> list[str]:
    """The sides along which more than 40 % is black, at least 1 mm deep within the outermost 3 mm (of A4)."""
    dark = grey < max(40, paper * 2 // 5)
    deep, near = max(2, round(grey.shape[0] / 297)), max(4, round(grey.shape[0] / 75))
    found = []
    for side, strip in zip(SIDES, _strips(dark, near), strict=True):
        if (strip.sum(axis=0) >= deep).mean() > 0.4:
            found.append(side)
    return found


def _around(grey: Any, paper: int) -> bool:
    """Whether at least three sides are, for the most part, clearly darker than the paper, and not as dots of ink."""
    near = max(4, round(grey.shape[0] / 75))
    dull = [((strip.mean(axis=0) < paper * 0.82).mean() > 0.7) for strip in _strips(grey, near)]
    return sum(map(bool, dull)) >= 3


def _shade(ground: Any) -> float:
    """The paper's brightness where it is dark (a twentieth of the page is darker) over where it is bright."""
    import numpy

    low, high = numpy.percentile(_inside(ground)[::8, ::8], (5, 95))
    return float(low / max(1.0, high))


def _cut(marks: Any) -> list[str]:
    """The sides whose very edge is crossed by many short strokes: letters that go on outside."""
    import numpy

    found = []
    for side, strip in zip(SIDES, _strips(marks, 2), strict=True):
        edge = strip.all(axis=0)
        starts = int((edge[1:] & ~edge[:-1]).sum())
        if starts >= 8 and edge.mean() < 0.5 and int(numpy.count_nonzero(edge)) < starts * 12:
            found.append(side)
    return found


def _strips(values: Any, deep: int) -> list[Any]:
    """The four outermost strips, each turned so that its length runs along the second axis."""
    return [values[:deep], values[:, -deep:].T, values[-deep:], values[:, :deep].T]


def _coloured(picture: Image.Image, factor: int) -> float:
    import numpy

    if picture.mode not in ("RGB", "YCbCr"):
        return 0.0
    small = picture.reduce(factor) if factor > 1 else picture
    channels = small.convert("YCbCr").split() if small.mode == "RGB" else small.split()
    planes = [_inside(numpy.asarray(channel)).astype(numpy.int16) for channel in channels[1:]]
    away = [numpy.abs(plane - int(numpy.median(plane[::7, ::7]))) > COLOURED for plane in planes]
    return float((away[0] | away[1]).mean())


def _tones(grey: Any, paper: int, contrast: int) -> float:
    """The share of blocks that lie nearly all between ink and paper, with something drawn in them."""
    import numpy

    inner = _inside(grey)
    high, wide = (side // TONE_BLOCK for side in inner.shape)
    blocks = inner[: high * TONE_BLOCK, : wide * TONE_BLOCK].reshape(high, TONE_BLOCK, wide, TONE_BLOCK)
    between = ((blocks < paper - max(18, contrast // 8)) & (blocks > paper - contrast * 7 // 8)).mean(axis=(1, 3))
    return float((between > 0.9).mean()) if numpy.size(between) else 0.0


_DIGITS = b"0123456789abcdef".ljust(256, b"f")


def _likeness(marks: Any) -> str:
    """How much ink stands in each of 293 rows of 12 bands down the page, a hexadecimal digit each, band by band."""
    import numpy
    from PIL import Image

    cells = numpy.asarray(Image.fromarray(marks).convert("L").resize((BANDS, BAND_ROWS), Image.Resampling.BOX))
    digits = (cells.T.astype(int) * 45 // 255).clip(0, 15).astype(numpy.uint8)
    return digits.tobytes().translate(_DIGITS).decode("ascii")
