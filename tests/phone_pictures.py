"""Pictures of printed pages as a phone takes them: on a table, from an angle, in uneven light, with noise."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import numpy
from PIL import Image, ImageChops, ImageDraw, ImageFilter

TABLES = {"wood": (120, 82, 52), "grey": (96, 98, 102), "green": (58, 92, 70), "dark": (42, 40, 44)}


@dataclass(frozen=True)
class Picture:
    """A camera's file and where the page's corners truly are: top left, top right, bottom right, bottom left."""

    data: bytes
    corners: tuple[tuple[float, float], ...]
    image: Image.Image


def taken(
    page: Image.Image, seed: int, *, size: tuple[int, int] = (2400, 3200), fill: float = 0.86, tilt: float = 0.06,
    table: str = "wood", shadow: float = 0.35, noise: float = 5.0, blur: float = 0.8, exif: bool = True,
) -> Picture:  # fmt: skip
    """A picture of `page` that fills so much of it; `tilt` moves the corners by that share of the picture."""
    chance = random.Random(seed)
    width, height = size
    page = page.convert("RGB")
    high = fill * height
    wide = min(fill * width, high * page.width / page.height)
    high = wide * page.height / page.width
    left, top = (width - wide) / 2, (height - high) / 2
    straight = [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)]
    away = tilt * min(width - wide, height - high) * 3
    moved = [(x + chance.uniform(-away, away), y + chance.uniform(-away, away)) for x, y in straight]
    corners = tuple((min(width - 12, max(12, x)), min(height - 12, max(12, y))) for x, y in moved)
    ground = _table(size, TABLES[table], chance)
    sheet = page.transform(size, Image.Transform.PERSPECTIVE, _onto(corners, page.size), Image.Resampling.BICUBIC)
    mask = Image.new("L", page.size, 255).transform(
        size, Image.Transform.PERSPECTIVE, _onto(corners, page.size), Image.Resampling.BILINEAR
    )
    ground.paste(sheet, (0, 0), mask)
    lit = _lit(ground.filter(ImageFilter.GaussianBlur(blur)), shadow, noise, chance)
    out, note = io.BytesIO(), Image.Exif()
    if exif:
        note[0x010F], note[0x0110] = "Acme", "Phone 12"
    lit.save(out, "JPEG", quality=88, exif=note)
    return Picture(out.getvalue(), corners, lit)


def _table(size: tuple[int, int], colour: tuple[int, int, int], chance: random.Random) -> Image.Image:
    """A table with a grain."""
    coarse = numpy.random.default_rng(chance.randrange(1 << 30)).normal(0, 9, (size[1] // 8, size[0] // 80))
    grain = Image.fromarray((coarse + 128).clip(0, 255).astype(numpy.uint8)).resize(size, Image.Resampling.BICUBIC)
    return Image.merge("RGB", [grain.point([level - 128 + channel for level in range(256)]) for channel in colour])


def _lit(image: Image.Image, shadow: float, noise: float, chance: random.Random) -> Image.Image:
    """Light from one side, the shadow of a hand, and the sensor's noise."""
    width, height = image.size
    x, y = numpy.meshgrid(numpy.linspace(-1, 1, width // 8), numpy.linspace(-1, 1, height // 8))
    turn = chance.uniform(0, 6.28)
    light = 1 - shadow * 0.5 * (1 + (x * numpy.cos(turn) + y * numpy.sin(turn)) / 1.42)
    hand = Image.new("L", (width // 8, height // 8), 255)
    ImageDraw.Draw(hand).ellipse((width // 10, height // 12, width // 4, height // 7), fill=round(255 * (1 - shadow)))
    light *= numpy.asarray(hand.filter(ImageFilter.GaussianBlur(width // 120))) / 255
    whole = Image.fromarray((light * 255).clip(0, 255).astype(numpy.uint8)).resize(
        image.size, Image.Resampling.BILINEAR
    )
    lit = ImageChops.multiply(image, Image.merge("RGB", [whole] * 3))
    if not noise:
        return lit
    grains = numpy.random.default_rng(chance.randrange(1 << 30)).normal(128, noise, (512, 512)).clip(0, 255)
    tile, sensor = Image.fromarray(grains.astype(numpy.uint8)), Image.new("L", image.size)
    for left in range(0, width, 512):
        for top in range(0, height, 512):
            sensor.paste(tile, (left, top))
    return ImageChops.add(lit, Image.merge("RGB", [sensor] * 3), offset=-128)


def _onto(corners: tuple[tuple[float, float], ...], size: tuple[int, int]) -> list[float]:
    """PIL's coefficients that put a page of `size` onto these corners."""
    width, height = size
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, [(0, 0), (width, 0), (width, height), (0, height)], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return list(numpy.linalg.solve(numpy.array(rows), numpy.array(values)))
