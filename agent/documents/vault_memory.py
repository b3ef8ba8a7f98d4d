"""A vault in memory, for training and trials."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from agent.documents.vault_words import absent, digest_of, require_hash
from agent.ports import Inspected


class MemoryVault:
    """A vault that forgets everything with its process: for training and trials."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Keep `data` and return its SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        self._objects.setdefault(digest, bytes(data))
        return digest

    def put_as(self, sha256: str, data: bytes) -> None:
        """Keep under a promised hash; IntegrityError when the bytes do not have it."""
        require_hash(sha256, data)
        self.put(data)

    def get(self, sha256: str) -> bytes:
        """The bytes; DocumentError when absent."""
        try:
            return self._objects[digest_of(sha256).hex()]
        except KeyError:
            raise absent(sha256) from None

    def has(self, sha256: str) -> bool:
        """Whether the object is there."""
        return sha256 in self._objects

    def size(self, sha256: str) -> int:
        """Length of the bytes."""
        return len(self.get(sha256))

    def read(self, sha256: str, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`."""
        start = max(0, offset)
        return self.get(sha256)[start : start + max(0, length)]

    def erase(self, sha256: str) -> None:
        """Forget the object; DocumentError when absent."""
        if self._objects.pop(digest_of(sha256).hex(), None) is None:
            raise absent(sha256)

    def written_at(self, sha256: str) -> datetime:
        """Long ago: nobody else uses this memory."""
        self.get(sha256)
        return datetime.fromtimestamp(0, UTC)

    def check(self) -> list[str]:
        """Objects whose bytes no longer have their hash."""
        return [one.sha256 for one in self.inspect() if one.problem]

    def inspect(self) -> Iterator[Inspected]:
        """Every object, hashed again."""
        for name, data in sorted(self._objects.items()):
            wrong = hashlib.sha256(data).hexdigest() != name
            yield Inspected(name, name, len(data), datetime.fromtimestamp(0, UTC), "changed" if wrong else "")

    def place(self, sha256: str) -> str:
        """Its hash: it lies in no folder."""
        return sha256

    def sweep(self, before: datetime) -> int:
        """Nothing is ever left behind."""
        return 0
