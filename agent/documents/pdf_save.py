"""Write a PDF/A so that no two readers can disagree about where its streams end."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

UNCLEAR = b"\r\nendstream"  # a carriage return that belongs to the data stands where a line's end may
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

    for more, language in enumerate(LANGUAGES):
        if language:
            pdf.Root["/Lang"] = pikepdf.String(language)
            for page in pdf.pages:
                page.contents_add(pikepdf.Stream(pdf, b" " * more))
                page.contents_coalesce()
        out = io.BytesIO()
        with undisturbed():
            pikepdf.pdfa.save(pdf, out, flavour, repair=False, deterministic_id=True)
        if UNCLEAR not in out.getvalue():
            break
    return out.getvalue()
