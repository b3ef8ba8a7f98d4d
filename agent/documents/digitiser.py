"""The adapter behind the Digitiser port: files in, judged pages and PDF/A copies out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from agent.documents import gate, pages, pdfa, pdfpages
from agent.errors import DocumentError
from agent.ports import Copy, PageImage


class PageDigitiser:
    """Digitises (số hóa) in this process; a page of 8 megapixels takes under 100 MB above the libraries."""

    def warm(self) -> None:
        """Nothing to prepare: the libraries are loaded by the work that needs them."""

    def read(self, path: Path) -> list[PageImage]:
        """All pages of one file, each judged by the gate; never raises for a bad file."""
        return pages.read(path)

    def read_bytes(self, name: str, data: bytes) -> list[PageImage]:
        """The same for bytes that came by upload."""
        return pages.read_bytes(name, data)

    def read_folder(self, folder: Path) -> list[PageImage]:
        """All pages of a folder in natural name order; DocumentError when it is missing or empty."""
        return pages.read_folder(folder)

    def copy(self, pages: Sequence[PageImage], *, title: str, at: datetime) -> Copy:
        """One PDF/A-2b of these pages; DocumentError for none, refused ones or an impossible document."""
        return pdfa.copy(pages, title=title, at=at)

    def thumbnail(self, raw: bytes, media: str, *, width: int = 200) -> bytes:
        """A PNG `width` pixels wide for the screen; DocumentError for a page that cannot be shown."""
        from PIL import Image, ImageOps

        if media == pdfpages.MEDIA:
            small = pdfpages.render(raw, longest=2 * width)
        else:
            try:
                with Image.open(io.BytesIO(raw)) as image:
                    if image.width * image.height > gate.MAXIMUM_PIXELS:
                        raise DocumentError(gate.REFUSALS["too-large"])
                    image.draft("RGB", (2 * width, 2 * width * image.height // max(1, image.width)))
                    small = ImageOps.exif_transpose(pages.shown(image))
            except (*pages.BAD_IMAGE, Image.DecompressionBombError) as error:
                raise DocumentError(gate.REFUSALS["torn"]) from error
        small.thumbnail((width, 8 * width))
        out = io.BytesIO()
        small.save(out, "PNG")
        return out.getvalue()
