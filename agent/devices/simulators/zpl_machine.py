"""A ZPL II printer's inner life: bytes in, status replies out, labels on a folder instead of paper.

Written from the maker's tables for ~HS, ~HQES, ~JA and ^PQ, not from our driver. What is told apart on purpose:
~HS stays unanswered with media out or the head open; a label that cannot print waits in the buffer and prints
when the fault is mended; power loss forgets the buffer.
"""

from __future__ import annotations

import re

from agent.devices.simulators.machine import Machine, Work

STX, ETX, LINE = b"\x02", b"\x03", b"\r\n"
OUTSIDE, INSIDE = re.compile(rb"~HS|~HQES|~HI|~JA|\^XA"), re.compile(rb"~HS|~HQES|~HI|~JA|\^XZ")
QUANTITY = re.compile(rb"\^PQ(\d+)")
FAULTS = {"paper-out": 0x01, "ribbon-out": 0x02, "head-open": 0x04}
MUTE = ("paper-out", "ribbon-out", "head-open")
MODEL = b"SIM-ZPL,V1.0,8,8192KB"


class ZplMachine(Machine):
    """One printer; labels are kept from ^XA to ^XZ."""

    language = "zpl"

    @property
    def partial(self) -> bool:
        return self._buffer.startswith(b"^XA")

    def copies(self, label: bytes) -> int:
        quantity = QUANTITY.search(label)
        return min(int(quantity[1]), 1000) if quantity else 1

    def _take(self, data: bytes) -> None:
        self._buffer += data
        while self._next():
            pass

    def _next(self) -> bool:
        """Do the first complete command in the buffer; False when there is none.

        A ~ command acts the moment it arrives, in the middle of a label too.
        """
        command = INSIDE.search(self._buffer) if self.partial else OUTSIDE.search(self._buffer)
        if command is None:
            if not self.partial:
                self._buffer = self._buffer[-4:]  # the beginning of a command, perhaps
            return False
        before, after = self._buffer[: command.start()], self._buffer[command.end() :]
        match command[0]:
            case b"^XA":
                self._buffer = b"^XA" + after
                return True
            case b"^XZ":
                self._queue.append(Work(before + b"^XZ"))
                self._buffer = after
                return True
        self._buffer = before + after if self.partial else after
        match command[0]:
            case b"~HS":
                self._out += self._host_status()
            case b"~HQES":
                self._out += self._error_status()
            case b"~HI":
                self._out += STX + MODEL + ETX + LINE
            case _:
                self.lose_power()
        return True

    def _host_status(self) -> bytes:
        """String 1 aaa,b,c,dddd,eee,f,g,h,iii,j,k,l; string 2 mmm,n,o,p,q,r,s,t,uuuuuuuu,v,www; string 3 xxxx,y."""
        self.advance()
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
