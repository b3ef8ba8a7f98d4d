"""Scans out of the key events of a keyboard-wedge reader."""

from __future__ import annotations

from agent.devices.readers.frame import DROPPED, MOST, UNENDED, UNKNOWN_KEY, Frame
from agent.devices.readers.framing import framing_of
from agent.devices.readers.keys import Harm, Keys


class Wedge:
    """Keys to text, text to scans: Enter ends one; the scan in which the kernel dropped keys is torn and says so.

    Keys come one by one through the input system, which a busy machine delays: silence has to be longer to end a scan.
    """

    def __init__(self, end: bytes | None = None, *, most: int = MOST) -> None:
        self._keys, self._frames = Keys(), framing_of(end, most=most, gap=UNENDED)

    def opened(self) -> None:
        self._keys = Keys()
        self._frames.opened()

    def feed(self, data: bytes, at: float) -> list[Frame]:
        frames: list[Frame] = []
        for typed in self._keys.feed(data):
            if isinstance(typed, Harm):
                self._frames.spoil(DROPPED if typed.dropped else UNKNOWN_KEY, at)
            else:
                frames += self._frames.feed(typed, at)
        return frames

    def due(self) -> float | None:
        return self._frames.due()

    def idle(self, at: float) -> list[Frame]:
        return self._frames.idle(at)

    def lost(self, at: float) -> list[Frame]:
        return self._frames.lost(at)
