"""Vietnamese text read from pages: how well, where it stands, and that nothing depends on it."""

from __future__ import annotations

import dataclasses
import io
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from agent.documents import ocr_data
from agent.documents.digitiser import PageDigitiser
from agent.documents.helper import HelperDigitiser, ReadingLost
from agent.documents.helper_codec import BadFrame, receive, send
from agent.errors import ConfigError
from agent.ports import Digitiser, PageImage, Verdict
from agent.ports_text import BLANK, FAILED, OFF, READ, SLOW, PageText, Word
from tests.vietnamese_pages import DPI, KINDS, SIZE, Drawn, encoded, error_rate, faces, page

AT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
LIMITS = {"clean": 0.005, "noisy": 0.02, "skewed": 0.02}  # of characters
TWO_MM = 2 / 25.4 * DPI  # pixels
LONG = 120.0  # seconds for a page, on a machine that does other things too
FACES = ("Liberation Serif", "Liberation Sans", "Free Serif", "DejaVu Serif", "DejaVu Sans")
EVERY_DAY = [
    (face, kind) for n, face in enumerate(FACES) for kind in KINDS if n == 0 or kind == KINDS[n % 3]
]  # `make ocr-full` reads each face in each kind, three pages of each
SOME = 1500  # pixels from the top to the end of a page whose text need not be long
ROOM = 350 * 1024  # kB
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
OWN = PageDigitiser()


def has_data() -> bool:
    try:
        return ocr_data.find().is_dir()
    except ConfigError:
        return False


pytestmark = pytest.mark.skipif(
    not has_data() or len(faces()) < len(FACES), reason="tesseract-ocr-vie and the faces are not installed"
)


def judged(data: bytes, name: str = "trang.jpg") -> PageImage:
    (found,) = OWN.read_bytes(name, data)
    return found


def usable(data: bytes, media: str = "image/png", size: tuple[int, int] = SIZE) -> PageImage:
    """A page as if the gate had let it pass."""
    return PageImage("trang", data, "", media, *size, DPI, Verdict.OK)


@pytest.fixture(scope="module")
def clean() -> Drawn:
    return page(31, face="Liberation Serif", bottom=SOME)


@pytest.fixture(scope="module")
def helper() -> Iterator[HelperDigitiser]:
    made = HelperDigitiser(readers=1)
    yield made
    made.close()


@pytest.fixture(params=["in this process", "in a helper"])
def digitiser(request: pytest.FixtureRequest, helper: HelperDigitiser) -> Digitiser:
    return OWN if request.param == "in this process" else helper


# --- how well ----------------------------------------------------------------------------------
@pytest.mark.parametrize(("face", "kind"), EVERY_DAY)
def test_a_page_is_read_with_few_wrong_letters(face: str, kind: str, helper: HelperDigitiser) -> None:
    drawn = page(FACES.index(face) * 3 + KINDS.index(kind) + 40, face=face, kind=kind)
    text = helper.read_text(judged(drawn.jpeg()), seconds=LONG)
    assert error_rate(drawn.text, text.text) <= LIMITS[kind]
    assert (text.state, text.language, text.turn) == (READ, "vie", 0)
    assert text.engine.startswith("tesseract 5")
    assert text.confidence > 85
    assert (text.angle + 180) % 360 - 180 == pytest.approx(drawn.angle, abs=0.15)


@pytest.mark.parametrize("kind", ["noisy", "skewed"])
def test_words_lie_where_they_stand_on_the_paper(kind: str) -> None:
    drawn = page(32, face="Liberation Serif", kind=kind)
    text = OWN.read_text(judged(drawn.jpeg()), seconds=LONG)
    wanted = [word for line in drawn.lines for word in line.words]
    alike = SequenceMatcher(None, [word[0] for word in wanted], [word.text for word in text.words], autojunk=False)
    pairs = [(wanted[a + n], text.words[b + n]) for a, b, size in alike.get_matching_blocks() for n in range(size)]
    assert len(pairs) > 0.9 * len(wanted)
    astray = []  # a speck of dust beside a word is sometimes taken into it
    for (said, left, base, right), word in pairs:
        x, y = drawn.place(left, base)
        assert word.y == pytest.approx(y, abs=TWO_MM), said
        assert word.left - 3 * TWO_MM < x < word.right and word.top < y < word.bottom + TWO_MM, said
        if abs(word.x - x) > TWO_MM or abs(word.length - right + left) > TWO_MM:
            astray.append(said)
    assert len(astray) <= 0.01 * len(pairs), astray
    assert [word.line for word in text.words] == sorted(word.line for word in text.words)


def test_both_ways_read_the_same(digitiser: Digitiser, clean: Drawn) -> None:
    text = digitiser.read_text(judged(clean.jpeg()), seconds=LONG)
    here = OWN.read_text(judged(clean.jpeg()), seconds=LONG)
    assert dataclasses.replace(text, seconds=0.0) == dataclasses.replace(here, seconds=0.0)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_the_wrong_way_round_is_told_and_read(turn: int, helper: HelperDigitiser) -> None:
    drawn = page(33, face="Liberation Serif", kind="noisy")
    turned = judged(encoded(drawn.image.rotate(-turn, expand=True), "JPEG"))
    text = helper.read_text(turned, seconds=LONG)
    assert text.turn == 360 - turn
    assert error_rate(drawn.text, text.text) <= LIMITS["noisy"]


def test_a_photo_that_notes_how_it_was_held_is_read_as_one_sees_it(clean: Drawn) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    text = OWN.read_text(judged(encoded(clean.image.rotate(90, expand=True), "JPEG", exif=exif)), seconds=LONG)
    assert (text.turn, text.words[0].text) == (0, "CỘNG")
    assert error_rate(clean.text, text.text) <= LIMITS["clean"]
    _, left, base, _ = clean.lines[0].words[0]
    assert (text.words[0].x, text.words[0].y) == pytest.approx((left, base), abs=TWO_MM)


def sixteen_bits(image: Image.Image) -> Image.Image:
    return Image.fromarray(numpy.asarray(image.convert("L")).astype(numpy.uint16) * 257)


def bilevel(image: Image.Image) -> Image.Image:
    return image.convert("L").point([255 * (level > 150) for level in range(256)]).convert("1")


UNUSUAL: dict[str, tuple[str, Callable[[Image.Image], Image.Image], dict[str, Any]]] = {
    "press colours": ("JPEG", lambda image: image.convert("CMYK"), {}),
    "16 bits": ("PNG", sixteen_bits, {}),
    "fax": ("TIFF", bilevel, {"compression": "group4"}),
    "palette": ("PNG", lambda image: image.convert("P"), {}),
    "transparent": ("PNG", lambda image: image.convert("RGBA"), {}),
    "600 dpi": ("JPEG", lambda image: image.convert("L").resize((4960, 7016)), {"dpi": (600, 600)}),
    "200 dpi": ("JPEG", lambda image: image.resize((1654, 2339)), {"dpi": (200, 200)}),
}  # fmt: skip


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_images_are_read_as_well(name: str, clean: Drawn, helper: HelperDigitiser) -> None:
    kind, convert, options = UNUSUAL[name]
    text = helper.read_text(judged(encoded(convert(clean.image), kind, **options)), seconds=LONG)
    assert error_rate(clean.text, text.text) <= LIMITS["noisy"]


def test_a_scanned_pdf_is_read_in_points(clean: Drawn) -> None:
    out = io.BytesIO()
    clean.image.save(out, "PDF", resolution=DPI)
    text = OWN.read_text(judged(out.getvalue(), "quét.pdf"), seconds=LONG)
    assert text.engine.startswith("tesseract")
    assert error_rate(clean.text, text.text) <= LIMITS["noisy"]
    _, left, base, _ = clean.lines[0].words[0]
    assert (text.words[0].x, text.words[0].y) == pytest.approx((left * 72 / DPI, base * 72 / DPI), abs=6)


def letter(*, mode: int = 0, turn: int = 0) -> bytes:
    """A PDF with text of its own, in a face that is embedded."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont("own", str(faces()["DejaVu Sans"])))
    out = io.BytesIO()
    sheet = Canvas(out, pagesize=(595, 842))
    if turn:
        sheet.setPageRotation(turn)
    pen = sheet.beginText(72, 742)
    pen.setFont("own", 12)
    pen.setTextRenderMode(mode)
    for line in ("Kính gửi: Ủy ban nhân dân phường Tây Hồ,", "đề nghị cấp Giấy chứng nhận."):
        pen.textLine(line)
    sheet.drawText(pen)
    sheet.save()
    return out.getvalue()


def test_a_pdf_that_has_text_says_it_itself_and_gets_no_second_layer(digitiser: Digitiser) -> None:
    found = judged(letter(), "thư.pdf")
    text = digitiser.read_text(found)
    assert (text.engine, text.confidence) == ("pdf", 100)
    assert text.text == "Kính gửi: Ủy ban nhân dân phường Tây Hồ,\nđề nghị cấp Giấy chứng nhận."
    assert (text.words[0].x, text.words[0].y) == pytest.approx((72, 842 - 742), abs=5)
    copy = digitiser.copy([found], title="x", at=AT)
    with_text = digitiser.with_text(copy, [text])
    kept = copy.evidence["pages"][0]["how"] == "kept"
    assert with_text.evidence["pages"][0]["text"]["layer"] is not kept
    assert OWN.read_text(judged(with_text.pdf, "bản sao.pdf")).text.split() == text.text.split()


def test_a_hidden_layer_of_others_is_not_trusted() -> None:
    assert OWN.read_text(judged(letter(mode=3), "mfp.pdf")).confidence == 0


def test_a_copy_with_text_holds_what_was_read(digitiser: Digitiser) -> None:
    pages = [judged(page(31, face="Liberation Serif").jpeg())]
    text = digitiser.read_text(pages[0], seconds=LONG)
    with_text = digitiser.with_text(digitiser.copy(pages, title="Tờ khai", at=AT), [text])
    again = OWN.read_text(judged(with_text.pdf, "bản sao.pdf"))
    assert again.engine == "pdf"
    assert error_rate(text.text, again.text) < 0.005


# --- nothing depends on it ---------------------------------------------------------------------
def test_a_blank_page_is_blank(digitiser: Digitiser) -> None:
    for image in (Image.new("L", SIZE, 255), Image.new("RGB", SIZE, (240, 238, 225))):
        text = digitiser.read_text(judged(encoded(image, "PNG")))
        assert (text.state, text.words) == (BLANK, ())


def test_what_cannot_be_shown_is_a_state_with_words(digitiser: Digitiser, clean: Drawn) -> None:
    whole = clean.jpeg()
    huge = encoded(Image.new("RGB", (7000, 9900), "white"), "PNG")
    for bad in (
        judged(whole[:20_000]),
        usable(whole[:20_000], "image/jpeg"),
        usable(b"", "image/tiff"),
        usable(os.urandom(9000)),
        usable(whole, "image/png"),
        usable(huge, size=(7000, 9900)),
        usable(b"%PDF-1.4 nothing", "application/pdf"),
        usable(b"x", size=(0, 0)),
    ):
        text = digitiser.read_text(bad)
        assert (text.state, text.words) == (FAILED, ())
        assert "Bản sao vẫn lập được" in text.reason or "chưa dùng được" in text.reason


def test_damage_within_a_page_is_no_reason_to_stop(digitiser: Digitiser, clean: Drawn) -> None:
    data = bytearray(clean.jpeg())
    for place in range(len(data) // 2, len(data) - 200, 5000):
        data[place] ^= 0x55
    text = digitiser.read_text(usable(bytes(data), "image/jpeg"), seconds=LONG)
    assert text.state in (READ, FAILED)


def test_a_page_that_takes_too_long_is_given_up(digitiser: Digitiser, clean: Drawn) -> None:
    digitiser.read_text(judged(encoded(Image.new("L", SIZE, 255), "PNG")))
    text = digitiser.read_text(judged(clean.jpeg()), seconds=0.2)
    assert (text.state, text.words) == (SLOW, ())
    assert digitiser.read_text(judged(clean.jpeg()), seconds=LONG).state == READ


@pytest.mark.parametrize("made", [PageDigitiser, HelperDigitiser])
def test_without_language_data_reading_is_off_and_says_how_to_have_it(
    made: type[PageDigitiser] | type[HelperDigitiser], tmp_path: Path, clean: Drawn
) -> None:
    digitiser = made(language_data=tmp_path)
    text = digitiser.read_text(judged(clean.jpeg()))
    assert text.state == OFF
    assert "tesseract-ocr-vie" in text.reason and str(tmp_path) in text.reason
    if isinstance(digitiser, HelperDigitiser):
        assert digitiser.reader_pids() == []


def test_language_data_that_was_cut_off_or_is_none_turns_reading_off(tmp_path: Path, clean: Drawn) -> None:
    whole = (ocr_data.find() / ocr_data.FILE).read_bytes()
    for data in (b"", whole[:50_000], os.urandom(200_000)):
        (tmp_path / ocr_data.FILE).write_bytes(data)
        with HelperAtWork(language_data=tmp_path) as digitiser:
            assert digitiser.read_text(judged(clean.jpeg())).state == OFF
    (tmp_path / ocr_data.FILE).write_bytes(whole)
    assert PageDigitiser(language_data=tmp_path).read_text(judged(clean.jpeg()), seconds=LONG).state == READ


# --- helpers -----------------------------------------------------------------------------------
class HelperAtWork:
    """A HelperDigitiser that ends with its block."""

    def __init__(self, **options: Any) -> None:
        self._made = HelperDigitiser(**options)

    def __enter__(self) -> HelperDigitiser:
        return self._made

    def __exit__(self, *_: object) -> None:
        self._made.close()


def until(reached: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    pause = threading.Event()
    for _ in range(int(seconds * 200)):
        if value := reached():
            return value
        pause.wait(0.005)
    pytest.fail(f"not within {seconds} s: {what}")


def in_a_thread(work: Callable[[], Any]) -> Future[Any]:
    pool = ThreadPoolExecutor(1)
    promise = pool.submit(work)
    pool.shutdown(wait=False)
    return promise


def status(pid: int, name: str) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split(f"{name}:")[1].split()[0])


def test_a_reader_that_is_killed_in_the_middle_says_do_it_again(clean: Drawn) -> None:
    with HelperAtWork(readers=1) as digitiser:
        promise = in_a_thread(lambda: digitiser.read_text(judged(clean.jpeg()), seconds=LONG))
        (pid,) = until(digitiser.reader_pids, "a reader starts")
        os.kill(pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        with pytest.raises(ReadingLost, match="bản sao vẫn lập được") as caught:
            promise.result(60)
        assert caught.value.retryable
        assert digitiser.read_text(judged(clean.jpeg()), seconds=LONG).state == READ


@linux
def test_a_reader_that_hangs_is_given_up_when_its_time_is_over(clean: Drawn) -> None:
    with HelperAtWork(readers=1, patience=1.0) as digitiser:
        promise = in_a_thread(lambda: digitiser.read_text(judged(clean.jpeg()), seconds=1.0))
        (pid,) = until(digitiser.reader_pids, "a reader starts")
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(ReadingLost, match="quá lâu"):
            promise.result(60)


@linux
def test_readers_are_modest() -> None:
    full = page(31, face="Liberation Serif")
    big = encoded(full.image.resize((4960, 7016)), "PNG", dpi=(600, 600), compress_level=1)
    with HelperAtWork() as digitiser:
        texts = [in_a_thread(lambda: digitiser.read_text(judged(full.jpeg()), seconds=LONG)) for _ in range(3)]
        assert [text.result(LONG).state for text in texts] == [READ] * 3
        assert len(digitiser.reader_pids()) == max(1, (os.cpu_count() or 1) - 1)
        pid = digitiser.reader_pids()[0]
        assert status(pid, "VmHWM") < ROOM
        assert digitiser.read_text(judged(big), seconds=LONG).state == READ
        assert max(status(each, "VmHWM") for each in digitiser.reader_pids()) < ROOM, "kB"
        assert int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[16]) >= 15  # nice
        assert status(pid, "Threads") <= 3  # its work, its listener, the watch on its time
        assert digitiser.pids() == []  # reading takes no page helper's place
    assert digitiser.reader_pids() == []


@linux
def test_an_idle_reader_ends(clean: Drawn) -> None:
    with HelperAtWork(readers=1, idle_seconds=0.2) as digitiser:
        assert digitiser.read_text(judged(clean.jpeg()), seconds=LONG).state == READ
        until(lambda: digitiser.reader_pids() == [], "the idle reader ends")


def test_the_asking_process_loads_no_recognition(clean: Drawn) -> None:
    code = (
        "import sys\nfrom agent.documents.helper import HelperDigitiser\nfrom agent.ports import PageImage\n"
        "raw = sys.stdin.buffer.read()\nd = HelperDigitiser()\n"
        "t = d.read_text(PageImage('a', raw, '', 'image/jpeg', 2480, 3508, 300), seconds=120)\n"
        "assert t.words, t\nd.close()\n"
        "heavy = {'tesserocr', 'numpy', 'PIL', 'pikepdf', 'fontTools'} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], input=clean.jpeg(), check=True, cwd=Path(__file__).parents[2])


GOOD = Word("Hà", 95.0, 1, *(float(n) for n in range(8)))
SAID = PageText(READ, "", (GOOD,), 95.0, 0.0, "tesseract 5", "vie", 0.5)


def test_words_cross_unchanged() -> None:
    pipe = io.BytesIO()
    send(pipe, {"value": SAID})
    pipe.seek(0)
    frame = receive(pipe)
    assert frame and frame[0] == {"value": SAID}


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ('["H\\u00e0",', '["H\\u00e0"],"x":['),
        ('"H\\u00e0",', ""),
        ('"H\\u00e0"', "5"),
        (",1,95.0", ',"1",95.0'),
        (",7.0", ",7.0,8.0"),
    ],
)
def test_a_taken_over_reader_can_send_no_words_that_are_none(true: str, false: str) -> None:
    pipe = io.BytesIO()
    send(pipe, {"value": SAID})
    header = pipe.getvalue()[4:].decode()
    assert true in header
    header = header.replace(true, false, 1)
    with pytest.raises(BadFrame):
        receive(io.BytesIO(struct.pack(">I", len(header)) + header.encode()))
