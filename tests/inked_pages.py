"""Printed pages with what people add: a red seal, a signature in blue or black, writing by hand, a photo."""

from __future__ import annotations

import math
import random

import numpy
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests import vietnamese_pages as printed

KINDS = ("text", "table", "seal", "blue signature", "black signature", "pencil", "photo", "faint red mark")


def scanned(kind: str, seed: int = 1, *, noise: float = 4.0) -> Image.Image:
    """A page in colour as a scanner gives it, 300 dpi; text alone, or text and `kind`."""
    image = printed.page(seed, face=next(iter(printed.faces()))).image.convert("RGB")
    pen, chance = ImageDraw.Draw(image), random.Random(seed)
    if kind == "table":
        for row in range(5):
            pen.line((300, 2900 + 80 * row, 2180, 2900 + 80 * row), fill=(20, 20, 20), width=4)
        for column in range(5):
            pen.line((300 + 470 * column, 2900, 300 + 470 * column, 3220), fill=(20, 20, 20), width=4)
    elif kind == "seal":
        pen.ellipse((1500, 2700, 1960, 3160), outline=(214, 60, 66), width=14)
        pen.ellipse((1590, 2790, 1870, 3070), outline=(214, 60, 66), width=6)
    elif kind.endswith("signature"):
        colour = (40, 60, 170) if kind.startswith("blue") else (22, 22, 24)
        points = [
            (1450 + 8 * step, 2950 + 130 * math.sin(step / 5) * math.cos(step / 17) + chance.uniform(-9, 9))
            for step in range(80)
        ]
        pen.line(points, fill=colour, width=7, joint="curve")
    elif kind == "pencil":
        for line in range(3):
            start = 320.0
            for _ in range(60):
                end = start + chance.uniform(12, 26)
                points = [(start, 2800 + 120 * line + chance.uniform(-28, 28)) for _ in range(2)]
                pen.line([points[0], (end, points[1][1])], fill=(135, 135, 138), width=5)
                start = end
    elif kind == "photo":
        shades = numpy.linspace(40, 220, 400)[None, :] * numpy.linspace(0.5, 1, 500)[:, None]
        image.paste(Image.fromarray(shades.astype(numpy.uint8)).convert("RGB"), (1700, 2600))
    elif kind == "faint red mark":
        pen.line((1700, 2900, 1860, 2960), fill=(225, 120, 120), width=9)
    grains = numpy.random.default_rng(seed).standard_normal((image.height, image.width), dtype=numpy.float32)
    grain = Image.fromarray((grains * noise + 128.5).clip(0, 255).astype(numpy.uint8))
    paper = image.filter(ImageFilter.GaussianBlur(0.7)).point([level * 247 // 255 for level in range(256)] * 3)
    return ImageChops.add(paper, Image.merge("RGB", [grain] * 3), offset=-128)
