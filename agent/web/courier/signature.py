"""A receiver's signature as kept in the vault: canonical JSON of pen strokes, or of the name typed in its place."""

from __future__ import annotations

import json

from agent.domain.canonical import canonical_json

WIDTH, HEIGHT, LONGEST_TIME = 4000, 4000, 3_600_000  # pixels, pixels, milliseconds
FEWEST_POINTS, MOST_POINTS = 6, 6000


def strokes_of(text: str) -> bytes:
    """The strokes `[[[x, y, ms], …], …]` that the page sent; empty for none, for a dot, and for anything else.

    >>> strokes_of("[]"), strokes_of("[[[1,2,0]]]"), strokes_of("{"), strokes_of("[[[1,2,NaN]]]")
    (b'', b'', b'', b'')
    >>> strokes_of("[[" + ",".join(f"[{n},5,{n}]" for n in range(6)) + "]]")[:40]
    b'{"kind":"strokes","strokes":[[[0,5,0],[1'
    """
    try:
        strokes = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return b""
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        return b""
    points = [point for stroke in strokes for point in stroke]
    if not FEWEST_POINTS <= len(points) <= MOST_POINTS or not all(_is_point(point) for point in points):
        return b""
    return canonical_json({"kind": "strokes", "strokes": strokes, "v": 1})


def typed_name(name: str) -> bytes:
    """What stands for a signature where none could be drawn: the receiver typed the name; empty for no name."""
    return canonical_json({"kind": "typed", "name": name, "v": 1}) if name else b""


def _is_point(point: object) -> bool:
    if not isinstance(point, list) or len(point) != 3:
        return False
    limits = (WIDTH, HEIGHT, LONGEST_TIME)
    return all(type(value) is int and 0 <= value <= most for value, most in zip(point, limits, strict=True))
