"""How much memory pictures may take while they are decoded: one budget for all that come at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from agent.errors import AgentError

ROOM: Final = 256 << 20  # bytes: the largest picture that is taken has 200 MB of pixels
PATIENCE: Final = 20.0  # seconds of waiting, then the phone asks again
_BYTES: Final = {"1": 1, "L": 1, "P": 1, "LA": 4, "RGB": 4, "RGBA": 4, "CMYK": 4, "YCbCr": 4, "I": 4, "F": 4, "I;16": 2}
_DRAFT: Final = 64  # a JPEG is looked at with an eighth of its height and width
_COEFFICIENTS: Final = 6  # bytes a pixel that a progressive JPEG holds all the same


class PicturesBusy(AgentError):
    """Others' pictures take all the memory there is for them; nothing was kept, the phone sends this one again."""

    code = "pictures-busy"
    retryable = True


class Room:
    """A budget of bytes; who asks for more than is left waits, the first come first."""

    def __init__(self, size: int, *, patience: float = PATIENCE) -> None:
        self._left, self._size, self._patience = size, size, patience
        self._changed = threading.Condition()
        self._queue: list[object] = []

    @contextmanager
    def taken(self, wanted: int) -> Iterator[None]:
        """Hold so many bytes, at most all there are; PicturesBusy when they are not free in time."""
        wanted, me = min(wanted, self._size), object()
        with self._changed:
            self._queue.append(me)
            try:
                mine = self._changed.wait_for(
                    lambda: self._queue[0] is me and self._left >= wanted, timeout=self._patience
                )
                if not mine:
                    raise PicturesBusy("Máy chủ đang kiểm nhiều ảnh cùng lúc. Điện thoại sẽ tự gửi lại ảnh này.")
                self._left -= wanted
            finally:
                self._queue.remove(me)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._left += wanted
                self._changed.notify_all()


room: Final = Room(ROOM)


def weight_of(seen: Any) -> int:
    """Bytes that an opened Pillow image takes once it is decoded, as its header says.

    >>> from PIL import Image
    >>> weight_of(Image.new("RGB", (1000, 1000)))
    4000000
    """
    pixels = int(seen.width) * int(seen.height)
    if seen.format != "JPEG":
        return pixels * _BYTES.get(seen.mode, 8)
    whole = _COEFFICIENTS if seen.info.get("progressive") else 0
    return pixels * whole + pixels * 4 // _DRAFT
