"""How a file of a dossier lies in the vault: sound, or in which way not."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final

from agent.errors import DocumentError, IntegrityError
from agent.ports import Vault

PART: Final = 1 << 20  # bytes read at once
HEAD: Final = 1024  # a PDF says that it is one within these


class Seen(StrEnum):
    """What was seen of a file."""

    SOUND = "sound"
    ABSENT = "absent"
    DAMAGED = "damaged"
    OTHER_SIZE = "size"
    OTHER_HASH = "hash"
    NO_PDF = "no-pdf"


def look(vault: Vault, sha256: str, size: int, *, whole: bool) -> Seen:
    """Open a PDF of `size` bytes; with `whole` read it to its end, 1 MiB at a time, and check its SHA-256."""
    try:
        if vault.size(sha256) != size:
            return Seen.OTHER_SIZE
        if b"%PDF-" not in vault.read(sha256, 0, min(size, HEAD)):
            return Seen.NO_PDF
        if not whole:
            return Seen.SOUND
        digest = hashlib.sha256()
        for offset in range(0, size, PART):
            digest.update(vault.read(sha256, offset, PART))
    except IntegrityError:
        return Seen.DAMAGED
    except DocumentError:
        return Seen.ABSENT
    return Seen.SOUND if digest.hexdigest() == sha256 else Seen.OTHER_HASH


def opens(vault: Vault, sha256: str, size: int) -> bool:
    """Whether the whole file can be read and is what it should be."""
    return look(vault, sha256, size, whole=True) is Seen.SOUND
