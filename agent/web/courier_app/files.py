"""The app's files as one set that is named by the hash of what is in it, so that a phone never mixes two versions."""

from __future__ import annotations

import functools
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from agent.web import assets
from agent.web.courier_app.face import faces

STATIC = Path(assets.__file__).parent / "static"
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff": "font/woff",
}
PACKED = frozenset({".js", ".css", ".svg", ".wasm"})
PARTS = ("courier-app", "vendor/zxing-wasm", "vendor/lean-qr")  # in static/; what is not installed is left out


@dataclass(frozen=True)
class AppFile:
    """One file of the app: its bytes, the same gzipped where that helps, and the hash that names its content."""

    kind: str
    data: bytes
    packed: bytes | None
    digest: str


@dataclass(frozen=True)
class AppFiles:
    """All files by their path, and the version that they make together."""

    version: str
    files: dict[str, AppFile]

    def listing(self) -> list[dict[str, str]]:
        """What a phone keeps for a day without a network: path and hash of each file."""
        return [{"path": path, "hash": one.digest} for path, one in self.files.items()]


@functools.cache
def app_files() -> AppFiles:
    """The files as this process found them first; about 0.8 s, most of it for the font."""
    found = {path: _file(path, data) for path, data in sorted(_sources().items())}
    whole = hashlib.sha256("\n".join(f"{path} {one.digest}" for path, one in found.items()).encode())
    return AppFiles(whole.hexdigest()[:16], found)


def _sources() -> dict[str, bytes]:
    sources = {f"font/{name}": data for name, data in faces().items()}
    for part in PARTS:
        for path in sorted((STATIC / part).rglob("*")):
            if path.is_file() and path.suffix in KINDS:
                data = path.read_bytes()
                ours = path.suffix == ".js" and part == PARTS[0]
                sources[path.relative_to(STATIC).as_posix()] = without_comments(data) if ours else data
    return sources


def without_comments(script: bytes) -> bytes:
    """A script of ours without the lines that only explain it: a fifth of what a phone would have to fetch.

    >>> without_comments(b"// why\\n/** @type {X} */\\nlet a = 1;  // kept\\n  /**\\n   * more\\n   */\\nlet b;\\n")
    b'let a = 1;  // kept\\nlet b;\\n'
    """
    kept, inside = [], False
    for line in script.splitlines(keepends=True):
        words = line.strip()
        if inside or words.startswith(b"/**"):
            inside = not words.endswith(b"*/")
        elif not words.startswith(b"//"):
            kept.append(line)
    return b"".join(kept)


def _file(path: str, data: bytes) -> AppFile:
    ending = Path(path).suffix
    packed = gzip.compress(data, 9, mtime=0) if ending in PACKED else None
    return AppFile(KINDS[ending], data, packed, hashlib.sha256(data).hexdigest()[:16])
