"""Find the sheet of paper on a camera's picture: its four corners, or none when it is not clearly there."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.documents.connected import parts

if TYPE_CHECKING:
    from PIL import Image

COARSE, FINE = 400, 1600  # pixels of the long side: where the sheet is sought, and where its edges are measured
LEAST_AREA, MOST_AREA = 0.18, 0.97  # of the picture
LEAST_FILL = 0.93  # of the quadrilateral that is paper
LEAST_EDGE = 0.55  # of each side's length along which an edge is seen
STEP = 9.0  # greys that an edge is high
MOST_HULL = 30  # corners of the outline that are tried


@dataclass(frozen=True)
class Quad:
    """The sheet's corners in pixels: top left, top right, bottom right, bottom left, as the picture is looked at."""

    corners: tuple[tuple[float, float], ...]
    ratio: float  # height over width of the sheet itself, the perspective undone

    def side(self, number: int) -> float:
        """The length of the top, right, bottom or left side in pixels."""
        return math.dist(self.corners[number], self.corners[(number + 1) % 4])


def find(picture: Image.Image) -> Quad | None:
    """The sheet on a picture in L, RGB or YCbCr; None when its four edges are not all clearly within the picture."""
    import numpy

    factor = max(1, round(max(picture.size) / FINE))
    fine = numpy.asarray(_paperness(picture.reduce(factor) if factor > 1 else picture))
    shrink = max(1, round(max(fine.shape) / COARSE))
    coarse = _blocks(fine, shrink)
    best: tuple[float, Any] = (0.0, None)
    for level in _levels(coarse):
        outline = _outline(coarse > level)
        if outline is None:
            continue
        rough = _largest_quad(outline[0])
        if rough is None or outline[1] < LEAST_FILL * _area(rough):
            continue
        exact, seen = _refined(fine, rough * shrink + (shrink - 1) / 2)
        if exact is not None and seen > best[0]:
            best = (seen, exact)
    if best[1] is None:
        return None
    height, width = fine.shape
    ratio = _ratio(best[1], width, height)
    corners = tuple((float(x * factor), float(y * factor)) for x, y in best[1] + 0.5)
    return Quad(corners, ratio) if ratio else None


def _paperness(picture: Image.Image) -> Image.Image:
    """How much each pixel is like paper: bright, and without colour."""
    if picture.mode == "L":
        return picture
    from PIL import ImageChops

    luma, blue, red = (picture if picture.mode == "YCbCr" else picture.convert("YCbCr")).split()
    away = [channel.point([min(255, 2 * abs(level - 128)) for level in range(256)]) for channel in (blue, red)]
    return ImageChops.subtract(luma, ImageChops.lighter(*away))


def _blocks(values: Any, size: int) -> Any:
    high, wide = (side // size for side in values.shape)
    return values[: high * size, : wide * size].reshape(high, size, wide, size).mean(axis=(1, 3))


def _levels(coarse: Any) -> list[float]:
    """Brightnesses that may part paper from table: the one that parts best, and some around it."""
    import numpy

    counts = numpy.bincount(coarse.astype(numpy.uint8).ravel(), minlength=256).astype(float)
    weights, sums = counts.cumsum(), (counts * numpy.arange(256)).cumsum()
    below, above = weights, weights[-1] - weights
    with numpy.errstate(divide="ignore", invalid="ignore"):
        parted = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    best = int(numpy.nan_to_num(parted).argmax())
    return [best + away for away in (0, 12, -12, 24, -24, 40, -40) if 8 < best + away < 248]


def _outline(mask: Any) -> tuple[Any, int] | None:
    """The convex outline of the largest connected part, and how many pixels lie within each row's ends of it."""
    found = parts(mask, least=3).values()
    if not found:
        return None
    rows: dict[int, tuple[int, int]] = {}
    for y, start, end in max(found, key=lambda part: sum(end - start for _, start, end in part)):
        was = rows.get(y, (start, end))
        rows[y] = (min(was[0], start), max(was[1], end))
    area = sum(end - start for start, end in rows.values())
    if not LEAST_AREA * mask.size <= area <= MOST_AREA * mask.size:
        return None
    points = [(x, y) for y, (start, end) in rows.items() for x in (start, end - 1)]
    return _hull(points), area


def _hull(points: list[tuple[int, int]]) -> Any:
    import numpy

    ordered = sorted(set(points))

    def half(some: Any) -> list[tuple[int, int]]:
        made: list[tuple[int, int]] = []
        for x, y in some:
            while len(made) > 1 and (made[-1][0] - made[-2][0]) * (y - made[-2][1]) <= (made[-1][1] - made[-2][1]) * (
                x - made[-2][0]
            ):
                made.pop()
            made.append((x, y))
        return made[:-1]

    return numpy.array(half(ordered) + half(reversed(ordered)), dtype=float)


def _largest_quad(hull: Any) -> Any:
    """The largest quadrilateral with its corners on the outline, from the top left clockwise; None for none."""
    import numpy

    while len(hull) > MOST_HULL:  # the corner that changes the outline least goes
        after, before = numpy.roll(hull, -1, axis=0), numpy.roll(hull, 1, axis=0)
        one, two = hull - before, after - before
        hull = numpy.delete(hull, numpy.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]).argmin(), axis=0)
    if len(hull) < 4:
        return None
    chosen = hull[numpy.array(list(itertools.combinations(range(len(hull)), 4)))]
    one, two = chosen[:, 2] - chosen[:, 0], chosen[:, 3] - chosen[:, 1]
    quad = chosen[numpy.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]).argmax()]
    middle = quad.mean(axis=0)
    quad = quad[numpy.argsort(numpy.arctan2(quad[:, 1] - middle[1], quad[:, 0] - middle[0]))]
    return numpy.roll(quad, -int(quad.sum(axis=1).argmin()), axis=0)


def _area(quad: Any) -> float:
    one, two = quad[2] - quad[0], quad[3] - quad[1]
    return float(abs(one[0] * two[1] - one[1] * two[0])) / 2


def _refined(fine: Any, rough: Any) -> tuple[Any, float]:
    """The corners where the measured edges meet, and how much of the worst edge was seen; None when it is no sheet."""
    import numpy

    height, width = fine.shape
    lines, least = [], 1.0
    for number in range(4):
        line, seen = _edge(fine, rough[number], rough[(number + 1) % 4], rough.mean(axis=0))
        if line is None:
            return None, 0.0
        lines.append(line)
        least = min(least, seen)
    corners = numpy.array([_meet(lines[number - 1], lines[number]) for number in range(4)])
    if not numpy.isfinite(corners).all() or least < LEAST_EDGE:
        return None, 0.0
    slack = 0.01 * max(width, height)
    inside = (
        (corners > -slack).all() and (corners[:, 0] < width + slack).all() and (corners[:, 1] < height + slack).all()
    )
    moved = numpy.abs(corners - rough).max() < 0.06 * max(width, height)
    angles = [_angle(corners, number) for number in range(4)]
    if not inside or not moved or min(angles) < 55 or max(angles) > 125:
        return None, 0.0
    return corners, least


def _edge(fine: Any, start: Any, end: Any, middle: Any) -> tuple[tuple[Any, Any] | None, float]:
    """The straight edge near a side, as a point and a direction, and the share of the side along which it is seen."""
    import numpy

    along = end - start
    length = float(numpy.hypot(*along))
    if length < 60:
        return None, 0.0
    along = along / length
    out = numpy.array([along[1], -along[0]])
    if out @ ((start + end) / 2 - middle) < 0:
        out = -out
    reach = round(max(8, 0.018 * max(fine.shape)))
    places = numpy.linspace(0.06, 0.94, 96) * length
    offsets = numpy.arange(-reach - 2, reach + 3)
    points = start + places[:, None, None] * along + offsets[None, :, None] * out
    x = numpy.rint(points[..., 0]).astype(int)
    y = numpy.rint(points[..., 1]).astype(int)
    known = (x >= 0) & (y >= 0) & (x < fine.shape[1]) & (y < fine.shape[0])
    rows = numpy.where(known, fine[y.clip(0, fine.shape[0] - 1), x.clip(0, fine.shape[1] - 1)], 0).astype(float)
    steps = rows[:, :-4] + rows[:, 1:-3] - rows[:, 3:-1] - rows[:, 4:]  # paper inside, table outside
    steps = numpy.where(known[:, :-4] & known[:, 4:], steps / 2, 0.0)
    best = steps.argmax(axis=1)
    clear = steps[numpy.arange(len(steps)), best] > STEP
    if clear.sum() < 12:
        return None, 0.0
    away = _exact(steps, best)[clear] - reach
    at = places[clear]
    keep = numpy.ones(len(at), bool)
    for wide in (reach, 6.0, 3.0, 1.5):
        slope, offset = numpy.polyfit(at[keep], away[keep], 1) if keep.sum() > 5 else (0.0, float(numpy.median(away)))
        near = numpy.abs(away - (slope * at + offset)) <= wide
        keep = near if near.sum() > 5 else keep
    seen = float((numpy.abs(away - (slope * at + offset)) <= 2.5).sum()) / len(places)
    return (start + offset * out, along + slope * out), seen


def _exact(steps: Any, best: Any) -> Any:
    """The place of each row's highest step, between pixels."""
    import numpy

    rows, at = numpy.arange(len(steps)), best.clip(1, steps.shape[1] - 2)
    left, top, right = steps[rows, at - 1], steps[rows, at], steps[rows, at + 1]
    bend = left - 2 * top + right
    return at + numpy.where(
        numpy.abs(bend) > 1e-6, ((left - right) / 2 / numpy.where(bend == 0, 1, bend)).clip(-1, 1), 0
    )


def _meet(one: tuple[Any, Any], two: tuple[Any, Any]) -> tuple[float, float]:
    (x, y), (dx, dy) = one
    (u, v), (du, dv) = two
    under = dx * dv - dy * du
    if abs(under) < 1e-9:
        return math.nan, math.nan
    far = ((u - x) * dv - (v - y) * du) / under
    return float(x + far * dx), float(y + far * dy)


def _angle(corners: Any, number: int) -> float:
    import numpy

    one, two = corners[number - 1] - corners[number], corners[(number + 1) % 4] - corners[number]
    return math.degrees(math.acos(float(numpy.clip(one @ two / numpy.hypot(*one) / numpy.hypot(*two), -1, 1))))


def _ratio(corners: Any, width: int, height: int) -> float:
    """The sheet's height over its width (Zhang and He, "Whiteboard scanning", 2004); 0 when that cannot be."""
    import numpy

    top_left, top_right, bottom_right, bottom_left = (
        numpy.array([x - width / 2, y - height / 2, 1.0]) for x, y in corners
    )
    plain = (numpy.hypot(*(corners[3] - corners[0])) + numpy.hypot(*(corners[2] - corners[1]))) / (
        numpy.hypot(*(corners[1] - corners[0])) + numpy.hypot(*(corners[2] - corners[3]))
    )
    cross = numpy.cross(top_left, bottom_right)
    across = (cross @ bottom_left) / (numpy.cross(top_right, bottom_right) @ bottom_left) * top_right - top_left
    down = (cross @ top_right) / (numpy.cross(bottom_left, bottom_right) @ top_right) * bottom_left - top_left
    if abs(across[2] * down[2]) < 1e-3:  # hardly any perspective: the picture tells the ratio itself
        return float(plain)
    focal = -(across[0] * down[0] + across[1] * down[1]) / (across[2] * down[2])
    if not (0.4 * width) ** 2 < focal < (6 * width) ** 2:
        return float(plain)
    lengths = [one[0] ** 2 / focal + one[1] ** 2 / focal + one[2] ** 2 for one in (across, down)]
    return math.sqrt(lengths[1] / lengths[0])
