"""A bar code reader as the thread that owns it uses it: open, read, and what was torn when it went away."""

from __future__ import annotations

import time
from typing import Protocol

from agent.devices.readers.frame import Frame, Parser
from agent.devices.readers.scans import Scans
from agent.errors import DeviceUnavailable
from agent.ports import Scan

CHUNK = 4_096  # bytes of one look at the wire


class Reader(Protocol):
    """One reader, used by one thread."""

    @property
    def address(self) -> str:
        """How the configuration calls it."""

    def open(self) -> None:
        """Get hold of it; DeviceUnavailable says who can mend it. Opening an open reader changes nothing."""

    def read(self, timeout: float) -> list[Scan]:
        """The scans that have ended, as soon as there is one; [] when none did within `timeout` seconds.

        Raises DeviceUnavailable when the reader was unplugged; `lost` then has what was on its way. A reader that is
        not open is opened first.
        """

    def lost(self) -> list[Scan]:
        """What was torn when the wire broke or was closed, once; empty afterwards."""

    def close(self) -> None:
        """Let go; closing a closed or broken reader is fine."""


class Source(Protocol):
    """The wire that a reader sends on; a Link is one."""

    @property
    def address(self) -> str: ...
    def open(self) -> None: ...
    def read(self, most: int, *, timeout: float) -> bytes: ...
    def close(self) -> None: ...


class WiredReader:
    """Any reader: bytes of a source through a parser."""

    def __init__(self, source: Source, parser: Parser, scans: Scans) -> None:
        self._source, self._parser, self._scans = source, parser, scans
        self._open = False
        self._ready: list[Scan] = []  # ended while the wire was opened
        self._torn: list[Scan] = []

    @property
    def address(self) -> str:
        return self._source.address

    def open(self) -> None:
        if self._open:
            return
        self._source.open()
        self._parser.opened()
        self._open = True
        self._begin()

    def read(self, timeout: float) -> list[Scan]:
        deadline = time.monotonic() + timeout
        self.open()
        ready, self._ready = self._ready, []
        while not ready:
            due = self._parser.due()
            until = deadline if due is None else min(deadline, due)
            data = self._look(until - time.monotonic())
            at = time.monotonic()
            ready = self._made(self._parser.feed(data, at) if data else self._parser.idle(at))
            if at >= deadline:
                break
        return ready

    def lost(self) -> list[Scan]:
        torn, self._torn = self._torn, []
        return torn

    def close(self) -> None:
        if self._open:
            self._open = False
            self._torn += [*self._ready, *self._made(self._parser.lost(time.monotonic()))]
            self._ready = []
        self._source.close()

    def _begin(self) -> None:
        """What there is to do with a wire that was just opened."""

    def _look(self, timeout: float) -> bytes:
        try:
            return self._source.read(CHUNK, timeout=max(0.0, timeout))
        except DeviceUnavailable:
            self.close()
            raise

    def _made(self, frames: list[Frame]) -> list[Scan]:
        return [self._scans.of(frame) for frame in frames]
