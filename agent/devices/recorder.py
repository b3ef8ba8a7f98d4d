"""The flight recorder: what passed each device's wire, as lengths and keyed marks in a file that never grows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from agent.clock import Clock
from agent.devices.link import Link, OpenedByWith
from agent.devices.trace import Trace
from agent.errors import DeviceError

SLOT = 256  # bytes of one entry in the ring, newline included
SLOTS = 4_096
USUAL = 64  # different transfers of a device that is only asked how it is


@dataclass(frozen=True)
class Entry:
    """One transfer. `direction` is out, in, scan or error; no byte of its content is kept.

    `mark` tells whether two transfers were the same to whoever has the key; a bare hash would confirm a guessed name.
    """

    number: int
    at: str  # UTC, ISO 8601
    direction: str
    length: int
    mark: str  # first 16 hex digits of HMAC-SHA-256 of the bytes, empty for none and for readers
    first: str  # kind of the first byte: esc, stx, text, binary, …
    last: str
    note: str = ""  # an error's code


class Ring:
    """A file of fixed slots, each one padded line of JSON; the oldest is overwritten."""

    def __init__(self, path: Path, *, slots: int = SLOTS) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._slots, self._lock = path, slots, Lock()
        path.touch(mode=0o600)
        if b'"sha256"' in path.read_bytes():  # of a version that kept bare hashes
            path.write_bytes(b"")
        self._next = max((entry.number for entry in self.entries()), default=-1) + 1

    def add(self, **fields: Any) -> None:
        """Write one entry; the number is given here."""
        with self._lock:
            line = json.dumps(asdict(Entry(number=self._next, **fields)), separators=(",", ":")).encode()
            with self._path.open("r+b") as file:
                file.seek(self._next % self._slots * SLOT)
                file.write(line[: SLOT - 1].ljust(SLOT - 1) + b"\n")
            self._next += 1

    def entries(self) -> list[Entry]:
        """What is kept, oldest first; a torn slot is passed over."""
        return sorted(self._read(), key=lambda entry: entry.number)

    def _read(self) -> Iterator[Entry]:
        for line in self._path.read_bytes().split(b"\n"):
            try:
                yield Entry(**json.loads(line))
            except (ValueError, TypeError):
                continue


class RecordingLink(OpenedByWith):
    """Any link, with every transfer noted in a ring, and in a diagnostic `trace` while there is one.

    While `idle` (somebody only asks how the device is) what was noted before is not noted again: a night of the same
    answers must not push the day's labels out of the ring. Of a `secretive` link, a reader's, no piece is noted, for a
    slow wire gives one letter at a time: only errors and, by `scanned`, that there was a scan of so many bytes.
    """

    def __init__(
        self, link: Link, ring: Ring, clock: Clock, *, key: bytes, secretive: bool = False, trace: Trace | None = None
    ) -> None:
        self._link, self._ring, self._clock, self.trace = link, ring, clock, trace
        self._key, self._secretive = key, secretive
        self.lost = 0  # entries that the disk did not take: a label must not fail for that
        self.idle = False
        self._usual: set[tuple[str, str, str]] = set()  # direction, hash and note of what passed while idle

    @property
    def address(self) -> str:
        return self._link.address

    def open(self) -> None:
        try:
            self._link.open()
        except DeviceError as error:
            self._note("error", b"", error.code)
            raise

    def write(self, data: bytes) -> None:
        try:
            self._link.write(data)
        except DeviceError as error:
            self._note("error", data, error.code)
            raise
        self._note("out", data)

    def read_until(self, end: bytes, *, timeout: float) -> bytes:
        return self._came(self._link.read_until(end, timeout=timeout))

    def read(self, most: int, *, timeout: float) -> bytes:
        return self._came(self._link.read(most, timeout=timeout))

    def drain(self) -> bytes:
        return self._came(self._link.drain())

    def close(self) -> None:
        self._link.close()

    def scanned(self, length: int, *, torn: bool) -> None:
        """Note that a scan ended."""
        self._guarded(lambda: self._add("scan", length, note="torn" if torn else ""))

    def _is_usual(self, direction: str, digest: str, note: str) -> bool:
        what = (direction, digest, note)
        if not self.idle:
            self._usual.clear()
            return False
        if what in self._usual:
            return True
        if len(self._usual) >= USUAL:
            self._usual.clear()
        self._usual.add(what)
        return False

    def _came(self, data: bytes) -> bytes:
        if data:
            self._note("in", data)
        return data

    def _note(self, direction: str, data: bytes, note: str = "") -> None:
        self._guarded(lambda: self._write_down(direction, data, note))

    def _guarded(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError:
            self.lost += 1

    def _write_down(self, direction: str, data: bytes, note: str) -> None:
        at = self._clock.now()
        mark = hmac.digest(self._key, data, hashlib.sha256).hex()[:16] if data else ""
        if self._secretive:
            if note:
                self._add(direction, len(data), note=note)
        elif not self._is_usual(direction, mark, note):
            self._add(direction, len(data), mark, kind_of(data[:1]), kind_of(data[-1:]), note)
        if self.trace is not None and direction in {"out", "in"}:
            self.trace.add(direction, data, at)

    def _add(self, way: str, length: int, mark: str = "", first: str = "", last: str = "", note: str = "") -> None:
        at = self._clock.now().isoformat(timespec="milliseconds")
        self._ring.add(at=at, direction=way, length=length, mark=mark, first=first, last=last, note=note)


def kind_of(byte: bytes) -> str:
    """The class of one byte, which betrays no content.

    >>> [kind_of(b) for b in (b"^", b"\\x1b", b"\\n", b"A", b"\\xe1", b"")]
    ['command', 'esc', 'line', 'text', 'binary', '']
    """
    if not byte:
        return ""
    named = {0x00: "nul", 0x02: "stx", 0x03: "etx", 0x0A: "line", 0x0D: "line", 0x10: "dle", 0x1B: "esc", 0x1D: "gs"}
    if byte[0] in named:
        return named[byte[0]]
    if byte in b"^~":
        return "command"
    return "text" if 0x20 <= byte[0] < 0x7F else "binary" if byte[0] > 0x7F else "control"
