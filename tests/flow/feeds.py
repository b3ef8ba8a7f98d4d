"""Feeds as a scanner gives them: covers and text, turned, noisy, two-sided, with blanks, notes and spoilt covers.

Everything comes from a seed. Each page is drawn with its own number, so that no two files are alike by chance.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

import numpy
from PIL import Image, ImageDraw, ImageFont

from agent.domain.feed import Target
from agent.ports_pages import PageFile
from labels import fonts
from labels.sheets.cover import CoverSheet, covers
from tests import vietnamese_pages

DPI = 200
SIZE = (1654, 2339)
SHEETS = int(os.environ.get("FEED_SHEETS", "6"))  # texts; every page is one of them with its number on it
GREY = (232, 230, 222)


@dataclass(frozen=True)
class Part:
    """A component that a feed has pages for: its place, what its cover says, how many pages."""

    place: Target  # the component by its uid
    code: str  # as the cover names it
    name: str
    pages: int


@dataclass(frozen=True)
class Fed:
    """One image of a feed and what it is in truth."""

    data: bytes
    kind: str  # cover, unread, page, blank, back, noted (the second picture of a page, with a note on it)
    place: Target | None  # where it belongs


@dataclass
class Stack:
    """A feed: its images in order."""

    feed: UUID
    two_sided: bool
    images: list[Fed] = field(default_factory=list)

    def files(self) -> list[PageFile]:
        """The images as the scanner hands them over."""
        source = "ADF Duplex" if self.two_sided else "ADF"
        origin = {"kind": "sane", "device": "máy quét 1", "source": source, "mode": "Color", "asked_dpi": DPI}
        return [
            PageFile(f"{number:04}.jpg", image.data, origin, self.feed, number)
            for number, image in enumerate(self.images, start=1)
        ]

    @property
    def paper(self) -> int:
        """Pages of paper as a person counts them: no covers, no backs of covers, a page with a note once."""
        return sum(image.kind in ("page", "blank") for image in self.images)


@dataclass
class Trouble:
    """How many of each there still are to put in, and after how many sheets one comes."""

    blanks: int = 0
    notes: int = 0
    unread: int = 0
    every: int = 7


def draw(seed: int, parts: Sequence[Part], *, two_sided: bool, trouble: Trouble, feed: UUID) -> Stack:
    """One feed: before each part's pages its cover, in order."""
    chance = random.Random(seed)
    stack, numbers = Stack(feed, two_sided), iter(range(seed * 10_000, seed * 10_000 + 10_000))
    for part in parts:
        unread = trouble.unread > 0 and bool(stack.images) and chance.randrange(trouble.every) == 0
        trouble.unread -= unread
        cover = _cover(part)
        data = encoded(_fed(_spoilt(cover) if unread else cover, chance, turned=chance.choice((0, 0, 180))))
        stack.images.append(Fed(data, "unread" if unread else "cover", part.place))
        if two_sided:
            stack.images.append(Fed(_blank(chance, next(numbers)), "back", None))
        _pages(stack, part, chance, numbers, trouble)
    return stack


def _pages(stack: Stack, part: Part, chance: random.Random, numbers: object, trouble: Trouble) -> None:
    count = part.pages + (part.pages % 2 if stack.two_sided else 0)  # both sides of every sheet
    for number in range(count):
        serial = next(numbers)  # type: ignore[call-overload]
        if trouble.blanks > 0 and number and chance.randrange(trouble.every) == 0:
            trouble.blanks -= 1
            stack.images.append(Fed(_blank(chance, serial), "blank", part.place))
            continue
        image = text_page(serial)
        stack.images.append(Fed(encoded(_fed(image, chance)), "page", part.place))
        if trouble.notes > 0 and not stack.two_sided and chance.randrange(trouble.every) == 0:
            trouble.notes -= 1
            stack.images.append(Fed(encoded(_fed(_noted(image, chance), chance)), "noted", part.place))


def encoded(image: Image.Image) -> bytes:
    """The file of an image, as small as a scanner makes it."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60, dpi=(DPI, DPI))
    return out.getvalue()


@cache
def _text(number: int) -> Image.Image:
    faces = list(vietnamese_pages.faces())
    kind = ("clean", "noisy")[number % 2]
    drawn = vietnamese_pages.page(number, face=faces[number % len(faces)], kind=kind, points=12 + number % 3)
    return drawn.image.resize(SIZE, Image.Resampling.BOX)


def text_page(serial: int) -> Image.Image:
    """A page of Vietnamese text with its number at the foot."""
    image = _text(serial % SHEETS).copy()
    pen = ImageDraw.Draw(image)
    pen.text((SIZE[0] / 2, 2200), f"Trang {serial}", fill=(20, 20, 30), font=_font(), anchor="mm")
    return image


@cache
def _font() -> ImageFont.FreeTypeFont:
    return fonts.pillow(fonts.BOLD, 52)


@cache
def _cover(part: Part) -> Image.Image:
    import pypdfium2

    sheet = CoverSheet(
        part.place.dossier, part.code, part.name, 1, 1, "Thủ tục để thử", "Bưu cục Tây Hồ", training=True
    )  # fmt: skip
    picture: Image.Image = pypdfium2.PdfDocument(covers([sheet]))[0].render(scale=DPI / 72).to_pil().convert("RGB")
    return picture


def _spoilt(image: Image.Image) -> Image.Image:
    """Somebody tried a pen on all four codes."""
    image = image.copy()
    pen = ImageDraw.Draw(image)
    for top in (60, 110, 1720, 1790):
        pen.line([(90 + 38 * n, top + 530 * (n % 2)) for n in range(40)], fill=(20, 20, 60), width=18)
    return image


def _noted(image: Image.Image, chance: random.Random) -> Image.Image:
    image = image.copy()
    x, y = chance.randrange(80, 900), chance.randrange(100, 1500)
    pen = ImageDraw.Draw(image)
    pen.rectangle((x, y, x + 600, y + 600), fill=(250, 230, 110))
    pen.line([(x + 50 + 30 * n, y + 90 + 120 * (n % 4)) for n in range(17)], fill=(40, 50, 120), width=6)
    return image


def _fed(image: Image.Image, chance: random.Random, *, turned: int = 0) -> Image.Image:
    """As a feeder pulls it in: up to a degree askew, with grain."""
    if turned:
        image = image.rotate(turned)
    image = image.rotate(chance.uniform(-1, 1), Image.Resampling.BILINEAR, fillcolor=GREY)
    grain = numpy.roll(_grain(), (chance.randrange(SIZE[1]), chance.randrange(SIZE[0])), (0, 1))
    return Image.fromarray((numpy.asarray(image, dtype=numpy.int16) + grain).clip(0, 255).astype(numpy.uint8))


@cache
def _grain() -> numpy.ndarray[tuple[int, ...], numpy.dtype[numpy.int16]]:
    dice = numpy.random.default_rng(20261129)
    return dice.normal(0, 5, (SIZE[1], SIZE[0], 1)).astype(numpy.int16)


def _blank(chance: random.Random, serial: int) -> bytes:
    paper = numpy.roll(_grain(), (serial * 37, serial * 91), (0, 1))[:, :, 0] + round(chance.uniform(236, 246))
    return encoded(Image.fromarray(paper.clip(0, 255).astype(numpy.uint8)).convert("RGB"))
