"""What the gate finds on pictures of printed pages: turned, skewed, blurred, cut, photographed, and with codes."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import cache

import numpy
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from agent.documents.digitiser import PageDigitiser
from agent.domain.page_rules import RULES, Severity
from agent.ports import PageImage, Verdict
from labels.sheets.cover import CoverSheet, covers
from tests.vietnamese_pages import SIZE, encoded, faces, page

DIGITISER = PageDigitiser()
COVER = CoverSheet(
    "T1-6T21-00CQ", "TP-02", "Giấy chứng sinh", 2, 4, "Đăng ký khai sinh", "Bưu cục Tây Hồ", training=False
)
Spoil = Callable[[Image.Image], Image.Image]


@cache
def text(kind: str = "noisy", seed: int = 7, face: str = "Liberation Serif") -> Image.Image:
    if face not in faces():
        pytest.skip(f"no face {face}: install the package fonts-liberation2")
    return page(seed, face=face, kind=kind).image


@cache
def cover() -> Image.Image:
    import pypdfium2

    return pypdfium2.PdfDocument(covers([COVER]))[0].render(scale=300 / 72).to_pil().convert("RGB")


def seen(image: Image.Image, kind: str = "JPEG", **options: object) -> PageImage:
    (one,) = DIGITISER.read_bytes(f"a.{kind.lower()}", encoded(image, kind, **options))
    return one


def turned(degrees: float, fill: object = (230, 228, 220)) -> Spoil:
    """Turned clockwise as a scanner turns; a quarter turn changes the sheet."""
    return lambda image: image.rotate(-degrees, Image.Resampling.BICUBIC, expand=degrees % 90 == 0, fillcolor=fill)


def photographed(table: tuple[int, int, int]) -> Spoil:
    """Seen aslant on a table."""

    def shoot(image: Image.Image) -> Image.Image:
        width, height = image.size
        corners = [(260, 200), (width - 150, 330), (width - 320, height - 180), (120, height - 300)]
        rows, aim = [], []
        for (x, y), (u, v) in zip(corners, [(0, 0), (width, 0), (width, height), (0, height)], strict=True):
            rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            aim += [u, v]
        way = numpy.linalg.solve(numpy.array(rows, float), numpy.array(aim, float))
        bent = Image.Transform.PERSPECTIVE
        return image.transform(image.size, bent, way.tolist(), Image.Resampling.BICUBIC, fillcolor=table)

    return shoot


def shaded(darkest: float) -> Spoil:
    def shade(image: Image.Image) -> Image.Image:
        light = numpy.linspace(darkest, 1, image.width)[None, :, None]
        return Image.fromarray((numpy.asarray(image) * light).astype(numpy.uint8))

    return shade


def drawn(draw: Callable[[ImageDraw.ImageDraw], object]) -> Spoil:
    def spoil(image: Image.Image) -> Image.Image:
        copy = image.copy()
        draw(ImageDraw.Draw(copy))
        return copy

    return spoil


def faded(image: Image.Image) -> Image.Image:
    return Image.blend(image, Image.new("RGB", image.size, (250, 250, 245)), 0.8)


TABLE: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "as it should be": (lambda image: image, ()),
    "a little askew": (turned(1.5), ()),
    "four degrees askew": (turned(4), ("skewed",)),
    "four degrees the other way": (turned(-4), ("skewed",)),
    "askew on a black lid": (turned(4, 0), ("black-border", "skewed")),
    "upside down": (turned(180), ("upside-down",)),
    "on its left side": (turned(270), ("sideways",)),
    "on its right side": (turned(90), ("sideways",)),
    "out of focus": (lambda image: image.filter(ImageFilter.GaussianBlur(4)), ("blurred",)),
    "a little soft": (lambda image: image.filter(ImageFilter.GaussianBlur(1.5)), ()),
    "dark": (lambda image: ImageEnhance.Brightness(image).enhance(0.4), ("too-dark",)),
    "faint": (faded, ("too-faint",)),
    "in a shadow": (shaded(0.35), ("shadow",)),
    "in a light shadow": (shaded(0.8), ()),
    "with a black strip": (drawn(lambda pen: pen.rectangle((0, 0, 60, SIZE[1]), fill=(10, 10, 10))), ("black-border",)),
    "cut through the words": (lambda image: image.crop((420, 0, *SIZE)), ("cut-edge", "odd-size")),
    "on a dark table": (photographed((60, 50, 45)), ("background", "skewed")),
    "on a wooden table": (photographed((150, 110, 70)), ("background", "skewed")),
    "at 150 dpi": (lambda image: image.resize((1240, 1754)), ("no-dpi", "low-dpi")),
    "half the sheet": (lambda image: image.resize((1748, 2480)), ("odd-size",)),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_gate_finds_what_is_wrong_with_a_page_and_nothing_else(name: str) -> None:
    spoil, expected = TABLE[name]
    found = seen(spoil(text()), quality=80, **({"dpi": (1, 1)} if name == "at 150 dpi" else {}))
    assert found.findings == expected
    weights = {RULES[code].severity for code in expected}
    worst = next((w for w in (Severity.REFUSE, Severity.ASK) if w in weights), Severity.NOTE)
    assert found.verdict == {"refuse": Verdict.REFUSED, "ask": Verdict.WARN, "note": Verdict.OK}[worst]
    assert bool(found.reason) == (found.verdict is not Verdict.OK)
    assert "{" not in found.reason and "?" not in found.reason


@pytest.mark.parametrize("face", ["Liberation Serif", "Liberation Sans", "Free Serif", "DejaVu Serif", "DejaVu Sans"])
@pytest.mark.parametrize("kind", ["clean", "skewed"])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_turn_that_sets_a_page_upright_is_told_in_every_face(face: str, kind: str, turn: int) -> None:
    image = text(kind, 11, face)
    assert seen(turned(turn)(image)).seen["turn"] == (360 - turn) % 360


def test_the_skew_is_measured_to_two_tenths_of_a_degree() -> None:
    for seed in (1, 2, 3):
        drawn_page = page(seed, face="Liberation Serif", kind="skewed")
        assert math.isclose(seen(drawn_page.image).seen["skew"], drawn_page.angle, abs_tol=0.2)


def halftone(image: Image.Image) -> Image.Image:
    grain = Image.effect_noise((700, 900), 40).convert("RGB")
    image = image.copy()
    image.paste(grain, (1400, 2200))
    return image


def initials(image: Image.Image) -> Image.Image:
    return drawn(lambda pen: pen.line([(300 + 40 * n, 3000 + 90 * (n % 2)) for n in range(14)], (30, 60, 170), 9))(
        image
    )


@pytest.mark.parametrize(
    ("make", "needs"),
    [
        (lambda: text("clean"), "bilevel"),
        (lambda: text("noisy"), "colour"),  # a red seal
        (lambda: initials(text("clean")), "colour"),
        (lambda: halftone(text("clean")), "grey"),
        (lambda: text("noisy").convert("L"), "bilevel"),
    ],
    ids=["text", "seal", "blue ink", "photo", "grey text"],
)
def test_a_page_is_known_to_need_colour_grey_or_neither(make: Callable[[], Image.Image], needs: str) -> None:
    assert seen(make()).seen["needs"] == needs


# --- codes -------------------------------------------------------------------------------------
@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 3, -5, 177])
@pytest.mark.parametrize("noise", [False, True])
def test_a_cover_sheet_is_read_and_known_whichever_way_it_is_fed(degrees: int, noise: bool) -> None:
    image = turned(degrees, "white")(cover())
    if noise:
        grain = numpy.random.default_rng(5).standard_normal(image.size[::-1], dtype=numpy.float32) * 22 + 128.5
        speckles = Image.fromarray(grain.clip(0, 255).astype(numpy.uint8))
        pale = image.point([round(level * 0.8 + 20) for level in range(256)] * 3)
        image = ImageChops.add(pale, Image.merge("RGB", [speckles] * 3), offset=-128)
    found = seen(image, quality=60)
    assert {code["text"] for code in found.seen["codes"]} == {COVER.payload}
    assert found.seen["cover"]
    assert found.verdict is Verdict.OK


SPOILT: dict[str, Spoil] = {
    "out of focus": lambda image: image.filter(ImageFilter.GaussianBlur(12)),
    "scribbled over": drawn(
        lambda pen: [
            pen.line([(150 + 60 * n, y + 800 * (n % 2)) for n in range(37)], "black", 26)
            for y in (100, 160, 2600, 2660)
        ]
    ),
    "torn off codes": drawn(lambda pen: [pen.rectangle((0, y, SIZE[0], y + 950), fill="white") for y in (0, 2560)]),
}


@pytest.mark.parametrize("degrees", [0, 180, 2, -3, 90])
@pytest.mark.parametrize("how", SPOILT)
def test_a_cover_sheet_whose_codes_are_spoilt_is_still_known_as_one(how: str, degrees: int) -> None:
    found = seen(turned(degrees, "white")(SPOILT[how](cover())))
    assert (found.seen["codes"], found.seen["cover"]) == ([], True)


@pytest.mark.parametrize("kind", ["clean", "noisy", "skewed"])
def test_no_page_of_text_is_taken_for_a_cover_sheet(kind: str) -> None:
    for face in faces():
        found = seen(text(kind, 3, face))
        assert (found.seen["codes"], found.seen["cover"]) == ([], False)


def test_a_code_at_the_top_left_says_where_it_stands() -> None:
    import zxingcpp

    made = zxingcpp.create_barcode("H26.019.02-20261121-0000007|1.001193", zxingcpp.BarcodeFormat.QRCode)
    code = zxingcpp.write_barcode_to_image(made, scale=9)
    image = text("clean").copy()
    image.paste(Image.fromarray(numpy.array(code)).convert("RGB"), (80, 80))
    (found,) = seen(image).seen["codes"]
    assert found["text"].startswith("H26.019.02")
    assert found["x"] < 0.2 and found["y"] < 0.2


def test_a_cover_in_a_pdf_from_a_copier_is_read_too() -> None:
    both = io.BytesIO()
    cover().save(both, "PDF", resolution=300, save_all=True, append_images=[text()])
    first, second = DIGITISER.read_bytes("scan.pdf", both.getvalue())
    assert ({code["text"] for code in first.seen["codes"]}, first.seen["cover"]) == ({COVER.payload}, True)
    assert (second.seen["codes"], second.seen["cover"], second.seen["needs"]) == ([], False, "colour")
