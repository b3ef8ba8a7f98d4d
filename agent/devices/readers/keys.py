"""Events of a Linux input device to the characters that a keyboard-wedge reader types, on the US layout."""

from __future__ import annotations

import struct
from typing import Final

EVENT: Final = struct.Struct("=qqHHi")  # seconds, microseconds, type, code, value on a 64-bit kernel
SYN, KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
PRESSED: Final = 1  # 0 released, 2 repeated by the kernel while it is held

SHIFT: Final = frozenset({42, 54})
CTRL: Final = frozenset({29, 97})
ALT: Final = frozenset({56, 100})
CAPS: Final = 58
_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (15, "\tqwertyuiop[]\r", "\tQWERTYUIOP{}\r"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (55, "*", "*"),
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
    (86, "\\", "|"),
    (96, "\r", "\r"),
    (98, "/", "/"),
)
"""Neighbouring keys with and without shift; 43 stands between the left shift (42) and z."""
PLAIN: Final = {first + n: char for first, plain, _ in _ROWS for n, char in enumerate(plain)}
SHIFTED: Final = {first + n: char for first, _, shifted in _ROWS for n, char in enumerate(shifted)}
PAD: Final = {code: PLAIN[code] for code in (*range(71, 74), *range(75, 78), *range(79, 83))}  # its digits
_LONGEST_CODE: Final = 7  # digits after Alt


class Harm:
    """Stands between bytes where keys were lost: `dropped` by the kernel, or else not understood."""

    def __init__(self, *, dropped: bool) -> None:
        self.dropped = dropped


class Keys:
    """One reader's keyboard: bytes of events in, bytes of text out, with a Harm wherever something is missing.

    Enter is CR. Ctrl with a letter is its control character (]: GS). Alt with digits of the keypad is the byte of that
    number, or the character when it is more than a byte.
    """

    def __init__(self) -> None:
        self._part = b""
        self._rested()
        self._caps = False

    def _rested(self) -> None:
        self._held: set[int] = set()
        self._code = ""  # digits typed while Alt is held
        self._blind = False  # between SYN_DROPPED and the next report the kernel's events mean nothing

    def feed(self, data: bytes) -> list[bytes | Harm]:
        """What was typed: runs of bytes, and harms between them."""
        came = self._part + data
        whole = len(came) - len(came) % EVENT.size
        self._part = came[whole:]
        typed: list[bytes | Harm] = []
        run = bytearray()
        for _, _, kind, code, value in EVENT.iter_unpack(came[:whole]):
            said = self._event(kind, code, value)
            if isinstance(said, Harm):
                typed += [bytes(run), said] if run else [said]
                run.clear()
            else:
                run += said
        return [*typed, bytes(run)] if run else typed

    def _event(self, kind: int, code: int, value: int) -> bytes | Harm:
        if kind == SYN and code == SYN_DROPPED:
            self._rested()
            self._blind = True
            return Harm(dropped=True)
        if self._blind:
            self._blind = (kind, code) != (SYN, SYN_REPORT)
            return b""
        if kind != KEY:
            return b""
        if code in SHIFT | CTRL | ALT:
            return self._hold(code, value)
        return self._press(code) if value == PRESSED else b""

    def _hold(self, code: int, value: int) -> bytes | Harm:
        if value:
            self._held.add(code)
            return b""
        self._held.discard(code)
        typed, self._code = (self._code, "") if code in ALT else ("", self._code)
        return _by_number(typed) if typed else b""

    def _press(self, code: int) -> bytes | Harm:
        if code == CAPS:
            self._caps = not self._caps
            return b""
        if self._held & ALT and code in PAD:
            self._code += PAD[code]
            return b""
        char = (SHIFTED if self._held & SHIFT else PLAIN).get(code, "")
        if self._caps and char.isalpha():
            char = char.swapcase()
        if char and self._held & CTRL:
            control = ord(char.upper())
            return bytes([control & 0x1F]) if 0x40 <= control < 0x60 else Harm(dropped=False)
        return char.encode("ascii")


def _by_number(digits: str) -> bytes | Harm:
    """The byte or the character of a number typed with Alt."""
    number = int(digits) if len(digits) <= _LONGEST_CODE else -1
    if 0 < number < 256:
        return bytes([number])
    if 256 <= number < 0x110000 and not 0xD800 <= number < 0xE000:
        return chr(number).encode()
    return Harm(dropped=False)
