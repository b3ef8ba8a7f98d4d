"""A ZPL II printer's inner life: bytes in, status replies out, labels on a folder instead of paper.

Written from the maker's tables for ~HS, ~HQES, ~JA and ^PQ, not from our driver. What is told apart on purpose:
~HS stays unanswered with media out or the head open; a label that cannot print waits in the buffer and prints
when the fault is mended; power loss forgets the buffer.
"""

from __future__ import annotations

import re
import time
from collections import deque
from pathlib import Path

STX, ETX, LINE = b"\x02", b"\x03", b"\r\n"
OUTSIDE, INSIDE = re.compile(rb"~HS|~HQES|~JA|\^XA"), re.compile(rb"~HS|~HQES|~JA|\^XZ")
QUANTITY = re.compile(rb"\^PQ(\d+)")
FAULTS = {"paper-out": 0x01, "ribbon-out": 0x02, "head-open": 0x04}
MUTE = ("paper-out", "ribbon-out", "head-open")


class ZplMachine:
    """One printer; `folder` receives label-0001.zpl, … each byte for byte from ^XA to ^XZ. Not thread-safe."""

    def __init__(self, folder: Path, *, seconds: float = 0.0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self.seconds = folder, seconds
        self.faults: set[str] = set()  # of FAULTS, and "paused"
        self.garbled = False
        self.label_waiting = False
        self.odometer = sum(1 for _ in folder.glob("label-*.zpl"))
        self._buffer = b""
        self._queue: deque[bytes] = deque()
        self._done_at: float | None = None  # when the label under the head is finished

    @property
    def formats(self) -> int:
        """Labels received and not yet printed."""
        return len(self._queue)

    @property
    def partial(self) -> bool:
        """Whether a label has begun to arrive and has not ended."""
        return self._buffer.startswith(b"^XA")

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they arrive and return what the printer answers."""
        self._buffer += data
        replies = b""
        while (reply := self._next()) is not None:
            replies += reply
        self.work()
        return bytes(byte ^ 0x55 for byte in replies) if self.garbled else replies

    def work(self) -> None:
        """Print what can be printed by now."""
        while self._queue and not self.faults:
            if self._done_at is None:
                self._done_at = time.monotonic() + self.seconds
            if time.monotonic() < self._done_at:
                return
            self._print(self._queue.popleft())
            self._done_at = None

    def lose_power(self) -> None:
        """Forget what has not been printed, as a printer does whose plug is pulled."""
        self._buffer, self._done_at = b"", None
        self._queue.clear()

    def mend(self) -> None:
        """Take every fault away; what waited comes out."""
        self.faults.clear()
        self.garbled = self.label_waiting = False
        self.seconds, self._done_at = 0.0, None
        self.work()

    def _next(self) -> bytes | None:
        """Do the first complete command in the buffer; None when there is none.

        A ~ command acts the moment it arrives, in the middle of a label too.
        """
        command = INSIDE.search(self._buffer) if self.partial else OUTSIDE.search(self._buffer)
        if command is None:
            if not self.partial:
                self._buffer = self._buffer[-4:]  # the beginning of a command, perhaps
            return None
        before, after = self._buffer[: command.start()], self._buffer[command.end() :]
        match command[0]:
            case b"^XA":
                self._buffer = b"^XA" + after
                return b""
            case b"^XZ":
                self._queue.append(before + b"^XZ")
                self._buffer = after
                self.work()
                return b""
        self._buffer = before + after if self.partial else after
        match command[0]:
            case b"~HS":
                return self._host_status()
            case b"~HQES":
                return self._error_status()
            case _:
                self.lose_power()
                return b""

    def _host_status(self) -> bytes:
        """String 1 aaa,b,c,dddd,eee,f,g,h,iii,j,k,l; string 2 mmm,n,o,p,q,r,s,t,uuuuuuuu,v,www; string 3 xxxx,y."""
        self.work()
        if self.faults & set(MUTE):
            return b""
        paused = int("paused" in self.faults)
        one = f"030,0,{paused},0480,{self.formats:03},0,0,{int(self.partial)},000,0,0,0"
        two = f"000,0,0,0,0,2,4,{int(self.label_waiting)},{0:08},1,000"
        return b"".join(STX + text.encode() + ETX + LINE for text in (one, two, "1234,0"))

    def _error_status(self) -> bytes:
        bits = sum(FAULTS.get(fault, 0) for fault in self.faults)
        text = [b"", b"  PRINTER STATUS", b"   ERRORS:         %d 00000000 %08X" % (bool(bits), bits)]
        text += [b"   WARNINGS:       0 00000000 00000000", b""]
        return STX + LINE.join(text) + ETX + LINE

    def _print(self, label: bytes) -> None:
        quantity = QUANTITY.search(label)
        for _ in range(int(quantity[1]) if quantity else 1):
            self.odometer += 1
            path = self._folder / f"label-{self.odometer:04}.zpl"
            draft = path.with_suffix(".part")
            draft.write_bytes(label)
            draft.replace(path)
