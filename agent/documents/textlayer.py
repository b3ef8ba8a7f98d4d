"""Puts what its pages say invisibly under the pictures of a PDF/A copy, so that it can be searched and copied."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from agent.documents import ocr_pdf, pdf_save, pdfa, pdfpages
from agent.errors import DocumentError
from agent.ports import Copy
from agent.ports_text import READ, PageText, Word, lines_of

if TYPE_CHECKING:
    import pikepdf

UNITS, ADVANCE = 1000, 500  # of the font's em; every letter is as wide
ASCENT, DESCENT = 750, 250
OLD = 3_786_912_000  # 2024 in TrueType's seconds: the same font every time
MOST_GLYPHS = 0xFFFF
NAME = "/PostalAgentText"
SURE = 60.0  # confidence; a page that was read worse may lie any way round
LEAST_SKEW = 0.3  # degrees; above it programs that take text out of a PDF mix lines up


def add(copy: Copy, texts: Sequence[PageText | None]) -> Copy:
    """The copy with a layer of text, still PDF/A-2b, its images untouched, and what was read in its evidence.

    One text for each page of the copy, None for a page that nobody read. The same copy and texts give the same bytes.
    A skewed or turned picture is shown level and upright, on a page as much larger as nothing of it is cut; its data
    stays as it came.
    DocumentError for a signed copy (code signed), another number of pages, or a result that is no PDF/A.
    """
    import pikepdf
    import pikepdf.pdfa

    facts = [dict(page) for page in copy.evidence.get("pages", [{}] * copy.pages)]
    if len(texts) != copy.pages or len(facts) != copy.pages:
        raise DocumentError(f"Có {len(texts)} trang chữ cho bản sao {copy.pages} trang. Lập lại bản sao.")
    with pikepdf.open(io.BytesIO(copy.pdf)) as pdf:
        if pdfpages.is_signed(pdf):
            raise DocumentError("Bản sao đã ký nên không thêm lớp chữ được. Lưu chữ thành tệp kèm.", code="signed")
        letters, font = _Letters(), pdf.make_indirect(pikepdf.Dictionary())
        for page, text, fact in zip(pdf.pages, texts, facts, strict=True):
            layered = text is not None and bool(text.words) and not _has_its_own(text, fact)
            if layered and text:
                shown = replace(text, angle=(text.angle + fact.get("turned", 0)) % 360)
                _put_under(pdf, page, letters.content(shown, _Place(page, fact)), font)
                fact["levelled"] = _level(pdf, page, shown) if fact.get("media") != pdfpages.MEDIA else 0.0
            fact["text"] = _evidence(text, layered=layered)
        if not letters.known:
            return replace(copy, evidence=copy.evidence | {"pages": facts})
        _fill_font(pdf, font, letters)
        try:
            data = pdf_save.save(pdf, pdfa.FLAVOUR)
        except pikepdf.pdfa.PdfaError as error:
            raise DocumentError(f"Lớp chữ làm bản sao không còn là PDF/A ({error.report.findings[0]}).") from error
    changed = {"pages": facts, "sha256": hashlib.sha256(data).hexdigest()}
    return Copy(data, copy.pages, copy.evidence | changed)


def _evidence(text: PageText | None, *, layered: bool) -> dict[str, Any]:
    """What is kept of how a page was read; never its words, which are personal data."""
    if text is None:
        return {"state": "none", "layer": False}
    return {
        "state": text.state,
        "layer": layered,
        "engine": text.engine,
        "language": text.language,
        "words": len(text.words),
        "confidence": text.confidence,
        "angle": text.angle,
        "seconds": text.seconds,
    }


def _has_its_own(text: PageText, fact: dict[str, Any]) -> bool:
    """Whether the page's text is in the copy already, as the PDF that it came from had it."""
    return text.state == READ and text.engine == ocr_pdf.ENGINE and fact.get("how") == pdfa.KEPT


class _Place:
    """Where a page's own units lie on its PDF page: as pdfa lays an image out, fitted to the middle of what shows.

    A page that the clerk turned (`turned` in its facts, degrees clockwise) lies turned on its PDF page, too.
    """

    def __init__(self, page: pikepdf.Page, fact: dict[str, Any]) -> None:
        self.left, bottom, right, self.top = (float(side) for side in page.cropbox)
        self.turned = int(fact.get("turned", 0))
        across, down = right - self.left, self.top - bottom
        sides = (down, across) if self.turned % 180 else (across, down)  # of the page before it was turned
        width, height = float(fact.get("width") or sides[0]), float(fact.get("height") or sides[1])
        if (width < height) != (sides[0] < sides[1]) and fact.get("media") != pdfpages.MEDIA:
            width, height = height, width  # a camera's note turned the picture
        self.width, self.height = width, height
        wide, high = (height, width) if self.turned % 180 else (width, height)
        self.scale = min(across / wide, down / high)
        self.left += (across - wide * self.scale) / 2
        self.top -= (down - high * self.scale) / 2

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        if self.turned == 90:
            x, y = self.height - y, x
        elif self.turned == 180:
            x, y = self.width - x, self.height - y
        elif self.turned == 270:
            x, y = y, self.width - x
        return self.left + x * self.scale, self.top - y * self.scale


class _Letters:
    """The letters of a document's layer, numbered as they come, and content streams that show them."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def content(self, text: PageText, place: _Place) -> bytes:
        """One page's layer: every word at its place, wide as it is, with a space up to the next of its line."""
        turn = math.radians(-text.angle)
        along = (math.cos(turn), math.sin(turn))
        parts = [b"q BT 3 Tr"]
        for line in lines_of(text.words):
            for number, word in enumerate(line):
                parts.append(self._shown(word, line[number + 1] if number + 1 < len(line) else None, along, place))
        return b"\n".join([*parts, b"ET Q\n"])

    def _shown(self, word: Word, following: Word | None, along: tuple[float, float], place: _Place) -> bytes:
        size = max(1.0, word.height * place.scale)
        x, y = place(word.x, word.y)
        cosine, sine = along
        shown = b"/%s %.2f Tf %.5f %.5f %.5f %.5f %.2f %.2f Tm " % (
            NAME[1:].encode(), size, cosine, sine, -sine, cosine, x, y,
        )  # fmt: skip
        shown += self._stretched(word.text, max(1.0, word.length * place.scale), size)
        if following:
            next_x, next_y = place(following.x, following.y)
            gap = (next_x - x) * cosine + (next_y - y) * sine - word.length * place.scale
            if gap > 0:
                shown += b" " + self._stretched(" ", gap, size)
        return shown

    def _stretched(self, text: str, length: float, size: float) -> bytes:
        """`text` shown over `length` points."""
        wide = 100 * length / (len(text) * size * ADVANCE / UNITS)
        codes = "".join(f"{self._code(letter):04x}" for letter in text)
        return b"%.2f Tz <%s> Tj" % (max(1.0, wide), codes.encode())

    def _code(self, letter: str) -> int:
        return self.known.setdefault(letter, min(len(self.known) + 1, MOST_GLYPHS))


def _put_under(pdf: pikepdf.Pdf, page: pikepdf.Page, content: bytes, font: pikepdf.Object) -> None:
    """The layer first, so that the picture lies over it, in a page's state that nothing has changed yet."""
    import pikepdf

    mine: dict[str, Any] = dict(page.resources.items())  # another page may share the old one
    fonts: dict[str, Any] = dict(mine.get("/Font", pikepdf.Dictionary()).items())
    mine["/Font"] = pikepdf.Dictionary(fonts | {NAME: font})
    page.obj["/Resources"] = pikepdf.Dictionary(mine)
    page.contents_add(pikepdf.Stream(pdf, content), prepend=True)


def _level(pdf: pikepdf.Pdf, page: pikepdf.Page, text: PageText) -> float:
    """Turn what the page shows around its middle: lines run level and upright; the degrees undone, clockwise."""
    import pikepdf

    skew, quarters = (text.angle + 45) % 90 - 45, -text.turn if text.confidence >= SURE else 0
    angle = quarters + (skew if abs(skew) >= LEAST_SKEW else 0.0)
    if not angle:
        return 0.0
    left, bottom, right, top = (float(side) for side in page.cropbox)
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    across, down = right - left, top - bottom
    wide, high = across * abs(cosine) + down * abs(sine), across * abs(sine) + down * abs(cosine)
    x, y = (left + right) / 2, (bottom + top) / 2
    shift = (wide / 2 - x * cosine + y * sine, high / 2 - x * sine - y * cosine)
    matrix = b"q %.6f %.6f %.6f %.6f %.4f %.4f cm\n" % (cosine, sine, -sine, cosine, *shift)
    page.contents_add(pikepdf.Stream(pdf, matrix), prepend=True)
    page.contents_add(pikepdf.Stream(pdf, b"\nQ"))
    for box in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
        if box in page.obj:
            del page.obj[box]
    page.mediabox = pikepdf.Array([0, 0, round(wide, 2), round(high, 2)])
    return round((angle + 180) % 360 - 180, 2)


def _fill_font(pdf: pikepdf.Pdf, font: pikepdf.Object, letters: _Letters) -> None:
    """Make `font` one without shapes that says of each code which letter it is; every code has the one empty glyph."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name, String

    program = pdf.make_stream(_shapeless(), Length1=len(_shapeless()))
    box = Array([0, -DESCENT, ADVANCE, ASCENT])
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name(NAME), Flags=4, FontBBox=box, ItalicAngle=0, Ascent=ASCENT,
        Descent=-DESCENT, CapHeight=ASCENT, StemV=80, FontFile2=program,
    )  # fmt: skip
    glyphs = b"\0\0" + b"\0\1" * len(letters.known)
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name(NAME), DW=ADVANCE,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor), CIDToGIDMap=pdf.make_stream(glyphs),
    )  # fmt: skip
    named = pikepdf.Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name(NAME), Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]), ToUnicode=pdf.make_stream(_meanings(letters.known)),
    )  # fmt: skip
    for key, value in named.items():
        font[key] = value


def _meanings(known: dict[str, int]) -> bytes:
    """The ToUnicode map, in blocks of at most 100 as the format wants."""
    pairs = [f"<{code:04x}> <{letter.encode('utf-16-be').hex()}>" for letter, code in known.items()]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{body}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()


@cache
def _shapeless() -> bytes:
    """A TrueType program of two empty glyphs, .notdef and the one that is used."""
    from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]

    builder, names = FontBuilder(UNITS, isTTF=True), [".notdef", "letter"]
    builder.font.recalcTimestamp = False
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x20: "letter"})
    builder.setupGlyf({name: TTGlyphPen(None).glyph() for name in names})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=ASCENT, descent=-DESCENT)
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=OLD, modified=OLD)
    out = io.BytesIO()
    builder.font.save(out)
    return out.getvalue()
