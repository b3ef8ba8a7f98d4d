"""The picture data of ^GF: hexadecimal with ZPL's run letters, or Z64 and B64."""

from __future__ import annotations

import binascii
import re
import zlib

RUN = {chr(ord("G") + n): n + 1 for n in range(19)} | {chr(ord("g") + n): 20 * (n + 1) for n in range(20)}
ENCODED = re.compile(r":(Z64|B64):([A-Za-z0-9+/=\s]*):([0-9A-Fa-f]{4})")
MOST = 8_000_000  # bytes of one picture


def unpack(text: str, total: int, row: int) -> bytes:
    """The bytes of ^GFA with `total` bytes in rows of `row`; a damaged picture comes out short, as on paper.

    >>> unpack("HF,:J0JF", 16, 4).hex()
    'ff000000ff0000000000ffff'
    """
    if encoded := ENCODED.match(text.strip()):
        return _encoded(encoded[1], encoded[2], encoded[3])[:total]
    out: list[str] = []
    line, count = "", 0
    width = 2 * max(1, row)
    limit = min(total, MOST) * 2 // width + 1
    for char in text:
        if char in RUN:
            count += RUN[char]
        elif char in "0123456789ABCDEFabcdef":
            line += char * (count or 1)
            count = 0
        elif char in ",!":
            line += ("0" if char == "," else "F") * (width - len(line) % width if line else width)
            count = 0
        elif char == ":":
            out.append(out[-1] if out else "0" * width)
        while len(line) >= width and len(out) < limit:
            out.append(line[:width])
            line = line[width:]
        if len(out) >= limit:
            break
    return bytes.fromhex("".join(out))[:total]


def _encoded(kind: str, text: str, crc: str) -> bytes:
    """Base64 with its CRC-16 (CCITT, start 0), deflated for Z64; nothing when it is damaged."""
    packed = re.sub(r"\s", "", text).encode("ascii")
    if binascii.crc_hqx(packed, 0) != int(crc, 16):
        return b""
    try:
        data = binascii.a2b_base64(packed)
        return data if kind == "B64" else zlib.decompressobj().decompress(data, MOST)
    except (binascii.Error, zlib.error):
        return b""
