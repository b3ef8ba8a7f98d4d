"""Hex-dump mode: a keyboard-wedge reader types two hexadecimal digits for each byte, so that no layout can harm it."""

from __future__ import annotations

import re
from typing import Final

_PAIRS: Final = re.compile(rb"(?:[0-9A-Fa-f]{2})+")


def undump(typed: bytes) -> bytes | None:
    """The bytes that pairs of digits stand for; None when it is anything else. An AIM identifier may stand before.

    >>> undump(b"C490E1BAB76E67").decode()
    'Đặng'
    >>> undump(b"]Q15041"), undump(b"C49"), undump(b"C4 9x")
    (b']Q1PA', None, None)
    """
    head = typed[:3] if typed.startswith(b"]") else b""
    digits = typed[len(head) :].replace(b" ", b"")
    return head + bytes.fromhex(digits.decode("ascii")) if _PAIRS.fullmatch(digits) else None
