"""What a page becomes in the copy: colour stays where there is a seal, a hand or a photo; text alone may be G4."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import page as validator
import pikepdf
import pytest
from PIL import Image

from agent.documents import pdfpages
from agent.documents.capture_rules import CaptureRules
from agent.documents.digitiser import PageDigitiser
from agent.documents.ocr_data import find
from agent.errors import ConfigError
from agent.ports import Copy
from tests import inked_pages as inked
from tests import vietnamese_pages as printed

AUTO, NEVER = PageDigitiser(rules=CaptureRules(bilevel="auto")), PageDigitiser()
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@cache
def scan(kind: str, form: str = "JPEG") -> bytes:
    if not printed.faces():
        pytest.skip("no face of official papers on this machine (Debian: fonts-liberation2)")
    out = io.BytesIO()
    inked.scanned(kind).save(out, form, dpi=(300, 300), **({"quality": 75} if form == "JPEG" else {}))
    return out.getvalue()


def copied(digitiser: PageDigitiser, data: bytes, name: str = "a.jpg") -> Copy:
    return digitiser.copy(digitiser.read_bytes(name, data), title="Tờ khai", at=AT)


def require_sound(pdf: bytes, tmp_path: Path, *, decoded: bool = True) -> None:
    """PDF/A-2b, and (`decoded`) another maker's program reads every stream, which takes it a second for a JPEG."""
    assert validator.is_pdf_compliant_bytes(pdf, profile="2b")
    if decoded and shutil.which("qpdf"):
        (tmp_path / "a.pdf").write_bytes(pdf)
        subprocess.run(["qpdf", "--check", tmp_path / "a.pdf"], check=True, capture_output=True)


def colours(pdf: bytes) -> tuple[int, int]:
    """How many pixels of a small picture of the copy are clearly red, and clearly blue."""
    shown = pdfpages.render(pdf, dpi=75).convert("RGB").get_flattened_data()
    reds = sum(1 for red, green, blue in shown if red > max(green, blue) + 45)
    return reds, sum(1 for red, green, blue in shown if blue > max(red, green) + 45)


@pytest.mark.parametrize("kind", inked.KINDS)
def test_only_text_alone_becomes_black_and_white(kind: str, tmp_path: Path) -> None:
    copy = copied(AUTO, scan(kind))
    require_sound(copy.pdf, tmp_path, decoded=kind in ("text", "table", "seal"))
    (said,) = copy.evidence["pages"]
    if kind in ("text", "table"):
        assert (said["how"], said["kind"]) == ("bilevel", "bilevel")
        assert said["bytes"] < len(scan(kind)) / 10
        with pikepdf.open(io.BytesIO(copy.pdf)) as pdf:
            image = next(iter(pdf.pages[0].get_images().values()))
            assert "/CCITTFaxDecode" in str(image.Filter) and "JBIG2" not in str(image.Filter)
            assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [595, 842], "true to scale"
        return
    assert (said["how"], said["kind"], said["bytes"]) == ("kept", "colour", len(scan(kind)))
    reds, blues = colours(copy.pdf)
    assert reds > 200 if kind == "seal" else reds > 10 if kind == "faint red mark" else True
    assert blues > 60 if kind == "blue signature" else True


def test_without_the_offices_word_a_page_in_colour_stays_in_colour() -> None:
    (said,) = copied(NEVER, scan("text")).evidence["pages"]
    assert (said["how"], said["kind"]) == ("kept", "colour")


def test_a_page_in_black_and_white_is_read_as_well_as_before() -> None:
    try:
        find(None)
    except ConfigError:
        pytest.skip("no language data on this machine (Debian: tesseract-ocr-vie)")
    face = next(iter(printed.faces()))
    truth = "\n".join(line.text for line in printed.page(1, face=face).lines)
    (before,), (after,) = (
        NEVER.read_bytes("a.jpg", scan("text")), NEVER.read_bytes("a.pdf", copied(AUTO, scan("text")).pdf)
    )  # fmt: skip
    errors = [printed.error_rate(truth, NEVER.read_text(page).text) for page in (before, after)]
    assert errors[1] <= errors[0] + 0.001 and errors[1] < 0.005


def test_a_coarse_page_is_not_made_black_and_white() -> None:
    out = io.BytesIO()
    inked.scanned("text").resize((1654, 2339)).save(out, "JPEG", quality=75, dpi=(200, 200))
    assert copied(AUTO, out.getvalue()).evidence["pages"][0]["how"] == "kept"


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_an_enormous_lossless_page_is_sized_sensibly_and_stays_in_colour(form: str, tmp_path: Path) -> None:
    data = scan("seal", form)
    assert len(data) > 5_000_000
    copy = copied(NEVER, data, f"a.{form.lower()}")
    require_sound(copy.pdf, tmp_path, decoded=form == "TIFF")
    (said,) = copy.evidence["pages"]
    assert (said["how"], said["kind"]) == ("shrunk", "colour")
    assert said["bytes"] < 1_300_000 and colours(copy.pdf)[0] > 200
    with pikepdf.open(io.BytesIO(copy.pdf)) as pdf:
        image = next(iter(pdf.pages[0].get_images().values()))
        assert (image.Width, image.Height) == (2480, 3508)


def test_a_page_of_600_dpi_becomes_one_of_300() -> None:
    page = Image.effect_noise((2480, 1754), 40).resize((4960, 3508)).convert("RGB")  # A5 lying
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(600, 600), compress_level=1)
    copy = copied(NEVER, out.getvalue(), "a.png")
    with pikepdf.open(io.BytesIO(copy.pdf)) as pdf:
        image = next(iter(pdf.pages[0].get_images().values()))
        assert (image.Width, image.Height) == (2480, 1754)
        assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [595, 421]
