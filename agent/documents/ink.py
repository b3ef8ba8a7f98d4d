"""Whether a page is text alone: no ink of a colour, no half-tones, no strokes of a hand; in doubt it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.documents import raster

if TYPE_CHECKING:
    from PIL import Image

DPI = 100  # at which strokes and colours are looked for
COLOURED = 22  # steps of chroma from the paper's own
DOT, SPOT = 16, 0.06  # pixels of a block's side, and the share of a block in ink of a colour that is more than noise
HIGHEST = 0.34  # inches: what is joined and higher than that is no letter
LINE = 0.12  # inches of straight ink that belong to a rule or frame
STRAIGHT = 0.5  # of a high part's ink, from which it is a frame
PALE = 0.04  # share of strokes that are paler than print
GROUND = 8  # pixels: how finely the paper's own brightness is followed


def is_text_alone(image: Image.Image, dpi: int) -> bool:
    """Whether a page in colour or grey loses nothing in black and white."""
    import numpy

    small = raster.small(image, max(200, round(max(image.size) / dpi * DPI)))
    if small.mode != "L" and _has_colour(small):
        return False
    luma = small if small.mode == "L" else small.getchannel(0) if small.mode == "YCbCr" else small.convert("L")
    depth = numpy.asarray(ground_of(luma)).astype(numpy.int16) - numpy.asarray(luma)
    contrast = contrast_of(depth)
    if contrast < 60:
        return False  # faint: what is paper and what is ink is not clear enough
    marks = depth > contrast * 0.4
    tones = (depth > contrast * 0.15) & (depth < contrast * 0.6)
    inner = _blocks(tones, 8)
    if float((inner > 0.85).mean()) > 0.002:
        return False  # a photo, a stamp in grey, a shaded field
    return not _has_hand(marks) and not _has_pale_strokes(image, dpi)


def ground_of(luma: Image.Image) -> Image.Image:
    """The paper's own brightness under the ink."""
    from PIL import Image, ImageFilter

    coarse = luma.reduce(GROUND).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(1))
    return coarse.resize(luma.size, Image.Resampling.BILINEAR)


def contrast_of(depth: Any) -> int:
    """How much darker than its paper the page's ink is: what a twentieth of it exceeds."""
    import numpy

    counts = numpy.bincount(depth.clip(0, 255).ravel(), minlength=256)
    counts[:24] = 0
    total = counts.sum()
    return int(numpy.searchsorted(counts.cumsum(), total * 0.8)) if total else 0


def _has_colour(small: Image.Image) -> bool:
    """Whether ink of a colour stands together anywhere, or lies all over the page."""
    import numpy

    channels = (small if small.mode == "YCbCr" else small.convert("YCbCr")).split()[1:]
    planes = [numpy.asarray(channel).astype(numpy.int16) for channel in channels]
    away = numpy.zeros(planes[0].shape, bool)
    for plane in planes:
        away |= numpy.abs(plane - int(numpy.median(plane[::5, ::5]))) > COLOURED
    return bool(away.mean() > 0.0005 or _blocks(away, DOT).max(initial=0) > SPOT)


def _blocks(values: Any, size: int) -> Any:
    high, wide = (side // size for side in values.shape)
    return values[: high * size, : wide * size].reshape(high, size, wide, size).mean(axis=(1, 3))


def _has_hand(marks: Any) -> bool:
    """Whether something joined is higher than letters and no frame: a signature, a stamp, a drawing."""
    import numpy

    from agent.documents.connected import parts

    highest, line = round(HIGHEST * DPI), round(LINE * DPI)
    for runs in parts(marks).values():
        rows = [y for y, _, _ in runs]
        top, bottom = min(rows), max(rows) + 1
        if bottom - top <= highest:
            continue
        left, right = min(start for _, start, _ in runs), max(end for _, _, end in runs)
        part = numpy.zeros((bottom - top, right - left), bool)
        for y, start, end in runs:
            part[y - top, start - left : end - left] = True
        straight = _along(part, line) | _along(part.T, line).T
        if right - left > 6 and straight.sum() < STRAIGHT * part.sum():
            return True
    return False


def _along(part: Any, length: int) -> Any:
    """The pixels that belong to at least `length` in a row."""
    import numpy

    if part.shape[1] < length:
        return numpy.zeros_like(part)
    sums = numpy.pad(part.cumsum(axis=1, dtype=numpy.int32), ((0, 0), (1, 0)))
    full = sums[:, length:] - sums[:, :-length] == length
    grown = numpy.zeros_like(part)
    for step in range(length):
        grown[:, step : step + full.shape[1]] |= full
    return grown


def _has_pale_strokes(image: Image.Image, dpi: int) -> bool:
    """Whether the middles of many strokes are paler than print: a pen's or pencil's."""
    import numpy
    from PIL import ImageFilter

    luma = raster.small(image, round(max(image.size) / dpi * 300)) if dpi > 300 else raster.upright(image)
    luma = luma if luma.mode == "L" else luma.getchannel(0) if luma.mode == "YCbCr" else luma.convert("L")
    ground = numpy.asarray(ground_of(luma)).astype(numpy.int16)
    depth = ground - numpy.asarray(luma)
    contrast = contrast_of(depth)
    around = ground - numpy.asarray(luma.filter(ImageFilter.MaxFilter(3)))
    middles = around > contrast * 0.25  # all neighbours are ink: within a stroke, not at its edge
    total = int(middles.sum())
    return total > 0 and float((middles & (depth < contrast * 0.6)).sum()) / total > PALE
