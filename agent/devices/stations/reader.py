"""A barcode reader's station: it reads for as long as the reader is there, and never drops what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.clock import Clock
from agent.devices.link import Link
from agent.devices.place import Place
from agent.devices.readers.factory import reader_of
from agent.devices.readers.reader import Reader
from agent.devices.readers.scans import Repeats
from agent.devices.recorder import RecordingLink
from agent.devices.stations.base import Desk, Record, Station
from agent.errors import ConfigError, DeviceUnavailable
from agent.ports import DeviceState, Scan
from agent.settings import Device

LISTEN = 0.5  # seconds of one read: how long an order to stop waits
FIRST, LONGEST = 0.25, 2.0  # seconds before another try at a reader that is not there
MANY = 8  # tries that double the pause; a reader may be away for days
READY = "Máy đọc sẵn sàng."


class ReaderStation(Station):
    """A reader with its thread; `state` tells what the thread knows, for a reader cannot be asked."""

    def __init__(self, line: Device, *, place: Place, clock: Clock | None = None, record: Record | None = None) -> None:
        super().__init__(line, place=place, clock=clock)
        self._record, self._node, self._owned = record, line.address, False
        self._recording: RecordingLink | None = None
        self._repeats = Repeats()  # outlives a reader that is plugged in elsewhere
        self._reader = self._made(line)

    def state(self) -> DeviceState:
        if self._owned and self.last is not None:
            return self.last
        try:
            self._open()
        except (DeviceUnavailable, ConfigError) as error:
            return self._say(connected=False, ready=False, words=error.message)
        self._reader.close()
        return self._say(connected=True, ready=True, words=READY)

    def run(self, desk: Desk) -> None:
        self._owned, failures = True, 0
        while not self.stop.is_set():
            try:
                self._open()
            except (DeviceUnavailable, ConfigError) as error:
                self.tell(desk, self._say(connected=False, ready=False, words=error.message))
                self._pause(min(FIRST * 2**failures, LONGEST))
                failures = min(failures + 1, MANY)
                continue
            failures = 0
            if words := self.place.stranger():
                self._reader.close()
                self.tell(desk, self._say(connected=True, ready=False, words=words))
                self._pause(LONGEST)
                continue
            self.place.keep(lambda identity, port: desk.met(self.line, identity, port))
            self.tell(desk, self._say(connected=True, ready=True, words=READY))
            self._listen(desk)

    def close(self) -> None:
        self._reader.close()

    def _listen(self, desk: Desk) -> None:
        try:
            while not self.stop.is_set():
                self._hand_over(desk, self._reader.read(LISTEN))
        except DeviceUnavailable as error:
            self.tell(desk, self._say(connected=False, ready=False, words=error.message))
        finally:
            self._reader.close()
            self._hand_over(desk, self._reader.lost())

    def _hand_over(self, desk: Desk, scans: Sequence[Scan]) -> None:
        if scans:
            desk.scanned(self.line, scans)
        if self._recording is not None:
            for scan in scans:
                self._recording.scanned(len(scan.payload), torn=scan.torn)

    def _open(self) -> None:
        self.place.look_again()
        node = self.place.node()
        self.identity = self.place.identity
        if node != self._node:
            self._reader, self._node = self._made(replace(self.line, address=node)), node
        self._reader.open()

    def _made(self, line: Device) -> Reader:
        return reader_of(line, repeats=self._repeats, wrap=self._wrap if self._record else None)

    def _wrap(self, name: str, link: Link) -> Link:
        assert self._record is not None
        self._recording = self._record(name, link, True)
        return self._recording
