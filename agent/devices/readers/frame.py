"""What every parser of a reader's wire gives: frames, and the words for what can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

MOST: Final = 8_192  # bytes of one frame: twice what the densest QR code holds; more is noise
GAP: Final = 0.15  # seconds of silence that end a frame of a reader without terminator
UNENDED: Final = 0.5  # seconds of silence after which an unended frame of a reader with terminator is torn

BY_GAP: Final = "Đầu đọc không gửi ký tự kết thúc; coi là hết mã khi im lặng. Nên bật ký tự kết thúc CR trên đầu đọc."
SILENT: Final = "Mã đến dở dang rồi im lặng. Quét lại; nếu vẫn vậy, rút đầu đọc ra rồi cắm lại."
LOST: Final = "Đầu đọc mất kết nối khi đang gửi mã. Cắm lại rồi quét lại."
LONG: Final = f"Quá {MOST} byte mà chưa hết mã: nhiễu hoặc sai tốc độ baud. Xem lại cài đặt đầu đọc rồi quét lại."
HEADLESS: Final = "Mã đến thiếu phần đầu. Quét lại."
OPENING: Final = "Đầu đọc đang gửi dở khi cổng vừa mở, mã có thể thiếu phần đầu. Quét lại."
DROPPED: Final = "Máy không kịp nhận phím của đầu đọc nên mã bị thiếu. Quét lại."
UNKNOWN_KEY: Final = "Đầu đọc gõ một ký tự không đọc được. Đặt đầu đọc sang bàn phím US hoặc chế độ hex rồi quét lại."
DAMAGED: Final = "Gói HID của đầu đọc bị hỏng. Quét lại."
CUT_IN: Final = "Mã chưa hết thì mã khác chen vào. Quét lại."
NOT_HEX: Final = "Không đúng chế độ hex (hai chữ số mỗi byte). Xem lại cài đặt đầu đọc rồi quét lại."
NOT_UTF8: Final = "Mã có byte không phải UTF-8: xem lại bảng mã của đầu đọc; nếu là cổng RS-232, xem lại tốc độ baud."


@dataclass(frozen=True)
class Frame:
    """The bytes of one scan as they came, between two instants of the monotonic clock (seconds)."""

    data: bytes = field(repr=False)
    began: float
    ended: float
    torn: bool = False
    note: str = ""
    aim: bytes = b""  # where the wire carries it apart from the data


class Parser(Protocol):
    """Bytes in, frames out; instants are passed in, so that nothing here waits or looks at a clock."""

    def opened(self) -> None:
        """A wire was opened: forget what was learnt of the reader before."""

    def feed(self, data: bytes, at: float) -> list[Frame]:
        """What ended within `data`, which arrived at `at`."""

    def due(self) -> float | None:
        """When silence will end what has begun; None when nothing has."""

    def idle(self, at: float) -> list[Frame]:
        """The wire was asked at `at` and had nothing: what silence has ended."""

    def lost(self, at: float) -> list[Frame]:
        """The wire broke: what had begun, torn."""


class Rest:
    """The frame that has begun and not ended, bounded in length; the part that the parsers share."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Nothing has begun."""
        self.data = bytearray()
        self.began = self.last = 0.0
        self.harm = ""  # why it can no longer be whole
        self.skipping = False  # it was cut for its length, and what follows is noise until it ends

    @property
    def open(self) -> bool:
        """Whether anything has begun."""
        return bool(self.data or self.harm or self.skipping)

    def add(self, part: bytes, at: float) -> list[Frame]:
        """Add bytes; the frame that grew too long is given back torn, and the rest of it is skipped."""
        if not part:
            return []
        if not self.open:
            self.began = at
        self.last = at
        if self.skipping:
            return []
        self.data += part
        if len(self.data) <= self._most:
            return []
        cut = Frame(bytes(self.data[: self._most]), self.began, at, torn=True, note=self.harm or LONG)
        self.clear()
        self.skipping, self.last = True, at
        return [cut]

    def spoil(self, harm: str, at: float) -> None:
        """The frame that is open, or the next one, has lost something."""
        if not self.open:
            self.began = at
        self.last = at
        self.harm = self.harm or harm

    def end(self, at: float, *, harm: str = "", note: str = "", aim: bytes = b"") -> list[Frame]:
        """End the frame at `at`: whole, unless it was spoilt or `harm` says why not. Nothing when it is empty."""
        harm = self.harm or harm
        frames = []
        if (self.data or self.harm) and not self.skipping:
            frames = [Frame(bytes(self.data), self.began, at, torn=bool(harm), note=harm or note, aim=aim)]
        self.clear()
        return frames
