"""Pages of a PDF that somebody brings: one PDF a page, judged like scans."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

from agent.documents import gate, gate_sight, originals, pdf_active
from agent.documents.originals import Trust
from agent.domain.originals import FINDINGS, Standing, signers
from agent.errors import DocumentError
from agent.ports import PageImage

if TYPE_CHECKING:
    import pikepdf
    from PIL import Image

MEDIA = "application/pdf"
LARGEST = 1700 * 2400  # square points: about A1
BAD_PDF = (RuntimeError, ValueError, LookupError, AttributeError, TypeError, OverflowError)  # what a broken one raises
PDFIUM = threading.Lock()  # PDFium may be used by one thread at a time


def read(name: str, data: bytes, trust: Trust | None = None) -> list[PageImage]:
    """All pages of a PDF; a password, a cut-off end, a bomb or too many pages refuse the file as one page.

    A signed file is one page of all its sheets (`seen["sheets"]`), untouched, with what `trust` makes of it.
    """
    import pikepdf

    if b"%%EOF" not in data[-4096:]:
        return [gate.refuse(name, data, MEDIA, "torn")]
    bound_parser()
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            count = len(pdf.pages)
            if finding := _unusable(pdf, count):
                return [gate.refuse(name, data, MEDIA, finding)]
            active = pdf_active.found(pdf)
            told = {"restricted": pdf.is_encrypted, "active": bool(active)}
            also = tuple(code for code, holds in told.items() if holds)
            more = {"active": [pdf_active.WORDS[kind] for kind in active]} if active else {}
            if is_signed(pdf):
                return [_original(name, data, count, also, more, trust or Trust())]
            raws = [data] if count == 1 else _singles(pdf)
        names = [name] if count == 1 else [f"{name}#{number}" for number in range(1, count + 1)]
        return [_judged(each, raw, also, more) for each, raw in zip(names, raws, strict=True)]
    except pikepdf.PasswordError:
        return [gate.refuse(name, data, MEDIA, "password")]
    except pdf_active.Bomb:
        return [gate.refuse(name, data, MEDIA, "too-large")]
    except (pikepdf.PdfError, *BAD_PDF):
        return [gate.refuse(name, data, MEDIA, "torn")]


def _original(
    name: str, data: bytes, sheets: int, also: tuple[str, ...], more: dict[str, Any], trust: Trust
) -> PageImage:
    """A signed file as one page; its looks are those of its first sheet."""
    said = originals.check(data, trust)
    if said["state"] == Standing.NONE:  # a time-stamp alone, or a field that holds no signature
        said["state"] = Standing.BROKEN.value
    more = {**more, "original": said, "sheets": sheets, "signers": signers(said["signatures"]) or "?"}
    finding = FINDINGS[Standing(said["state"])]
    if finding in gate.REFUSALS:
        return gate.judge(name, data, MEDIA, (0, 0), gate.WANTED_DPI, also=(finding,), more=more)
    return _judged(name, data, (finding, *also), more)


def bound_parser() -> None:
    """Set what the parser may unpack in this process; the same every time."""
    import pikepdf.settings

    most = pdf_active.LARGEST_STREAM
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=most,
        png_max_memory=most,
        run_length_max_memory=most,
        tiff_max_memory=most,
        dct_max_memory=gate.MAXIMUM_WEIGHT,
        dct_max_progressive_scans=200,
        doc_max_warnings=2_000,
        max_stream_filters=4,
    )


def _unusable(pdf: pikepdf.Pdf, count: int) -> str:
    """Why no page of the document can be used at all; Bomb when it unpacks to too much."""
    if count == 0:
        return "torn"
    if count > gate.MAXIMUM_PAGES:
        return "too-large"
    pdf_active.require_bounded(pdf, pixels=gate.MAXIMUM_PIXELS)
    return "xfa" if pdf_active.only_adobe_shows_it(pdf) else ""


def is_signed(pdf: pikepdf.Pdf) -> bool:
    """Whether the document holds a filled signature field."""
    import pikepdf

    fields = list(pdf.Root.get("/AcroForm", pikepdf.Dictionary()).get("/Fields", pikepdf.Array()))
    for field in fields:
        fields.extend(field.get("/Kids", pikepdf.Array()))
        if field.get("/FT") == "/Sig" and "/V" in field:
            return True
        if len(fields) > 10_000:
            break
    return False


def render(
    raw: bytes, *, dpi: float | None = None, longest: int = 0, grey: bool = False, number: int = 0
) -> Image.Image:
    """Page `number` (from 0) as an image, at `dpi` or with its longest side of `longest` pixels; else DocumentError."""
    import pypdfium2

    with PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(raw)
            try:
                pdf.init_forms()
                page = pdf[number]
                scale = dpi / 72 if dpi else longest / max(page.get_size())
                image: Image.Image = page.render(scale=scale, grayscale=grey).to_pil()
                image.load()
                return image.copy()
            finally:
                pdf.close()
        except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError) as error:
            raise DocumentError("Không hiển thị được trang PDF. Xin bản khác hoặc quét bản giấy.") from error


def _judged(name: str, raw: bytes, also: tuple[str, ...], more: dict[str, Any]) -> PageImage:
    try:
        size, dpi = _measure(raw)
        if size[0] * size[1] > LARGEST:
            return gate.refuse(name, raw, MEDIA, "too-large")
        seen = gate_sight.sight(render(raw, longest=gate_sight.LONG_SIDE))
    except DocumentError:
        return gate.refuse(name, raw, MEDIA, "torn")
    return gate.judge(name, raw, MEDIA, size, dpi, sight=seen, also=also, more=more)


def _measure(raw: bytes) -> tuple[tuple[int, int], int | None]:
    """Size in points, and the dpi of a scan: an image that covers the page; None for a page with text of its own."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    with PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(raw)
            try:
                page = pdf[0]
                size = page.get_size()
                objects = list(page.get_objects(max_depth=3))
                scans = [item for item in objects if item.type == pdfium.FPDF_PAGEOBJ_IMAGE]
                texts = any(item.type == pdfium.FPDF_PAGEOBJ_TEXT for item in objects)
                dpi = None if texts else _scan_dpi(scans, size)
                return (round(size[0]), round(size[1])), dpi
            finally:
                pdf.close()
        except (pypdfium2.PdfiumError, ValueError) as error:
            raise DocumentError("Không đọc được trang PDF. Xin bản khác hoặc quét bản giấy.") from error


def _scan_dpi(scans: list[Any], size: tuple[float, float]) -> int | None:
    for scan in scans:
        left, bottom, right, top = scan.get_bounds()
        if (right - left) * (top - bottom) > 0.6 * size[0] * size[1]:
            metadata = scan.get_metadata()
            return round(float(min(metadata.horizontal_dpi, metadata.vertical_dpi)))
    return None


def _singles(pdf: pikepdf.Pdf) -> list[bytes]:
    """A PDF for each page; Bomb when they are too much together, as pages are that all show the same large thing."""
    made: list[bytes] = []
    for number in range(len(pdf.pages)):
        made.append(_single(pdf, number))
        if sum(map(len, made)) > gate.MAXIMUM_BYTES:
            raise pdf_active.Bomb("pages")
    return made


def _single(pdf: pikepdf.Pdf, number: int) -> bytes:
    import pikepdf

    single, out = pikepdf.new(), io.BytesIO()
    single.pages.append(pdf.pages[number])
    single.remove_unreferenced_resources()
    single.save(out, deterministic_id=True)
    return out.getvalue()
