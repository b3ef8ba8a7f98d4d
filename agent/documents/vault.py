"""Write-once encrypted objects under the SHA-256 of their plain bytes.

An object is two files. `<name>-<run>.bin` holds AES-256-GCM chunks of 1 MiB under a random key of its own; the nonce is
the chunk's number and a flag for the last one, so chunks cannot be swapped, dropped or cut off (STREAM, Hoang et al.).
`<name>.key` holds that key, the plain hash and the length, wrapped by the master key. The key file is the commit: it
appears in one step when the chunks are on the disk, and removing it is the erasure. `name` is an HMAC of the hash, so
that a stolen disk does not confirm a guessed document.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agent.documents import durable
from agent.documents.vault_words import SAID, absent, damaged, digest_of, require_hash
from agent.errors import ConfigError, DocumentError, IntegrityError
from agent.ports import Inspected

CHUNK = 1 << 20
TAG = 16
GRAVE = ".grave"  # ends the name of a key that is being destroyed
_MAGIC = b"PAV1"
_SEALED = struct.Struct(">32s32sQ16s")  # key, SHA-256 of the plain bytes, length, run


@dataclass(frozen=True)
class _Object:
    path: Path
    key: bytes
    digest: bytes
    size: int

    @property
    def stored(self) -> int:
        """Bytes that the chunks take on the disk."""
        return self.size + TAG * _chunks(self.size)


class FileVault:
    """The vault (kho tài liệu) in a folder, shared safely by processes; `master_key` is 32 bytes.

    ConfigError when the key is not the one the vault was made with; StoreFull and StoreError when the disk refuses.
    """

    def __init__(self, folder: Path, master_key: bytes) -> None:
        if len(master_key) != 32:
            raise ConfigError("Khóa của kho tài liệu phải dài 32 byte. Khôi phục khóa từ bản sao lưu.")
        self._folder = durable.private_folder(folder)
        self._naming = hmac.digest(master_key, b"vault naming", "sha256")
        self._wrapping = AESGCM(hmac.digest(master_key, b"vault wrapping", "sha256"))
        for number in range(256):
            durable.private_folder(folder / f"{number:02x}")
        self._recognise_key()

    def put(self, data: bytes) -> str:
        """Store `data` durably and return its SHA-256; the same bytes again change nothing."""
        digest = hashlib.sha256(data).digest()
        if self.has(digest.hex()):
            with suppress(OSError):  # somebody is about to name it: it is young again
                os.utime(self._path(self._name(digest)))
        if not self.has(digest.hex()):
            self._write(digest, data)
        return digest.hex()

    def put_as(self, sha256: str, data: bytes) -> None:
        """Store under a promised hash; IntegrityError when the bytes do not have it."""
        require_hash(sha256, data)
        self.put(data)

    def get(self, sha256: str) -> bytes:
        """The bytes, checked against the hash; DocumentError when absent, IntegrityError when damaged."""
        item = self._find(sha256)
        data = b"".join(self._plain(item, 0, _chunks(item.size)))
        if hashlib.sha256(data).digest() != item.digest:
            raise damaged(sha256)
        return data

    def has(self, sha256: str) -> bool:
        """Whether the object is there with its full length; false for one whose key was erased."""
        try:
            item = self._find(sha256)
            return item.path.stat().st_size == item.stored
        except (DocumentError, FileNotFoundError):
            return False

    def size(self, sha256: str) -> int:
        """Length of the plain bytes."""
        return self._find(sha256).size

    def read(self, sha256: str, offset: int, length: int) -> bytes:
        """Up to `length` plain bytes from `offset`, authenticated; only the chunks that hold them are decrypted."""
        item = self._find(sha256)
        start, end = max(0, offset), min(item.size, max(0, offset) + max(0, length))
        if start >= end:
            return b""
        first, last = start // CHUNK, (end - 1) // CHUNK + 1
        window = b"".join(self._plain(item, first, last))
        return window[start - first * CHUNK : end - first * CHUNK]

    def erase(self, sha256: str) -> None:
        """Destroy the object's key, then its chunks; what backups hold of the chunks stays unreadable.

        Done again after it was cut off anywhere, it finishes; DocumentError when there is nothing to erase.
        """
        key = self._path(self._name(digest_of(sha256)))
        grave = key.with_name(f"{key.name}.{secrets.token_hex(8)}{GRAVE}")
        try:
            key.rename(grave)  # first: from now on nobody can read the object
        except FileNotFoundError:
            if not self._graves(key):
                raise absent(sha256) from None
        durable.sync_folder(key.parent)
        for grave in self._graves(key):
            _shred(grave)
        for chunks in key.parent.glob(f"{key.stem}-*.bin"):
            chunks.unlink(missing_ok=True)
        durable.sync_folder(key.parent)

    def written_at(self, sha256: str) -> datetime:
        """When the object was last put here, also as a repetition; DocumentError when it is absent."""
        try:
            return _written(self._path(self._name(digest_of(sha256))).stat())
        except FileNotFoundError:
            raise absent(sha256) from None

    def check(self) -> list[str]:
        """Read every object (fsck) and return the problems found, in Vietnamese; empty when sound."""
        found = ((one, SAID.get(one.problem)) for one in self.inspect())
        return [f"{one.place}: {words} Khôi phục từ bản sao lưu." for one, words in found if words]

    def inspect(self) -> Iterator[Inspected]:
        """Every object read whole, a chunk at a time, in the order of the folders; then what belongs to none."""
        for number in range(256):
            folder, used = self._folder / f"{number:02x}", set[Path]()
            for key in sorted(folder.glob("*.key")):
                yield self._inspected(key, used)
            strays = [*folder.glob("*.bin"), *folder.glob(f"*{durable.TEMPORARY}"), *folder.glob(f"*{GRAVE}")]
            for path in sorted(set(strays) - used):
                with suppress(FileNotFoundError):  # its writer has just finished, or gone
                    if path.suffix == ".bin" and self._is_used(path):
                        continue
                    about = path.stat()
                    yield Inspected("", self._shown(path), about.st_size, _written(about), "leftover")

    def place(self, sha256: str) -> str:
        """Where an object's files lie, or would lie, below the vault's folder."""
        return self._shown(self._path(self._name(digest_of(sha256))))

    def _inspected(self, key: Path, used: set[Path]) -> Inspected:
        """One object as it lies there; the bytes are hashed as they pass."""
        place, at = self._shown(key), datetime.fromtimestamp(0, UTC)
        try:
            at = _written(key.stat())
            item = self._open_key(key)
        except (IntegrityError, FileNotFoundError):
            return Inspected("", place, 0, at, "key")
        used.add(item.path)
        sha256, whole, problem = item.digest.hex(), hashlib.sha256(), ""
        try:
            if item.path.stat().st_size != item.stored:
                problem = "short"
            else:
                for part in self._plain(item, 0, _chunks(item.size)):
                    whole.update(part)
                problem = "" if whole.digest() == item.digest else "changed"
        except FileNotFoundError:
            problem = "missing"
        except DocumentError:
            problem = "changed"
        return Inspected(sha256, place, item.size, at, problem)

    def _shown(self, path: Path) -> str:
        return f"{path.parent.name}/{path.name.partition('.')[0].partition('-')[0]}"

    def sweep(self, before: datetime) -> int:
        """Remove what interrupted writes left behind and nobody touched since `before`; how many files went."""
        gone = 0
        left = [self._folder.glob(f"??/*{end}") for end in (".bin", durable.TEMPORARY, GRAVE)]
        for path in [*itertools.chain(*left), *self._folder.glob(f"*{durable.TEMPORARY}")]:
            if path.stat().st_mtime < before.timestamp() and not self._is_used(path):
                _shred(path) if path.suffix == GRAVE else path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _graves(self, key: Path) -> list[Path]:
        return list(key.parent.glob(f"{key.name}.*{GRAVE}"))

    def _write(self, digest: bytes, data: bytes) -> None:
        name, key, run = self._name(digest), secrets.token_bytes(32), secrets.token_bytes(16)
        chunks = self._chunks_path(name, run)
        durable.write_new(chunks, _sealed_chunks(key, digest, data))
        nonce = secrets.token_bytes(12)
        sealed = self._wrapping.encrypt(nonce, _SEALED.pack(key, digest, len(data), run), _MAGIC + name.encode())
        path, content = self._path(name), _MAGIC + nonce + sealed
        if durable.claim(path, content):
            return
        if self.has(digest.hex()):  # another process stored the same bytes first
            chunks.unlink(missing_ok=True)
        else:  # its key outlived its chunks in a crash: ours take over
            durable.replace(path, content)

    def _find(self, sha256: str) -> _Object:
        digest = digest_of(sha256)
        try:
            return self._open_key(self._path(self._name(digest)))
        except FileNotFoundError:
            raise absent(sha256) from None

    def _open_key(self, path: Path) -> _Object:
        content, name = path.read_bytes(), path.stem
        try:
            plain = self._wrapping.decrypt(content[4:16], content[16:], content[:4] + name.encode())
            key, digest, size, run = _SEALED.unpack(plain)
        except (InvalidTag, ValueError, struct.error):
            raise damaged(name) from None
        return _Object(self._chunks_path(name, run), key, digest, size)

    def _plain(self, item: _Object, first: int, last: int) -> Iterator[bytes]:
        cipher, final = AESGCM(item.key), _chunks(item.size) - 1
        try:
            with item.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size != item.stored:
                    raise damaged(item.digest.hex())
                file.seek(first * (CHUNK + TAG))
                for number in range(first, last):
                    yield _open_chunk(cipher, file, number, number == final, item.digest)
        except FileNotFoundError:
            raise damaged(item.digest.hex()) from None

    def _recognise_key(self) -> None:
        path = self._folder / "vault.id"
        mark = hmac.digest(self._naming, b"vault identity", "sha256")
        if not path.exists():
            durable.claim(path, mark)
        if not hmac.compare_digest(path.read_bytes(), mark):
            raise ConfigError(
                f"Khóa không mở được kho tài liệu {self._folder}. Khôi phục đúng khóa của máy này từ bản sao lưu."
            )

    def _is_used(self, path: Path) -> bool:
        if path.suffix != ".bin":
            return False
        try:
            return self._open_key(self._path(path.stem.rpartition("-")[0])).path == path
        except FileNotFoundError:
            return False
        except IntegrityError:
            return True

    def _name(self, digest: bytes) -> str:
        return hmac.digest(self._naming, digest, "sha256").hex()[:40]

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}.key"

    def _chunks_path(self, name: str, run: bytes) -> Path:
        return self._folder / name[:2] / f"{name}-{run.hex()}.bin"


def _chunks(size: int) -> int:
    return max(1, -(-size // CHUNK))


def _nonce(number: int, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])


def _sealed_chunks(key: bytes, digest: bytes, data: bytes) -> Iterator[bytes]:
    cipher, count, view = AESGCM(key), _chunks(len(data)), memoryview(data)
    for number in range(count):
        yield cipher.encrypt(_nonce(number, number == count - 1), view[number * CHUNK : (number + 1) * CHUNK], digest)


def _open_chunk(cipher: AESGCM, file: BinaryIO, number: int, last: bool, digest: bytes) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last), file.read(CHUNK + TAG), digest)
    except (InvalidTag, ValueError):
        raise damaged(digest.hex()) from None


def _shred(grave: Path) -> None:
    """Overwrite what was a key, then remove it."""
    with suppress(FileNotFoundError):  # another process finished the same erasure
        with grave.open("r+b") as file:
            file.write(secrets.token_bytes(grave.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        grave.unlink()


def _written(about: os.stat_result) -> datetime:
    return datetime.fromtimestamp(about.st_mtime, UTC)
