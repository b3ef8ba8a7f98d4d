"""The adapter behind the Digitiser port: files in, judged pages and PDF/A copies out."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.documents import code_reading, flatten, gate, ocr_data, pages, pdfa, pdfpages, raster, textlayer
from agent.documents.capture_rules import CaptureRules
from agent.documents.ocr import SECONDS, TextReader
from agent.errors import DocumentError
from agent.ports import Copy, PageImage
from agent.ports_text import PageText

if TYPE_CHECKING:
    from PIL import Image


class PageDigitiser:
    """Digitises (số hóa) in this process; a page of 8 megapixels takes under 100 MB above the libraries.

    `language_data` is the folder of the language data for reading text; None looks where installations have it.
    """

    def __init__(self, *, language_data: Path | None = None, rules: CaptureRules | None = None) -> None:
        self._rules = rules or CaptureRules()
        self._reader, self._data, self._turn = TextReader(language_data), language_data, threading.Lock()

    def warm(self) -> None:
        """Nothing to prepare: the libraries are loaded by the work that needs them."""

    def read(self, path: Path) -> list[PageImage]:
        """All pages of one file, each judged by the gate; never raises for a bad file."""
        return pages.read(path, self._rules.trust)

    def read_bytes(self, name: str, data: bytes) -> list[PageImage]:
        """The same for bytes that came by upload."""
        return pages.read_bytes(name, data, self._rules.trust)

    def read_all(self, files: Sequence[tuple[str, bytes]]) -> list[list[PageImage]]:
        """The same for several files, one after the other."""
        return [self.read_bytes(name, data) for name, data in files]

    def read_folder(self, folder: Path) -> list[PageImage]:
        """All pages of a folder in natural name order; DocumentError when it is missing or empty."""
        return pages.read_folder(folder, self._rules.trust)

    def copy(self, pages: Sequence[PageImage], *, title: str, at: datetime) -> Copy:
        """One PDF/A-2b of these pages; DocumentError for none, refused ones or an impossible document."""
        return pdfa.copy(pages, title=title, at=at, bilevel=self._rules.bilevel == "auto")

    def archive_verdicts(self, pdf: bytes) -> list[dict[str, str]]:
        """What each validator says of a PDF/A."""
        return pdfa.verdicts(pdf)

    def thumbnail(self, raw: bytes, media: str, *, width: int = 200, flat: dict[str, Any] | None = None) -> bytes:
        """A PNG `width` pixels wide for the screen; DocumentError for a page that cannot be shown."""
        out = io.BytesIO()
        _shrunk(raw, media, width, flat).save(out, "PNG")
        return out.getvalue()

    def picture(self, raw: bytes, media: str, *, width: int, flat: dict[str, Any] | None = None) -> bytes:
        """A JPEG at most `width` pixels wide: a tenth of the PNG's bytes and time; DocumentError as above."""
        out = io.BytesIO()
        _shrunk(raw, media, width, flat).convert("RGB").save(out, "JPEG", quality=72)
        return out.getvalue()

    def read_codes(self, page: PageImage) -> list[dict[str, Any]]:
        """The codes on the page's picture with their places; DocumentError for a page that cannot be shown."""
        return code_reading.codes_of(flatten.effective(page))

    def language_data(self) -> Path:
        """The file that text is read with; ConfigError, saying what to do, where there is none."""
        return ocr_data.find(self._data) / ocr_data.FILE

    def read_text(self, page: PageImage, *, seconds: float = SECONDS) -> PageText:
        """What the page says; never raises for a page, the state says what kept it from being read."""
        with self._turn:
            return self._reader.read(flatten.effective(page), seconds=seconds)

    def with_text(self, copy: Copy, texts: Sequence[PageText | None]) -> Copy:
        """The unsigned copy with its text under the pictures; DocumentError when it is signed or cannot stay PDF/A."""
        return textlayer.add(copy, texts)


def _shrunk(raw: bytes, media: str, width: int, flat: dict[str, Any] | None) -> Image.Image:
    """The page as one sees it, `width` pixels wide or its own width where that is less; `flat`: the sheet on it."""
    from PIL import Image

    if flat:
        return flatten.flattened(raw, media, flat, width=width)
    if media == pdfpages.MEDIA:
        small = pdfpages.render(raw, longest=2 * width)
    else:
        try:
            with Image.open(io.BytesIO(raw)) as image:
                if gate.too_heavy("L" if media == "image/jpeg" else image.mode, image.size):
                    raise DocumentError(gate.REFUSALS["too-large"])
                image.draft("RGB", (2 * width, 2 * width * image.height // max(1, image.width)))
                raster.note_inks(image)
                small = raster.small(image, 3 * width)
                small = small.convert("RGB") if small.mode == "YCbCr" else small
        except (*raster.BAD_IMAGE, Image.DecompressionBombError) as error:
            raise DocumentError(gate.REFUSALS["torn"]) from error
    small.thumbnail((width, 8 * width))
    return small
