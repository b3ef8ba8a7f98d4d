"""Take a multi-page TIFF apart without decoding: each page's strips or tiles stay byte for byte."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_KEPT = frozenset({254, *range(256, 260), 262, 266, 274, 277, 278, *range(282, 285), 292, 293, 296})
_KEPT |= {*range(317, 321), 322, 323, 332, 338, 339, 347, *range(529, 533), 34675}
_OFFSETS = {273: 279, 324: 325}  # strips and tiles: offsets -> byte counts
_LONG = 4
REDUCED = 1  # NewSubfileType bit: a small version of another page


class TornTiff(ValueError):
    """An offset points outside the file."""


class UnsupportedTiff(ValueError):
    """BigTIFF or old-style JPEG compression."""


@dataclass(frozen=True)
class _Entry:
    tag: int
    kind: int
    count: int
    value: bytes


def split(data: bytes, maximum: int) -> list[bytes]:
    """Each page as a TIFF file of its own; a file of one page comes back unchanged.

    Raises TornTiff, UnsupportedTiff, and OverflowError for more than `maximum` pages.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2], "")
    if not order or len(data) < 8:
        raise TornTiff("header")
    if struct.unpack_from(order + "H", data, 2)[0] != 42:
        raise UnsupportedTiff("BigTIFF")
    pages: list[list[_Entry]] = []
    offset, seen = _number(order + "I", data, 4), set[int]()
    while offset:
        if offset in seen:
            raise TornTiff("directory loop")
        seen.add(offset)
        if len(pages) >= maximum:
            raise OverflowError("pages")
        entries, offset = _directory(order, data, offset)
        pages.append(entries)
    whole = [entries for entries in pages if not _first(order, entries, 254) & REDUCED] or pages
    for entries in whole:
        if _first(order, entries, 259) == 6:
            raise UnsupportedTiff("old-style JPEG")
    built = [_single(order, entries, data) for entries in whole]
    if not built:
        raise TornTiff("no page")
    return [data] if len(pages) == 1 else built


def _directory(order: str, data: bytes, offset: int) -> tuple[list[_Entry], int]:
    count = _number(order + "H", data, offset)
    entries = []
    for number in range(count):
        at = offset + 2 + 12 * number
        tag, kind, items = struct.unpack(order + "HHI", _bytes(data, at, 8))
        size = _SIZES.get(kind, 0) * items
        if tag not in _KEPT and tag not in _OFFSETS and tag not in _OFFSETS.values():
            continue
        start = at + 8 if size <= 4 else _number(order + "I", data, at + 8)
        entries.append(_Entry(tag, kind, items, _bytes(data, start, size)))
    return entries, _number(order + "I", data, offset + 2 + 12 * count)


def _single(order: str, entries: list[_Entry], data: bytes) -> bytes:
    by_tag = {entry.tag: entry for entry in entries}
    pieces: list[bytes] = []
    place = next((tag for tag in _OFFSETS if tag in by_tag), None)
    if place is None or _OFFSETS[place] not in by_tag:
        raise TornTiff("no image data")
    starts, sizes = _values(order, by_tag[place]), _values(order, by_tag[_OFFSETS[place]])
    for start, size in zip(starts, sizes, strict=True):
        pieces.append(_bytes(data, start, size))
    kept = sorted((entry for entry in entries if entry.tag != place), key=lambda entry: entry.tag)
    total = len(kept) + 1
    tail = 8 + 2 + 12 * total + 4
    extra = bytearray()
    rows: dict[int, bytes] = {}
    for entry in kept:
        rows[entry.tag] = _row(order, entry, tail, extra)
    offsets, at = [], tail + len(extra) + (4 * len(pieces) if len(pieces) > 1 else 0)
    for piece in pieces:
        offsets.append(at)
        at += len(piece) + len(piece) % 2
    positions = _Entry(place, _LONG, len(offsets), struct.pack(f"{order}{len(offsets)}I", *offsets))
    rows[place] = _row(order, positions, tail, extra)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    directory = struct.pack(order + "H", total) + b"".join(rows[tag] for tag in sorted(rows)) + bytes(4)
    return head + directory + bytes(extra) + b"".join(piece + bytes(len(piece) % 2) for piece in pieces)


def _row(order: str, entry: _Entry, tail: int, extra: bytearray) -> bytes:
    head = struct.pack(order + "HHI", entry.tag, entry.kind, entry.count)
    if len(entry.value) <= 4:
        return head + entry.value.ljust(4, b"\0")
    at = tail + len(extra)
    extra += entry.value + bytes(len(entry.value) % 2)
    return head + struct.pack(order + "I", at)


def _values(order: str, entry: _Entry) -> tuple[int, ...]:
    letter = {1: "B", 3: "H", 4: "I"}.get(entry.kind)
    if letter is None:
        raise TornTiff(f"tag {entry.tag}")
    return struct.unpack(f"{order}{entry.count}{letter}", entry.value)


def _first(order: str, entries: list[_Entry], tag: int) -> int:
    values = [_values(order, entry) for entry in entries if entry.tag == tag and entry.count]
    return values[0][0] if values else 0


def _number(layout: str, data: bytes, at: int) -> int:
    (number,) = struct.unpack(layout, _bytes(data, at, struct.calcsize(layout)))
    return int(number)


def _bytes(data: bytes, start: int, size: int) -> bytes:
    if start < 0 or start + size > len(data):
        raise TornTiff(f"{start}+{size} of {len(data)}")
    return data[start : start + size]
