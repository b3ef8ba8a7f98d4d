"""A TSPL2 printer's inner life: lines and counted bitmaps in, status replies out, labels on a folder.

Written from the maker's tables for <ESC>!, ~! and PRINT, not from our driver. What is told apart on purpose:
<ESC>! acts the moment it arrives, in the middle of a bitmap too, and is answered whatever the fault; PRINT ends a
label; a label that cannot print waits.
"""

from __future__ import annotations

import re

from agent.devices.simulators.machine import Machine, Work

ESCAPE = re.compile(rb"\x1b!(.)|~!([A-Z@])", re.DOTALL)
BITMAP = re.compile(rb"BITMAP\s+-?\d+\s*,\s*-?\d+\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*\d+\s*,")
PRINT = re.compile(rb"PRINT\s+(\d+)(?:\s*,\s*(\d+))?\s*$", re.MULTILINE)
FLAGS = {"head-open": 0x01, "paper-out": 0x04, "ribbon-out": 0x08, "paused": 0x10}
MEDIA = {"paper-out": 0x01, "ribbon-out": 0x04, "head-open": 0x20}
RESETS = b"RCQ."  # reset, restart, restart without AUTO.BAS, cancel
MODEL = b"SIM-TSPL\r"


class TsplMachine(Machine):
    """One printer; labels are kept from the first command to the end of PRINT."""

    language = "tspl"
    usual = 0.3

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self._label, self._counted = b"", 0  # what came of the label; bytes of a bitmap still to come

    @property
    def partial(self) -> bool:
        return bool(self._label.strip() or self._counted or self._buffer.strip(b"\r\n\x1b!~"))

    def copies(self, label: bytes) -> int:
        quantity = PRINT.search(label[-40:])
        return min(int(quantity[1]) * int(quantity[2] or 1), 1000) if quantity else 1

    def lose_power(self) -> None:
        super().lose_power()
        self._label, self._counted = b"", 0

    def _take(self, data: bytes) -> None:
        self._buffer += data
        while self._next():
            pass

    def _next(self) -> bool:
        """Take the first thing in the buffer: a piece of bitmap, an immediate command, a line; False when none is."""
        if self._counted:
            return self._take_counted()
        if header := BITMAP.match(self._buffer.lstrip(b"\r\n")):
            lead = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
            self._label += self._buffer[: lead + header.end()]
            self._buffer = self._buffer[lead + header.end() :]
            self._counted = int(header[1]) * int(header[2])
            return True
        end, command = self._buffer.find(b"\n"), ESCAPE.search(self._buffer)
        if command and (end < 0 or command.start() < end):
            self._buffer = self._buffer[: command.start()] + self._buffer[command.end() :]
            self._obey(command)
            return True
        if end < 0:
            return False
        line, self._buffer = self._buffer[: end + 1], self._buffer[end + 1 :]
        self._label += line
        if PRINT.match(line.strip()):
            self._queue.append(Work(self._label.lstrip(b"\r\n")))
            self._label = b""
        return True

    def _take_counted(self) -> bool:
        if not self._buffer:
            return False
        piece, self._buffer = self._buffer[: self._counted], self._buffer[self._counted :]
        overlap = self._label[-2:]
        self._label, self._counted = self._label + piece, self._counted - len(piece)
        for command in ESCAPE.finditer(overlap + piece):
            if command.end() > len(overlap):
                self._obey(command)
        return True

    def _obey(self, command: re.Match[bytes]) -> None:
        self.advance()
        if command[2] is not None:
            self._out += MODEL if command[2] == b"T" else b""
        elif command[1] == b"?":
            self._out += b"" if "byte" in self.deaf else self._flags()
        elif command[1] == b"S":
            self._out += b"" if "frame" in self.deaf else self._frame()
        elif command[1] in RESETS:
            self.lose_power()

    def _flags(self) -> bytes:
        flags = sum(FLAGS.get(fault, 0) for fault in self.faults)
        return bytes([flags | (0x20 if self.formats and not self.faults else 0)])

    def _frame(self) -> bytes:
        media = sum(MEDIA.get(fault, 0) for fault in self.faults)
        message = b"E" if media else b"`" if self.faults else b"P" if self.formats else b"@"
        if message == b"@" and self.label_waiting:
            message = b"L"
        return b"\x02" + message + b"@@" + bytes([0x40 | media]) + b"\x03\r\n"
