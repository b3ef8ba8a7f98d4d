"""The flight recorder: what went to and came from each device, as headers and hashes in a file that never grows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
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


@dataclass(frozen=True)
class Entry:
    """One transfer. `direction` is out, in, open, close or error; no byte of a label's content is kept."""

    number: int
    at: str  # UTC, ISO 8601
    direction: str
    length: int
    sha256: str  # of the bytes, empty for none
    first: str  # kind of the first byte: esc, stx, text, binary, …
    last: str
    note: str = ""  # an error's code


class Ring:
    """A file of fixed slots, each one padded line of JSON; the oldest is overwritten."""

    def __init__(self, path: Path, *, slots: int = SLOTS) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._slots, self._lock = path, slots, Lock()
        path.touch(mode=0o600)
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
    """Any link, with every transfer noted in a ring, and in a diagnostic trace while there is one."""

    def __init__(self, link: Link, ring: Ring, clock: Clock, trace: Trace | None = None) -> None:
        self._link, self._ring, self._clock, self._trace = link, ring, clock, trace
        self.lost = 0  # entries that the disk did not take: a label must not fail for that

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

    def _came(self, data: bytes) -> bytes:
        if data:
            self._note("in", data)
        return data

    def _note(self, direction: str, data: bytes, note: str = "") -> None:
        try:
            self._write_down(direction, data, note)
        except OSError:
            self.lost += 1

    def _write_down(self, direction: str, data: bytes, note: str) -> None:
        at = self._clock.now()
        digest = hashlib.sha256(data).hexdigest() if data else ""
        self._ring.add(
            at=at.isoformat(timespec="milliseconds"),
            direction=direction,
            length=len(data),
            sha256=digest,
            first=kind_of(data[:1]),
            last=kind_of(data[-1:]),
            note=note,
        )
        if self._trace is not None and direction in {"out", "in"}:
            self._trace.add(direction, data, at)


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
