"""Diagnostic mode: every byte of a device's wire, encrypted, for a limited time and gone after a day."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.devices.link import OpenedByWith
from agent.errors import DeviceProtocol, IntegrityError

KEPT = timedelta(hours=24)
LONGEST = timedelta(hours=2)  # one session of diagnosis
SUFFIX = ".trace"
HEAD = struct.Struct(">I12s")  # length of the sealed part, nonce


@dataclass(frozen=True)
class Piece:
    """One transfer in full; `direction` is out or in."""

    direction: str
    at: datetime
    data: bytes


class Trace:
    """Appends what it is given to `<folder>/<name>-<start>.trace` until `until`; AES-256-GCM under `key` (32 bytes).

    Every piece is sealed with its place in the file, so that none can be moved, dropped in between or altered.
    """

    def __init__(self, folder: Path, name: str, *, key: bytes, start: datetime, until: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.until, self._key, self._count = min(until, start + LONGEST), key, 0
        self._label = f"{name}-{start.astimezone(UTC):%Y%m%dT%H%M%S}"
        self.path = folder / f"{self._label}{SUFFIX}"  # made with the first piece: another process may only look on

    def add(self, direction: str, data: bytes, at: datetime) -> None:
        """Keep one transfer; after the session's end nothing is kept."""
        if at >= self.until:
            return
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        plain = struct.pack(">dB", at.timestamp(), direction == "out") + data
        if not self._count:
            self.path.touch(mode=0o600)
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self._key).encrypt(nonce, plain, _place(self._label, self._count))
        with self.path.open("ab") as file:
            file.write(HEAD.pack(len(sealed), nonce) + sealed)
        self._count += 1


def read(path: Path, key: bytes) -> Iterator[Piece]:
    """The pieces of a trace in order; IntegrityError when the key is wrong or a byte was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    data, at, count = path.read_bytes(), 0, 0
    while at < len(data):
        try:
            length, nonce = HEAD.unpack_from(data, at)
            sealed = data[at + HEAD.size : at + HEAD.size + length]
            plain = AESGCM(key).decrypt(nonce, sealed, _place(path.stem, count))
        except (InvalidTag, struct.error, ValueError) as error:
            raise IntegrityError(f"Bản ghi chẩn đoán {path.name} hỏng hoặc sai khoá. Không dùng bản này.") from error
        stamp, out = struct.unpack_from(">dB", plain)
        yield Piece("out" if out else "in", datetime.fromtimestamp(stamp, UTC), plain[9:])
        at, count = at + HEAD.size + length, count + 1


def sweep(folder: Path, now: datetime) -> list[Path]:
    """Delete the traces that began more than 24 hours before `now`, and return them."""
    gone = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            start = datetime.strptime(path.stem.rpartition("-")[2], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            start = datetime.fromtimestamp(0, UTC)  # no name of ours: nobody knows how old
        if now - start > KEPT:
            path.unlink(missing_ok=True)
            gone.append(path)
    return gone


def _place(label: str, count: int) -> bytes:
    """What a piece is sealed with beside its bytes: which file, and the how-manieth."""
    return f"{label}#{count}".encode()


class ReplayLink(OpenedByWith):
    """A link that plays a trace: it expects what was sent then, and gives what came then."""

    def __init__(self, pieces: Iterator[Piece] | list[Piece], address: str = "replay") -> None:
        self._pieces, self.address = list(pieces), address

    def open(self) -> None:
        """Nothing to connect."""

    def close(self) -> None:
        """Nothing to let go."""

    def write(self, data: bytes) -> None:
        """DeviceProtocol when other bytes were sent then."""
        while self._pieces and self._pieces[0].direction == "in":
            self._pieces.pop(0)  # came then, and was not waited for now
        if not self._pieces or self._pieces[0].data != data:
            raise DeviceProtocol(f"Bản ghi không khớp: lần này gửi {data[:40]!r}. Dùng đúng phiên bản và đúng nhãn.")
        self._pieces.pop(0)

    def read_until(self, end: bytes, *, timeout: float) -> bytes:
        return self.read(1 << 20, timeout=timeout)

    def read(self, most: int, *, timeout: float) -> bytes:
        if not self._pieces or self._pieces[0].direction == "out":
            return b""
        return self._pieces.pop(0).data

    def drain(self) -> bytes:
        return b""

    @property
    def exhausted(self) -> bool:
        """Whether everything that was recorded has been played."""
        return not self._pieces
