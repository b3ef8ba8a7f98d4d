"""Whatever a stranger hands in is refused or tamed, in words, soon, in little memory, and nothing else is harmed."""

from __future__ import annotations

import io
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy
import page as validator
import pikepdf
import pytest
from PIL import Image, features

from agent.documents import pdf_active, pdfpages, raster
from agent.documents.helper import HelperDigitiser
from agent.intake.inbox import file_name as stored_name
from agent.ports import PageImage, Verdict
from tests import bad_files as bad
from tests import phone_pictures as phone

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MOST_MB, MOST_SECONDS = 350, 30.0
OK, ASK, REFUSED, IGNORED = Verdict.OK, Verdict.WARN, Verdict.REFUSED, Verdict.IGNORED


@pytest.fixture(scope="module")
def digitiser() -> Iterator[HelperDigitiser]:
    helper = HelperDigitiser(size=1)
    yield helper
    helper.close()


def read(digitiser: HelperDigitiser, name: str, data: bytes) -> list[PageImage]:
    """What the gate says, measured: in time, under the memory limit, by a process that lives on."""
    digitiser.read_bytes("first.txt", b"the process runs")
    before = digitiser.pids()
    _forget_peak(before)
    began = time.monotonic()
    found = digitiser.read_bytes(name, data)
    assert time.monotonic() - began < MOST_SECONDS
    assert digitiser.pids() == before, "the process died of it"
    assert peak_mb(before) < MOST_MB
    return found


def _forget_peak(pids: list[int]) -> None:
    for pid in pids:
        if sys.platform == "linux":
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_mb(pids: list[int]) -> int:
    if sys.platform != "linux":
        return 0
    said = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return max(int(re.search(r"VmHWM:\s+([0-9]+)", text)[1]) for text in said) // 1024  # type: ignore[index]


RAW = bad.encoded(bad.sheet(), "JPEG")
REFUSALS: dict[str, tuple[str, Callable[[], bytes], Verdict, str, str]] = {
    "password": (
        "a.pdf",
        lambda: bad.saved(bad.pdf_of(bad.sheet()), encryption=pikepdf.Encryption(user="bi-mat", owner="chu")),
        REFUSED, "password", "Xin bản không có mật khẩu",
    ),
    "owner password": (
        "a.pdf",
        lambda: bad.saved(bad.pdf_of(bad.sheet()), encryption=pikepdf.Encryption(user="", owner="chu")),
        ASK, "restricted", "Kiểm tra với người nộp",
    ),
    "XFA that is drawn when opened": ("a.pdf", lambda: bad.armed("xfa dynamic"), REFUSED, "xfa", "Adobe Reader"),
    "10,000 pages": ("a.pdf", lambda: bad.pdf_bomb("pages"), REFUSED, "too-large", "500 trang"),
    "bomb in the content": ("a.pdf", lambda: bad.pdf_bomb("content"), REFUSED, "too-large", "quá lớn"),
    "bomb packed twice": ("a.pdf", lambda: bad.pdf_bomb("content twice"), REFUSED, "too-large", "quá lớn"),
    "bomb of objects": ("a.pdf", lambda: bad.pdf_bomb("objects"), REFUSED, "torn", "hỏng"),
    "enormous image in a PDF": ("a.pdf", lambda: bad.pdf_bomb("image"), REFUSED, "too-large", "quá lớn"),
    "40 pages that share one large thing": ("a.pdf", lambda: bad.pdf_bomb("shared"), REFUSED, "too-large", "quá lớn"),
    "endlessly nested": ("a.pdf", lambda: bad.pdf_bomb("nested"), ASK, "", ""),
    "PNG of 60,000 px": ("a.png", lambda: bad.png_of(60_000, 60_000, rows=1), REFUSED, "too-large", "khổ A3"),
    "PNG that unpacks to 256 MB": ("a.png", lambda: bad.png_of(8_000, 8_000), REFUSED, "too-large", "khổ A3"),
    "PNG with a note of 300 MB": ("a.png", bad.png_with_text_bomb, REFUSED, "torn", "hỏng"),
    "JPEG of 65,000 px": ("a.jpg", lambda: bad.jpeg_of(65_000, 65_000), REFUSED, "too-large", "khổ A3"),
    "TIFF of 60,000 px": ("a.tif", lambda: bad.tiff_of(60_000, 60_000), REFUSED, "too-large", "khổ A3"),
    "TIFF whose strip is a bomb": ("a.tif", lambda: bad.tiff_of(1_654, 2_339), ASK, "no-dpi", "A4"),
    "zero bytes": ("a.jpg", lambda: b"", REFUSED, "torn", "quét lại"),
    "cut off": ("a.jpg", lambda: RAW[: len(RAW) // 2], REFUSED, "torn", "quét lại"),
    "program named .pdf": ("a.pdf", lambda: b"MZ\x90\0" + bytes(400), IGNORED, "not-a-page", "chương trình Windows"),
    "web page named .jpg": ("a.jpg", lambda: b"\n <!doctype html><p>", IGNORED, "not-a-page", "in ra PDF"),
    "Office file named .pdf": ("a.pdf", lambda: b"PK\3\4" + bytes(99), IGNORED, "not-a-page", "xuất sang PDF"),
    "HEIC named .jpg": ("a.jpg", lambda: bytes(3) + b"\x18ftypheic", IGNORED, "not-a-page", "Tương thích nhất"),
    "animated GIF": (
        "a.gif", lambda: bad.several("GIF", bad.sheet(), bad.sheet().rotate(9)), IGNORED, "not-a-page", "ảnh GIF"
    ),
    "animated WebP named .png": (
        "a.png", lambda: b"RIFF\x10\0\0\0WEBPVP8X" + bytes(30), IGNORED, "not-a-page", "WebP"
    ),
    "APNG": (
        "a.png",
        lambda: bad.several("PNG", bad.sheet(), bad.sheet().rotate(90), dpi=(200, 200)),
        ASK, "animated", "hình đầu",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_a_file_that_cannot_be_used_is_refused_in_words(digitiser: HelperDigitiser, case: str) -> None:
    name, make, verdict, finding, words = REFUSALS[case]
    data = make()
    first = read(digitiser, name, data)[0]
    if finding:
        assert (first.verdict, first.findings[:1]) == (verdict, (finding,))
        assert re.search(words, first.reason), first.reason
    assert not re.search("[a-z]+-[a-z]+:", first.reason)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("javascript", "JavaScript"),
        ("javascript of the page", "JavaScript"),
        ("javascript by name", "JavaScript"),
        ("launch", "mở chương trình"),
        ("attachment", "tệp nằm trong tệp"),
        ("attachment on the page", "tệp nằm trong tệp"),
        ("media", "phim"),
        ("xfa", "XFA"),
    ],
)
def test_what_acts_in_a_pdf_is_told_and_never_reaches_the_copy(
    digitiser: HelperDigitiser, kind: str, words: str
) -> None:
    data = bad.armed(kind)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf_active.found(pdf), "the test's own file is armed"
    (page,) = read(digitiser, "a.pdf", data)
    assert (page.verdict, page.raw) == (ASK, data), "the raw file is kept as it came"
    assert "active" in page.findings and words in page.reason
    copy = digitiser.copy([page], title="Tờ khai", at=AT)
    with pikepdf.open(io.BytesIO(copy.pdf)) as pdf:
        assert pdf_active.found(pdf) == []
        assert "/Annots" not in pdf.pages[0] and "/AcroForm" not in pdf.Root
    assert validator.is_pdf_compliant_bytes(copy.pdf, profile="2b")
    assert corner(copy.pdf) == "red"


def corner(pdf: bytes, place: tuple[int, int] = (8, 8)) -> str:
    """What stands near the top left of page 1, or elsewhere, of the copy as a reader shows it."""
    red, green, blue = pdfpages.render(pdf, dpi=36).convert("RGB").getpixel(place)  # type: ignore[misc]
    return (
        "red"
        if red > 140 > 2 * max(green, blue) - 100 and green < 90
        else "grey"
        if red == green == blue < 130
        else "?"
    )


def cmyk(inverted: bool) -> bytes:
    """A press's JPEG; Adobe's programs store it inverted and say so in a marker."""
    data = bad.encoded(bad.sheet(mode="CMYK"), "JPEG", quality=90)
    if inverted:
        return data
    at = data.index(b"Adobe") - 4  # without the marker the values are taken as they are
    plain = Image.eval(bad.sheet(mode="CMYK"), lambda ink: 255 - ink)
    data = bad.encoded(plain, "JPEG", quality=90)
    at = data.index(b"Adobe") - 4
    return data[:at] + data[at + 16 :]


UNUSUAL: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "CMYK JPEG of Adobe": ("a.jpg", lambda: cmyk(True), "red"),
    "CMYK JPEG without Adobe's mark": ("a.jpg", lambda: cmyk(False), "red"),
    "progressive JPEG": ("a.jpg", lambda: bad.encoded(bad.sheet(), "JPEG", progressive=True), "red"),
    "16-bit PNG": ("a.png", lambda: bad.encoded(deep(), "PNG"), ""),
    "16-bit TIFF": ("a.tif", lambda: bad.encoded(deep(), "TIFF"), ""),
    "palette and alpha PNG": (
        "a.png", lambda: bad.encoded(bad.sheet(mode="P"), "PNG", transparency=bytes([255] * 200 + [0] * 56)), "red"
    ),
    "alpha PNG": ("a.png", lambda: bad.encoded(bad.sheet(mode="RGBA"), "PNG"), "red"),
    "grey and alpha PNG": ("a.png", lambda: bad.encoded(bad.sheet(mode="LA"), "PNG"), "grey"),
    "LZW TIFF in CMYK": ("a.tif", lambda: bad.encoded(bad.sheet(mode="CMYK"), "TIFF", compression="tiff_lzw"), "red"),
    "PDF named .jpg": ("a.jpg", lambda: bad.saved(bad.pdf_of(bad.sheet())), "red"),
    "JPEG named .pdf": ("a.pdf", lambda: RAW, "red"),
    "CMYK JPEG in a PDF": (
        "a.pdf",
        lambda: bad.image_in_pdf(
            bad.encoded(bad.sheet(mode="CMYK"), "JPEG", quality=90), (1654, 2339), "/DCTDecode",
            ColorSpace=pikepdf.Name.DeviceCMYK, BitsPerComponent=8, Decode=pikepdf.Array([1, 0] * 4),
        ),
        "red",
    ),
    "JBIG2 in a PDF": (
        "a.pdf",
        lambda: bad.image_in_pdf(
            bad.jbig2(), (1664, 2339), "/JBIG2Decode", ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=1
        ),
        "",
    ),
    "JPEG 2000 in a PDF": (
        "a.pdf",
        lambda: bad.image_in_pdf(jpx(), (1654, 2339), "/JPXDecode"),
        "red",
    ),
}  # fmt: skip


def deep() -> Image.Image:
    """The sheet in 16 bits of grey."""
    return Image.fromarray(numpy.asarray(bad.sheet(mode="L")).astype(numpy.uint16) * 257)


def jpx() -> bytes:
    out = io.BytesIO()
    bad.sheet().save(out, "JPEG2000", quality_mode="rates", quality_layers=[20])
    return out.getvalue()


@pytest.mark.parametrize("case", UNUSUAL)
def test_an_unusual_file_becomes_a_copy_that_looks_the_same(digitiser: HelperDigitiser, case: str) -> None:
    if "2000" in case and not features.check("jpg_2000"):
        pytest.skip("this Pillow writes no JPEG 2000")
    name, make, seen = UNUSUAL[case]
    (page,) = read(digitiser, name, make())
    assert page.verdict in (OK, ASK), page.reason
    assert "blank" not in page.findings
    copy = digitiser.copy([page], title="Tờ khai", at=AT)
    assert validator.is_pdf_compliant_bytes(copy.pdf, profile="2b")
    assert peak_mb(digitiser.pids()) < MOST_MB
    assert not seen or corner(copy.pdf) == seen


@pytest.mark.parametrize("note", range(1, 9))
def test_a_picture_stands_as_the_camera_was_held(digitiser: HelperDigitiser, note: int) -> None:
    upright = bad.sheet()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    held = upright.transpose(Image.Transpose(undo[note])) if note in undo else upright
    exif = Image.Exif()
    exif[raster.ORIENTATION] = note
    data = bad.encoded(held, "JPEG", exif=exif)
    (page,) = read(digitiser, "a.jpg", data)
    copy = digitiser.copy([page], title="Tờ khai", at=AT)
    assert corner(copy.pdf) == "red"
    shown = pdfpages.render(copy.pdf, dpi=36)
    assert shown.height > shown.width
    with pikepdf.open(io.BytesIO(copy.pdf)) as pdf:
        image = next(iter(pdf.pages[0].get_images().values()))
        assert image.read_raw_bytes() in data, "the camera's data is not coded anew"
    with Image.open(io.BytesIO(digitiser.thumbnail(data, "image/jpeg"))) as small:
        assert small.height > small.width


def test_sheets_of_several_sizes_come_apart_each_as_large_as_it_is(digitiser: HelperDigitiser) -> None:
    frames = [bad.sheet(mode="1"), bad.sheet(1169, 1654), bad.sheet(2339, 1654, "L")]
    found = read(digitiser, "a.tif", bad.several("TIFF", *frames, dpi=(200, 200)))
    assert [(page.width, page.height) for page in found] == [frame.size for frame in frames]
    copy = digitiser.copy(found, title="Tờ khai", at=AT)
    with pikepdf.open(io.BytesIO(copy.pdf)) as pdf:
        assert [round(float(page.mediabox[2])) for page in pdf.pages] == [595, 421, 842]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.jpg", "..\\..\\a.jpg", "a\0b.jpg", "a\r\nb\x1b[2J.jpg", "ảnh\u202egpj.exe",
        "x" * 4000 + ".jpg",
        "CON", "NUL.jpg", "COM1.jpg", "a.jpg:stream", " . ", "\udcff.jpg",
    ],
)  # fmt: skip
def test_a_hostile_name_is_only_a_name(digitiser: HelperDigitiser, name: str) -> None:
    (page,) = read(digitiser, name, RAW)
    assert (page.verdict, page.name) == (OK, name)
    kept = stored_name(name)
    assert 0 < len(kept) <= 200 and kept.isprintable() and "\u202e" not in kept
    kept.encode("utf-8")


def test_an_a4_page_in_colour_at_600_dpi_is_still_taken(digitiser: HelperDigitiser) -> None:
    (page,) = read(digitiser, "a.png", bad.encoded(bad.sheet(4960, 7016), "PNG", dpi=(600, 600), compress_level=1))
    assert (page.verdict, page.dpi) == (OK, 600)
    digitiser.copy([page], title="Tờ khai", at=AT)
    digitiser.thumbnail(page.raw, page.media)
    assert peak_mb(digitiser.pids()) < MOST_MB


@pytest.mark.skipif(sys.platform != "linux", reason="kills by signal and looks into /proc")
def test_a_file_that_kills_its_process_twice_is_refused_and_the_next_one_is_served(tmp_path: Path) -> None:
    helper = HelperDigitiser(size=1, patience=-10.0)  # no process answers before it is asked
    try:
        (page,) = helper.read_bytes("a.jpg", RAW)
        assert (page.verdict, page.findings, page.raw) == (REFUSED, ("harmful",), RAW)
        assert "xin bản khác" in page.reason
    finally:
        helper.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads limits as Linux shows them")
def test_the_process_cannot_take_more_memory_than_it_may(digitiser: HelperDigitiser) -> None:
    digitiser.read_bytes("first.txt", b"the process runs")
    (pid,) = digitiser.pids()
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert int(re.search(r"Max data size\s+(\d+)", limits)[1]) <= 400 * 2**20  # type: ignore[index]
    assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_a_phones_picture_of_12_megapixels_stays_within_the_memory(digitiser: HelperDigitiser) -> None:
    """Once refused as too large by the process that may take little, though nobody saw it in this one."""
    page = Image.new("RGB", (2480, 3508), "white")
    page.paste(bad.sheet(2200, 3200), (140, 150))
    taken = phone.taken(page, 1, size=(3000, 4000)).data
    (found,) = read(digitiser, "a.jpg", taken)
    assert (found.verdict, found.findings[0]) == (ASK, "camera"), found.reason
    digitiser.copy([found], title="Tờ khai", at=AT)
    assert peak_mb(digitiser.pids()) < MOST_MB
