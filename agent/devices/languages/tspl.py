"""TSPL2: what a printer's status replies mean (TSC, TSPL/TSPL2 Programming Manual, <ESC>!? and <ESC>!S)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.errors import DeviceProtocol

STATUS_BYTE = b"\x1b!?"  # one byte of flags; many clones stay silent
STATUS_FRAME = b"\x1b!S"  # STX, four bytes, ETX CR LF; firmware V6.29 EZ and later
MODEL = b"~!T"  # the model's name, ended by CR
END = b"\x03\r\n"
STX = 0x02

FLAGS = {0x01: "head-open", 0x02: "jam", 0x04: "paper-out", 0x08: "ribbon-out", 0x10: "paused"}
PRINTING, COVER, OTHER = 0x20, 0x40, 0x80
AT_WORK = b"BCFPW"  # taking back a label, cutting, feeding, printing a batch, imaging
MESSAGES = {ord("`"): "paused", ord("K"): "paused", ord("L"): "label-waiting"}
WARNING_BITS = {0x08: "buffer-full"}
MACHINE_BITS = {0x01: "hot", 0x02: "motor-hot", 0x08: "cutter", 0x10: "buffer-full"}
MEDIA_BITS = {0x01: "paper-out", 0x02: "jam", 0x04: "ribbon-out", 0x08: "ribbon-jam", 0x20: "head-open"}
HARMFUL = re.compile(rb"\x1b![RCQDFPO.]")  # immediate commands that reset, feed, pause, cancel


@dataclass(frozen=True)
class Status:
    """What either status reply says."""

    faults: tuple[str, ...]  # codes of words.WORDS that keep it from printing
    printing: bool


def parse_status_byte(reply: bytes) -> Status:
    """Read the byte that answers <ESC>!?; DeviceProtocol when it is not exactly one.

    >>> parse_status_byte(b"\\x05").faults
    ('head-open', 'paper-out')
    """
    if len(reply) != 1:
        raise _nonsense(STATUS_BYTE, reply)
    flags = reply[0]
    faults = [code for bit, code in FLAGS.items() if flags & bit]
    faults += ["cover-open"] if flags & COVER else []
    faults += ["other"] if flags & OTHER else []
    return Status(tuple(faults), bool(flags & PRINTING))


def parse_status_frame(reply: bytes) -> Status:
    """Read the eight bytes that answer <ESC>!S; DeviceProtocol when they are anything else.

    >>> parse_status_frame(b"\\x02E@@A\\x03\\r\\n").faults
    ('paper-out',)
    >>> parse_status_frame(b"\\x02P@@@\\x03\\r\\n").printing
    True
    """
    if len(reply) != 8 or reply[0] != STX or reply[5:] != END or any(not 0x40 <= b < 0x80 for b in reply[1:5]):
        raise _nonsense(STATUS_FRAME, reply)
    message, warning, machine, media = reply[1:5]
    faults = [MESSAGES[message]] if message in MESSAGES else []
    faults += [code for bit, code in WARNING_BITS.items() if warning & bit]
    faults += _bits(machine, MACHINE_BITS) + _bits(media, MEDIA_BITS)
    if not faults and message != ord("@") and message not in AT_WORK:
        faults = ["other"]  # E without a reason, or a letter that the manual does not have
    return Status(tuple(dict.fromkeys(faults)), message in AT_WORK)


def parse_model(reply: bytes) -> str:
    """The model's name in the answer to ~!T; empty when it is none.

    >>> parse_model(b"TTP-244 Pro\\r")
    'TTP-244 Pro'
    """
    name = reply.strip(b"\r\n\0 ")
    return name.decode("ascii") if 0 < len(name) <= 64 and all(0x20 <= b < 0x7F for b in name) else ""


def harmful(job: bytes) -> bool:
    """Whether the job's picture holds bytes that the printer would obey at once, such as a reset."""
    return HARMFUL.search(job) is not None


def _bits(value: int, table: dict[int, str]) -> list[str]:
    known = [code for bit, code in table.items() if value & bit]
    rest = value & ~0x40 & ~sum(table)
    return [*known, "other"] if rest else known


def _nonsense(question: bytes, reply: bytes) -> DeviceProtocol:
    return DeviceProtocol(
        f"Máy in trả lời sai lệnh ESC {question[1:].decode()} ({reply[:40]!r}). Kiểm tra tốc độ cổng, cáp, loại máy."
    )
