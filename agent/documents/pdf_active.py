"""What in a PDF could act by itself: scripts, programs, XFA forms, files inside; found, named, and left behind."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pikepdf

MOST_OBJECTS = 200_000  # of one file: a scan of 500 pages has 3,000
LARGEST_STREAM = 64_000_000  # bytes unpacked, of what is no image
LARGEST_STREAMS = 256_000_000  # of all together
KINDS: Final = {
    "javascript": re.compile(rb"/JavaScript\b|/JS\b"),
    "launch": re.compile(rb"/S\s*/(Launch|ImportData|SubmitForm|GoToE|Rendition|RichMediaExecute)\b"),
    "xfa": re.compile(rb"/XFA\b"),
    "attachment": re.compile(rb"/(EmbeddedFiles?|EF|FileAttachment)\b"),
    "media": re.compile(rb"/Subtype\s*/(RichMedia|Movie|Sound|Screen|3D)\b"),
}
WORDS: Final = {  # what the clerk reads
    "javascript": "mã JavaScript",
    "launch": "lệnh mở chương trình hoặc gửi dữ liệu đi",
    "xfa": "biểu mẫu XFA",
    "attachment": "tệp nằm trong tệp",
    "media": "phim, âm thanh hoặc hình 3D",
}
_OWN = ("/AA", "/Annots", "/AF", "/PieceInfo", "/Metadata", "/Thumb", "/B", "/Trans", "/PresSteps")  # of a page


class Bomb(ValueError):
    """The file unpacks to more than any paper needs."""


def found(pdf: pikepdf.Pdf) -> list[str]:
    """The kinds of active things anywhere in the document; Bomb when there is no end to looking.

    Names are compared as the parser reads them, so that no spelling of one (`/J#53`) hides it.
    """
    import pikepdf

    kinds = set[str]()
    for number, thing in enumerate(pdf.objects):
        if number > MOST_OBJECTS:
            raise Bomb("objects")
        if isinstance(thing, pikepdf.Stream):
            said = thing.stream_dict.unparse(resolved=True)
        elif isinstance(thing, pikepdf.Dictionary | pikepdf.Array):
            said = thing.unparse(resolved=True)
        else:
            continue
        kinds |= {kind for kind, sign in KINDS.items() if kind not in kinds and sign.search(said)}
    return [kind for kind in KINDS if kind in kinds]


def only_adobe_shows_it(pdf: pikepdf.Pdf) -> bool:
    """Whether the pages are made by an XFA form while it is opened: elsewhere they only say "please wait"."""
    form = pdf.Root.get("/AcroForm")
    if form is None or "/XFA" not in form:
        return False
    drawn = any(note.get("/Subtype") == "/Widget" for page in pdf.pages for note in page.obj.get("/Annots", ()))
    return bool(pdf.Root.get("/NeedsRendering", False)) or not drawn


def require_bounded(pdf: pikepdf.Pdf, *, pixels: int) -> None:
    """Bomb when an image has more than `pixels`, or streams unpack to more than a page could show."""
    import pikepdf

    total = 0
    for number, thing in enumerate(pdf.objects):
        if number > MOST_OBJECTS:
            raise Bomb("objects")
        if not isinstance(thing, pikepdf.Stream):
            continue
        if thing.get("/Subtype") == "/Image":
            if int(thing.get("/Width", 0)) * int(thing.get("/Height", 0)) > pixels:
                raise Bomb("image")
        elif thing.get("/Type") != "/EmbeddedFile" and "/Filter" in thing:  # files inside are never unpacked
            total += _unpacked(thing)
            if total > LARGEST_STREAMS:
                raise Bomb("streams")


def strip(pdf: pikepdf.Pdf) -> None:
    """Leave of every page what one sees: fields and notes become part of it, all that acts is dropped."""
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        for name in _OWN:
            if name in page.obj:
                del page.obj[name]
    for name in list(pdf.Root.keys()):
        if name not in ("/Type", "/Pages", "/Version"):
            del pdf.Root[name]


def _unpacked(stream: pikepdf.Stream) -> int:
    """How many bytes a stream unpacks to, found without holding them; Bomb above LARGEST_STREAM."""
    import pikepdf

    filters = stream.Filter
    if filters != "/FlateDecode":
        try:
            return len(stream.read_bytes())  # the parser's own limits hold here
        except (pikepdf.PdfError, RuntimeError, ValueError) as error:
            if "memory" in str(error) or "limit" in str(error):
                raise Bomb("stream") from error
            return 0
    raw, unpacking, size = stream.read_raw_bytes(), zlib.decompressobj(), 0
    try:
        while raw and not unpacking.eof:
            size += len(unpacking.decompress(raw, 1_000_000))
            raw = unpacking.unconsumed_tail
            if size > LARGEST_STREAM:
                raise Bomb("stream")
    except zlib.error:
        pass
    return size
