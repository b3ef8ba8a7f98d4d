"""Files as they come from a scanner, camera or citizen become single judged pages."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from agent.documents import gate, pdfpages, tiff
from agent.errors import DocumentError
from agent.ports import PageImage

if TYPE_CHECKING:
    from PIL import Image

PAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf"})
BAD_IMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, struct.error)
_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"II": "image/tiff", b"MM": "image/tiff"}


def read_folder(folder: Path) -> list[PageImage]:
    """All pages of a folder in natural name order (p2 before p10), what is no page as IGNORED; hidden files skipped.

    DocumentError when the folder is missing, cannot be read or is empty.
    """
    try:
        files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError as error:
        raise DocumentError(f"Không đọc được thư mục {folder}. Kiểm tra lại đường dẫn và quyền đọc.") from error
    if not files:
        raise DocumentError(f"Thư mục {folder} không có tệp nào. Quét tài liệu vào thư mục này rồi làm lại.")
    return [page for path in sorted(files, key=_natural) for page in read(path)]


def read(path: Path) -> list[PageImage]:
    """All pages of one file, each judged; never raises for a bad file, the verdict says it."""
    try:
        if path.stat().st_size > gate.MAXIMUM_BYTES:
            return [gate.refuse(path.name, b"", media_of(path.name, b""), "too-large")]
        return read_bytes(path.name, path.read_bytes())
    except OSError:
        return [gate.refuse(path.name, b"", media_of(path.name, b""), "unreadable")]


def read_bytes(name: str, data: bytes) -> list[PageImage]:
    """The same for bytes that came by upload; the kind is told by the bytes, the name only helps to see a torn file."""
    media = media_of(name, data)
    if not media:
        return [gate.ignore(name, data)]
    if len(data) > gate.MAXIMUM_BYTES:
        return [gate.refuse(name, b"", media, "too-large")]
    if media == "application/pdf":
        return pdfpages.read(name, data)
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
    if suffix not in PAGE_SUFFIXES or _says_other(data):
        return ""
    return {".pdf": "application/pdf", ".png": "image/png"}.get(
        suffix, "image/tiff" if "tif" in suffix else "image/jpeg"
    )


def grey_of(image: Image.Image) -> Image.Image:
    """The image in mode L; 16-bit scales keep their upper byte, transparency shows white paper."""
    from PIL import Image

    if image.mode.startswith("I"):
        import numpy

        return Image.fromarray((numpy.asarray(image) >> 8).clip(0, 255).astype(numpy.uint8))
    if _transparent(image):
        return on_white(image).convert("L")
    return image.convert("L")


def on_white(image: Image.Image) -> Image.Image:
    """The image in RGB with white paper where it is transparent."""
    from PIL import Image

    picture = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def shown(image: Image.Image) -> Image.Image:
    """The image in a mode that a screen shows (L or RGB)."""
    if image.mode in ("1", "L") or image.mode.startswith("I"):
        return grey_of(image)
    return on_white(image) if _transparent(image) else image.convert("RGB")


def _transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _raster(name: str, raw: bytes, media: str) -> PageImage:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(raw), formats=[media.removeprefix("image/").upper()]) as image:
            size = image.size
            if size[0] * size[1] > gate.MAXIMUM_PIXELS:
                return gate.refuse(name, raw, media, "too-large")
            dpi = gate.believable_dpi(image.info.get("dpi"), *size)
            if media == "image/jpeg":
                image.draft("L", (size[0] // 4, size[1] // 4))
            image.load()  # raises for a truncated file
            ink = gate.ink_of(grey_of(image))
    except Image.DecompressionBombError:
        return gate.refuse(name, raw, media, "too-large")
    except BAD_IMAGE:
        return gate.refuse(name, raw, media, "torn")
    if not _ends(raw, media):
        return gate.refuse(name, raw, media, "torn")
    return gate.judge(name, raw, media, size, dpi, ink=ink)


def _ends(raw: bytes, media: str) -> bool:
    """Whether the format's end marker is there: scanners that are cut off leave files that still decode."""
    if media == "image/jpeg":
        return raw.rfind(b"\xff\xd9", max(0, len(raw) - 65_536)) > 0
    return media != "image/png" or b"IEND" in raw[-4096:]


def _says_other(data: bytes) -> bool:
    return data.startswith((b"PK", b"<", b"{", b"GIF8", b"BM", b"MZ"))


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = re.split(r"([0-9]+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts] + [(0, path.name)]
