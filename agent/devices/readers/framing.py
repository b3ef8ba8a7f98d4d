"""Scans out of a reader's byte stream: STX and ETX, CR, LF, CRLF, a terminator of one's own, or silence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from agent.devices.readers.frame import BY_GAP, CUT_IN, GAP, HEADLESS, LOST, MOST, SILENT, UNENDED, Frame, Rest

STX: Final = b"\x02"
ETX: Final = b"\x03"
LINE_END: Final = b"\r\n"
_MARKS: Final = re.compile(rb"[\x02\x03\r\n]")


class Lines:
    """Learns from each reader how it ends a scan.

    Between STX and ETX line ends are data (a code may have several lines). A reader that sends STX and then only CR is
    recognised by the silence after it. Once any terminator has been seen, what silence ends is torn. `gap` is how many
    seconds of silence end a scan of a reader that has not shown one.
    """

    def __init__(self, *, most: int = MOST, gap: float = GAP) -> None:
        self._rest, self._gap = Rest(most), gap
        self.opened()

    def opened(self) -> None:
        self._rest.clear()
        self._within = False  # STX came, its end has not
        self._ends = False  # this reader ends its scans
        self._pairs = False  # … with ETX after STX
        self._lines = False  # … with CR or LF after STX

    def spoil(self, harm: str, at: float) -> None:
        """The scan that is on its way has lost something: it will be reported torn."""
        self._rest.spoil(harm, at)

    def feed(self, data: bytes, at: float) -> list[Frame]:
        frames, start = [], 0
        for mark in _MARKS.finditer(data):
            frames += self._rest.add(data[start : mark.start()], at)
            frames += self._mark(mark[0], at)
            start = mark.end()
        return frames + self._rest.add(data[start:], at)

    def due(self) -> float | None:
        if not self._rest.open and not self._within:
            return None
        return self._rest.last + (UNENDED if self._ends and not self._line_waits else self._gap)

    def idle(self, at: float) -> list[Frame]:
        due = self.due()
        if due is None or at < due:
            return []
        last, whole_line = self._rest.last, self._line_waits
        self._within = False
        if whole_line:
            self._ends = self._lines = True
            del self._rest.data[len(self._rest.data.rstrip(LINE_END)) :]
            return self._rest.end(last)
        return self._rest.end(last, harm=SILENT if self._ends else "", note=BY_GAP)

    def lost(self, at: float) -> list[Frame]:
        self._within = False
        return self._rest.end(at, harm=LOST)

    @property
    def _line_waits(self) -> bool:
        """A line came after STX, and whether more of it or ETX follows is not yet known."""
        return self._within and not self._pairs and self._rest.data.endswith((b"\r", b"\n"))

    def _mark(self, mark: bytes, at: float) -> list[Frame]:
        if mark == STX:
            return self._begin(at)
        if mark == ETX:
            headless = self._pairs and not self._within
            self._pairs = self._pairs or self._within
        elif self._within and not self._lines:
            return self._rest.add(mark, at)
        else:
            headless = False
        self._ends, self._within = True, False
        return self._rest.end(at, harm=HEADLESS if headless else "")

    def _begin(self, at: float) -> list[Frame]:
        frames = []
        if self._line_waits:
            del self._rest.data[len(self._rest.data.rstrip(LINE_END)) :]
            frames = self._rest.end(at)
        elif self._rest.open:
            frames = self._rest.end(at, harm=CUT_IN if self._ends else "", note=BY_GAP)
        self._within = True
        self._rest.last = at
        return frames


class Ended:
    """Scans that end with one known terminator and hold anything else; STX and ETX around them are taken off."""

    def __init__(self, end: bytes, *, most: int = MOST) -> None:
        self._end, self._rest = end, Rest(most)
        self._held = b""  # what may be the beginning of the terminator

    def opened(self) -> None:
        self._rest.clear()
        self._held = b""

    def spoil(self, harm: str, at: float) -> None:
        """The scan that is on its way has lost something: it will be reported torn."""
        self._rest.spoil(harm, at)

    def feed(self, data: bytes, at: float) -> list[Frame]:
        fresh = not self._rest.open and not self._held
        *ended, rest = (self._held + data).split(self._end)
        frames = []
        for part in ended:
            frames += self._rest.add(self._tidied(part) if fresh else part, at)
            frames += _unwrapped(self._rest.end(at))
            fresh = True
        rest = self._tidied(rest) if fresh else rest
        held = next((n for n in range(len(self._end) - 1, 0, -1) if rest.endswith(self._end[:n])), 0)
        self._held = rest[len(rest) - held :]
        if held:
            self._rest.last = at
        return frames + self._rest.add(rest[: len(rest) - held], at)

    def due(self) -> float | None:
        return self._rest.last + UNENDED if self._rest.open or self._held else None

    def idle(self, at: float) -> list[Frame]:
        due = self.due()
        return [] if due is None or at < due else self._break(self._rest.last, SILENT)

    def lost(self, at: float) -> list[Frame]:
        return self._break(at, LOST)

    def _tidied(self, part: bytes) -> bytes:
        """The beginning of a scan without the LF that belongs to the CR before it."""
        return part.removeprefix(b"\n") if self._end == b"\r" else part

    def _break(self, at: float, harm: str) -> list[Frame]:
        held, self._held = self._held, b""
        return self._rest.add(held, at) + self._rest.end(at, harm=harm)


class Paused:
    """Scans of a reader that is known to send no terminator: silence ends them, and any byte is data."""

    def __init__(self, *, most: int = MOST, gap: float = GAP) -> None:
        self._rest, self._gap = Rest(most), gap

    def opened(self) -> None:
        self._rest.clear()

    def spoil(self, harm: str, at: float) -> None:
        """The scan that is on its way has lost something: it will be reported torn."""
        self._rest.spoil(harm, at)

    def feed(self, data: bytes, at: float) -> list[Frame]:
        return self._rest.add(data, at)

    def due(self) -> float | None:
        return self._rest.last + self._gap if self._rest.open else None

    def idle(self, at: float) -> list[Frame]:
        due = self.due()
        return [] if due is None or at < due else self._rest.end(self._rest.last)

    def lost(self, at: float) -> list[Frame]:
        return self._rest.end(at, harm=LOST)


def framing_of(end: bytes | None, *, most: int = MOST, gap: float = GAP) -> Lines | Ended | Paused:
    """The framing for a terminator, for none (empty), or (None) the one that learns what the reader sends."""
    if end is None:
        return Lines(most=most, gap=gap)
    return Ended(end, most=most) if end else Paused(most=most, gap=gap)


def _unwrapped(frames: list[Frame]) -> list[Frame]:
    return [replace(frame, data=frame.data.removeprefix(STX).removesuffix(ETX)) for frame in frames]
