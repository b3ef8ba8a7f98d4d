"""The Link: bytes to and from one device, whatever the wire, with every failure in our own terms."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Protocol, Self

from agent.errors import DeviceOutcomeUnknown

MOST = 65_536  # bytes of one reply; more is noise


class Link(Protocol):
    """A wire to one device, used by one thread; `with link:` opens and closes it.

    A failure before any byte of a write left raises DeviceUnavailable, a later one DeviceOutcomeUnknown.
    """

    @property
    def address(self) -> str:
        """How the configuration calls it: host:port, a serial port or a pyserial URL."""

    def open(self) -> None:
        """Connect; DeviceUnavailable when it cannot be done. Opening an open link changes nothing."""

    def write(self, data: bytes) -> None:
        """Send all bytes, or raise DeviceUnavailable (none left) or DeviceOutcomeUnknown (some may have)."""

    def read_until(self, end: bytes, *, timeout: float) -> bytes:
        """What came up to and with `end`, or what came within `timeout` seconds: b"" is silence.

        Raises DeviceUnavailable when the wire broke.
        """

    def read(self, most: int, *, timeout: float) -> bytes:
        """What lies ready, or the first that comes within `timeout` seconds, at most `most` bytes: b"" is silence.

        Raises DeviceUnavailable when the wire broke.
        """

    def drain(self) -> bytes:
        """Take what lies unread, so that an old reply is not taken for a new one."""

    def close(self) -> None:
        """Let go; closing a closed or broken link is fine."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def cut_off(address: str, sent: int, total: int, error: OSError) -> DeviceOutcomeUnknown:
    """The wire broke in the middle of a write: nobody can tell what the device made of it."""
    return DeviceOutcomeUnknown(
        f"Mất liên lạc với thiết bị {address} sau khi đã gửi {sent}/{total} byte ({error}). "
        "Xem nhãn đã ra chưa rồi mới in lại."
    )


class OpenedByWith(ABC):
    """`with link:` for every kind of link."""

    @abstractmethod
    def open(self) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ReadByPieces(OpenedByWith):
    """A link whose wire gives what it has, and knows no ends."""

    @abstractmethod
    def read(self, most: int, *, timeout: float) -> bytes: ...

    def read_until(self, end: bytes, *, timeout: float) -> bytes:
        got, deadline = bytearray(), time.monotonic() + timeout
        while not got.endswith(end) and len(got) < MOST and (left := deadline - time.monotonic()) > 0:
            got += self.read(1, timeout=left)
        return bytes(got)
