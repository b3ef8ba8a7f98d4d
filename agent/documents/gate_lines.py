"""Which way a page's lines run: skew, sideways or not, upside down or not, and the two bars of a cover sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

STRIPS = 20
BARS_APART = 118.0  # mm from middle to middle, as labels/sheets/cover.py prints them, 4 mm thick
FEWEST_LINES = 4  # of text, before anything is said of which way up it stands
WIDEST = 7.0  # degrees to either side that are looked at


@dataclass(frozen=True)
class Lines:
    """What the ink's rows say; everything is 0 on a page without lines."""

    skew: float  # degrees that the lines are turned clockwise, to 0.1
    strength: float  # how much better the lines are seen at that angle than at the worst: 1 not at all
    sideways: float  # how much better they are seen across the page than along it: above 1 sideways
    upright: float  # -1 upside down … 1 upright (sideways: its top at the right … left); near 0 it cannot be told
    bars: bool  # the two bars of a cover sheet are there


def lines_of(depth: Any) -> Lines:
    """Measure how dark each pixel is (uint8, 0 paper) as an array of rows; a long side of about 880 pixels."""
    along, across = _search(depth), _search(depth.T)
    sideways = across.best / max(1e-9, along.best)
    main = across if sideways > 1 else along
    return Lines(
        skew=round(main.angle if main is along else -main.angle, 1) + 0.0,  # no minus zero
        strength=main.best / max(1e-9, main.worst),
        sideways=sideways,
        upright=_upright(main.profile),
        bars=_bars(along) or _bars(across),
    )


@dataclass(frozen=True)
class _Found:
    angle: float
    best: float
    worst: float
    profile: Any
    strips: Any  # the strips moved to that angle: (strip, row)
    width: int  # pixels of a strip


def _search(depth: Any) -> _Found:
    """The angle at which the sums of rows differ most from one another: coarse, then fine."""
    import numpy

    width = depth.shape[1] // STRIPS
    cut = depth[:, : width * STRIPS].reshape(depth.shape[0], STRIPS, width)
    strips = numpy.ascontiguousarray(cut.sum(axis=2, dtype=numpy.int32).T)
    coarse = numpy.arange(-WIDEST, WIDEST + 0.1, 0.5)
    scores = [_score(_moved(strips, width, angle).sum(axis=0)) for angle in coarse]
    middle = float(coarse[int(numpy.argmax(scores))])
    fine = middle + numpy.arange(-0.4, 0.41, 0.1)
    closer = [_score(_moved(strips, width, angle).sum(axis=0)) for angle in fine]
    angle = float(fine[numpy.array(closer) >= max(closer) * 0.9999].mean())  # several are alike on a straight page
    moved = _moved(strips, width, angle)
    return _Found(angle, max(closer), min(scores), moved.sum(axis=0), moved, width)


def _score(profile: Any) -> float:
    import numpy

    steps = numpy.diff(profile).astype(numpy.float64)
    return float(steps @ steps)


def _moved(strips: Any, width: int, angle: float) -> Any:
    """The strips each moved up or down as a page turned back by `angle` would have them."""
    import numpy

    middle, slope = (STRIPS - 1) / 2, math.tan(math.radians(angle))
    shifts = [round((number - middle) * width * slope) for number in range(STRIPS)]
    out = numpy.zeros_like(strips)
    for number, shift in enumerate(shifts):
        if shift >= 0:
            out[number, : out.shape[1] - shift] = strips[number, shift:]
        else:
            out[number, -shift:] = strips[number, :shift]
    return out


def _upright(profile: Any) -> float:
    """Beside the bodies of a line's letters there is more ink above (ascenders, accents) than below (descenders)."""
    import numpy

    level = numpy.percentile(profile, 90) / 2
    above = below = bodies = 0.0
    lines = 0
    for start, end in _runs(profile > level):
        reach = max(2, round((end - start) * 0.8))
        if 3 <= end - start <= 40:
            lines += 1
            bodies += float(profile[start:end].sum())
            above += float(profile[max(0, start - reach) : start].sum())
            below += float(profile[end : end + reach].sum())
    told = lines >= FEWEST_LINES and above + below > 0.1 * bodies
    return (above - below) / (above + below) if told else 0.0


def _runs(on: Any) -> list[tuple[int, int]]:
    """Where a row of truths is true: (start, end)."""
    import numpy

    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate(([0], on.view(numpy.int8), [0]))))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _bars(found: _Found) -> bool:
    """Whether two bars cross nearly the whole page, as thick and as far apart as a cover sheet has them."""
    rows = found.strips.shape[1]
    full = (found.strips > found.width * 60).sum(axis=0) >= STRIPS * 3 // 4
    mm = rows / 297 if rows > found.width * STRIPS else rows / 210
    bars = [(start + end) / 2 for start, end in _runs(full) if 2.2 * mm <= end - start <= 6.5 * mm]
    if len(bars) != 2:
        return False
    apart, off_middle = bars[1] - bars[0], (bars[0] + bars[1] - rows) / 2
    return bool(abs(apart - BARS_APART * mm) < 5 * mm and abs(off_middle) < 15 * mm)
