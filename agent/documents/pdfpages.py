"""Pages of a PDF that somebody brings: one PDF a page, judged like scans."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

from agent.documents import gate
from agent.errors import DocumentError
from agent.ports import PageImage

if TYPE_CHECKING:
    import pikepdf
    from PIL import Image

MEDIA = "application/pdf"
LARGEST = 1700 * 2400  # square points: about A1
PDFIUM = threading.Lock()  # PDFium may be used by one thread at a time


def read(name: str, data: bytes) -> list[PageImage]:
    """All pages of a PDF; a password, a cut-off end or too many pages refuse the file as one page."""
    import pikepdf

    if b"%%EOF" not in data[-4096:]:
        return [gate.refuse(name, data, MEDIA, "torn")]
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            count = len(pdf.pages)
            if count == 0:
                return [gate.refuse(name, data, MEDIA, "torn")]
            if count > gate.MAXIMUM_PAGES:
                return [gate.refuse(name, data, MEDIA, "too-large")]
            also = (("signed",) if is_signed(pdf) else ()) + (("restricted",) if pdf.is_encrypted else ())
            raws = [data] if count == 1 else [_single(pdf, number) for number in range(count)]
        names = [name] if count == 1 else [f"{name}#{number}" for number in range(1, count + 1)]
        return [_judged(each, raw, also) for each, raw in zip(names, raws, strict=True)]
    except pikepdf.PasswordError:
        return [gate.refuse(name, data, MEDIA, "password")]
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, LookupError, AttributeError, TypeError):
        return [gate.refuse(name, data, MEDIA, "torn")]


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


def render(raw: bytes, *, dpi: float | None = None, longest: int = 0, grey: bool = False) -> Image.Image:
    """The first page as an image, at `dpi` or with its longest side of `longest` pixels; DocumentError otherwise."""
    import pypdfium2

    with PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(raw)
            try:
                pdf.init_forms()
                page = pdf[0]
                scale = dpi / 72 if dpi else longest / max(page.get_size())
                image: Image.Image = page.render(scale=scale, grayscale=grey).to_pil()
                image.load()
                return image.copy()
            finally:
                pdf.close()
        except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError) as error:
            raise DocumentError("Không hiển thị được trang PDF. Xin bản khác hoặc quét bản giấy.") from error


def _judged(name: str, raw: bytes, also: tuple[str, ...]) -> PageImage:
    try:
        size, dpi = _measure(raw)
        if size[0] * size[1] > LARGEST:
            return gate.refuse(name, raw, MEDIA, "too-large")
        ink = gate.ink_of(render(raw, longest=600, grey=True))
    except DocumentError:
        return gate.refuse(name, raw, MEDIA, "torn")
    return gate.judge(name, raw, MEDIA, size, dpi, ink=ink, also=also)


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


def _single(pdf: pikepdf.Pdf, number: int) -> bytes:
    import pikepdf

    single, out = pikepdf.new(), io.BytesIO()
    single.pages.append(pdf.pages[number])
    single.remove_unreferenced_resources()
    single.save(out, deterministic_id=True)
    return out.getvalue()
