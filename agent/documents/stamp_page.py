"""What lies on the first page of a copy, at one pixel a point: its scan decoded small, else the page rendered."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from agent.documents import pdfpages

if TYPE_CHECKING:
    from PIL import Image

Box = tuple[float, float, float, float]
INVISIBLE = 3  # text render mode of what OCR puts under a scan
TEXT = {
    "BT",
    "ET",
    "Tf",
    "Td",
    "TD",
    "Tm",
    "T*",
    "Tc",
    "Tw",
    "Tz",
    "TL",
    "Ts",
    "Tj",
    "TJ",
    "'",
    '"',
    "BMC",
    "BDC",
    "EMC",
}
DEEPEST = 3


def first_page(pdf: bytes) -> tuple[Box, Image.Image]:
    """The visible box of page 1 in points, and the page as a grey picture of its size.

    A scan of 9 megapixels takes 75 ms to render and 11 to decode at a quarter of its size.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        page = opened.pages[0]
        left, bottom, right, top = (float(side) for side in page.cropbox)
        box = (left, bottom, right, top)
        try:
            small = _scan(page, box)
        except _NotAScan:
            small = None
    if small is not None:
        return box, small
    return box, pdfpages.render(pdf, dpi=72, grey=True)


class _NotAScan(Exception):
    """Something else than one upright JPEG, and text that is not seen, is on the page."""


def _scan(page: Any, box: Box) -> Image.Image:
    from PIL import Image

    if "/Annots" in page or int(page.get("/Rotate", 0)) % 360 or "/UserUnit" in page:
        raise _NotAScan
    found = _images(page, page.get("/Resources"), (1, 0, 0, 1, 0, 0), 0)
    if len(found) != 1:
        raise _NotAScan
    image, (width, _, _, height, x, y) = found[0]
    placed = (x, y, x + width, y + height)
    if any(abs(a - b) > 1 for a, b in zip(placed, box, strict=True)) or not _is_plain_jpeg(image):
        raise _NotAScan
    size = (math.ceil(box[2] - box[0]), math.ceil(box[3] - box[1]))
    with Image.open(io.BytesIO(image.read_raw_bytes())) as opened:
        if opened.mode not in ("L", "RGB"):
            raise _NotAScan
        opened.draft("L", size)
        return opened.convert("L").resize(size, Image.Resampling.BOX)


def _is_plain_jpeg(image: Any) -> bool:
    odd = ("/SMask", "/Mask", "/Decode", "/DecodeParms")
    return image.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]) and not any(name in image for name in odd)


def _images(stream: Any, resources: Any, matrix: tuple[float, ...], depth: int) -> list[tuple[Any, tuple[float, ...]]]:
    """The images that a content stream paints, with their matrices; _NotAScan for anything else that may be seen."""
    import pikepdf

    found, saved, mode = list[tuple[Any, tuple[float, ...]]](), list[tuple[tuple[float, ...], int]](), 0
    for instruction in pikepdf.parse_content_stream(stream):
        operands, name = instruction.operands, str(instruction.operator)
        if name == "q":
            saved.append((matrix, mode))
        elif name == "Q" and saved:
            matrix, mode = saved.pop()
        elif name == "cm":
            matrix = _times(tuple(float(value) for value in operands), matrix)
        elif name == "Tr":
            mode = int(operands[0])
        elif name == "Do":
            found += _painted(resources, operands[0], matrix, depth)
        elif name not in TEXT or (name in ("Tj", "TJ", "'", '"') and mode != INVISIBLE):
            raise _NotAScan
    return found


def _painted(resources: Any, name: Any, matrix: tuple[float, ...], depth: int) -> list[tuple[Any, tuple[float, ...]]]:
    painted = resources["/XObject"][name]
    if painted.get("/Subtype") == "/Image":
        if abs(matrix[1]) + abs(matrix[2]) > 1e-6:
            raise _NotAScan
        return [(painted, matrix)]
    if depth >= DEEPEST:
        raise _NotAScan
    return _images(painted, painted.get("/Resources", resources), matrix, depth + 1)


def _times(one: tuple[float, ...], two: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
