"""The connected parts of a mask of pixels, as runs along its rows."""

from __future__ import annotations

from typing import Any

Run = tuple[int, int, int]  # row, start, end


def parts(mask: Any, *, least: int = 1) -> dict[int, list[Run]]:
    """Each connected part (corners do not join) by a number; runs shorter than `least` pixels are left out."""
    import numpy

    parent: list[int] = []

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    found: list[Run] = []
    before: list[Run] = []
    edges = numpy.diff(numpy.pad(mask.astype(numpy.int8), ((0, 0), (1, 1))), axis=1)
    for y, row in enumerate(edges):
        at = numpy.flatnonzero(row).tolist()
        now: list[Run] = []
        first = 0
        for start, end in zip(at[::2], at[1::2], strict=True):
            if end - start < least:
                continue
            name = len(parent)
            parent.append(name)
            while first < len(before) and before[first][2] <= start:
                first += 1
            near = first
            while near < len(before) and before[near][1] < end:
                parent[root(name)] = root(before[near][0])
                near += 1
            now.append((name, start, end))
            found.append((y, start, end))
        before = now
    made: dict[int, list[Run]] = {}
    for name, run in enumerate(found):
        made.setdefault(root(name), []).append(run)
    return made
