"""A link that stays open between conversations, so that a device which vanishes is missed at once."""

from __future__ import annotations

from types import TracebackType

from agent.devices.link import Link, OpenedByWith
from agent.errors import DeviceError


class HeldLink(OpenedByWith):
    """Any link, let go only when a conversation ended in an error, by `close`, or after each when not `keep`."""

    def __init__(self, link: Link, *, keep: bool = True) -> None:
        self._link, self.keep, self._open = link, keep, False

    @property
    def address(self) -> str:
        return self._link.address

    def open(self) -> None:
        self._link.open()
        self._open = True

    def write(self, data: bytes) -> None:
        self._link.write(data)

    def read_until(self, end: bytes, *, timeout: float) -> bytes:
        return self._link.read_until(end, timeout=timeout)

    def read(self, most: int, *, timeout: float) -> bytes:
        return self._link.read(most, timeout=timeout)

    def drain(self) -> bytes:
        return self._link.drain()

    def close(self) -> None:
        self._open = False
        self._link.close()

    def alive(self) -> bool | None:
        """Whether the device is still at the end of the wire; None when the wire is not held now."""
        if not self._open:
            return None
        try:
            self._link.drain()
        except DeviceError:
            self.close()
            return False
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None or not self.keep:
            self.close()
