"""ZPL II: what a printer's status replies mean (Zebra, ZPL II Programming Guide, ~HS and ~HQ)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.errors import DeviceProtocol

HOST_STATUS = b"~HS"
ERROR_STATUS = b"~HQES"
STX, ETX = b"\x02", b"\x03"
END = ETX + b"\r\n"  # of the answer to ~HQES and of each of the three strings that answer ~HS

ERROR_BITS = {
    0x01: "paper-out",
    0x02: "ribbon-out",
    0x04: "head-open",
    0x08: "cutter",
    0x10: "hot",
    0x20: "motor-hot",
    0x40: "head-element",
    0x80: "head-detection",
}
WARNING_BITS = {0x1: "calibrate", 0x2: "clean-head", 0x4: "replace-head", 0x8: "paper-low"}
STRINGS = (
    re.compile(rb"(\d{3}),([01]),([01]),(\d{4}),(\d{3}),([01]),([01]),([01]),(\d{3}),([01]),([01]),([01])"),
    re.compile(rb"(\d{3}),(\d),([01]),([01]),([01]),([0-9A-Z]),(\d),([01]),(\d{8}),(\d),(\d{3})"),
    re.compile(rb"(.{1,4}),([01])"),
)
ERRORS = re.compile(rb"ERRORS:\s+([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})")
WARNINGS = re.compile(rb"WARNINGS:\s+([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})")


@dataclass(frozen=True)
class HostStatus:
    """The answer to ~HS."""

    faults: tuple[str, ...]  # codes of WORDS that keep it from printing
    formats: int  # labels in the receive buffer
    remaining: int  # labels of the batch still to come
    partial: bool  # a label has begun to arrive and has not ended
    label_waiting: bool  # peel-off: the last label has not been taken
    length: int  # label length in dots

    @property
    def idle(self) -> bool:
        """Whether nothing is left to print, and nothing half arrived."""
        return not (self.formats or self.remaining or self.partial)


@dataclass(frozen=True)
class ErrorStatus:
    """The answer to ~HQES."""

    faults: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def parse_host_status(reply: bytes) -> HostStatus:
    """Read the three strings that answer ~HS; DeviceProtocol when they are anything else.

    >>> ready = b"\\x02030,0,0,0480,000,0,0,0,000,0,0,0\\x03\\r\\n"
    >>> ready += b"\\x02000,0,0,0,0,2,4,0,00000000,1,000\\x03\\r\\n\\x021234,0\\x03\\r\\n"
    >>> parse_host_status(ready).idle
    True
    """
    parts = reply.split(END)
    if len(parts) != 4 or parts[3]:
        raise _nonsense(HOST_STATUS, reply)
    found = []
    for part, shape in zip(parts[:3], STRINGS, strict=True):
        match = shape.fullmatch(part[1:]) if part.startswith(STX) else None
        if match is None:
            raise _nonsense(HOST_STATUS, reply)
        found.append([value.decode("latin-1") for value in match.groups()])
    one, two, _ = found
    flags = {"paper-out": one[1], "paused": one[2], "buffer-full": one[5], "ram-lost": one[9], "cold": one[10]}
    flags |= {"hot": one[11], "head-open": two[2], "ribbon-out": two[3]}
    return HostStatus(
        faults=tuple(code for code, flag in flags.items() if flag == "1"),
        formats=int(one[4]),
        remaining=int(two[8]),
        partial=one[7] == "1",
        label_waiting=two[7] == "1",
        length=int(one[3]),
    )


def parse_error_status(reply: bytes) -> ErrorStatus:
    """Read the answer to ~HQES; DeviceProtocol when it is anything else.

    >>> reply = b"\\x02\\r\\n ERRORS: 1 00000000 00000005\\r\\n WARNINGS: 0 00000000 00000000\\r\\n\\x03"
    >>> parse_error_status(reply).faults
    ('paper-out', 'head-open')
    """
    errors, warnings = ERRORS.search(reply), WARNINGS.search(reply)
    if errors is None or warnings is None:
        raise _nonsense(ERROR_STATUS, reply)
    return ErrorStatus(_bits(errors, ERROR_BITS), _bits(warnings, WARNING_BITS))


def is_error_status(reply: bytes) -> bool:
    """Whether this is an answer to ~HQES rather than to another question."""
    return b"ERRORS:" in reply


def _bits(match: re.Match[bytes], table: dict[int, str]) -> tuple[str, ...]:
    if match[1] == b"0":
        return ()
    high, low = int(match[2], 16), int(match[3], 16)
    known = tuple(code for bit, code in table.items() if low & bit)
    rest = low & ~sum(table)
    return (*known, "other") if high or rest or not known else known


def _nonsense(question: bytes, reply: bytes) -> DeviceProtocol:
    return DeviceProtocol(
        f"Máy in trả lời sai lệnh {question.decode()} ({reply[:40]!r}). Kiểm tra tốc độ cổng, cáp và loại máy in."
    )
