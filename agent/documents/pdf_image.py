"""One image becomes one PDF page, sized by what it shows: kept as it is coded, shrunk, or made black and white."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.documents import gate, ink, raster
from agent.errors import DocumentError
from agent.ports import PageImage

if TYPE_CHECKING:
    from PIL import Image

A4_POINTS = (gate.A4[0] * 72, gate.A4[1] * 72)
# what became of a page's own data
KEPT, RECODED, RENDERED, CORRECTED, BILEVEL, SHRUNK = "kept", "re-encoded", "rendered", "corrected", "bilevel", "shrunk"
LOSSLESS = 1_500_000  # bytes of one page that is coded without loss: more becomes a JPEG, the source stays in the vault
LARGE = 12_000_000  # pixels: an A4 page at 350 dpi; more is not coded without loss
QUALITY = 75  # of that JPEG: 750 kB for a page in colour
LEAST_DPI = 250  # of a page that is made black and white: at 200 dpi the errors of reading rose fourfold
THRESHOLD = 0.5  # of the page's contrast: what is darker is ink
G4_DPI = 300  # a page in black and white has at least as much, so that thin accents stay


@dataclass(frozen=True)
class Made:
    """A PDF of one page, and what the evidence says of it."""

    pdf: bytes
    how: str
    kind: str  # bilevel, grey, colour; pdf for a page that was one
    size: int  # bytes of the page's data in the copy


@dataclass(frozen=True)
class _Coded:
    """An image's data as it goes into the PDF."""

    data: bytes
    how: str
    kind: str
    dpi: float | None
    turn: int  # EXIF: how it must be turned yet


def from_image(page: PageImage, *, bilevel: bool = False) -> Made:
    """A PDF of one image; `bilevel`: text alone becomes G4. DocumentError for an image that cannot be used."""
    import img2pdf
    from PIL import Image

    try:
        with Image.open(io.BytesIO(page.raw)) as image:
            coded = _coded(page, image, bilevel=bilevel)
        single = img2pdf.convert(
            coded.data,
            layout_fun=lambda width, height, _: placed(width, height, coded.dpi),
            nodate=True,
            rotation=img2pdf.Rotation.none,
        )
    except (*raster.BAD_IMAGE, img2pdf.ImageOpenError, img2pdf.JpegColorspaceError, img2pdf.AlphaChannelError) as error:
        raise DocumentError(f"Không dùng được ảnh của trang {page.name}. Quét lại trang này.") from error
    assert isinstance(single, bytes)
    return Made(_as_held(single, coded.turn) if coded.turn != 1 else single, coded.how, coded.kind, len(coded.data))


def _coded(page: PageImage, image: Image.Image, *, bilevel: bool) -> _Coded:
    turn = raster.orientation_of(image)
    raster.note_inks(image)
    kind = _kind(image)
    if kind == "bilevel":
        data, how = (page.raw, KEPT) if _passes(image) else (_plain(image), RECODED)
        return _Coded(data, how, kind, page.dpi, turn)
    dpi = page.dpi or gate.fitted_dpi(*image.size)
    if bilevel and dpi >= LEAST_DPI and ink.is_text_alone(image, dpi):
        return _black_and_white(page, image)
    passes = _passes(image)
    heavy = image.format != "JPEG" and len(page.raw) > LOSSLESS
    if passes and not heavy:
        return _Coded(page.raw, KEPT, kind, page.dpi, turn)
    if heavy or image.width * image.height > LARGE:
        return _shrunk(page, image)
    plain = _plain(image)
    return _Coded(plain, RECODED, kind, page.dpi, turn) if len(plain) <= LOSSLESS else _shrunk(page, image)


def _kind(image: Image.Image) -> str:
    """What an opened image can show at most."""
    if image.mode == "1":
        return "bilevel"
    grey = image.mode in ("L", "LA") or image.mode.startswith(("I", "F"))
    return "grey" if grey else "colour"


def _shrunk(page: PageImage, image: Image.Image) -> _Coded:
    """A JPEG of at most 300 dpi, upright."""
    dpi = page.dpi or gate.fitted_dpi(*image.size)
    picture, scale = _at_most(image, gate.WANTED_DPI / dpi if dpi > gate.WANTED_DPI else 1.0)
    out = io.BytesIO()
    picture.info.clear()
    picture.save(out, "JPEG", quality=QUALITY)
    kind = "grey" if picture.mode == "L" else "colour"
    return _Coded(out.getvalue(), SHRUNK, kind, page.dpi * scale if page.dpi else None, 1)


def _at_most(image: Image.Image, scale: float) -> tuple[Image.Image, float]:
    """The image upright in L or RGB, shrunk by `scale` (1 or less), and by how much it was."""
    picture = raster.shrunk(image, scale) if scale < 1 else raster.upright(image)
    plain = picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
    return plain, max(picture.size) / max(image.size)


def _black_and_white(page: PageImage, image: Image.Image) -> _Coded:
    """G4 of at least 300 dpi: each place is compared with its own paper and half of the page's contrast."""
    import numpy
    from PIL import Image

    dpi = page.dpi or gate.fitted_dpi(*image.size)
    picture, scale = _at_most(image, min(1.0, 400 / dpi))
    luma = picture if picture.mode == "L" else picture.convert("L")
    if dpi * scale < G4_DPI:
        by = G4_DPI / (dpi * scale)
        luma = luma.resize((round(luma.width * by), round(luma.height * by)), Image.Resampling.BICUBIC)
        scale *= by
    ground = numpy.asarray(ink.ground_of(luma)).astype(numpy.int16)
    depth = ground - numpy.asarray(luma)
    marks = depth > ink.contrast_of(depth) * THRESHOLD
    out = io.BytesIO()
    Image.fromarray(~marks).save(out, "TIFF", compression="group4", strip_size=1 << 30)
    return _Coded(out.getvalue(), BILEVEL, "bilevel", page.dpi * scale if page.dpi else None, 1)


def _as_held(single: bytes, turn: int) -> bytes:
    """The page of one image turned and mirrored as the camera noted (EXIF 2 … 8), the image's data untouched."""
    import pikepdf

    with pikepdf.open(io.BytesIO(single)) as pdf:
        page, out = pdf.pages[0], io.BytesIO()
        _, _, width, height = (float(side) for side in page.mediabox)
        matrix = {
            2: (-1, 0, 0, 1, width, 0),
            3: (-1, 0, 0, -1, width, height),
            4: (1, 0, 0, -1, 0, height),
            5: (0, -1, -1, 0, height, width),
            6: (0, -1, 1, 0, 0, width),
            7: (0, 1, 1, 0, 0, 0),
            8: (0, 1, -1, 0, height, 0),
        }[turn]
        page.contents_add(pikepdf.Stream(pdf, b"q %g %g %g %g %g %g cm\n" % matrix), prepend=True)
        page.contents_add(pikepdf.Stream(pdf, b"\nQ"))
        page.mediabox = pikepdf.Array([0, 0, *((width, height) if turn < 5 else (height, width))])
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def placed(width: int, height: int, dpi: float | None) -> tuple[float, float, float, float]:
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
        plain = raster.grey_of(image)
    elif image.mode in ("RGBA", "PA") or "transparency" in image.info:
        plain = raster.on_white(image)
    else:
        plain = raster.shown(image).convert("RGB")
    plain.info.clear()
    plain.save(out, "PNG", compress_level=3)
    return out.getvalue()
