"""How alike two pages look: enough to ask whether they are two pictures of one page, never to decide it."""

from __future__ import annotations

import math
from operator import mul
from typing import Final

ALIKE: Final = 0.84  # pictures of one page reach it, a note on one of them or not; of other pages one in ten does
BANDS: Final = 12


def alike(one: str, other: str) -> float:
    """How alike two pages are by the ink in their bands, 0 … 1: of twelve bands the fourth best; "" is like nothing.

    A note that covers a part of the page spoils some bands only; each band may lie up to three rows higher or lower.
    """
    if not one or len(one) != len(other) or len(one) % BANDS:
        return 0.0
    rows = len(one) // BANDS
    found = sorted(_band_alike(one[at : at + rows], other[at : at + rows]) for at in range(0, len(one), rows))
    return max(0.0, found[-(BANDS // 3)])


def _band_alike(one: str, other: str) -> float:
    a, b = _levels(one), _levels(other)
    size = math.sqrt(sum(map(mul, a, a)) * sum(map(mul, b, b)))
    if not size:
        return 0.0
    return float(max(sum(map(mul, a[max(0, by) :], b[max(0, -by) :])) for by in range(-3, 4)) / size)


def _levels(digits: str) -> list[float]:
    values = [int(digit, 16) for digit in digits]
    mean = sum(values) / len(values)
    return [value - mean for value in values]
