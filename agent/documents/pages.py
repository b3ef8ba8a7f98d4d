"""Files as they come from a scanner, camera or citizen become single judged pages."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.documents import flatten, gate, gate_sight, pdfpages, tiff
from agent.documents.raster import BAD_IMAGE, note_inks, orientation_of, small
from agent.errors import DocumentError
from agent.ports import PageImage

if TYPE_CHECKING:
    from PIL import Image

    from agent.documents.originals import Trust

PAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf"})
LARGEST = int(gate_sight.LONG_SIDE * 1.2)  # pixels of the picture that is looked at
_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"II": "image/tiff", b"MM": "image/tiff"}


def read_folder(folder: Path, trust: Trust | None = None) -> list[PageImage]:
    """All pages of a folder in natural name order (p2 before p10), what is no page as IGNORED; hidden files skipped.

    DocumentError when the folder is missing, cannot be read or is empty.
    """
    try:
        files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError as error:
        raise DocumentError(f"Không đọc được thư mục {folder}. Kiểm tra lại đường dẫn và quyền đọc.") from error
    if not files:
        raise DocumentError(f"Thư mục {folder} không có tệp nào. Quét tài liệu vào thư mục này rồi làm lại.")
    return [page for path in sorted(files, key=_natural) for page in read(path, trust)]


def read(path: Path, trust: Trust | None = None) -> list[PageImage]:
    """All pages of one file, each judged; never raises for a bad file, the verdict says it."""
    try:
        if path.stat().st_size > gate.MAXIMUM_BYTES:
            return [gate.refuse(path.name, b"", media_of(path.name, b""), "too-large")]
        return read_bytes(path.name, path.read_bytes(), trust)
    except OSError:
        return [gate.refuse(path.name, b"", media_of(path.name, b""), "unreadable")]


def read_bytes(name: str, data: bytes, trust: Trust | None = None) -> list[PageImage]:
    """The same for bytes that came by upload; the kind is told by the bytes, the name only helps to see a torn file."""
    media = media_of(name, data)
    try:
        return _read(name, data, media, trust)
    except MemoryError:  # the process may not take more: see helper_main
        return [gate.refuse(name, data, media, "too-large")]


def _read(name: str, data: bytes, media: str, trust: Trust | None) -> list[PageImage]:
    if not media:
        return [gate.ignore(name, data)]
    if len(data) > gate.MAXIMUM_BYTES:
        return [gate.refuse(name, b"", media, "too-large")]
    if media == "application/pdf":
        return pdfpages.read(name, data, trust)
    if media != "image/tiff":
        return [_raster(name, data, media)]
    try:
        singles = tiff.split(data, gate.MAXIMUM_PAGES)
    except tiff.UnsupportedTiff:
        return [gate.refuse(name, data, media, "unsupported")]
    except OverflowError:
        return [gate.refuse(name, data, media, "too-large")]
    except (ValueError, struct.error):
        return [gate.refuse(name, data, media, "torn")]
    if len(singles) == 1:
        return [_raster(name, data, media)]
    return [_raster(f"{name}#{number}", raw, media) for number, raw in enumerate(singles, start=1)]


def media_of(name: str, data: bytes) -> str:
    """The media type by magic bytes; by suffix for bytes that say nothing (a torn page); empty for what is no page."""
    for magic, media in _MAGIC.items():
        if data.startswith(magic) and (len(magic) > 2 or data[2:4] in (b"*\0", b"\0*", b"+\0", b"\0+")):
            return media
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    suffix = Path(name).suffix.lower()
    if suffix not in PAGE_SUFFIXES or gate.other_kind(data):
        return ""
    return {".pdf": "application/pdf", ".png": "image/png"}.get(
        suffix, "image/tiff" if "tif" in suffix else "image/jpeg"
    )


def _raster(name: str, raw: bytes, media: str) -> PageImage:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(raw), formats=[media.removeprefix("image/").upper()]) as image:
            size = image.size
            drafted = media == "image/jpeg" and image.mode in ("L", "RGB")
            whole = bool(image.info.get("progressive"))
            if gate.too_heavy("L" if drafted else image.mode, size, whole=whole):
                return gate.refuse(name, raw, media, "too-large")
            also = ("animated",) if media == "image/png" and getattr(image, "n_frames", 1) > 1 else ()
            dpi = flatten.true_dpi(image, gate.believable_dpi(image.info.get("dpi"), *size))
            scale = max(1, max(size) // gate_sight.LONG_SIDE)
            if media == "image/jpeg":
                image.draft("L" if image.mode == "L" else "YCbCr", (size[0] // scale, size[1] // scale))
            note_inks(image)
            image.load()  # raises for a truncated file
            seen, flat = _looked_at(raw, media, image, size, dpi)
    except Image.DecompressionBombError:
        return gate.refuse(name, raw, media, "too-large")
    except BAD_IMAGE:
        return gate.refuse(name, raw, media, "torn")
    if not _ends(raw, media):
        return gate.refuse(name, raw, media, "torn")
    more = {"flat": flat} if flat else None
    return gate.judge(name, raw, media, size, None if flat else dpi, sight=seen, also=also, more=more)


def _looked_at(
    raw: bytes, media: str, image: Image.Image, size: tuple[int, int], dpi: int | None
) -> tuple[gate_sight.Sight, dict[str, Any] | None]:
    """What is seen on an opened image; of a camera's picture, on the sheet that was found on it, and where that is."""
    candidate = flatten.is_candidate(image, dpi)
    across = size[0] if orientation_of(image) < 5 else size[1]
    picture = small(image, LARGEST)
    flat = flatten.found(picture, across / picture.width) if candidate else None
    if flat is None:
        return gate_sight.sight(picture), None
    width = min(gate_sight.LONG_SIDE, flat["size"][0])
    return gate_sight.sight(flatten.flattened(raw, media, flat, width=width)), flat


def _ends(raw: bytes, media: str) -> bool:
    """Whether the format's end marker is there: scanners that are cut off leave files that still decode."""
    if media == "image/jpeg":
        return raw.rfind(b"\xff\xd9", max(0, len(raw) - 65_536)) > 0
    return media != "image/png" or b"IEND" in raw[-4096:]


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = re.split(r"([0-9]+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts] + [(0, path.name)]
