"""Text under the pictures of a copy: found where it stands, in order, in a file that archives still accept."""

from __future__ import annotations

import dataclasses
import io
import math
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import page as validator
import pikepdf
import pytest
from PIL import Image, ImageChops

from agent.documents import ocr_pdf, pdfa, pdfpages
from agent.documents.demo_ca import DemoAuthority
from agent.documents.digitiser import PageDigitiser
from agent.documents.key_source import KeySource
from agent.errors import DocumentError
from agent.ports import Copy, PageImage
from agent.ports_text import BLANK, NOT_READ, READ, PageText, Word
from tests.vietnamese_pages import Drawn, Line, encoded, error_rate

AT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
DIGITISER = PageDigitiser()
SIZE = (1654, 2339)  # A4 at 200 dpi
TWO_MM = 2 / 25.4 * 72  # points
WORDS = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Kính gửi: Ủy ban nhân dân phường Tây Hồ, thành phố Hà Nội.",
    "Người được ủy quyền là ông Nguyễn Hữu Ổn, điện thoại 0912 345 678.",
    "Giấy chứng nhận quyền sử dụng đất được lập thành hai bản như nhau.",
    "“Thửa đất số 12”, diện tích 250,5 m²; lệ phí 26.000 ₫ — đã thu.",
)
pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


class StoppedClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return AT


def drawn(angle: float) -> Drawn:
    """A page of black bars, a bar a word, turned clockwise; only the bars' places matter here."""
    image, lines = Image.new("L", SIZE, 255), []
    for number, text in enumerate(WORDS * 5):
        left, base, placed = 150, 250 + 60 * number, []
        for word in text.split():
            right = left + 14 * len(word)
            image.paste(0, (left, base - 20, right, base))
            placed.append((word, left, base, right))
            left = right + 10
        lines.append(Line(text, tuple(placed)))
    sideways = round(angle / 90) % 2 == 1
    turned = image.rotate(-angle, Image.Resampling.BICUBIC, expand=sideways, fillcolor=255)
    return Drawn(turned, tuple(lines), angle, SIZE)


def told(page: Drawn, *, width: int = 0) -> PageText:
    """What a perfect reader says of the page."""
    words = []
    scale = (width or page.image.width) / page.image.width
    for number, line in enumerate(page.lines):
        for text, left, base, right in line.words:
            corners = [page.place(x, y) for x in (left, right) for y in (base - 20, base)]
            across, down = [x * scale for x, _ in corners], [y * scale for _, y in corners]
            x, y = page.place(left, base)
            words.append(
                Word(text, 95.0, number, min(across), min(down), max(across), max(down), x * scale, y * scale,
                     (right - left) * scale, 30 * scale)
            )  # fmt: skip
    return PageText(READ, "", tuple(words), 95.0, page.angle % 360, "tesseract 5", "vie", 0.7)


def scan(page: Drawn, kind: str = "JPEG", dpi: int | None = 200) -> PageImage:
    (found,) = DIGITISER.read_bytes("tờ khai.jpg", encoded(page.image, kind, dpi=(dpi, dpi) if dpi else (1, 1)))
    return found


def layered(angle: float) -> tuple[Drawn, Copy, Copy]:
    page = drawn(angle)
    copy = DIGITISER.copy([scan(page)], title="Tờ khai", at=AT)
    return page, copy, DIGITISER.with_text(copy, [told(page)])


def text_of(pdf: bytes, folder: Path, *options: str) -> str:
    path = folder / "copy.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", *options, path, "-"], check=True, capture_output=True)
    return done.stdout.decode()


def boxes_of(pdf: bytes, folder: Path) -> Iterator[tuple[str, float, float, float, float]]:
    """Words as poppler sees them: points from the top left."""
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]+"', "", text_of(pdf, folder, "-bbox")))
    for word in root.iter("word"):
        yield (word.text or "", *(float(word.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax")))


def images_of(pdf: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [image.read_raw_bytes() for page in opened.pages for image in page.get_images().values()]


def require_sound(pdf: bytes, folder: Path) -> None:
    assert pdfa.validate(pdf)["verdict"] == "pass"
    assert validator.is_pdf_compliant_bytes(pdf, profile="2b")
    if shutil.which("qpdf"):
        (folder / "sound.pdf").write_bytes(pdf)
        subprocess.run(["qpdf", "--check", folder / "sound.pdf"], check=True, capture_output=True)


ANGLES = [0, 0.2, 1.4, -3, 6, 90, 180, 181.5, 270, 88.5]


@pdftotext
@pytest.mark.parametrize("angle", ANGLES)
def test_the_copy_says_what_the_paper_says_in_order(angle: float, tmp_path: Path) -> None:
    page, copy, with_text = layered(angle)
    require_sound(with_text.pdf, tmp_path)
    text = text_of(with_text.pdf, tmp_path)
    assert unicodedata.is_normalized("NFC", text)
    assert error_rate(page.text, text) < 0.002, text
    assert images_of(with_text.pdf) == images_of(copy.pdf)


@pdftotext
@pytest.mark.parametrize("angle", [0, 0.2, 1.4, -3, 6, 90, 181.5, 270])
def test_each_word_lies_within_two_millimetres_of_its_picture(angle: float, tmp_path: Path) -> None:
    page, _, with_text = layered(angle)
    require_in_place(page, with_text.pdf, tmp_path)


@pdftotext
@pytest.mark.parametrize(("angle", "turned"), [(90, 270), (180, 180), (270, 90), (181.5, 180), (0, 90)])
def test_a_page_that_the_clerk_turned_is_turned_in_the_copy_and_its_words_with_it(
    angle: float, turned: int, tmp_path: Path
) -> None:  # fmt: skip
    page = drawn(angle)
    image = scan(page)
    copy = DIGITISER.copy([dataclasses.replace(image, seen={**image.seen, "turned": turned})], title="x", at=AT)
    require_sound(copy.pdf, tmp_path)
    if (angle + turned) % 360 == 0:
        straight = DIGITISER.copy([scan(drawn(0))], title="x", at=AT)
        seen, wanted = (pdfpages.render(each.pdf, dpi=40, grey=True) for each in (copy, straight))
        assert seen.size == wanted.size
        assert ImageChops.difference(seen, wanted).getextrema()[1] < 90  # the JPEG's blocks lie otherwise
    require_in_place(page, DIGITISER.with_text(copy, [told(page)]).pdf, tmp_path)


def require_in_place(page: Drawn, pdf: bytes, tmp_path: Path) -> None:
    """Every word lies level on the picture of itself, around the middle of the page."""
    picture = pdfpages.render(pdf, dpi=144, grey=True)
    found = list(boxes_of(pdf, tmp_path))
    words = [word for line in page.lines for word in line.words]
    assert [word[0] for word in found] == [word[0] for word in words]
    for (text, left, top, right, bottom), (_, x0, base, x1) in zip(found, words, strict=True):
        wanted = [((x - SIZE[0] / 2) * 72 / 200 + picture.width / 4) for x in (x0, x1)]  # level, around the middle
        foot = (base - SIZE[1] / 2) * 72 / 200 + picture.height / 4
        assert [left, right] == pytest.approx(wanted, abs=TWO_MM), text
        assert bottom == pytest.approx(foot, abs=TWO_MM), text
        bar = picture.crop(
            (round(2 * wanted[0]) + 4, round(2 * foot) - 12, round(2 * wanted[1]) - 4, round(2 * foot) - 4)
        )
        assert bar.getextrema()[1] < 128, f"no picture of {text}"
        assert top < foot - 5 < bottom + TWO_MM


def test_a_layer_is_not_seen() -> None:
    _, copy, with_text = layered(0)
    before, after = (pdfpages.render(each.pdf, dpi=100) for each in (copy, with_text))
    assert before.tobytes() == after.tobytes()
    own = ocr_pdf.read(DIGITISER.read_bytes("copy.pdf", with_text.pdf)[0])
    assert own and own.confidence == 0  # every letter of it is of the invisible kind


def test_a_page_that_was_read_badly_is_not_turned() -> None:
    page = drawn(180)
    guess = dataclasses.replace(told(page), confidence=40.0)
    copy = DIGITISER.copy([scan(page)], title="x", at=AT)
    with_text = DIGITISER.with_text(copy, [guess])
    assert with_text.evidence["pages"][0]["levelled"] == 0
    before, after = (pdfpages.render(each.pdf, dpi=50) for each in (copy, with_text))
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("angle", [1.4, -3.0, 6.0])
def test_a_skewed_paper_stands_level_and_nothing_of_it_is_cut(angle: float) -> None:
    _, copy, with_text = layered(angle)
    assert with_text.evidence["pages"][0]["levelled"] == pytest.approx(angle, abs=0.01)
    with pikepdf.open(io.BytesIO(copy.pdf)) as old, pikepdf.open(io.BytesIO(with_text.pdf)) as new:
        across, down = (float(side) for side in old.pages[0].mediabox[2:])  # type: ignore[index]
        wide, high = (float(side) for side in new.pages[0].mediabox[2:])  # type: ignore[index]
    turn = math.radians(abs(angle))
    assert wide == pytest.approx(across * math.cos(turn) + down * math.sin(turn), abs=0.1)
    assert high == pytest.approx(across * math.sin(turn) + down * math.cos(turn), abs=0.1)


@pdftotext
def test_a_photo_without_dpi_is_searched_where_it_was_fitted(tmp_path: Path) -> None:
    page = drawn(0)
    photo = scan(Drawn(page.image.resize((2600, 2600 * 2339 // 1654)).crop((0, 0, 2600, 3400)), page.lines), dpi=None)
    assert photo.dpi is None
    text = told(page, width=2600)
    with_text = DIGITISER.with_text(DIGITISER.copy([photo], title="x", at=AT), [text])
    picture = pdfpages.render(with_text.pdf, dpi=72, grey=True)
    for word, left, top, right, bottom in boxes_of(with_text.pdf, tmp_path):
        assert picture.crop((int(left) + 1, int(top), math.ceil(right), math.ceil(bottom))).getextrema()[0] < 128, word


def test_many_pages_and_unread_ones_keep_their_order_and_say_why() -> None:
    first, second = drawn(0), drawn(2)
    pages = [scan(first), scan(first, "PNG"), scan(second), scan(first)]
    copy = DIGITISER.copy(pages, title="Hồ sơ", at=AT)
    texts = [told(first), None, told(second), PageText(BLANK, "Trang không có chữ.")]
    with_text = DIGITISER.with_text(copy, texts)
    facts = with_text.evidence["pages"]
    assert [fact["text"]["state"] for fact in facts] == ["read", "none", "read", "blank"]
    assert [fact["text"]["layer"] for fact in facts] == [True, False, True, False]
    assert (facts[0]["text"]["engine"], facts[0]["text"]["language"]) == ("tesseract 5", "vie")
    assert (facts[0]["text"]["confidence"], facts[0]["text"]["seconds"]) == (95.0, 0.7)
    assert "Nguyễn" not in str(with_text.evidence)
    assert [fact["sha256"] for fact in facts] == [page.sha256 for page in pages]
    assert with_text.evidence["sha256"] != copy.evidence["sha256"]
    assert copy.evidence["pages"][0].get("text") is None
    assert with_text == DIGITISER.with_text(copy, texts)


def test_a_copy_of_which_nothing_was_read_stays_as_it_is() -> None:
    copy = DIGITISER.copy([scan(drawn(0))], title="x", at=AT)
    same = DIGITISER.with_text(copy, [NOT_READ])
    assert same.pdf == copy.pdf
    assert same.evidence["pages"][0]["text"]["state"] == "off"


def test_a_signed_copy_is_never_changed(tmp_path: Path) -> None:
    page, copy, _ = layered(0)
    DemoAuthority.open(tmp_path / "ca", at=AT)
    clerk = KeySource(authority=tmp_path / "ca").open(StoppedClock()).of("tuyet", "Nguyễn Thị Ánh Tuyết")
    signed = clerk.sign_pdf(copy.pdf, at=AT, reason="Sao", stamp=["BẢN SAO"])
    with pytest.raises(DocumentError, match="đã ký") as caught:
        DIGITISER.with_text(Copy(signed.pdf, 1, copy.evidence), [told(page)])
    assert caught.value.code == "signed"


def test_texts_of_another_number_of_pages_are_refused() -> None:
    page, copy, _ = layered(0)
    for texts in ([], [told(page)] * 2):
        with pytest.raises(DocumentError, match="1 trang"):
            DIGITISER.with_text(copy, texts)


@pdftotext
def test_odd_letters_cross_and_cannot_break_the_file(tmp_path: Path) -> None:
    copy = DIGITISER.copy([scan(drawn(0))], title="x", at=AT)
    odd = [
        Word(text, 0.0, n, 100, 100, 200, 130, 100.0, 130.0 + 60 * n, 100.0, 30.0)
        for n, text in enumerate(["\\)>endstream", "𠀀字", "ﬁ", "m²", "\ufffd", "ễ"])
    ]
    with_text = DIGITISER.with_text(copy, [PageText(READ, "", tuple(odd), 0.0)])
    require_sound(with_text.pdf, tmp_path)
    assert text_of(with_text.pdf, tmp_path).split()[:2] == ["\\)>endstream", "𠀀字"]


def test_text_takes_little_more_room() -> None:
    page = drawn(0)
    copy = DIGITISER.copy([scan(page, "PNG")] * 20, title="x", at=AT)
    more = len(DIGITISER.with_text(copy, [told(page)] * 20).pdf) - len(copy.pdf)
    assert more < 20 * 12_000, f"{more / 20:.0f} bytes a page"
