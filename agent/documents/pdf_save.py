"""Write a PDF/A so that no two readers can disagree about where its streams end."""

from __future__ import annotations

import gc
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

UNCLEAR = b"\r\nendstream"  # a carriage return that belongs to the data stands where a line's end may
PROFILE_MARK, VENDOR_FLAGS = slice(36, 40), 44  # ICC.1 7.2; the flags are outside the profile's checksum
LANGUAGES = ("", "vi", "vi-VN", "vi-Latn", "vi-Latn-VN", "vi-VN-x-a", "vi-VN-x-b", "vi-VN-x-c")  # all say Vietnamese


@contextmanager
def undisturbed() -> Iterator[None]:
    """No garbage is collected meanwhile: pikepdf takes each warning that comes while it parses for a fault of the file.

    A socket or file that something else forgot to close warns when the collector finds it.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def save(pdf: pikepdf.Pdf, flavour: str) -> bytes:
    """The prepared document's bytes, the same each time; pikepdf.pdfa.PdfaError when it is no PDF/A.

    Packed data that happens to end with a carriage return (one stream of 256) is told from the line's end after it by
    its length only, and validators refuse that: then something that nobody sees is packed with it.
    """
    import pikepdf
    import pikepdf.pdfa

    for each in pdf.objects:
        if isinstance(each, pikepdf.Stream) and _ends_unclear(each):
            _end_otherwise(each)
    for language in LANGUAGES:  # for the tables of the file itself, which are made and packed at saving only
        if language:
            pdf.Root["/Lang"] = pikepdf.String(language)
        out = io.BytesIO()
        with undisturbed():
            pikepdf.pdfa.save(pdf, out, flavour, repair=False, deterministic_id=True)
        if UNCLEAR not in out.getvalue():
            break
    return out.getvalue()


def _ends_unclear(stream: pikepdf.Stream) -> bool:
    """Whether the data as it will be written ends with a carriage return; zlib ends with a sum of the bytes packed."""
    data = stream.read_raw_bytes()
    return data[-1:] == b"\r" if "/Filter" in stream else zlib.adler32(data) & 0xFF == UNCLEAR[0]


def _end_otherwise(stream: pikepdf.Stream) -> None:
    """Change what nobody sees: a profile's vendor flag, a drawing's last blank, how an image's rows are packed."""
    import pikepdf

    if stream.get("/Filter", pikepdf.Name.FlateDecode) != pikepdf.Name.FlateDecode:
        return
    data = stream.read_bytes()
    if data[PROFILE_MARK] == b"acsp":
        flagged = bytearray(data)
        flagged[VENDOR_FLAGS] ^= 1
        stream.write(bytes(flagged))
    elif "/DecodeParms" in stream and stream.get("/Subtype") == pikepdf.Name.Image:
        stream.write(zlib.compress(data, 9), filter=pikepdf.Name.FlateDecode)  # the same pixels, not predicted
    elif not stream.keys() - {"/Length", "/Filter"}:  # a page's drawing has no entries of its own
        stream.write(data + b" ")
