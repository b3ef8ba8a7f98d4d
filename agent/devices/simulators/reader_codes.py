"""What a simulated reader puts on its wire for one code: serial bytes, HID POS reports, or key events.

Written from the HID usage tables and Linux' input-event-codes.h, not from our parsers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

REPORT_ID, ROOM = 2, 56
LEFT_SHIFT, LEFT_CTRL = 42, 29
KEYBOARD = (
    ("1234567890-=", "!@#$%^&*()_+", 2),
    ("qwertyuiop[]", "QWERTYUIOP{}", 16),
    ("asdfghjkl;'`", 'ASDFGHJKL:"~', 30),
    ("zxcvbnm,./", "ZXCVBNM<>?", 44),
)  # row without shift, with shift, number of its first key
OTHERS = {"\t": 15, "\r": 28, "\n": 28, " ": 57, "\\": 43}
DROPPED = "dropped"


@dataclass(frozen=True)
class Code:
    """One code as the reader decoded it, and how it is set to send."""

    payload: bytes
    aim: bytes = b""
    start: bytes = b""
    end: bytes = b"\r"
    hexdump: bool = False
    drop: int | None = None  # wedge: the computer loses two keys after so many characters

    @property
    def sent(self) -> bytes:
        """The text of it, as serial and wedge readers send it."""
        body = (self.aim + self.payload).hex().upper().encode() if self.hexdump else self.aim + self.payload
        return self.start + body + self.end


def serial(code: Code) -> list[bytes]:
    """Byte by byte."""
    return [bytes([byte]) for byte in code.sent]


def hid(code: Code) -> list[bytes]:
    """Byte by byte of its 64-byte reports; terminators have no place there."""
    parts = [code.payload[at : at + ROOM] for at in range(0, len(code.payload), ROOM)] or [b""]
    out = bytearray()
    for number, part in enumerate(parts, start=1):
        out += struct.pack("BB3s56sBBB", REPORT_ID, len(part), code.aim, part, 0, 0, number < len(parts))
    return [bytes([byte]) for byte in out]


def keys(code: Code) -> list[bytes]:
    """The events of each character typed; such readers have no key for bytes from 80h on and leave them out."""
    typed = [_stroke(chr(byte)) for byte in code.sent if byte < 0x80]
    if code.drop is not None:
        typed[code.drop : code.drop + 2] = [_event(0, 3, 0) + _event(1, 30, 0) + _event(0, 0, 0)]
    return typed


def _stroke(char: str) -> bytes:
    for plain, shifted, first in KEYBOARD:
        if char in plain:
            return _key(first + plain.index(char))
        if char in shifted:
            return _key(first + shifted.index(char), LEFT_SHIFT)
    if char in OTHERS:
        return _key(OTHERS[char])
    if char == "|":
        return _key(43, LEFT_SHIFT)
    return _stroke_with_control(char)


def _stroke_with_control(char: str) -> bytes:
    """Control characters, as readers type them: GS is Ctrl and ]."""
    letter = chr(ord(char) | 0x40).lower()
    for plain, shifted, first in KEYBOARD:
        if letter in plain:
            return _key(first + plain.index(letter), LEFT_CTRL)
        if letter in shifted:
            return _key(first + shifted.index(letter), LEFT_CTRL, LEFT_SHIFT)
    return b""


def _key(number: int, *held: int) -> bytes:
    down = b"".join(_event(1, modifier, 1) + _event(0, 0, 0) for modifier in held)
    up = b"".join(_event(1, modifier, 0) + _event(0, 0, 0) for modifier in held)
    scancode = _event(4, 4, 0x70000 + number)
    return down + scancode + _event(1, number, 1) + _event(0, 0, 0) + _event(1, number, 0) + _event(0, 0, 0) + up


def _event(kind: int, number: int, value: int) -> bytes:
    return struct.pack("<qqHHi", 0, 0, kind, number, value)


ENCODERS = {"reader": serial, "reader-tcp": serial, "reader-hid": hid, "reader-wedge": keys}
