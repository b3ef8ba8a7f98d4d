"""Whether a page file is whole, still growing, or no page at all: told by its bytes."""

from __future__ import annotations

import re
import struct
from enum import StrEnum

PNG, JPEG, PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
TIFFS = {b"II*\0": "<", b"MM\0*": ">"}
TAIL = 4_096  # bytes in which the end of a PNG or PDF is looked for: some makers append padding
MOST_DIRECTORIES = 1_000
WIDTHS = {3: "H", 4: "I"}  # of a TIFF field of 16- and of 32-bit numbers
PARTS = ((273, 279), (324, 325))  # TIFF tags: offsets and lengths of strips, of tiles


class Whole(StrEnum):
    """What the bytes of a file say of it."""

    WHOLE = "whole"
    GROWING = "growing"  # begins as a page and has no proper end yet; empty and zeroed files too
    FOREIGN = "foreign"  # something else


def wholeness(data: bytes) -> Whole:
    """What a file is by its first bytes and its end (PDF %%EOF, PNG IEND, JPEG EOI, TIFF directories and strips).

    >>> wholeness(b"").value, wholeness(b"PK").value, wholeness(b"%PDF-1.7 ... %%EOF").value
    ('growing', 'foreign', 'whole')
    """
    if data.startswith(PNG):
        return _grown(b"IEND\xaeB`\x82" in data[-TAIL:])
    if data.startswith(JPEG):
        return _grown(_jpeg_ends(data))
    if data[:4] in TIFFS:
        return _grown(_tiff_is_inside(data, TIFFS[data[:4]]))
    if PDF in data[:1024]:
        return _grown(_pdf_ends(data))
    begun = any(start.startswith(data[:8]) for start in (PNG, JPEG, PDF, *TIFFS))
    return Whole.GROWING if begun or not data[:512].strip(b"\0") else Whole.FOREIGN


def _grown(ends: bool) -> Whole:
    return Whole.WHOLE if ends else Whole.GROWING


def _pdf_ends(data: bytes) -> bool:
    """The end marker is at the end; a linearised file, which has one near its start too, tells its length."""
    told = re.search(rb"/Linearized[^>]{0,200}?/L\s+(\d{1,12})", data[:1024])
    return b"%%EOF" in data[-1024:] and (told is None or len(data) >= int(told[1]))


def _jpeg_ends(data: bytes) -> bool:
    """An end marker after the picture began: the thumbnail in the head has one of its own."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xDA:
            return data.find(b"\xff\xd9", at) > 0
        at += 1 if kind == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _tiff_is_inside(data: bytes, order: str) -> bool:
    """Whether every directory, and all strips or tiles that it names, lie inside the file."""
    try:
        (at,) = struct.unpack_from(order + "I", data, 4)
        for _ in range(MOST_DIRECTORIES):
            if at == 0:
                return True
            (count,) = struct.unpack_from(order + "H", data, at)
            entries = {}
            for number in range(count):
                tag, kind, length, value = struct.unpack_from(order + "HHII", data, at + 2 + 12 * number)
                entries[tag] = (kind, length, value, at + 10 + 12 * number)
            if not any(offsets in entries for offsets, _ in PARTS) or not _parts_inside(data, order, entries):
                return False
            (at,) = struct.unpack_from(order + "I", data, at + 2 + 12 * count)
    except struct.error:
        return False
    return False


def _parts_inside(data: bytes, order: str, entries: dict[int, tuple[int, int, int, int]]) -> bool:
    for offsets, lengths in PARTS:
        if offsets in entries:
            starts = _numbers(data, order, entries[offsets])
            sizes = _numbers(data, order, entries[lengths]) if lengths in entries else (1,) * len(starts)
            if any(start + size > len(data) for start, size in zip(starts, sizes, strict=False)):
                return False
    return True


def _numbers(data: bytes, order: str, entry: tuple[int, int, int, int]) -> tuple[int, ...]:
    """The values of a directory entry of 16- or 32-bit numbers, which stand in it where they fit; struct.error else."""
    kind, count, value, here = entry
    if kind not in WIDTHS:
        raise struct.error("not a number")
    form = f"{order}{count}{WIDTHS[kind]}"
    return struct.unpack_from(form, data, here if struct.calcsize(form) <= 4 else value)
