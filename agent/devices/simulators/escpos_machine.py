"""An ESC/POS receipt printer's inner life: bytes in, status replies out, receipts on a folder instead of paper.

Written from the maker's command reference, not from our driver. What is told apart on purpose: DLE EOT is answered
the moment it arrives, off-line and in the middle of a picture too; GS r, GS I and GS ( H are answered in their turn,
so never while the paper is out or the cover is open; a receipt ends with its cut, or where such an answer is due.
"""

from __future__ import annotations

import re

from agent.devices.simulators.escpos_commands import Command, next_command
from agent.devices.simulators.machine import Machine, Work

REAL_TIME = re.compile(rb"\x10\x04([\x01-\x04])")
CLEAR = re.compile(rb"\x10\x05\x02|\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
PRINTS = (b"text", b"\n", b"\x1dv0", b"\x1d(L", b"\x1d8L", b"\x1dk", b"\x1d(k", b"\x1b*", b"\x1bJ", b"\x1bd")
MODEL = b"_SIM-ESCPOS\0"


class EscposMachine(Machine):
    """One printer; receipts are kept from their first command to the cut."""

    language = "escpos"
    parts = frozenset({"paper-out", "head-open", "paused"})  # "head-open" is its cover, "paused" its feed button

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self._receipt, self._inked, self._tail = b"", False, b""

    @property
    def partial(self) -> bool:
        return bool(self._receipt) or (bool(self._buffer) and self._buffer[0] != 0x10)

    def lose_power(self) -> None:
        super().lose_power()
        self._receipt, self._inked, self._tail = b"", False, b""

    def _take(self, data: bytes) -> None:
        seen = self._tail + data
        for question in REAL_TIME.finditer(seen):
            if question.end() > len(self._tail):
                self._out += self._status(question[1][0])
        dropped = any(clear.end() > len(self._tail) for clear in CLEAR.finditer(seen))
        self._tail = seen[-9:]
        self._buffer += data
        if dropped:
            said = self._out
            self.lose_power()
            self._out = said
        while (found := next_command(self._buffer)) is not None:
            command, size = found
            raw, self._buffer = self._buffer[:size], self._buffer[size:]
            self._obey(command, raw)

    def _obey(self, command: Command, raw: bytes) -> None:
        if command.name[:1] == b"\x10":
            return
        if (answer := self._due(command)) is not None:
            self._end_receipt()
            self._queue.append(Work(answer=answer))
            return
        self._receipt += raw
        self._inked = self._inked or command.name in PRINTS
        if command.name == b"\x1dV":
            self._end_receipt()

    def _end_receipt(self) -> None:
        if self._inked:
            self._queue.append(Work(self._receipt))
            self._receipt, self._inked = b"", False

    def _due(self, command: Command) -> bytes | None:
        """The answer that this command asks for in its turn, None when it asks for none."""
        if command.name == b"\x1d(H" and command.body[2:4] == b"\x30\x30":
            return b"" if "done" in self.deaf else b"\x37\x22" + command.body[4:8] + b"\0"
        if command.name == b"\x1dr":
            return b"" if "worked-off" in self.deaf else b"\x00"
        if command.name == b"\x1dI":
            return MODEL if command.body == b"\x43" else b""
        return None

    def _status(self, section: int) -> bytes:
        """DLE EOT: 0xx1xx10, bits by the maker's tables."""
        paper, cover, fed = (fault in self.faults for fault in ("paper-out", "head-open", "paused"))
        value = {
            1: 0x08 * bool(self.faults),
            2: 0x04 * cover | 0x08 * fed | 0x20 * paper,
            3: 0,
            4: 0x60 * paper,
        }[section]
        return bytes([0x12 | value])
