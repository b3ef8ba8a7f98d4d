"""Files that travel inside a message: their base64 text, packed or not, within what the province takes."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Mapping
from typing import Any

from agent.errors import HandoffRejected

PIECE = 3 * 262_144  # a multiple of three, so that pieces of base64 join


def hashes(plain: Mapping[str, Any]) -> list[str]:
    """The sorted, distinct SHA-256 of the files that a payload names."""
    return sorted({file["sha256"] for part in plain.get("components", ()) for file in part["files"]})


def check(plain: Mapping[str, Any], size: Callable[[str], int], limit: int) -> None:
    """HandoffRejected when the payload's files together are larger than `limit` bytes."""
    total = sum(size(one) for one in hashes(plain))
    if total > limit:
        raise HandoffRejected(
            f"Tỉnh không nhận (mục “files”): các tệp dài {total:,} byte, tỉnh chỉ nhận {limit:,} byte một lần; "
            "hãy quét lại với dung lượng nhỏ hơn.",
            error_code="FILE_TOO_LARGE",
            field="files",
        )


def reader(size: Callable[[str], int], read: Callable[[str, int, int], bytes], *, packed: bool) -> Callable[[str], str]:
    """A function from a file's SHA-256 to the base64 text of its bytes, gzip-compressed when `packed`."""

    def text(sha256: str) -> str:
        total = size(sha256)
        if packed:
            whole = b"".join(read(sha256, at, min(PIECE, total - at)) for at in range(0, total, PIECE))
            return base64.b64encode(gzip.compress(whole, mtime=0)).decode("ascii")
        pieces = (read(sha256, at, min(PIECE, total - at)) for at in range(0, total, PIECE))
        return "".join(base64.b64encode(one).decode("ascii") for one in pieces)

    return text
