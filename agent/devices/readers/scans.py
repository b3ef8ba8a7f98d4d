"""Frames of one reader to scans: hex-dump undone, AIM identifier taken off, repeats and gaps noted."""

from __future__ import annotations

from agent.devices.readers.aim import identify
from agent.devices.readers.frame import NOT_HEX, NOT_UTF8, Frame
from agent.devices.readers.hexdump import undump
from agent.ports import Scan

WINDOW = 1.0  # seconds


class Repeats:
    """Knows what was scanned within the window before; may be shared by the readers of one thread."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._seen: dict[tuple[str, bytes], float] = {}  # oldest first

    def seen(self, device: str, payload: bytes, at: float) -> bool:
        """Whether this reader gave this payload less than a window ago; each repeat starts the window anew."""
        key = (device, payload)
        before = self._seen.pop(key, None)
        self._seen[key] = at
        while (oldest := next(iter(self._seen))) != key and at - self._seen[oldest] >= self._window:
            del self._seen[oldest]
        return before is not None and at - before < self._window


class Scans:
    """Makes the scans of one reader; `hexdump`: it types two hexadecimal digits for each byte."""

    def __init__(self, device: str, *, hexdump: bool = False, repeats: Repeats | None = None) -> None:
        self._device, self._hexdump, self._repeats = device, hexdump, repeats or Repeats()
        self._last: float | None = None

    def of(self, frame: Frame) -> Scan:
        """The scan that a frame is."""
        data, torn, note = frame.data, frame.torn, frame.note
        if self._hexdump:
            plain = undump(data)
            if plain is None and torn:
                plain = undump(data[:-1])  # it was torn within a byte
            if plain is None:
                torn, note = True, note or NOT_HEX
            else:
                data = plain
        aim, symbology, payload = identify(data, frame.aim)
        if not torn and not note and not _is_utf8(payload):
            note = NOT_UTF8
        gap = None if self._last is None else _ms(frame.ended - self._last)
        self._last = frame.ended
        repeat = not torn and self._repeats.seen(self._device, payload, frame.ended)
        took = _ms(frame.ended - frame.began)
        return Scan(self._device, payload, aim, symbology, gap, took, torn=torn, repeat=repeat, note=note)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
