"""One PDF/A-2b copy of judged pages, with the evidence of how each page came in."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.documents import gate, pages, pdfpages
from agent.errors import DocumentError
from agent.ports import Copy, PageImage

if TYPE_CHECKING:
    import pikepdf
    from PIL import Image

FLAVOUR = "2b"
A4_POINTS = (gate.A4[0] * 72, gate.A4[1] * 72)
KEPT, RECODED, RENDERED = "kept", "re-encoded", "rendered"  # what became of a page's own encoding


def copy(given: Sequence[PageImage], *, title: str, at: datetime) -> Copy:
    """One PDF/A-2b of these pages; the same pages, title and instant give the same bytes.

    JPEG, G4 and PNG data pass unchanged; other images are re-encoded without loss, PDF pages that cannot be PDF/A are
    rendered at 300 dpi, and the evidence says so. DocumentError for no pages, refused pages or an impossible document.
    """
    if not given:
        raise DocumentError("Chưa có trang nào để lập bản sao. Quét hoặc nạp trang trước.")
    for page in given:
        gate.require_usable(page)
    try:
        return _copy(given, title, at, render=False)
    except _NotPdfA:
        pass
    try:
        return _copy(given, title, at, render=True)
    except _NotPdfA as error:
        raise DocumentError(f"Không lập được PDF/A từ các trang này ({error}). Quét lại ở 300 dpi.") from error


def validate(pdf: bytes) -> dict[str, str]:
    """What pikepdf's own validator says of a file: flavour, verdict (pass, fail, not_checked) and validator."""
    import pikepdf
    import pikepdf.pdfa

    report = pikepdf.pdfa.validate_written(io.BytesIO(pdf), FLAVOUR)
    return {"flavour": FLAVOUR, "verdict": report.verdict, "validator": f"pikepdf {pikepdf.__version__}"}


class _NotPdfA(Exception):
    """The assembled document does not validate."""


def _copy(given: Sequence[PageImage], title: str, at: datetime, *, render: bool) -> Copy:
    import pikepdf
    import pikepdf.pdfa

    evidence: list[dict[str, Any]] = []
    with pikepdf.new() as pdf:
        for page in given:
            single, how = _from_pdf(page, render) if page.media == pdfpages.MEDIA else _from_image(page)
            with pikepdf.open(io.BytesIO(single)) as source:
                pdf.pages.append(source.pages[0])
            evidence.append(_evidence(page, how))
        for each in pdf.pages:
            _set_upright(pdf, each)
        _describe(pdf, title, at)
        out = io.BytesIO()
        try:
            pikepdf.pdfa.prepare(pdf, FLAVOUR)
            _date_metadata(pdf, at)
            pikepdf.pdfa.save(pdf, out, FLAVOUR, repair=False, deterministic_id=True)
        except pikepdf.pdfa.PdfaError as error:
            raise _NotPdfA(str(error.report.findings[0])) from error
    data = out.getvalue()
    verdict = {"flavour": FLAVOUR, "verdict": "pass", "validator": f"pikepdf {pikepdf.__version__}"}
    facts = {"pages": evidence, "pdfa": verdict, "sha256": hashlib.sha256(data).hexdigest(), "at": at.isoformat()}
    return Copy(pdf=data, pages=len(given), evidence=facts)


def _evidence(page: PageImage, how: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": page.name,
        "sha256": page.sha256,
        "media": page.media,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "fitted": "A4" if page.dpi is None and page.media != pdfpages.MEDIA else "",
        "how": how,
        "findings": list(page.findings),
    }
    return facts | ({"rendered_dpi": gate.WANTED_DPI} if how == RENDERED else {})


def _from_image(page: PageImage) -> tuple[bytes, str]:
    """A PDF of one image, and whether its encoding was kept."""
    import img2pdf
    from PIL import Image

    def layout(width: int, height: int, _: tuple[int, int]) -> tuple[float, float, float, float]:
        return _placed(width, height, page.dpi)

    raw, how = page.raw, KEPT
    try:
        with Image.open(io.BytesIO(raw)) as image:
            if not _passes(image):
                raw, how = _plain(image), RECODED
        single = img2pdf.convert(raw, layout_fun=layout, nodate=True, rotation=img2pdf.Rotation.ifvalid)
    except (*pages.BAD_IMAGE, img2pdf.ImageOpenError, img2pdf.JpegColorspaceError, img2pdf.AlphaChannelError) as error:
        raise DocumentError(f"Không dùng được ảnh của trang {page.name}. Quét lại trang này.") from error
    assert isinstance(single, bytes)
    return single, how


def _placed(width: int, height: int, dpi: int | None) -> tuple[float, float, float, float]:
    """Page and image size in points: true to scale by dpi, else the image fitted to the middle of A4."""
    if dpi is not None:
        across, down = width / dpi * 72, height / dpi * 72
        return across, down, across, down
    paper = A4_POINTS if height >= width else A4_POINTS[::-1]
    scale = min(paper[0] / width, paper[1] / height)
    return paper[0], paper[1], width * scale, height * scale


def _passes(image: Image.Image) -> bool:
    """Whether PDF/A takes the image as it is encoded."""
    opaque = image.mode in ("1", "L", "P", "RGB") and "transparency" not in image.info
    sixteen = image.format == "PNG" and image.mode.startswith("I")
    group4 = image.format != "TIFF" or (image.info.get("compression") == "group4" and _strips(image) == 1)
    return (opaque or sixteen) and group4 and _profile_fits(image)


def _strips(image: Image.Image) -> int:
    """Pieces of a TIFF's data: PDF takes G4 data in one piece only."""
    from PIL import TiffImagePlugin

    assert isinstance(image, TiffImagePlugin.TiffImageFile)
    return len(image.tag_v2.get(TiffImagePlugin.STRIPOFFSETS, ()))


def _profile_fits(image: Image.Image) -> bool:
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile:
        return True
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return False
    return space == ("GRAY" if image.mode in ("1", "L", "I;16") else "RGB")


def _plain(image: Image.Image) -> bytes:
    """The image without loss as PNG (G4 for bilevel) in a form that PDF/A takes: opaque, grey or RGB, no profile."""
    out = io.BytesIO()
    if image.mode == "1":
        image.save(out, "TIFF", compression="group4", strip_size=1 << 30)
        return out.getvalue()
    if image.mode in ("L", "LA") or image.mode.startswith("I"):
        plain = pages.grey_of(image)
    elif image.mode in ("RGBA", "PA") or "transparency" in image.info:
        plain = pages.on_white(image)
    else:
        plain = image.convert("RGB")
    plain.info.clear()
    plain.save(out, "PNG", compress_level=3)
    return out.getvalue()


def _from_pdf(page: PageImage, render: bool) -> tuple[bytes, str]:
    """A PDF of one page without form fields, kept if it can be PDF/A; else a picture of it."""
    import pikepdf
    import pikepdf.pdfa

    if not render:
        try:
            with pikepdf.open(io.BytesIO(page.raw)) as pdf:
                if pdfpages.is_signed(pdf) or "/AcroForm" in pdf.Root:
                    pdf.flatten_annotations("all")
                    del pdf.Root.AcroForm
                pikepdf.pdfa.prepare(pdf, FLAVOUR)
                if pikepdf.pdfa.check(pdf, FLAVOUR).passed:
                    out = io.BytesIO()
                    pdf.save(out, deterministic_id=True)
                    return out.getvalue(), KEPT
        except (pikepdf.PdfError, ValueError, LookupError, AttributeError, TypeError):
            pass  # the picture below still shows what the reader of the PDF saw
    return _picture(page), RENDERED


def _picture(page: PageImage) -> bytes:
    picture, out = pdfpages.render(page.raw, dpi=gate.WANTED_DPI), io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=90, subsampling=0, dpi=(gate.WANTED_DPI, gate.WANTED_DPI))
    image = PageImage(page.name, out.getvalue(), "", "image/jpeg", *picture.size, gate.WANTED_DPI)
    return _from_image(image)[0]


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
