"""Files that arrive in parts, resume where they stopped and are kept once under their SHA-256."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

from agent.soap.province.refusal import Refusal

MAX_FILE = 200 * 1024 * 1024
MAX_CHUNK = 1024 * 1024
HASHES = 64
"""Files under way whose hash is carried along; of the others the parts are read again at the end."""


class Uploads:
    """`folder/files/<sha256>` for what is whole and checked, `folder/parts/<sha256>.<total>` for what is under way."""

    def __init__(self, folder: Path) -> None:
        self._files, self._parts = folder / "files", folder / "parts"
        self._files.mkdir(parents=True, exist_ok=True)
        self._parts.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._hashes: dict[Path, tuple[int, Any]] = {}  # of parts that grew here: bytes hashed, and their hash so far

    def state(self, sha256: str) -> tuple[int, bool]:
        """Bytes received from the start, and whether the file is whole and checked."""
        whole = self._files / sha256
        if whole.exists():
            return whole.stat().st_size, True
        part = self._part(sha256)
        return (part.stat().st_size if part else 0), False

    def has(self, sha256: str) -> bool:
        """Whether the file is whole and checked."""
        return (self._files / sha256).exists()

    def put(self, sha256: str, *, offset: int, total: int, chunk_sha256: str, data: bytes) -> tuple[int, bool]:
        """Take one part; what was already received is not written again."""
        if hashlib.sha256(data).hexdigest() != chunk_sha256:
            raise Refusal("CHUNK_INVALID", "Phần tệp không khớp mã băm.", field="chunkSha256")
        if not 0 < total <= MAX_FILE or offset + len(data) > total:
            raise Refusal("FILE_TOO_LARGE", "Tệp lớn hơn mức cho phép.", field="total")
        with self._lock:
            received, complete = self.state(sha256)
            if complete:
                return received, True
            part = self._part(sha256) or self._parts / f"{sha256}.{total}"
            if part.name != f"{sha256}.{total}":
                raise Refusal("FILE_TOO_LARGE", "Tổng số byte khác lần gửi trước.", field="total")
            if offset > received:
                raise Refusal("CHUNK_GAP", f"Đã nhận {received} byte.", field="offset")
            fresh = data[received - offset :]
            if fresh:
                self._append(part, received, fresh)
            received += len(fresh)
            return (received, True) if received == total and self._finish(part, sha256) else (received, False)

    def _part(self, sha256: str) -> Path | None:
        return next(iter(sorted(self._parts.glob(f"{sha256}.*"))), None)

    def _append(self, part: Path, received: int, data: bytes) -> None:
        """Add to a part; it becomes durable with its last byte: what a power cut takes is simply sent again."""
        with part.open("ab") as file:
            file.write(data)
        known, so_far = self._hashes.pop(part, (0, hashlib.sha256()))
        if known != received:
            return  # it began before this start: _finish reads it
        so_far.update(data)
        while len(self._hashes) >= HASHES:
            self._hashes.pop(next(iter(self._hashes)))
        self._hashes[part] = received + len(data), so_far

    def _finish(self, part: Path, sha256: str) -> bool:
        """Move the whole file to its place when its hash is right; discard it otherwise."""
        with part.open("rb+") as file:
            os.fsync(file.fileno())
            known, so_far = self._hashes.pop(part, (-1, None))
            whole = so_far if known == os.fstat(file.fileno()).st_size else hashlib.file_digest(file, "sha256")
        if whole.hexdigest() != sha256:
            part.unlink()
            raise Refusal("FILE_DIGEST", "Tệp ghép xong không khớp SHA-256, đã bỏ.", field="sha256")
        part.replace(self._files / sha256)
        sync_folder(self._files)
        return True


def sync_folder(folder: Path) -> None:
    """Make a rename durable where the platform can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
