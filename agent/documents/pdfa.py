"""One PDF/A-2b copy of judged pages, with the evidence of how each page came in."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.documents import flatten, gate, pdf_active, pdf_save, pdfpages
from agent.documents.pdf_image import BILEVEL, CORRECTED, KEPT, RECODED, RENDERED, SHRUNK, Made, from_image
from agent.errors import DocumentError
from agent.ports import Copy, PageImage

if TYPE_CHECKING:
    import pikepdf

__all__ = ["BILEVEL", "CORRECTED", "FLAVOUR", "KEPT", "RECODED", "RENDERED", "SHRUNK", "copy", "validate"]
FLAVOUR = "2b"
TOO_MUCH = "Các trang của giấy tờ này lớn quá mức xử lý được. Quét lại ở 300 dpi dạng JPEG, hoặc tách thành nhiều phần."


def copy(given: Sequence[PageImage], *, title: str, at: datetime, bilevel: bool = False) -> Copy:
    """One PDF/A-2b of these pages; the same pages, title and instant give the same bytes.

    JPEG, G4 and small PNG data pass unchanged; other images are re-encoded without loss, or as JPEG of at most 300 dpi
    where that would be large; with `bilevel` pages of text alone become G4. PDF pages that cannot be PDF/A are rendered
    at 300 dpi. The evidence says of each page how, what kind and how large. DocumentError for no pages, refused pages
    or an impossible document.
    """
    if not given:
        raise DocumentError("Chưa có trang nào để lập bản sao. Quét hoặc nạp trang trước.")
    for page in given:
        gate.require_usable(page)
    try:
        return _copy(given, title, at, bilevel=bilevel, render=False)
    except _NotPdfA:
        pass
    except MemoryError as error:
        raise DocumentError(TOO_MUCH) from error
    try:
        return _copy(given, title, at, bilevel=bilevel, render=True)
    except _NotPdfA as error:
        raise DocumentError(f"Không lập được PDF/A từ các trang này ({error}). Quét lại ở 300 dpi.") from error


def validate(pdf: bytes) -> dict[str, str]:
    """What pikepdf's own validator says of a file: flavour, verdict (pass, fail, not_checked) and validator."""
    import pikepdf
    import pikepdf.pdfa

    with pdf_save.undisturbed():
        report = pikepdf.pdfa.validate_written(io.BytesIO(pdf), FLAVOUR)
    return {"flavour": FLAVOUR, "verdict": report.verdict, "validator": f"pikepdf {pikepdf.__version__}"}


def verdicts(pdf: bytes) -> list[dict[str, str]]:
    """What two validators of different makes say of a file: pikepdf's and page-validation (veraPDF's rules).

    The second is left out where it is not installed; it takes about 16 ms a scanned page.
    """
    from importlib.metadata import version

    try:
        import page as page_validation
    except ImportError:  # no wheel for this platform
        return [validate(pdf)]
    passed = page_validation.is_pdf_compliant_bytes(pdf, profile=FLAVOUR)
    name = f"page-validation {version('page-validation')}"
    return [validate(pdf), {"flavour": FLAVOUR, "verdict": "pass" if passed else "fail", "validator": name}]


class _NotPdfA(Exception):
    """The assembled document does not validate."""


def _copy(given: Sequence[PageImage], title: str, at: datetime, *, bilevel: bool, render: bool) -> Copy:
    import pikepdf
    import pikepdf.pdfa

    evidence: list[dict[str, Any]] = []
    with pikepdf.new() as pdf:
        for came in given:
            page = flatten.effective(came)
            made = _from_pdf(page, render) if page.media == pdfpages.MEDIA else from_image(page, bilevel=bilevel)
            with pikepdf.open(io.BytesIO(made.pdf)) as source:
                for each in source.pages if page.seen.get("turned") else ():
                    each.rotate(page.seen["turned"], relative=True)  # clockwise, as the clerk turned it
                pdf.pages.extend(source.pages)
                evidence += [_evidence(page, made) | _derived(came, page)] * len(source.pages)
        for each in pdf.pages:
            _set_upright(pdf, each)
        _describe(pdf, title, at)
        try:
            pikepdf.pdfa.prepare(pdf, FLAVOUR)
            _date_metadata(pdf, at)
            data = pdf_save.save(pdf, FLAVOUR)
        except pikepdf.pdfa.PdfaError as error:
            raise _NotPdfA(str(error.report.findings[0])) from error
    verdict = {"flavour": FLAVOUR, "verdict": "pass", "validator": f"pikepdf {pikepdf.__version__}"}
    facts = {"pages": evidence, "pdfa": verdict, "sha256": hashlib.sha256(data).hexdigest(), "at": at.isoformat()}
    return Copy(pdf=data, pages=len(evidence), evidence=facts)


def _evidence(page: PageImage, made: Made) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": page.name,
        "sha256": page.sha256,
        "media": page.media,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "fitted": "A4" if page.dpi is None and page.media != pdfpages.MEDIA else "",
        "how": made.how,
        "kind": made.kind,
        "bytes": made.size,
        "findings": list(page.findings),
    }
    turned = {"turned": page.seen["turned"]} if page.seen.get("turned") else {}
    return facts | turned | ({"rendered_dpi": gate.WANTED_DPI} if made.how == RENDERED else {})


def _derived(came: PageImage, page: PageImage) -> dict[str, Any]:
    """How a camera's picture became the page: nothing when it was taken as it came."""
    if page is came:
        return {}
    flat = came.seen["flat"]
    return {
        "how": CORRECTED,
        "derived": {
            "sha256": hashlib.sha256(page.raw).hexdigest(),
            "corners": flat["corners"],
            "dpi": flat["dpi"],
            "from": {"media": came.media, "width": came.width, "height": came.height},
        },
    }


def _from_pdf(page: PageImage, render: bool) -> Made:
    """A PDF of the page, or of all sheets of a signed file, without fields; kept if it can be PDF/A, else pictures."""
    import pikepdf
    import pikepdf.pdfa

    if not render:
        try:
            with pikepdf.open(io.BytesIO(page.raw)) as pdf:
                form = pdf.Root.get("/AcroForm", pikepdf.Dictionary())
                undrawn = bool(form.get("/NeedAppearances", False))  # who shows it draws the fields
                pdf_active.strip(pdf)
                pikepdf.pdfa.prepare(pdf, FLAVOUR)
                if not undrawn and pikepdf.pdfa.check(pdf, FLAVOUR).passed:
                    out = io.BytesIO()
                    pdf.save(out, deterministic_id=True)
                    return _of_pdf(out.getvalue(), KEPT)
        except (pikepdf.PdfError, *pdfpages.BAD_PDF):
            pass  # the picture below still shows what the reader of the PDF saw
    sheets = int(page.seen.get("sheets", 1))
    if sheets == 1:
        return _of_pdf(_picture(page, 0), RENDERED)
    with pikepdf.new() as all_, io.BytesIO() as out:
        for number in range(sheets):
            with pikepdf.open(io.BytesIO(_picture(page, number))) as one:
                all_.pages.extend(one.pages)
        all_.save(out, deterministic_id=True)
        return _of_pdf(out.getvalue(), RENDERED)


def _of_pdf(pdf: bytes, how: str) -> Made:
    return Made(pdf, how, "pdf" if how == KEPT else "colour", len(pdf))


def _picture(page: PageImage, number: int) -> bytes:
    picture, out = pdfpages.render(page.raw, dpi=gate.WANTED_DPI, number=number), io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=90, subsampling=0, dpi=(gate.WANTED_DPI, gate.WANTED_DPI))
    image = PageImage(page.name, out.getvalue(), "", "image/jpeg", *picture.size, gate.WANTED_DPI)
    return from_image(image).pdf


def _set_upright(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Turn the content instead of the page, so that a stamp's place and direction are what one sees."""
    import pikepdf

    turn = int(page.obj.get("/Rotate", 0)) % 360
    left, bottom, right, top = (float(value) for value in page.cropbox)
    width, height = right - left, top - bottom
    matrices = {90: (0, -1, 1, 0, -bottom, right), 180: (-1, 0, 0, -1, right, top), 270: (0, 1, -1, 0, top, -left)}
    if turn not in matrices:
        return
    page.contents_add(pikepdf.Stream(pdf, b"q %g %g %g %g %g %g cm\n" % matrices[turn]), prepend=True)
    page.contents_add(pikepdf.Stream(pdf, b"\nQ"))
    for box in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox", "/Rotate"):
        if box in page.obj:
            del page.obj[box]
    page.mediabox = pikepdf.Array([0, 0, *((width, height) if turn == 180 else (height, width))])


def _describe(pdf: pikepdf.Pdf, title: str, at: datetime) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = title
        metadata["xmp:CreatorTool"] = "postal-agent"
        metadata["xmp:CreateDate"] = metadata["xmp:ModifyDate"] = at.isoformat(timespec="seconds")


def _date_metadata(pdf: pikepdf.Pdf, at: datetime) -> None:
    """Give the metadata the copy's own instant: preparing stamps the machine's time."""
    import pikepdf

    stamp = at.isoformat(timespec="seconds").encode()
    packet = pdf.Root.Metadata.read_bytes()
    pattern = rb'(<xmp:MetadataDate>|xmp:MetadataDate=")[^<"]+'
    dated = re.sub(pattern, lambda match: match[1] + stamp, packet)
    stream = pdf.make_stream(dated, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
    pdf.Root.Metadata = stream
