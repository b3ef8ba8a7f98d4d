"""A file's part in base64: the check that the XSD's Chunk demands, and a large one laid into a finished envelope."""

from __future__ import annotations

import binascii
from typing import Final

import pybase64

MAX_CHUNK: Final = 1024 * 1024
"""Bytes; the facet maxLength of Chunk."""
ONE_BYTE: Final = "AA=="
"""The text of the smallest part: what the schema is asked about in place of a large one."""
_LAST: Final = {1: "AEIMQUYcgkosw048", 2: "AQgw"}  # before so many "=", the unused bits are zero
_PLACE: Final = f"bytes>{ONE_BYTE}</".encode(
    "ascii"
)  # nonces and signatures may end alike, but stand in no such element


def is_chunk(text: str) -> bool:
    """Whether a text is xs:base64Binary of 1 byte to 1 MiB without spaces.

    >>> is_chunk("aA=="), is_chunk("aB=="), is_chunk("aA="), is_chunk("")
    (True, False, False, False)
    """
    if not text or len(text) % 4 or not text.isascii():
        return False
    missing = 2 if text.endswith("==") else 1 if text.endswith("=") else 0
    if missing and text[-1 - missing] not in _LAST[missing]:
        return False
    if len(text) // 4 * 3 - missing > MAX_CHUNK:
        return False
    try:
        pybase64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


def laid_in(envelope: bytes, part: bytes) -> bytes:
    """The envelope whose only part says ONE_BYTE, with `part` (1 byte to 1 MiB) in that place instead.

    Several times as fast as carrying the text through an element: it is neither copied to a string nor escaped.

    >>> laid_in(b"<t:bytes>AA==</t:bytes>", b"hi")
    b'<t:bytes>aGk=</t:bytes>'
    """
    before, place, after = envelope.partition(_PLACE)
    if not place or not 0 < len(part) <= MAX_CHUNK or _PLACE in after:
        raise ValueError("the envelope holds no single place for a part")
    return b"".join((before, b"bytes>", pybase64.b64encode(part), b"</", after))
