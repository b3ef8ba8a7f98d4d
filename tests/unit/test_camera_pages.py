"""Pictures that a phone takes of papers: corners, the upright page, its text, and what the gate says of each."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime
from functools import cache

import page as validator
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFilter

from agent.documents import flatten
from agent.documents.digitiser import PageDigitiser
from agent.documents.ocr_data import find
from agent.domain.camera import chosen, sheet_of
from agent.errors import ConfigError
from agent.ports import PageImage, Verdict
from tests import phone_pictures as phone
from tests import vietnamese_pages as printed

DIGITISER = PageDigitiser()
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TABLES = list(phone.TABLES)


@cache
def drawn(seed: int) -> printed.Drawn:
    faces = printed.faces()
    if not faces:
        pytest.skip("no face of official papers on this machine (Debian: fonts-liberation2)")
    return printed.page(seed, face=next(iter(faces)))


@cache
def picture(seed: int) -> phone.Picture:
    """Three ways to hold a phone: three tables, more and less perspective, shadow and noise."""
    return phone.taken(
        drawn(seed).image, seed, table=TABLES[seed % 4], tilt=(0.03, 0.06, 0.09)[seed % 3], shadow=(0.2, 0.5)[seed % 2],
        noise=(3.0, 8.0)[seed % 2], fill=0.93,
    )  # fmt: skip


def judged(data: bytes, name: str = "a.jpg") -> PageImage:
    (page,) = DIGITISER.read_bytes(name, data)
    return page


@pytest.mark.parametrize("seed", range(3))
def test_the_sheets_corners_are_found_within_a_few_pixels(seed: int) -> None:
    page = judged(picture(seed).data)
    flat = page.seen["flat"]
    away = max(math.dist(a, b) for a, b in zip(flat["corners"], picture(seed).corners, strict=True))
    assert away < 4, f"{away:.1f} px"
    assert (page.verdict, page.findings[0], page.dpi) == (Verdict.WARN, "camera", None)
    assert page.raw == picture(seed).data, "what came in is the page's raw"
    assert "background" not in page.findings and abs(page.seen["skew"]) < 1
    assert 150 <= flat["dpi"] <= 300 and str(flat["dpi"]) in page.reason
    made = flatten.effective(page)
    assert (made.sha256, made.media) == (page.sha256, "image/jpeg") and made.raw != page.raw
    with Image.open(io.BytesIO(made.raw)) as upright:
        assert upright.size == (made.width, made.height) == tuple(flat["size"])


@pytest.mark.parametrize("seed", range(3))
def test_the_upright_page_is_read_like_a_scan(seed: int) -> None:
    try:
        find(None)
    except ConfigError:
        pytest.skip("no language data on this machine (Debian: tesseract-ocr-vie)")
    text = DIGITISER.read_text(judged(picture(seed).data))
    truth = "\n".join(line.text for line in drawn(seed).lines)
    assert printed.error_rate(truth, text.text) < 0.02


def test_shadows_are_taken_away_and_colours_stay() -> None:
    sheet = drawn(1).image.convert("RGB")
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((1500, 2600, 2000, 3100), outline=(205, 25, 35), width=24)
    taken = phone.taken(sheet, 11, shadow=0.5)
    page = judged(taken.data)
    assert "shadow" not in page.findings and page.seen["needs"] == "colour"
    made = Image.open(io.BytesIO(flatten.effective(page).raw)).convert("RGB").resize((620, 877))
    light = [made.convert("L").getpixel(at) for at in ((60, 60), (560, 60), (60, 800), (560, 800), (310, 850))]
    assert min(light) > 185 and min(light) > 0.8 * max(light)
    reds = [pixel for pixel in made.get_flattened_data() if pixel[0] > 140 and max(pixel[1:]) < 110]
    assert len(reds) > 300, "the seal is still red"


def no_sheet(kind: str) -> bytes:
    """Pictures of the same camera on which no whole sheet is to be seen."""
    if kind == "a sheet that fills the picture":
        image = drawn(0).image.convert("RGB").resize((3000, 4000)).filter(ImageFilter.GaussianBlur(1))
    elif kind == "a sheet of which a corner is outside":
        image = phone.taken(drawn(0).image, 3, fill=0.9).image.crop((700, 500, 3000, 3600))
    elif kind == "a table":
        image = phone.taken(Image.new("L", (20, 28), 90), 3, fill=0.02).image
    else:  # light spots on a cloth
        image = Image.effect_noise((3000, 4000), 60).filter(ImageFilter.GaussianBlur(40)).convert("RGB")
    note, out = Image.Exif(), io.BytesIO()
    note[flatten.MAKE] = "Acme"
    image.save(out, "JPEG", exif=note)
    return out.getvalue()


@pytest.mark.parametrize(
    "kind", ["a sheet that fills the picture", "a sheet of which a corner is outside", "a table", "spots"]
)
def test_a_picture_without_a_whole_sheet_is_left_alone(kind: str) -> None:
    page = judged(no_sheet(kind))
    assert "flat" not in page.seen and "camera" not in page.findings
    assert flatten.effective(page) is page


def test_a_scan_is_never_taken_for_a_cameras_picture() -> None:
    out = io.BytesIO()
    picture(0).image.resize((2480, 3508)).save(out, "JPEG", dpi=(300, 300))
    page = judged(out.getvalue())
    assert "flat" not in page.seen and page.dpi == 300 and "background" in page.findings


def test_the_gate_tells_what_is_wrong_with_the_sheet_on_the_picture() -> None:
    far = judged(phone.taken(drawn(0).image, 5, fill=0.6, tilt=0.02).data)
    assert (far.verdict, far.seen["flat"]["dpi"] < 200) == (Verdict.REFUSED, True)
    assert "far" in far.findings and "Chụp gần hơn" in far.reason
    assert "blurred" in judged(phone.taken(drawn(0).image, 5, blur=6).data).findings
    out = io.BytesIO()
    picture(0).image.point([level // 5 for level in range(256)] * 3).save(out, "JPEG", quality=95)
    assert "too-dark" in judged(out.getvalue()).findings


def test_a_picture_that_was_turned_by_the_camera_is_found_as_one_looks_at_it() -> None:
    note, out = Image.Exif(), io.BytesIO()
    note[flatten.MAKE], note[0x0112] = "Acme", 6
    picture(0).image.rotate(90, expand=True).save(out, "JPEG", quality=90, exif=note)
    page = judged(out.getvalue())
    away = max(math.dist(a, b) for a, b in zip(page.seen["flat"]["corners"], picture(0).corners, strict=True))
    assert away < 4
    assert page.seen["flat"]["size"][0] < page.seen["flat"]["size"][1]


def test_the_copy_holds_the_upright_page_and_says_from_what_it_was_made() -> None:
    page = judged(picture(2).data)
    copy = DIGITISER.copy([page], title="Tờ khai", at=AT)
    assert validator.is_pdf_compliant_bytes(copy.pdf, profile="2b")
    (said,) = copy.evidence["pages"]
    assert (said["how"], said["sha256"]) == ("corrected", page.sha256)
    assert said["derived"]["corners"] == page.seen["flat"]["corners"]
    assert said["derived"]["from"]["width"] == 2400
    with pikepdf.open(io.BytesIO(copy.pdf)) as pdf:
        assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == pytest.approx([595, 842], abs=2)


def test_the_clerk_can_refuse_the_correction_and_take_it_again() -> None:
    page = judged(picture(0).data)
    seen, findings, verdict, reason = chosen(page.seen, page.findings, flat=False)
    assert sheet_of(seen) is None and findings[:2] == ["no-dpi", "background"] and verdict == "warn"
    assert "mặt bàn" in reason
    again = chosen(seen, findings, flat=True)
    assert again[1][0] == "camera" and sheet_of(again[0]) == page.seen["flat"]
