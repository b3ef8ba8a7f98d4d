"""Reports of a HID POS reader (usage page 8Ch) joined to scans, as bytes: a character may lie across two reports.

Byte 0 is the report's id, 1 the length of the data in it, 2 to 4 the AIM identifier, 5 to 60 data, 61 the maker's own
code for the symbology, 63 says in bit 0 that the next report continues this one.
"""

from __future__ import annotations

from typing import Final

from agent.devices.readers.frame import CUT_IN, DAMAGED, LOST, MOST, SILENT, UNENDED, Frame, Rest

SIZE: Final = 64
ROOM: Final = 56
DATA: Final = slice(5, 5 + ROOM)
USUAL_ID: Final = 2


class Reports:
    """Joins reports; one that cannot be right makes its scan torn, one of another kind (battery, trigger) is nothing.

    The reader's id for scans is 2 by custom; another is learnt from the first report that looks like a scan.
    `stream`: the reports come as a stream of bytes and not one a read (a FIFO, a pty).
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._rest = Rest(most)
        self.stream = False
        self.opened()

    def opened(self) -> None:
        self._rest.clear()
        self._aim = b""
        self._ids = {USUAL_ID}
        self._part = b""  # of a report that has not come whole

    def feed(self, data: bytes, at: float) -> list[Frame]:
        if not self.stream:
            return self._report(data, at)
        frames, came = [], self._part + data
        whole = len(came) - len(came) % SIZE
        for start in range(0, whole, SIZE):
            frames += self._report(came[start : start + SIZE], at)
        self._part, self._rest.last = came[whole:], at
        return frames

    def due(self) -> float | None:
        return self._rest.last + UNENDED if self._rest.open or self._part else None

    def idle(self, at: float) -> list[Frame]:
        due = self.due()
        return [] if due is None or at < due else self._break(self._rest.last, SILENT)

    def lost(self, at: float) -> list[Frame]:
        return self._break(at, LOST)

    def _report(self, report: bytes, at: float) -> list[Frame]:
        said = report[2:5]
        aim = said if said.strip(b"\0 ") else b""
        right = len(report) == SIZE and report[1] <= ROOM and aim[:1] in {b"", b"]"}
        if right and report[1]:
            self._ids.add(report[0])
        elif not report or report[0] not in self._ids:
            return []
        if not right:
            self._rest.spoil(DAMAGED, at)
            aim = b""
        frames = []
        if aim and self._aim and aim != self._aim:
            frames = self._end(at, CUT_IN)
        self._aim = self._aim or aim
        frames += self._rest.add(report[DATA][: report[1] if len(report) > 1 else 0], at)
        if len(report) < SIZE or not report[SIZE - 1] & 1:
            frames += self._end(at)
        return frames

    def _break(self, at: float, harm: str) -> list[Frame]:
        """End what is open, the beginning of a report included."""
        part, self._part = self._part, b""
        if part:
            self._rest.spoil(harm, at)
            self._aim = self._aim or (part[2:5] if part[2:3] == b"]" and len(part) > 5 else b"")
        return self._rest.add(part[5 : 5 + part[1]] if len(part) > 5 else b"", at) + self._end(at, harm)

    def _end(self, at: float, harm: str = "") -> list[Frame]:
        aim, self._aim = self._aim, b""
        return self._rest.end(at, harm=harm, aim=aim)
