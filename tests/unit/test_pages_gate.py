"""What the counter says of each kind of file that a scanner, a camera or a citizen hands in."""

from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFilter

from agent.documents import pages
from agent.documents.digitiser import PageDigitiser
from agent.errors import DocumentError
from agent.ports import PageImage, Verdict

DIGITISER = PageDigitiser()


@pytest.fixture
def real_pages() -> Path:
    folder = os.environ.get("PAGES_DIR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("PAGES_DIR names no folder of real pages")
    return Path(folder)


def sheet(width: int = 1654, height: int = 2339, mode: str = "RGB") -> Image.Image:
    """A page of lines that look like text, A4 at 200 dpi unless told otherwise."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for row in range(height // 6, height - height // 6, max(8, height // 50)):
        for column in range(width // 8, width - width // 8, max(8, width // 30)):
            pen.rectangle((column, row, column + width // 50, row + height // 120), fill="black")
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def only(found: list[PageImage]) -> PageImage:
    (page,) = found
    return page


@pytest.mark.parametrize(
    ("name", "data", "media"),
    [
        ("a.jpg", encoded(sheet(), "JPEG", dpi=(200, 200)), "image/jpeg"),
        ("a.png", encoded(sheet(mode="L"), "PNG", dpi=(200, 200)), "image/png"),
        ("a.png", encoded(sheet(mode="P"), "PNG", dpi=(200, 200)), "image/png"),
        ("a.tif", encoded(sheet(mode="1"), "TIFF", dpi=(200, 200), compression="group4"), "image/tiff"),
        ("a.tif", encoded(sheet(), "TIFF", dpi=(200, 200), compression="tiff_lzw"), "image/tiff"),
        ("named-wrong.pdf", encoded(sheet(), "JPEG", dpi=(200, 200)), "image/jpeg"),
    ],
)
def test_a_good_scan_is_taken_as_it_is(name: str, data: bytes, media: str) -> None:
    page = only(DIGITISER.read_bytes(name, data))
    assert (page.verdict, page.reason, page.media, page.dpi) == (Verdict.OK, "", media, 200)
    assert (page.raw, page.sha256) == (data, hashlib.sha256(data).hexdigest())
    assert (page.width, page.height) == (1654, 2339)


def test_a_page_without_dpi_is_fitted_to_a4_with_a_remark() -> None:
    page = only(DIGITISER.read_bytes("photo.png", encoded(sheet(2480, 3508), "PNG")))
    assert (page.verdict, page.findings, page.dpi) == (Verdict.WARN, ("no-dpi",), None)
    assert "300 dpi" in page.reason


def test_a_phone_photo_that_claims_72_dpi_is_measured_by_a4() -> None:
    page = only(DIGITISER.read_bytes("photo.jpg", encoded(sheet(4000, 3000, "L"), "JPEG", dpi=(72, 72))))
    assert (page.verdict, page.findings) == (Verdict.WARN, ("no-dpi",))


@pytest.mark.parametrize("dpi", [(150, 150), (204, 98), None])
def test_too_coarse_a_scan_is_refused_with_what_to_do(dpi: tuple[int, int] | None) -> None:
    options = {"dpi": dpi} if dpi else {}
    page = only(DIGITISER.read_bytes("fax.png", encoded(sheet(1240, 1754), "PNG", **options)))
    assert page.verdict is Verdict.REFUSED
    assert "low-dpi" in page.findings
    assert "Quét lại ở 300 dpi" in page.reason


def test_a_blank_back_side_is_flagged_and_kept() -> None:
    noise = Image.effect_noise((1654, 2339), 12).point(lambda grey: min(255, grey + 110))
    page = only(DIGITISER.read_bytes("back.jpg", encoded(noise.convert("RGB"), "JPEG", dpi=(200, 200))))
    assert (page.verdict, page.findings) == (Verdict.WARN, ("blank",))
    assert len(page.raw) > 0


def test_a_page_with_only_a_small_stamp_is_not_blank() -> None:
    image = Image.new("RGB", (1654, 2339), "white")
    ImageDraw.Draw(image).ellipse((900, 1500, 1000, 1600), outline=(200, 30, 30), width=5)
    page = only(DIGITISER.read_bytes("stamp.jpg", encoded(image.filter(ImageFilter.BLUR), "JPEG", dpi=(200, 200))))
    assert page.verdict is Verdict.OK


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97, 0.999])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "TIFF-G4", "PDF"])
def test_a_file_that_is_cut_off_is_refused_as_torn(kind: str, share: float) -> None:
    options: dict[str, object] = {"compression": "group4"} if kind == "TIFF-G4" else {}
    image = sheet(mode="1" if kind == "TIFF-G4" else "RGB")
    whole = encoded(image, kind.removesuffix("-G4"), dpi=(200, 200), **options)
    suffix = {"JPEG": ".jpg", "PNG": ".png", "PDF": ".pdf"}.get(kind, ".tif")
    page = only(DIGITISER.read_bytes("half" + suffix, whole[: int(len(whole) * share)]))
    assert (page.verdict, page.findings) == (Verdict.REFUSED, ("torn",))
    assert "quét lại" in page.reason.lower()


def test_an_empty_scan_is_torn_and_a_text_file_is_no_page() -> None:
    assert only(DIGITISER.read_bytes("p001.jpg", b"")).findings == ("torn",)
    for name, data in [("notes.md", b"# hello"), ("a.zip", b"PK\3\4"), ("page.jpg", b"<html>"), ("MMO.txt", b"MMORPG")]:
        page = only(DIGITISER.read_bytes(name, data))
        assert (page.verdict, page.findings) == (Verdict.IGNORED, ("not-a-page",))
        assert "JPEG" in page.reason


def test_a_pixel_bomb_is_refused_before_it_is_decoded() -> None:
    small = encoded(sheet(200, 200, "L"), "PNG")
    for side in (9_000, 40_000):  # between the library's own limits and past them
        header = b"IHDR" + struct.pack(">II", side, side) + small[24:29]
        bomb = small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]
        page = only(DIGITISER.read_bytes("bomb.png", bomb))
        assert (page.verdict, page.findings) == (Verdict.REFUSED, ("too-large",))


def test_pages_of_a_fax_tiff_keep_their_own_g4_data() -> None:
    frames = [sheet(mode="1"), sheet(1654, 1200, "1").rotate(180), sheet(1200, 2339, "1")]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", compression="group4", dpi=(200, 200), save_all=True, append_images=frames[1:])
    found = DIGITISER.read_bytes("fax.tif", out.getvalue())
    assert [page.name for page in found] == ["fax.tif#1", "fax.tif#2", "fax.tif#3"]
    for page, frame in zip(found, frames, strict=True):
        assert (page.verdict, page.dpi, page.width, page.height) == (Verdict.OK, 200, *frame.size)
        with Image.open(io.BytesIO(page.raw)) as single:
            assert single.info["compression"] == "group4"
            strips = zip(single.tag_v2[273], single.tag_v2[279], strict=True)
            assert all(page.raw[at : at + size] in out.getvalue() for at, size in strips)
            assert single.tobytes() == frame.tobytes()


@pytest.mark.parametrize("compression", ["tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits", "raw"])
def test_a_multi_page_tiff_of_any_compression_comes_apart(compression: str) -> None:
    frames = [sheet(), sheet().rotate(180)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", compression=compression, dpi=(200, 200), save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(out.getvalue())) as both:
        for number, page in enumerate(DIGITISER.read_bytes("scan.tif", out.getvalue())):
            both.seek(number)
            with Image.open(io.BytesIO(page.raw)) as single:
                assert single.tobytes() == both.tobytes()
            assert page.verdict is Verdict.OK


def test_a_tiff_whose_directories_run_in_a_circle_is_torn() -> None:
    whole = bytearray(encoded(sheet(200, 200, "1"), "TIFF", compression="group4"))
    start = int.from_bytes(whole[4:8], "little")
    count = int.from_bytes(whole[start : start + 2], "little")
    whole[start + 2 + 12 * count :][:4] = b""
    end = start + 2 + 12 * count
    whole[end : end + 4] = start.to_bytes(4, "little")
    assert only(DIGITISER.read_bytes("loop.tif", bytes(whole))).findings == ("torn",)


def pdf_of(*images: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    images[0].save(out, "PDF", resolution=200, save_all=True, append_images=list(images[1:]))
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        again = io.BytesIO()
        pdf.save(again, **options)
    return again.getvalue()


def test_a_pdf_comes_apart_into_pages_with_the_dpi_of_its_scans() -> None:
    found = DIGITISER.read_bytes("scan.pdf", pdf_of(sheet(), sheet().rotate(180)))
    assert [(page.name, page.media, page.dpi) for page in found] == [
        ("scan.pdf#1", "application/pdf", 200),
        ("scan.pdf#2", "application/pdf", 200),
    ]
    assert all(page.verdict is Verdict.OK for page in found)
    assert (found[0].width, found[0].height) == (595, 842)


def test_a_coarse_scan_inside_a_pdf_is_refused_and_a_blank_page_flagged() -> None:
    coarse, blank = sheet(600, 850), Image.new("RGB", (1654, 2339), "white")
    assert "low-dpi" in only(DIGITISER.read_bytes("c.pdf", encoded(coarse, "PDF", resolution=72))).findings
    assert only(DIGITISER.read_bytes("b.pdf", pdf_of(blank))).findings == ("blank",)


def test_a_pdf_with_a_password_is_refused_in_words_and_restrictions_are_told() -> None:
    locked = pdf_of(sheet(), encryption=pikepdf.Encryption(user="bi-mat", owner="chu"))
    page = only(DIGITISER.read_bytes("locked.pdf", locked))
    assert (page.verdict, page.findings) == (Verdict.REFUSED, ("password",))
    assert "mật khẩu" in page.reason
    restricted = pdf_of(sheet(), encryption=pikepdf.Encryption(user="", owner="chu"))
    assert only(DIGITISER.read_bytes("r.pdf", restricted)).findings == ("restricted",)


def test_damaged_bytes_never_raise_whatever_is_flipped() -> None:
    chance = random.Random(20261121)
    small = sheet(400, 560)
    wholes = [
        ("a.jpg", encoded(small, "JPEG", dpi=(200, 200))),
        ("a.png", encoded(small, "PNG", dpi=(200, 200))),
        ("a.tif", encoded(small.convert("1"), "TIFF", compression="group4")),
        ("b.tif", encoded(small, "TIFF", compression="tiff_lzw")),
        ("a.pdf", pdf_of(small)),
    ]
    for name, whole in wholes:
        for _ in range(60):
            damaged = bytearray(whole)
            for _ in range(chance.choice([1, 4, 60])):
                damaged[chance.choice([chance.randrange(64), chance.randrange(len(whole))])] = chance.randrange(256)
            for page in DIGITISER.read_bytes(name, bytes(damaged)):
                assert page.verdict in Verdict


def test_a_folder_is_read_in_the_order_a_person_would_read_it(tmp_path: Path) -> None:
    for name in ("p10.png", "p2.png", "P1.png"):
        (tmp_path / name).write_bytes(encoded(sheet(), "PNG", dpi=(200, 200)))
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "ghi chú.txt").write_bytes(b"x")
    (tmp_path / "sub").mkdir()
    found = DIGITISER.read_folder(tmp_path)
    assert [page.name for page in found] == ["ghi chú.txt", "P1.png", "p2.png", "p10.png"]
    assert [page.verdict for page in found] == [Verdict.IGNORED, Verdict.OK, Verdict.OK, Verdict.OK]


def test_an_empty_or_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="không có tệp nào"):
        pages.read_folder(tmp_path)
    with pytest.raises(DocumentError, match="đường dẫn"):
        pages.read_folder(tmp_path / "nowhere")
    assert only(DIGITISER.read(tmp_path / "gone.png")).findings == ("unreadable",)


def test_thumbnails_are_small_pictures_of_every_kind() -> None:
    for data, media in [
        (encoded(sheet(), "JPEG"), "image/jpeg"),
        (encoded(sheet(mode="1"), "TIFF", compression="group4"), "image/tiff"),
        (encoded(sheet(mode="RGBA"), "PNG"), "image/png"),
        (pdf_of(sheet()), "application/pdf"),
    ]:
        with Image.open(io.BytesIO(DIGITISER.thumbnail(data, media))) as small:
            assert (small.format, small.width) == ("PNG", 200)
            assert 275 <= small.height <= 290
    with pytest.raises(DocumentError, match="quét lại"):
        DIGITISER.thumbnail(b"junk", "image/png")


def test_the_real_pages_are_taken(real_pages: Path) -> None:
    found = {page.name: page for page in DIGITISER.read_folder(real_pages)}
    fax = [page for name, page in found.items() if name.startswith("vi-text-2p-g4-300dpi.tif#")]
    assert [(page.verdict, page.dpi) for page in fax] == [(Verdict.OK, 300)] * 2
    photo = found["typewriter.png"]
    assert (photo.verdict, photo.findings, photo.dpi) == (Verdict.WARN, ("no-dpi",), None)


MEASURE = """
import re, sys
from datetime import UTC, datetime
from agent.documents.digitiser import PageDigitiser
data = open(sys.argv[1], "rb").read()
digitiser = PageDigitiser()
found = digitiser.read_bytes("a." + sys.argv[2], data)
digitiser.copy(found, title="Tờ khai", at=datetime(2026, 11, 21, tzinfo=UTC))
print(int(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read in kB, as Linux counts it")
@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_colour_page_of_8_megapixels_stays_under_300_mb(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "page"
    path.write_bytes(encoded(sheet(2480, 3508), kind, dpi=(300, 300)))
    run = subprocess.run([sys.executable, "-c", MEASURE, path, kind], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 300
