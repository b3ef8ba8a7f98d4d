"""Signatures that other people's tools accept, and that show every change."""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy
import page as validator
import pikepdf
import pikepdf.pdfa
import pytest
from PIL import Image, ImageDraw

from agent.documents import pdfpages, stamp, stamp_page
from agent.documents.demo_ca import DemoAuthority
from agent.documents.digitiser import PageDigitiser
from agent.documents.signing import DemoSigners, FileSigners, P12Signer, stamp_lines
from agent.errors import SigningError
from agent.ports_signing import SignatureReport

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CLERK = "Nguyễn Thị Ánh Tuyết"
DIGITISER = PageDigitiser()


class FixedClock:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> DemoAuthority:
    return DemoAuthority.open(tmp_path_factory.mktemp("ca"), at=AT)


@pytest.fixture(scope="module")
def signers(authority: DemoAuthority) -> DemoSigners:
    return DemoSigners(authority, FixedClock(AT))


@pytest.fixture(scope="module")
def signer(signers: DemoSigners) -> P12Signer:
    return signers.of("tuyet", CLERK)


def letter(width: int = 1654, height: int = 2339, *, top: int = 90, right: int = 100) -> Image.Image:
    """A letter with the national motto at the top right of its middle, as official papers have it."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((width // 2, top, width - right, top + 28), fill="black")
    pen.rectangle((width // 2 + 90, top + 45, width - right - 90, top + 70), fill="black")
    for row in range(500, height - 200, 44):
        pen.rectangle((150, row, width - 150, row + 18), fill=(40, 40, 90))
    return image


def copy_of(*images: Image.Image) -> bytes:
    pages = []
    for image in images:
        out = io.BytesIO()
        image.save(out, "JPEG", dpi=(200, 200), quality=85)
        pages += DIGITISER.read_bytes("scan.jpg", out.getvalue())
    return DIGITISER.copy(pages, title="Tờ khai", at=AT).pdf


@pytest.fixture(scope="module")
def copy() -> bytes:
    return copy_of(letter(), letter())


@pytest.fixture(scope="module")
def signed(copy: bytes, signer: P12Signer) -> bytes:
    lines = stamp_lines("BẢN SAO ĐIỆN TỬ", signer.subject, "Bưu cục Tây Hồ", AT)
    return signer.sign_pdf(copy, at=AT, reason="Bản sao điện tử", stamp=lines).pdf


def test_a_signed_copy_is_valid_trusted_and_says_training(signers: DemoSigners, signed: bytes) -> None:
    assert signers.check_pdf(signed) == SignatureReport(True, True, True, CLERK, AT, ())


def test_the_archive_copy_stays_an_archive_copy_after_signing(copy: bytes, signed: bytes, tmp_path: Path) -> None:
    assert signed.startswith(copy)  # an incremental update: the signed-over bytes are the copy's own
    for pdf in (copy, signed):
        assert validator.is_pdf_compliant_bytes(pdf, profile="2b")
    assert pikepdf.pdfa.validate_written(io.BytesIO(copy), "2b").passed
    assert not pikepdf.pdfa.validate_written(io.BytesIO(signed), "2b").violations  # it does not judge form fields
    if shutil.which("qpdf"):
        path = tmp_path / "signed.pdf"
        path.write_bytes(signed)
        subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)


@pytest.fixture
def nss(authority: DemoAuthority, tmp_path: Path) -> Iterator[str]:
    """A certificate store of the operating system's kind that trusts the demonstration root."""
    if not (shutil.which("pdfsig") and shutil.which("certutil")):
        pytest.skip("pdfsig and certutil are not installed")
    store = f"sql:{tmp_path}"
    (tmp_path / "root.pem").write_bytes(authority.root_pem)
    subprocess.run(["certutil", "-N", "-d", store, "--empty-password"], check=True)
    add = ["certutil", "-A", "-d", store, "-n", "root", "-t", "CT,C,C", "-i", tmp_path / "root.pem"]
    subprocess.run(add, check=True)
    yield store


def pdfsig(store: str, pdf: bytes, folder: Path) -> str:
    path = folder / "checked.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdfsig", "-nssdir", store, path], capture_output=True, text=True, check=False).stdout


def test_poppler_agrees_with_the_signature_and_sees_a_changed_byte(nss: str, signed: bytes, tmp_path: Path) -> None:
    said = pdfsig(nss, signed, tmp_path)
    assert "Signature is Valid" in said
    assert "Certificate is Trusted" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert CLERK in said
    at = signed.index(b"stream") + 500
    changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
    assert "Digest Mismatch" in pdfsig(nss, changed, tmp_path)


def test_every_flipped_byte_of_a_signed_copy_is_found(signers: DemoSigners, signed: bytes) -> None:
    chance = random.Random(7)
    gap = re.search(rb"/Contents\s*<([0-9a-fA-F]+)>", signed)
    assert gap is not None
    der = 2 * (4 + int(gap[1][4:8], 16))  # the rest of the gap is padding that no signature covers
    covered = [*range(gap.start(1)), *range(gap.end(1), len(signed))]
    for at in [0, 9, len(signed) - 3, gap.start(1) - 1, gap.end(1), *chance.sample(covered, 30)]:
        changed = signed[:at] + bytes([signed[at] ^ (1 << chance.randrange(7))]) + signed[at + 1 :]
        assert not signers.check_pdf(changed).valid, at
    for at in chance.sample(range(gap.start(1), gap.start(1) + der), 12):
        flipped = b"0" if signed[at : at + 1] != b"0" else b"1"
        report = signers.check_pdf(signed[:at] + flipped + signed[at + 1 :])
        assert not (report.valid and report.trusted), at


def test_anything_added_or_cut_after_signing_is_found(signers: DemoSigners, signed: bytes) -> None:
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        pdf.pages.append(pdf.pages[0])
        out = io.BytesIO()
        pdf.save(out)
    for changed in (out.getvalue(), signed + b"\n% note", signed[:-40], b"", b"%PDF-1.7 junk"):
        assert not signers.check_pdf(changed).valid
        assert signers.check_pdf(changed).problems


def test_an_update_appended_by_another_tool_is_found(signers: DemoSigners, signed: bytes) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer, out = IncrementalPdfFileWriter(io.BytesIO(signed)), io.BytesIO()
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/MediaBox"] = generic.ArrayObject(map(generic.NumberObject, [0, 0, 100, 100]))
    writer.update_container(page)
    writer.write(out)
    report = signers.check_pdf(out.getvalue())
    assert not report.valid
    assert "không bao trùm" in " ".join(report.problems)


def test_an_unsigned_copy_and_a_foreign_root_are_told_apart(
    signers: DemoSigners, copy: bytes, signed: bytes, tmp_path: Path
) -> None:
    assert signers.check_pdf(copy).problems == ("Tài liệu không có chữ ký số.",)
    stranger = DemoAuthority.open(tmp_path, at=AT)
    report = signers.check_pdf(signed, [stranger.root_pem])
    assert (report.valid, report.trusted, report.training) == (True, False, False)
    assert "CA được tin cậy" in report.problems[0]


def test_signing_twice_and_signing_rubbish_are_refused(signer: P12Signer, signed: bytes) -> None:
    with pytest.raises(SigningError, match="đã được ký"):
        signer.sign_pdf(signed, at=AT, reason="", stamp=["x"])
    for rubbish in (b"", b"%PDF-1.4 rubbish %%EOF", signed[:300]):
        with pytest.raises(SigningError, match="Không ký được"):
            signer.sign_pdf(rubbish, at=AT, reason="", stamp=["x"])


def test_an_expired_or_future_certificate_does_not_sign(signer: P12Signer, copy: bytes) -> None:
    assert signer.usable(AT) == []
    for at, word in [(AT + timedelta(days=1200), "hết hạn"), (AT - timedelta(days=3), "hiệu lực từ")]:
        assert word in signer.usable(at)[0]
        with pytest.raises(SigningError, match=word):
            signer.sign_pdf(copy, at=at, reason="", stamp=["x"])


def test_bytes_are_signed_beside_and_every_change_is_found(signers: DemoSigners) -> None:
    office = signers.issue("Bưu cục Tây Hồ", "office")
    data = os.urandom(50_000)
    cms = office.sign_bytes(data)
    assert signers.check_bytes(data, cms) == SignatureReport(True, True, True, "Bưu cục Tây Hồ", AT, ())
    assert not signers.check_bytes(data + b"x", cms).valid
    chance = random.Random(11)
    for at in chance.sample(range(len(cms)), 30):
        damaged = cms[:at] + bytes([cms[at] ^ (1 << chance.randrange(8))]) + cms[at + 1 :]
        report = signers.check_bytes(data, damaged)
        assert not (report.valid and report.trusted), at
    for rubbish in (b"", b"0", cms[:-1], cms + b"x", data[:100]):
        assert not signers.check_bytes(data, rubbish).valid


def test_openssl_agrees_with_a_detached_signature(
    signers: DemoSigners, authority: DemoAuthority, tmp_path: Path
) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    (tmp_path / "data").write_bytes(b"receipt")
    (tmp_path / "cms").write_bytes(signers.issue("UBND tỉnh", "province").sign_bytes(b"receipt"))
    (tmp_path / "root.pem").write_bytes(authority.root_pem)
    command = "openssl cms -verify -binary -inform DER -in cms -content data -CAfile root.pem -purpose any"
    command += f" -attime {int(AT.timestamp())} -out out"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)


def test_threads_share_one_signer(signer: P12Signer, signers: DemoSigners, copy: bytes) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: signer.sign_pdf(copy, at=AT, reason=f"{n}", stamp=["BẢN SAO"]).pdf, range(8)))
    assert all(signers.check_pdf(pdf).valid for pdf in done)


# --- the stamp ---------------------------------------------------------------------------------
def grey(pdf: bytes) -> numpy.ndarray:
    return numpy.asarray(pdfpages.render(pdf, dpi=72, grey=True), dtype=numpy.int16)


def stamp_box(pdf: bytes, which: int = 0) -> tuple[float, ...]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return tuple(float(side) for side in opened.pages[0].Annots[which].Rect)


def noisy(image: Image.Image) -> Image.Image:
    noise = Image.effect_noise(image.size, 16).convert("RGB")
    return Image.blend(image, noise, 0.12)


def full(width: int = 1654, height: int = 2339) -> Image.Image:
    return Image.effect_noise((width, height), 200).convert("RGB")


def crowded(number: int) -> Image.Image:
    """A first page that no two counters see alike: letterheads, tables, seals, photographs, margins, sizes."""
    chance = random.Random(number)
    width, height = chance.choice([(1654, 2339), (1654, 2339), (2339, 1654), (2480, 3508), (1169, 1654), (1654, 3000)])
    image = Image.new("RGB", (width, height), chance.choice(["white", (250, 246, 230), (236, 240, 236)]))
    pen, side, top = ImageDraw.Draw(image), chance.randrange(20, 220), chance.randrange(10, 260)
    for left, wide in ((side, width // 3), (width // 2, width // 2 - side)):
        for line in range(chance.randrange(0, 4)):
            pen.rectangle(
                (left, top + 50 * line, left + int(wide * chance.uniform(0.4, 1)), top + 50 * line + 26), fill=0
            )
    start = top + chance.randrange(60, 420)
    gap = chance.choice([30, 44, 60, 90])
    for row in range(start, height - 60, gap):
        pen.rectangle((side, row, width - side - chance.randrange(0, 200), row + 16), fill=(30, 30, 60))
    if chance.random() < 0.4:
        at = chance.randrange(side, width - 300), chance.randrange(20, height // 2)
        pen.ellipse((*at, at[0] + 270, at[1] + 270), outline=(200, 20, 20), width=9)
    if chance.random() < 0.3:
        pen.rectangle((width - side - 260, top, width - side, top + 340), fill=(90, 110, 140))
    if chance.random() < 0.3:
        for line in range(0, height, 70):
            pen.line((side, line, width - side, line), fill=(60, 60, 60), width=3)
    if number % 10 == 9:
        return full(width, height)
    return noisy(image) if number % 4 == 3 else image


NO_INK = 140  # of 255; text and lines are darker, paper and its noise are not
FIRST_PAGES = [
    letter(),
    letter(top=30),
    letter(2339, 1654),
    noisy(letter()),
    letter().resize((1011 * 2, 638 * 2)),
    Image.new("RGB", (1654, 2339), "white"),
    full(),
]


@pytest.mark.parametrize("number", range(40))
def test_the_stamp_covers_no_ink_and_stays_on_the_page(number: int, signer: P12Signer, signers: DemoSigners) -> None:
    image = FIRST_PAGES[number] if number < len(FIRST_PAGES) else crowded(number)
    before = copy_of(image)
    lines = stamp_lines("BẢN SAO ĐIỆN TỬ", signer.subject, "Bưu cục Tây Hồ", AT)
    after = signer.sign_pdf(before, at=AT, reason="", stamp=lines).pdf
    left, bottom, right, top = stamp_box(after)
    (height, width), (grown, wide) = grey(before).shape, grey(after).shape
    assert 0 < left < right <= wide == width and grown / 2 < bottom < top <= grown
    if bottom < height:  # not in a strip of its own
        assert top <= height == grown
        covered = grey(before)[int(height - top) : int(height - bottom) + 1, int(left) : int(right) + 1]
        assert (covered > NO_INK).all()
    pixels = draw_height([*lines, "TRAINING"]) if right - left < 300 else draw_height(lines[:2])
    assert abs((top - bottom) - pixels * 72 / stamp.DPI) <= 1.5  # full size: 10 points
    shown = grey(after)[int(grown - top) : int(grown - bottom) + 1, int(left) : int(right) + 1]
    assert (shown < NO_INK).mean() > 0.05  # and it is there to be seen
    assert signers.check_pdf(after).valid
    if sheet := os.environ.get("STAMP_SHEET"):
        pdfpages.render(after, dpi=50).save(Path(sheet) / f"{number:02d}.png")


def draw_height(lines: list[str]) -> int:
    return stamp.draw(lines).height


def test_a_page_full_to_its_edges_grows_a_strip_and_nothing_moves(signer: P12Signer, signers: DemoSigners) -> None:
    before = copy_of(full())
    after = signer.sign_pdf(before, at=AT, reason="", stamp=["BẢN SAO ĐIỆN TỬ", "Người ký: An"]).pdf
    grown = grey(after).shape[0] - grey(before).shape[0]
    assert 20 < grown < 80
    assert numpy.abs(grey(after)[grown + 2 :] - grey(before)[2:]).mean() < 2  # nothing moved, nothing covered
    assert signers.check_pdf(after).valid
    assert validator.is_pdf_compliant_bytes(after, profile="2b")


@pytest.mark.parametrize("image", [letter(), full(), letter(top=30)], ids=["letter", "full", "motto at the edge"])
def test_clerk_and_seal_find_room_side_by_side(image: Image.Image, signer: P12Signer, signers: DemoSigners) -> None:
    lines = stamp_lines("BẢN SAO ĐIỆN TỬ", signer.subject, "Bưu cục Tây Hồ", AT)
    first = signer.sign_pdf(copy_of(image), at=AT, reason="", stamp=lines, room=True).pdf
    both = signers.office("Bưu cục Tây Hồ").sign_pdf(first, at=AT, reason="", stamp=lines, seal=True).pdf
    one, two = stamp_box(both, 0), stamp_box(both, 1)
    assert two[2] <= one[0] or two[0] >= one[2] or two[3] <= one[1] or two[1] >= one[3]  # apart
    assert two[0] < two[2] and grey(both).shape == grey(first).shape
    assert signers.check_pdf(both).valid


def test_a_copy_with_text_under_its_picture_is_looked_at_the_quick_way_too() -> None:
    plain = copy_of(letter())
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        page, out = pdf.pages[0], io.BytesIO()
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources.Font = pikepdf.Dictionary(F1=font)
        page.contents_add(b"BT 3 Tr /F1 10 Tf 100 700 Td (unseen) Tj ET", prepend=True)
        pdf.save(out)
    hidden, seen = out.getvalue(), out.getvalue().replace(b"3 Tr", b"0 Tr")
    for pdf in (plain, hidden, seen):
        _, quick = stamp_page.first_page(pdf)
        assert numpy.abs(numpy.asarray(quick, dtype=numpy.int16) - grey(pdf)).mean() < 6  # as PDFium shows it
    lines = stamp_lines("BẢN SAO ĐIỆN TỬ", CLERK, "Bưu cục Tây Hồ", AT)
    assert stamp.arrange(hidden, lines)[1] == stamp.arrange(plain, lines)[1]


def test_the_stamp_is_in_a_face_that_has_every_letter() -> None:
    from PIL import ImageFont

    face = ImageFont.truetype(stamp.face(), 40)
    missing = bytes(face.getmask("\uffff"))
    for letter_ in "ẮẰẲẴẶẤẦẨẪẬẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰỲỴỶỸĐđ·–:+0123456789":
        assert bytes(face.getmask(letter_)) != missing, letter_


def test_the_stamp_of_a_training_key_says_training() -> None:
    lines = stamp_lines("BẢN SAO ĐIỆN TỬ", CLERK, "Bưu cục Tây Hồ", AT)
    assert lines[-1] == "Thời gian ký: 2026-11-21T10:00:00+07:00"
    assert stamp.draw([*lines, "TRAINING"]).height > stamp.draw(lines).height
    assert stamp.draw(lines).mode == "L"


# --- where keys come from ----------------------------------------------------------------------
def test_a_p12_file_opens_with_its_pin_only(authority: DemoAuthority, tmp_path: Path, copy: bytes) -> None:
    content, password = authority.p12("Lê Văn An", "clerk", username="an")
    (tmp_path / "an.p12").write_bytes(content)
    source = FileSigners(tmp_path, FixedClock(AT), roots=[authority.root_pem])
    signer = source.of("an", "Lê Văn An", pin=password)
    assert (signer.subject, signer.training) == ("Lê Văn An", False)
    report = source.check_pdf(signer.sign_pdf(copy, at=AT, reason="", stamp=["BẢN SAO"]).pdf)
    assert (report.valid, report.trusted, report.training) == (True, True, False)
    with pytest.raises(SigningError, match="PIN"):
        source.of("an", "Lê Văn An", pin="sai")
    with pytest.raises(SigningError, match="Không có khóa ký"):
        source.of("../an/b", "Trần B")


def test_a_demonstration_ca_is_the_same_next_time_and_private(authority: DemoAuthority, tmp_path: Path) -> None:
    one = DemoAuthority.open(tmp_path, at=AT)
    issued = one.p12(CLERK, "clerk", username="a")
    two = DemoAuthority.open(tmp_path, at=AT + timedelta(days=30))
    assert two.root_pem == one.root_pem != authority.root_pem
    assert two.p12(CLERK, "clerk", username="a") == issued
    assert two.p12(CLERK, "clerk", username="b")[0] != issued[0]  # a namesake
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_a_damaged_demonstration_ca_is_mended(tmp_path: Path) -> None:
    first = DemoAuthority.open(tmp_path, at=AT)
    first.p12(CLERK, "clerk")
    for path in sorted(tmp_path.iterdir()):
        path.write_bytes(path.read_bytes()[:-40])
        again = DemoAuthority.open(tmp_path, at=AT)
        p12, password = again.p12(CLERK, "clerk")
        signers = DemoSigners(again, FixedClock(AT))
        cms = P12Signer(p12, password, clock=FixedClock(AT)).sign_bytes(b"x")
        assert signers.check_bytes(b"x", cms).trusted


def test_an_expired_training_certificate_is_issued_anew(tmp_path: Path) -> None:
    clock = FixedClock(AT)
    signers = DemoSigners(DemoAuthority.open(tmp_path, at=AT), clock)
    before = signers.of("a", CLERK)
    clock.at = AT + timedelta(days=800)
    after = signers.of("a", CLERK)
    assert before.usable(clock.at) and not after.usable(clock.at)
    assert signers.of("a", CLERK) is after


def test_certificates_name_the_person_and_say_training(signer: P12Signer) -> None:
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(signer.certificate)
    subject = certificate.subject.rfc4514_string()
    assert CLERK in subject and "TRAINING / TẬP HUẤN" in subject
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert hashlib.sha256(signer.certificate).hexdigest()
