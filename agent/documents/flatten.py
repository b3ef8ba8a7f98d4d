"""A camera's picture of a sheet becomes the upright page: cut out at its corners, straight, its light evened."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.documents import gate, quad, raster
from agent.errors import DocumentError
from agent.ports import PageImage

if TYPE_CHECKING:
    from PIL import Image

A_SERIES, TOLERANCE = 297 / 210, 0.09  # how far a measured ratio may lie from it
QUALITY = 80
MAKE, MODEL = 0x010F, 0x0110  # EXIF tags that cameras write and scanners do not
FILLER = 150  # dpi: what a camera writes is less, what a scanner that names its maker writes is more
LIGHTEST = 2.2  # how much a dark part is made lighter at most
SHADED = 0.92  # of the shadow is taken away: "lightly", so that a stamp's edge does not glow


def true_dpi(image: Image.Image, dpi: int | None) -> int | None:
    """The dpi of an opened image; a camera writes a filler, as 72."""
    return None if dpi is not None and dpi < FILLER and _by_camera(image) else dpi


def is_candidate(image: Image.Image, dpi: int | None) -> bool:
    """Whether an opened image may be a camera's: it says so, or has no dpi and not the shape of a sheet."""
    ratio = max(image.size) / max(1, min(image.size))
    return dpi is None and (_by_camera(image) or abs(ratio / A_SERIES - 1) > 0.012)


def _by_camera(image: Image.Image) -> bool:
    try:
        exif = image.getexif()
    except raster.BAD_IMAGE:
        return False
    return bool(exif.get(MAKE) or exif.get(MODEL))


def found(picture: Image.Image, scale: float) -> dict[str, Any] | None:
    """What is kept of a sheet on an upright picture that was shrunk by `scale`: corners, size and dpi of its page.

    `dpi` is what the camera gave for A4; None where the sheet has not A4's shape, and then nobody knows its size.
    """
    sheet = quad.find(picture)
    if sheet is None:
        return None
    corners = [[round(x * scale, 1), round(y * scale, 1)] for x, y in sheet.corners]
    across = (sheet.side(0) + sheet.side(2)) / 2 * scale
    down = (sheet.side(1) + sheet.side(3)) / 2 * scale
    lying = sheet.ratio < 1
    ratio = sheet.ratio if not lying else 1 / sheet.ratio
    if abs(ratio / A_SERIES - 1) > TOLERANCE:
        size = (round(across), round(across * sheet.ratio))
        return {"corners": corners, "size": list(size), "dpi": None, "use": True}
    width, height = (gate.A4[1], gate.A4[0]) if lying else gate.A4
    dpi = round(min(across / width, down / height))
    made = min(gate.WANTED_DPI, round(max(across / width, down / height)))
    return {
        "corners": corners, "size": [round(width * made), round(height * made)], "dpi": dpi, "made_dpi": made,
        "use": True,
    }  # fmt: skip


def is_used(page: PageImage) -> bool:
    """Whether the page is to be taken as the sheet that was found on it."""
    return bool((page.seen.get("flat") or {}).get("use"))


def effective(page: PageImage) -> PageImage:
    """The page itself, or the derived upright one in its place; its `sha256` stays that of what came in."""
    if not is_used(page):
        return page
    flat = page.seen["flat"]
    raw = _encoded(flattened(page.raw, page.media, flat), flat.get("made_dpi"))
    width, height = flat["size"]
    return replace(page, raw=raw, media="image/jpeg", width=width, height=height, dpi=flat.get("made_dpi"))


def flattened(raw: bytes, media: str, flat: Mapping[str, Any], *, width: int = 0) -> Image.Image:
    """The upright page as a picture, of its full size or `width` pixels wide; DocumentError when it cannot be shown."""
    from PIL import Image

    size = (int(flat["size"][0]), int(flat["size"][1]))
    if width and width < size[0]:
        size = (width, max(1, round(size[1] * width / size[0])))
    wanted = max(1.0, flat["size"][0] / size[0] / 1.5)
    try:
        with Image.open(io.BytesIO(raw), formats=[media.removeprefix("image/").upper()]) as image:
            whole = image.size if raster.orientation_of(image) < 5 else image.size[::-1]
            if gate.too_heavy(image.mode, image.size):
                wanted = max(wanted, 2.0)  # a camera of 50 megapixels: half of it is plenty
            image.draft("RGB", (round(image.width / wanted), round(image.height / wanted)))
            raster.note_inks(image)
            upright = raster.upright(image)
            upright = upright if upright.mode == "RGB" else upright.convert("RGB")
            shrunk = upright.width / whole[0]
            numbers = _coefficients([(x * shrunk, y * shrunk) for x, y in flat["corners"]], size)
            how = Image.Transform.PERSPECTIVE
            cut = upright.transform(size, how, numbers, Image.Resampling.BICUBIC, fillcolor="white")
    except (*raster.BAD_IMAGE, Image.DecompressionBombError) as error:
        raise DocumentError(gate.REFUSALS["torn"]) from error
    return _evened(cut)


def _encoded(picture: Image.Image, dpi: int | None) -> bytes:
    out = io.BytesIO()
    told = {"dpi": (dpi, dpi)} if dpi else {}
    picture.save(out, "JPEG", quality=QUALITY, subsampling=0 if picture.mode == "L" else 2, **told)
    return out.getvalue()


def _coefficients(corners: list[tuple[float, float]], size: tuple[int, int]) -> list[float]:
    """PIL's eight numbers that take a pixel of the page to its place between the corners."""
    import numpy

    width, height = size
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, [(0, 0), (width, 0), (width, height), (0, height)], strict=True):
        rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
        values += [x, y]
    return [float(one) for one in numpy.linalg.solve(numpy.array(rows, float), numpy.array(values, float))]


def _evened(picture: Image.Image) -> Image.Image:
    """The page as if light fell evenly on it: each part is made lighter by what the paper there lacks, colours kept."""
    import numpy
    from PIL import Image, ImageFilter

    luma = picture.convert("L")
    side = max(16, max(picture.size) // 90)
    coarse = luma.reduce(side).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2))
    ground = numpy.asarray(coarse.resize(picture.size, Image.Resampling.BICUBIC))
    paper = float(numpy.percentile(ground[::8, ::8], 90))
    target = min(245.0, max(paper, 225.0))
    out = Image.new("RGB", picture.size)
    for top in range(0, picture.height, 256):  # in strips, so that little memory is held
        rows = ground[top : top + 256].astype(numpy.float32)
        gain = (target / numpy.maximum(rows, 1)).clip(1 / LIGHTEST, LIGHTEST) ** SHADED
        part = numpy.asarray(picture.crop((0, top, picture.width, top + len(rows)))).astype(numpy.float32)
        out.paste(Image.fromarray((part * gain[..., None]).clip(0, 255).astype(numpy.uint8)), (0, top))
    return out
