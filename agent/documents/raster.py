"""Images as Pillow opens them become pictures that can be looked at: upright, in plain modes, held once."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

BAD_IMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, struct.error)
ORIENTATION = 0x0112  # the EXIF tag
INKS = "inks as they are"
STRIP = 256  # rows that are held at once
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # how PIL transposes what a camera noted so


def grey_of(image: Image.Image) -> Image.Image:
    """The image in mode L; 16-bit scales keep their upper byte, transparency shows white paper."""
    from PIL import Image

    if image.mode.startswith("I"):
        import numpy

        return Image.fromarray((numpy.asarray(image) >> 8).clip(0, 255).astype(numpy.uint8))
    if _transparent(image):
        return on_white(image).convert("L")
    return image.convert("L")


def on_white(image: Image.Image) -> Image.Image:
    """The image in RGB with white paper where it is transparent."""
    from PIL import Image

    picture = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def shown(image: Image.Image) -> Image.Image:
    """The image in a mode that a screen shows (L or RGB)."""
    if image.mode in ("1", "L") or image.mode.startswith("I"):
        return grey_of(image)
    if image.info.get(INKS):
        from PIL import ImageChops

        return ImageChops.invert(image).convert("RGB")
    return on_white(image) if _transparent(image) else image.convert("RGB")


def orientation_of(image: Image.Image) -> int:
    """How a camera says that it was held, 1 (upright) … 8; 1 for a note that cannot be read."""
    try:
        noted = image.getexif().get(ORIENTATION, 1)
    except BAD_IMAGE:
        return 1
    return noted if isinstance(noted, int) and 1 <= noted <= 8 else 1


def note_inks(image: Image.Image) -> None:
    """Note on an opened CMYK JPEG without Adobe's mark that its inks are as they are: Pillow takes all for inverted."""
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        image.info[INKS] = True


def upright(image: Image.Image) -> Image.Image:
    """The page as it is to be looked at: in L, RGB or YCbCr, turned as a camera noted."""
    return _turned(_plain(image), image)


def shrunk(image: Image.Image, scale: float) -> Image.Image:
    """The image upright in L, RGB or YCbCr, `scale` (under 1) as large; strip by strip, to hold it once."""
    from PIL import Image

    width, height = (max(1, round(side * scale)) for side in image.size)
    step, whole = image.height / height, None
    for top in range(0, height, STRIP):
        bottom = min(height, top + STRIP)
        first, last = max(0, int(top * step) - 12), min(image.height, int(bottom * step) + 12)
        strip = _plain(image.crop((0, first, image.width, last)))
        box = (0, top * step - first, image.width, min(bottom * step, image.height) - first)
        part = strip.resize((width, bottom - top), Image.Resampling.LANCZOS, box=box)
        whole = whole or Image.new(part.mode, (width, height))
        whole.paste(part, (0, top))
    assert whole is not None
    return _turned(whole, image)


def _plain(image: Image.Image) -> Image.Image:
    """In L, RGB or YCbCr; the image itself where it is."""
    as_it_is = image.mode in ("L", "YCbCr", "RGB") and not _transparent(image)
    return image if as_it_is else shown(image)


def _turned(plain: Image.Image, noted: Image.Image) -> Image.Image:
    """`plain` turned and mirrored as the note in `noted` says."""
    from PIL import Image

    turn = orientation_of(noted)
    return plain.transpose(Image.Transpose(TURNS[turn])) if turn in TURNS else plain


def small(image: Image.Image, longest: int) -> Image.Image:
    """The whole image upright in L, RGB or YCbCr, shrunk to about `longest`; strip by strip, to hold it once."""
    from PIL import Image

    factor = max(1, round(max(image.size) / longest))
    if factor == 1:
        found = upright(image)
        return found.copy() if found is image else found  # one that no closed file hangs on
    rows = factor * max(1, 2_000_000 // (factor * image.width))
    strips = [
        _plain(image.crop((0, top, image.width, min(image.height, top + rows)))).reduce(factor)
        for top in range(0, image.height, rows)
    ]
    whole = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    top = 0
    for strip in strips:
        whole.paste(strip, (0, top))
        top += strip.height
    return _turned(whole, image)


def _transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
