"""Page work and signing in child processes: the same behaviour as in this process, and nothing lost when one dies."""

from __future__ import annotations

import errno
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from agent.documents.demo_ca import DemoAuthority
from agent.documents.digitiser import PageDigitiser
from agent.documents.helper import HelperDigitiser, HelperSigners, PageWorkLost, SigningLost
from agent.documents.helper_main import GRACE
from agent.documents.helper_pool import Pool
from agent.documents.key_source import KeySource
from agent.errors import DocumentError, SigningError
from agent.ports import Digitiser, Verdict
from agent.ports_signing import Signers

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CLERK = "Nguyễn Thị Ánh Tuyết"
ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc and blocks readers by named pipes")


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def scan(kind: str = "JPEG", words: str = "", dpi: int = 200) -> bytes:
    image = Image.new("L", (1654, 2339), 255)
    pen = ImageDraw.Draw(image)
    for row in range(300, 2000, 50):
        pen.rectangle((200, row, 1400, row + 20), fill=20)
    pen.text((200, 100), words, fill=0, font_size=60)
    out = io.BytesIO()
    image.save(out, kind, dpi=(dpi, dpi))
    return out.getvalue()


def two_pages() -> bytes:
    first, out = Image.open(io.BytesIO(scan("TIFF", "1"))).convert("1"), io.BytesIO()
    first.save(out, "TIFF", compression="group4", dpi=(200, 200), save_all=True, append_images=[first.rotate(180)])
    return out.getvalue()


# --- the same behaviour everywhere -------------------------------------------------------------
@pytest.fixture(scope="module", params=["in this process", "in a helper"])
def digitiser(request: pytest.FixtureRequest) -> Iterator[Digitiser]:
    if request.param == "in this process":
        yield PageDigitiser()
        return
    helper = HelperDigitiser()
    yield helper
    helper.close()


def test_a_page_comes_back_as_it_was_sent(digitiser: Digitiser) -> None:
    data = scan()
    (page,) = digitiser.read_bytes("trang 1.jpg", data)
    assert page == PageDigitiser().read_bytes("trang 1.jpg", data)[0]
    assert page.raw is data  # not a second time in this process's memory


def test_two_pages_of_one_file_come_one_by_one(digitiser: Digitiser) -> None:
    pages = digitiser.read_bytes("hộ khẩu.tif", two_pages())
    assert [page.name for page in pages] == ["hộ khẩu.tif#1", "hộ khẩu.tif#2"]
    assert pages == PageDigitiser().read_bytes("hộ khẩu.tif", two_pages())


@pytest.mark.parametrize(
    ("name", "data", "verdict"),
    [
        ("cắt dở.jpg", scan()[:9000], Verdict.REFUSED),
        ("thưa.jpg", scan(dpi=100), Verdict.REFUSED),
        ("rỗng.pdf", b"%PDF-1.7\n%%EOF", Verdict.REFUSED),
        ("ghi chú.txt", b"xin chao", Verdict.IGNORED),
        ("", b"", Verdict.IGNORED),
    ],
)
def test_a_bad_file_gets_the_same_words(digitiser: Digitiser, name: str, data: bytes, verdict: Verdict) -> None:
    (page,) = digitiser.read_bytes(name, data)
    assert page.verdict is verdict
    assert page == PageDigitiser().read_bytes(name, data)[0]


def test_a_folder_is_read_in_natural_order_from_wherever_the_program_stands(
    digitiser: Digitiser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "quét").mkdir()
    for name in ("p10.jpg", "p2.jpg"):
        (tmp_path / "quét" / name).write_bytes(scan(words=name))
    monkeypatch.chdir(tmp_path)
    assert [page.name for page in digitiser.read_folder(Path("quét"))] == ["p2.jpg", "p10.jpg"]
    assert digitiser.read(Path("quét/p2.jpg"))[0].raw == scan(words="p2.jpg")


def test_a_missing_folder_says_so(digitiser: Digitiser, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="Không đọc được thư mục") as caught:
        digitiser.read_folder(tmp_path / "không có")
    assert caught.value.code == "document"


def test_the_copy_is_the_same_pdf(digitiser: Digitiser) -> None:
    pages = [*digitiser.read_bytes("a.jpg", scan()), *digitiser.read_bytes("b.tif", two_pages())]
    copy = digitiser.copy(pages, title="Tờ khai · H26", at=AT)
    here = PageDigitiser().copy(pages, title="Tờ khai · H26", at=AT)
    assert (copy.pages, copy.evidence) == (3, here.evidence)
    assert copy.pdf == here.pdf


def test_a_refused_page_is_not_copied(digitiser: Digitiser) -> None:
    with pytest.raises(DocumentError, match="chưa dùng được"):
        digitiser.copy(digitiser.read_bytes("cắt dở.jpg", scan()[:9000]), title="x", at=AT)


def test_the_screen_gets_a_small_picture(digitiser: Digitiser) -> None:
    with Image.open(io.BytesIO(digitiser.thumbnail(scan(), "image/jpeg", width=120))) as small:
        assert (small.format, small.width) == ("PNG", 120)
    with pytest.raises(DocumentError):
        digitiser.thumbnail(b"no picture", "image/jpeg")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    made = DemoAuthority.open(folder / "ca", at=AT)
    for name, kind in (("tuyet", "clerk"), ("office", "office")):
        p12, password = made.p12(CLERK if kind == "clerk" else "Bưu cục Tây Hồ", kind)  # type: ignore[arg-type]
        (folder / f"{name}.p12").write_bytes(p12)
        (folder / f"{name}.password").write_text(password)
    return folder


SOURCES = ["issued", "files", "issued, in a helper", "files, in a helper"]


@pytest.fixture(scope="module")
def clock() -> SetClock:
    return SetClock(AT)


@pytest.fixture(scope="module", params=SOURCES)
def signers(request: pytest.FixtureRequest, authority: Path, clock: SetClock) -> Iterator[Signers]:
    root = (authority / "ca" / "root.pem").read_bytes()
    files = KeySource(files=authority, roots=(root,))
    source = files if request.param.startswith("files") else KeySource(authority=authority / "ca")
    if "helper" not in request.param:
        yield source.open(clock)
        return
    helper = HelperSigners(source, clock)
    yield helper
    helper.close()


@pytest.fixture
def pin(authority: Path) -> str:
    return (authority / "tuyet.password").read_text()


@pytest.fixture(scope="module")
def paper() -> bytes:
    own = PageDigitiser()
    return own.copy(own.read_bytes("a.jpg", scan()), title="Tờ khai", at=AT).pdf


def test_a_signed_copy_stands_and_a_changed_one_does_not(signers: Signers, pin: str, paper: bytes) -> None:
    signer = signers.of("tuyet", CLERK, pin=pin)
    assert (signer.subject, signer.usable(AT)) == (CLERK, [])
    pdf = signer.sign_pdf(paper, at=AT, reason="Sao từ giấy tờ", stamp=["BẢN SAO ĐIỆN TỬ", CLERK]).pdf
    report = signers.check_pdf(pdf)
    assert (report.valid, report.trusted, report.signer, report.signed_at) == (True, True, CLERK, AT)
    assert report.training is signer.training
    assert not signers.check_pdf(pdf.replace(b"Sao", b"Xao", 1) + b"%").valid
    assert signers.check_pdf(b"%PDF-junk").problems


def test_the_office_seals_bytes_at_the_clocks_time(signers: Signers, clock: SetClock) -> None:
    clock.at = AT + timedelta(hours=7)
    try:
        seal = signers.office("Bưu cục Tây Hồ").sign_bytes(b"manifest")
    finally:
        clock.at = AT
    report = signers.check_bytes(b"manifest", seal)
    assert (report.valid, report.signed_at) == (True, AT + timedelta(hours=7))
    assert not signers.check_bytes(b"other", seal).valid
    assert signers.check_bytes(b"manifest", seal, signers.roots()).trusted


def test_an_expired_certificate_refuses_with_its_code(signers: Signers, pin: str, paper: bytes) -> None:
    signer, late = signers.of("tuyet", CLERK, pin=pin), AT + timedelta(days=4000)
    assert "hết hạn" in signer.usable(late)[0]
    with pytest.raises(SigningError) as caught:
        signer.sign_pdf(paper, at=late, reason="", stamp=[])
    assert caught.value.code == "signing-certificate"


@pytest.mark.parametrize("where", ["here", "helper"])
def test_a_wrong_pin_and_a_missing_key_say_which(where: str, authority: Path, pin: str) -> None:
    source, clock = KeySource(files=authority), SetClock(AT)
    signers: Signers = source.open(clock) if where == "here" else HelperSigners(source, clock, idle_seconds=5)
    with pytest.raises(SigningError) as caught:
        signers.of("tuyet", CLERK, pin="0000")
    assert caught.value.code == "signing-pin"
    with pytest.raises(SigningError, match="Không có khóa ký của Ai Đó"):
        signers.of("ai", "Ai Đó", pin="0000")
    assert signers.of("tuyet", CLERK, pin=pin).subject == CLERK


# --- a helper dies, hangs, idles ---------------------------------------------------------------
def until(reached: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
    """Wait until `reached` is true; its value."""
    pause = threading.Event()
    for _ in range(int(seconds * 200)):
        if value := reached():
            return value
        pause.wait(0.005)
    pytest.fail(f"not within {seconds} s: {what}")


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def known(pid: int) -> bool:
    """Whether the process table has it, be it as a zombie."""
    return Path(f"/proc/{pid}").exists()


class Stuck:
    """A file that keeps its reader waiting: a named pipe whose writer says nothing yet."""

    def __init__(self, path: Path) -> None:
        self.path, self._writer = path, -1
        os.mkfifo(path)

    def read_now(self) -> bool:
        """Whether somebody reads it; from then on he waits for us."""
        try:
            self._writer = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            assert error.errno == errno.ENXIO
        return self._writer >= 0

    def release(self) -> None:
        if self._writer >= 0:
            os.close(self._writer)
        self._writer = -1


@contextmanager
def stuck(folder: Path, name: str = "x.jpg") -> Iterator[Stuck]:
    file = Stuck(folder / name)
    try:
        yield file
    finally:
        file.release()


@contextmanager
def pages_in_a_helper(**options: Any) -> Iterator[HelperDigitiser]:
    made = HelperDigitiser(**options)
    try:
        yield made
    finally:
        made.close()


def in_a_thread(work: Callable[[], Any]) -> Future[Any]:
    pool = ThreadPoolExecutor(1)
    promise = pool.submit(work)
    pool.shutdown(wait=False)
    return promise


@linux
def test_a_helper_that_is_killed_in_the_middle_says_do_it_again_and_the_next_page_works(tmp_path: Path) -> None:
    with pages_in_a_helper(size=1) as digitiser, stuck(tmp_path) as file:
        promise = in_a_thread(lambda: digitiser.read(file.path))
        until(file.read_now, "the helper reads")
        (pid,) = digitiser.pids()
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(PageWorkLost, match="Làm lại") as caught:
            promise.result(20)
        assert caught.value.retryable
        assert not known(pid)  # waited for: no zombie
        assert digitiser.read_bytes("a.jpg", scan())[0].verdict is Verdict.OK


@linux
def test_a_helper_that_was_killed_while_idle_is_not_noticed() -> None:
    with pages_in_a_helper(size=1) as digitiser:
        digitiser.read_bytes("a.txt", b"x")
        (pid,) = digitiser.pids()
        os.kill(pid, signal.SIGKILL)
        until(lambda: not runs(pid), "it is dead")
        assert digitiser.read_bytes("a.jpg", scan())[0].verdict is Verdict.OK
        assert not known(pid)


@linux
def test_a_file_that_never_ends_is_given_up_when_its_time_is_over(tmp_path: Path) -> None:
    with pages_in_a_helper(size=1, patience=0.5) as digitiser, stuck(tmp_path) as file:
        with pytest.raises(PageWorkLost, match="quá lâu"):
            in_a_thread(lambda: digitiser.read(file.path)).result(GRACE - 2)  # before the helper would end itself
        digitiser.warm()
        assert until(digitiser.pids, "a new one")


@linux
def test_nobody_leaves_file_descriptors_behind(tmp_path: Path) -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    with pages_in_a_helper(size=1) as digitiser:
        for number in range(4):
            with stuck(tmp_path, f"{number}.jpg") as file:
                promise = in_a_thread(lambda path=file.path: digitiser.read(path))
                until(file.read_now, "the helper reads")
                os.kill(digitiser.pids()[0], signal.SIGKILL)
                assert isinstance(promise.exception(20), PageWorkLost)
    assert count() <= before


@linux
def test_an_idle_helper_ends_and_comes_back_when_needed() -> None:
    with pages_in_a_helper(idle_seconds=0.2) as digitiser:
        digitiser.read_bytes("a.txt", b"x")
        (first,) = digitiser.pids()
        until(lambda: not known(first), "the idle helper ends")
        assert digitiser.pids() == []
        assert digitiser.read_bytes("a.jpg", scan())[0].verdict is Verdict.OK
        assert digitiser.pids() != [first]


@linux
def test_two_clerks_are_served_at_once_and_a_third_waits(tmp_path: Path) -> None:
    with pages_in_a_helper(size=2) as digitiser, stuck(tmp_path, "1.jpg") as one, stuck(tmp_path, "2.jpg") as two:
        both = [in_a_thread(lambda path=file.path: digitiser.read(path)) for file in (one, two)]
        until(one.read_now, "one is read")
        until(two.read_now, "the other too")
        third = in_a_thread(lambda: digitiser.read_bytes("a.jpg", scan()))
        one.release()
        assert third.result(20)[0].verdict is Verdict.OK
        assert len(digitiser.pids()) == 2
        two.release()
        assert all(promise.result(20)[0].verdict is Verdict.REFUSED for promise in both)


@linux
def test_who_asks_first_is_served_first(tmp_path: Path) -> None:
    pool = Pool("pages", size=1)
    files = [Stuck(tmp_path / f"{number}.jpg") for number in range(4)]
    promises: list[Future[Any]] = []
    for place, file in enumerate(files):
        promises.append(in_a_thread(lambda path=file.path: pool.ask("read", seconds=30, path=path)))
        until(lambda place=place: pool.waiting == place if place else files[0].read_now(), "it stands in line")
    for file, later in itertools.pairwise(files):
        assert not later.read_now()
        file.release()
        until(later.read_now, "the next in line")
    files[-1].release()
    assert [promise.result(20)[0].name for promise in promises] == [file.path.name for file in files]
    pool.close()


@linux
def test_helpers_give_way_to_the_screen() -> None:
    with pages_in_a_helper() as digitiser:
        digitiser.read_bytes("a.txt", b"x")
        here = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, digitiser.pids()[0]) == min(19, here + 5)


def test_a_warm_helper_waits_for_the_clerk_and_no_second_one_is_made() -> None:
    with pages_in_a_helper() as digitiser:
        digitiser.warm()
        warm = digitiser.pids()
        digitiser.warm()
        assert digitiser.read_bytes("a.jpg", scan())[0].verdict is Verdict.OK
        assert digitiser.pids() == warm and len(warm) == 1


@linux
def test_a_key_that_a_pin_opened_is_gone_with_the_signing_process(authority: Path, pin: str) -> None:
    signers = HelperSigners(KeySource(files=authority), SetClock(AT))
    signer = signers.of("tuyet", CLERK, pin=pin)
    assert signers.of("tuyet", CLERK).sign_bytes(b"x")  # open for the shift
    os.kill(signers.pids()[0], signal.SIGKILL)
    until(lambda: not runs(pid) if (pid := next(iter(signers.pids()), 0)) else True, "it is dead")
    with pytest.raises(SigningError) as caught:
        signer.sign_bytes(b"x")
    assert caught.value.code == "signing-pin-needed"  # nobody but that process had the PIN
    signers.of("tuyet", CLERK, pin=pin)
    assert signers.check_bytes(b"x", signer.sign_bytes(b"x")).valid
    assert pin not in repr(signer)
    signers.close()


@linux
def test_a_signing_process_that_dies_says_that_no_signature_was_used(tmp_path: Path) -> None:
    signers = HelperSigners(KeySource(files=tmp_path), SetClock(AT))
    with stuck(tmp_path, "tuyet.p12") as file:
        promise = in_a_thread(lambda: signers.of("tuyet", CLERK))
        until(file.read_now, "the key is read")
        os.kill(signers.pids()[0], signal.SIGKILL)
        with pytest.raises(SigningLost, match="chưa có chữ ký nào được dùng"):
            promise.result(20)
    signers.close()


# --- the process that asks ---------------------------------------------------------------------
PARENT = """
import json, re, sys
from datetime import datetime, UTC
from pathlib import Path
from agent.clock import SystemClock
from agent.documents.helper import HelperDigitiser, HelperSigners
from agent.documents.key_source import KeySource
def pss():
    return int(re.search(r"^Pss:\\s+(\\d+)", Path("/proc/self/smaps_rollup").read_text(), re.M)[1])
class Clock:
    def now(self): return datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
at = Clock().now()
digitiser, signers = HelperDigitiser(), HelperSigners(KeySource(authority=Path(sys.argv[1])), Clock())
before = pss()
def dossier():
    pages = digitiser.read(Path(sys.argv[2]))
    pdf = signers.of("a", "A").sign_pdf(digitiser.copy(pages, title="x", at=at).pdf, at=at, reason="", stamp=["x"]).pdf
    return signers.check_pdf(pdf).valid
valid = dossier()
heavy = sorted({"PIL", "numpy", "pikepdf", "pypdfium2", "pyhanko", "cryptography", "img2pdf"} & set(sys.modules))
pids = digitiser.pids() + signers.pids()
print(json.dumps({"valid": valid, "heavy": heavy, "grown": pss() - before, "pids": pids}), flush=True)
if len(sys.argv) > 3:
    digitiser.read(Path(sys.argv[3]))
"""


@contextmanager
def parent(*words: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    process = subprocess.Popen([sys.executable, "-c", PARENT, *words], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def page_file(tmp_path: Path) -> str:
    (tmp_path / "p.jpg").write_bytes(scan())
    return str(tmp_path / "p.jpg")


@linux
def test_a_dossier_leaves_no_library_and_no_megabytes_in_the_asking_process(authority: Path, page_file: str) -> None:
    with parent(str(authority / "ca"), page_file) as (process, said):
        assert process.wait(20) == 0
    assert (said["valid"], said["heavy"]) == (True, [])
    assert said["grown"] < 8_000, "kB of PSS"
    until(lambda: not any(map(runs, said["pids"])), "its helpers end with it")


@linux
def test_helpers_end_when_the_asking_process_is_killed_in_the_middle(
    authority: Path, page_file: str, tmp_path: Path
) -> None:
    with stuck(tmp_path) as file, parent(str(authority / "ca"), page_file, str(file.path)) as (process, said):
        until(file.read_now, "the helper is at work")
        assert all(map(runs, said["pids"]))
        process.kill()
        until(lambda: not any(map(runs, said["pids"])), "its helpers end, busy or idle")
