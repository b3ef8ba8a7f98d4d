"""Scanners through SANE's own test backend, and folders that real writers fill: every page once, and true words."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from agent.clock import RandomIds
from agent.devices.pages.complete import Whole, wholeness
from agent.devices.pages.folder import ASIDE, WatchedFolder
from agent.devices.pages.sane import SaneScanner, sane_devices
from agent.devices.terminal import TerminalDevices, Tools
from agent.errors import DeviceUnavailable, NotFound, RuleViolation, StoreFull
from agent.ports import DeviceState
from agent.ports_pages import PageFile
from agent.settings import Device
from tests.builders import scanned
from tests.devices.printers import eventually

ROOT = Path(__file__).resolve().parents[2]
FEEDER = "Automatic Document Feeder"  # it holds ten sheets
posix = pytest.mark.skipif(sys.platform == "win32", reason="only on Windows: SANE and symbolic links are not there")


@pytest.fixture
def sane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """SANE with its test backend alone; a call sets the backend's options."""
    if shutil.which("scanimage") is None:
        if os.environ.get("CI"):
            pytest.fail("no scanimage on this machine: install the package sane-utils")
        pytest.skip("no scanimage on this machine: install the package sane-utils")
    folder = tmp_path / "sane.d"
    (folder / "dll.d").mkdir(parents=True)
    (folder / "dll.conf").write_text("test\n")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))

    def options(**values: str) -> None:
        spelt = {name: name if name.startswith("geometry") else name.replace("_", "-") for name in values}
        lines = [f"{spelt[name]} {value}" for name, value in values.items()]
        (folder / "test.conf").write_text("number_of_devices 1\n" + "\n".join(lines) + "\n")

    options()
    return options


def scanner(folder: Path, *, patience: float = 60.0, **line: Any) -> SaneScanner:
    values = {"source": FEEDER, **line}
    device = Device("máy quét 1", "pages", "sane", values.pop("address", "test"), **values)
    return SaneScanner(device, folder=folder / "feeds", ids=RandomIds(), patience=patience)


def never() -> threading.Event:
    return threading.Event()


# --- scanners ----------------------------------------------------------------------------------
@posix
def test_a_stack_in_the_feeder_arrives_page_by_page_while_it_feeds(sane: Any, tmp_path: Path) -> None:
    pages: list[PageFile] = []
    still_feeding: list[bool] = []

    def came(page: PageFile) -> None:
        pages.append(page)
        left = list((tmp_path / "feeds" / page.feed.hex).glob("*"))
        still_feeding.append(any(path.suffix == ".part" for path in left))
        assert oct((tmp_path / "feeds" / page.feed.hex).stat().st_mode)[-3:] == "700"

    sane(read_delay="true", read_delay_duration="2000")
    report = scanner(tmp_path).scan(came, never())
    assert (report.pages, report.ok) == (10, True)
    assert report.words == "Đã quét 10 trang, khay đã hết giấy."
    assert any(still_feeding), "pages came while others were still fed"
    assert [page.position for page in pages] == list(range(1, 11))
    assert len({page.feed for page in pages}) == 1
    assert pages[0].origin == {
        "kind": "sane", "device": "máy quét 1", "source": FEEDER, "mode": "Color", "asked_dpi": 300
    }  # fmt: skip
    image = Image.open(io.BytesIO(pages[0].data))
    assert image.format == "PNG" and round(image.info["dpi"][0]) == 300
    assert list((tmp_path / "feeds").iterdir()) == [], "nothing plain is left on the disk"


@posix
def test_the_glass_gives_one_page(sane: Any, tmp_path: Path) -> None:
    pages: list[PageFile] = []
    report = scanner(tmp_path, source="", mode="Gray", scan_dpi=200).scan(pages.append, never())
    assert (report.pages, report.words) == (1, "Đã quét 1 trang.")
    assert pages[0].origin["source"] == "Flatbed"
    assert Image.open(io.BytesIO(pages[0].data)).mode == "L"


@posix
@pytest.mark.parametrize(("most", "size"), [("300.0", (210, 297)), ("200.0", (200, 200))])
def test_a_sheet_is_scanned_as_a4_or_as_much_of_it_as_there_is(
    sane: Any, tmp_path: Path, most: str, size: tuple[int, int]
) -> None:
    pages: list[PageFile] = []
    sane(geometry_max=most)
    assert scanner(tmp_path, source="", mode="Gray", scan_dpi=100).scan(pages.append, never()).ok
    width, height = Image.open(io.BytesIO(pages[0].data)).size
    assert (width, height) == pytest.approx([side / 25.4 * 100 for side in size], abs=2)


@posix
def test_the_clerk_orders_a_feed_and_ends_it_from_the_screen(sane: Any, tmp_path: Path) -> None:
    line = Device("quét-1", "pages", "sane", "test", source=FEEDER)
    devices = TerminalDevices([line], Tools(folder=tmp_path))
    station, desk = devices.stations()[0], TakingDesk()
    thread = threading.Thread(target=station.run, args=(desk,), daemon=True)
    with pytest.raises(DeviceUnavailable, match="serve"):
        devices.scan_pages("quét-1")
    sane(read_delay="true", read_delay_duration="10000")
    thread.start()
    eventually(lambda: bool(desk.words))
    devices.scan_pages("quét-1")
    with pytest.raises(RuleViolation, match="đang quét"):
        devices.scan_pages("quét-1")
    eventually(lambda: len(desk.files) >= 1, limit=20.0)
    devices.stop_scan("quét-1")
    eventually(lambda: any("Đã dừng quét theo yêu cầu" in words for words in desk.words), limit=20.0)
    assert 1 <= len(desk.files) < 10
    station.stop.set()
    station.poke()
    thread.join(10)
    with pytest.raises(NotFound, match="Không có máy quét"):
        devices.stop_scan("nhãn")


class TakingDesk:
    """A Desk that keeps what a page source's station tells it; it is asked for nothing else."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.files: list[PageFile] = []

    def said(self, line: Device, state: DeviceState, identity: str) -> None:
        self.words.append(state.words)

    def fed(self, line: Device, file: PageFile) -> None:
        self.files.append(file)


@posix
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("JAMMED", "Kẹt giấy"),
        ("NO_DOCS", "Khay nạp không có giấy"),
        ("COVER_OPEN", "Nắp máy quét đang mở"),
        ("DEVICE_BUSY", "đang bận"),
        ("IO_ERROR", "Mất liên lạc"),
        ("ACCESS_DENIED", "nhóm “scanner”"),
        ("NO_MEM", "hết bộ nhớ"),
    ],
)
def test_what_stops_a_scanner_is_told_in_words_that_say_what_to_do(
    sane: Any, tmp_path: Path, status: str, words: str
) -> None:
    sane(read_status_code=f'"SANE_STATUS_{status}"')
    report = scanner(tmp_path).scan(lambda page: None, never())
    assert not report.ok and report.pages == 0
    assert words in report.words
    assert list((tmp_path / "feeds").iterdir()) == []


@posix
def test_a_feed_that_breaks_off_keeps_the_pages_that_came_and_says_how_many(sane: Any, tmp_path: Path) -> None:
    pages: list[PageFile] = []

    def came(page: PageFile) -> None:
        pages.append(page)
        if len(pages) == 3:
            kill_scanimage_of(page.feed)

    sane(read_delay="true", read_delay_duration="10000")
    report = scanner(tmp_path).scan(came, never())
    assert not report.ok
    assert report.pages == len(pages) >= 3
    assert f"{report.pages} trang quét được trước đó đã nằm trong hộp trang" in report.words


def kill_scanimage_of(feed: UUID) -> None:
    """End the scanimage that writes into this feed's folder, as a crash would."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if feed.hex.encode() in words:
            os.kill(int(process.name), signal.SIGKILL)


@posix
def test_a_scanner_that_is_gone_or_has_no_such_source_is_named(sane: Any, tmp_path: Path) -> None:
    gone = scanner(tmp_path, address="epson2:libusb:001:002")
    assert "Không thấy máy quét “epson2:libusb:001:002”" in gone.scan(lambda page: None, never()).words
    assert gone.state().connected is False
    other = scanner(tmp_path, source="ADF Duplex").scan(lambda page: None, never())
    assert "Có: Flatbed, Automatic Document Feeder" in other.words
    lineart = scanner(tmp_path, mode="Lineart").scan(lambda page: None, never())
    assert "không có mode “Lineart”. Có: Gray, Color" in lineart.words
    well = scanner(tmp_path).state()
    assert (well.connected, well.ready, well.words) == (True, True, "sẵn sàng")
    assert [device.name for device in sane_devices()] == ["test:0"] or sane_devices()[0].name == "test"


def test_where_scanimage_is_missing_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = "folder" if sys.platform == "win32" else "sane-utils"
    assert expected in scanner(tmp_path).scan(lambda page: None, never()).words
    assert expected in scanner(tmp_path).state().words
    with pytest.raises(DeviceUnavailable, match=expected):
        sane_devices()


@posix
def test_a_stalled_scanner_is_ended_and_its_process_is_gone(sane: Any, tmp_path: Path) -> None:
    sane(read_delay="true", read_delay_duration="200000", resolution="1200")
    began = time.monotonic()
    report = scanner(tmp_path, patience=0.05).scan(lambda page: None, never())
    assert "im lặng" in report.words and not report.ok
    assert time.monotonic() - began < 15
    assert children("scanimage") == []


@posix
def test_the_clerk_stops_a_feed_and_keeps_what_came(sane: Any, tmp_path: Path) -> None:
    stop, pages = threading.Event(), []

    def came(page: PageFile) -> None:
        pages.append(page)
        stop.set()

    sane(read_delay="true", read_delay_duration="10000")
    report = scanner(tmp_path).scan(came, stop)
    assert not report.ok and 1 <= report.pages < 10
    assert report.words.startswith("Đã dừng quét theo yêu cầu")
    assert children("scanimage") == []


@posix
def test_a_full_disk_ends_the_feed_and_the_page_comes_again(sane: Any, tmp_path: Path) -> None:
    taken: list[int] = []

    def came(page: PageFile) -> None:
        if page.position == 3:
            raise StoreFull("Ổ đĩa đầy. Dọn chỗ rồi làm lại.")
        taken.append(page.position)

    machine = scanner(tmp_path)
    report = machine.scan(came, never())
    assert (report.pages, report.ok) == (2, False)
    assert "Ổ đĩa đầy" in report.words and "2 trang trước đó" in report.words
    left = left_over(machine)
    assert left[0].position == 3 and left[0].origin["recovered"] is True
    assert list((tmp_path / "feeds").iterdir()) == []


def left_over(machine: SaneScanner) -> list[PageFile]:
    """What an interrupted feed left, taken until nothing comes any more."""
    pages: list[PageFile] = []
    while came := machine.poll():
        for page in came:
            machine.taken(page)
        pages += came
    machine.poll()
    return pages


@posix
def test_a_power_cut_leaves_whole_pages_to_be_taken_and_tells_of_torn_ones(sane: Any, tmp_path: Path) -> None:
    feed = tmp_path / "feeds" / RandomIds().uid().hex
    feed.mkdir(parents=True)
    whole = png()
    (feed / "p0001.png").write_bytes(whole)
    (feed / "p0002.png").write_bytes(whole[:-20])
    (feed / "p0003.png.part").write_bytes(whole[:90])
    machine = scanner(tmp_path)
    assert [page.position for page in left_over(machine)] == [1]
    until(lambda: machine.poll() == [] and not feed.exists(), "torn pages that do not grow are given up")
    assert "2 trang bị cắt dở" in machine.state().words or "1 trang bị cắt dở" in machine.state().words
    machine.scan(lambda page: None, never())
    assert machine.state().words == "sẵn sàng"


# --- what a whole file is ----------------------------------------------------------------------
def png() -> bytes:
    return encoded("PNG")


def encoded(kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.effect_noise((600, 800), 60)
    picture.save(out, kind, **options)
    return out.getvalue()


def with_thumbnail() -> bytes:
    """A JPEG whose head holds a small JPEG with an end marker of its own."""
    small = encoded("JPEG")[:2_000] + b"\xff\xd9"
    body = scanned("ảnh")
    return body[:2] + b"\xff\xe1" + (len(small) + 2).to_bytes(2, "big") + small + body[2:]


KINDS: dict[str, Callable[[], bytes]] = {
    "a.png": png,
    "a.jpg": lambda: scanned("trang"),
    "thumbnail.jpg": with_thumbnail,
    "a.pdf": lambda: encoded("PDF", resolution=300),
    "a.tif": lambda: encoded("TIFF"),
    "strips-last.tif": lambda: encoded("TIFF", compression="tiff_lzw", strip_size=2_000),
    "two.tif": lambda: encoded("TIFF", save_all=True, append_images=[Image.effect_noise((600, 800), 9)]),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_whole_at_its_last_byte_and_not_before(name: str) -> None:
    data = KINDS[name]()
    assert wholeness(data) is Whole.WHOLE
    cuts = [1, 4, 9, *range(10, len(data) - 8, max(1, len(data) // 60))]
    assert [cut for cut in cuts if wholeness(data[:cut]) is not Whole.GROWING] == []


def test_what_is_no_page_is_told_from_what_is_not_whole() -> None:
    assert wholeness(b"") is wholeness(bytes(700)) is Whole.GROWING
    for foreign in (b"PK\x03\x04", b"MZ", b"GIF89a", b"<html>", b"II+\0\x08\0", "thư".encode()):
        assert wholeness(foreign) is Whole.FOREIGN
    linear = b"%PDF-1.6\n1 0 obj <</Linearized 1 /L 5000 /H [1 2]>> endobj startxref 0 %%EOF\n"
    assert wholeness(linear) is Whole.GROWING
    assert wholeness(linear + b" " * 4_950 + b"%%EOF") is Whole.WHOLE


# --- folders -----------------------------------------------------------------------------------
def until(true: Callable[[], Any], what: str, *, seconds: float = 30.0) -> Any:
    pause, end = threading.Event(), time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        pause.wait(0.02)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def children(program: str) -> list[int]:
    """Processes of this one that run a program."""
    tasks = list(Path("/proc/self/task").iterdir())
    ours = {int(one) for task in tasks for one in (task / "children").read_text().split()}
    return [one for one in ours if program.encode() in Path(f"/proc/{one}/cmdline").read_bytes()]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "quet"
    folder.mkdir()
    return folder


def watched(folder: Path, **options: Any) -> WatchedFolder:
    return WatchedFolder(Device("máy photo", "pages", "folder", str(folder)), **{"still": 0.1, "late": 0.4, **options})


def take_all(source: WatchedFolder, into: list[PageFile]) -> int:
    for file in source.poll():
        into.append(file)
        source.taken(file)
    return len(into)


SLOW_WRITER = """
import pathlib, sys, time
folder, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_bytes()
for number in range(int(sys.argv[3])):
    with (folder / f"scan{number}.jpg").open("wb") as file:
        for start in range(0, len(source), len(source) // 6):
            file.write(source[start:start + len(source) // 6]); file.flush(); time.sleep(0.05)
"""


def test_files_of_a_slow_writer_come_once_each_and_whole(inbox: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.jpg"
    page.write_bytes(scanned("chậm"))
    source, files = watched(inbox), list[PageFile]()
    with subprocess.Popen([sys.executable, "-c", SLOW_WRITER, str(inbox), str(page), "6"]) as writer:
        until(lambda: take_all(source, files) == 6, "six files came")
        assert writer.wait(10) == 0
    assert {file.data for file in files} == {page.read_bytes()}
    assert sorted(file.name for file in files) == [f"scan{n}.jpg" for n in range(6)]
    assert len({file.feed for file in files}) == 6
    assert list(inbox.iterdir()) == []
    assert files[0].origin == {"kind": "folder", "device": "máy photo"}


def test_a_file_that_is_not_committed_comes_again_as_the_same(inbox: Path) -> None:
    (inbox / "a.jpg").write_bytes(scanned("a"))
    source = watched(inbox)
    (first,) = until(source.poll, "the file came")
    assert source.poll() == [first], "nobody said it is taken"
    (again,) = until(watched(inbox).poll, "another process sees it")
    assert (again.feed, again.position) == (first.feed, first.position)
    source.taken(first)
    assert list(inbox.iterdir()) == []
    (inbox / "a.jpg").write_bytes(scanned("a"))
    (scanned_again,) = until(source.poll, "the clerk scanned it once more")
    assert scanned_again.feed != first.feed


def test_a_file_written_anew_before_it_was_let_go_of_is_kept(inbox: Path) -> None:
    path = inbox / "a.jpg"
    path.write_bytes(scanned("một"))
    source = watched(inbox)
    (first,) = until(source.poll, "the file came")
    path.write_bytes(scanned("hai"))
    source.taken(first)
    (second,) = until(source.poll, "the new one came too")
    assert second.data == scanned("hai") and second.feed != first.feed


def test_unfinished_and_hidden_names_are_left_alone(inbox: Path) -> None:
    for name in (".a.jpg", "a.jpg.part", "b.tmp", "~b.jpg", "c.jpg~", "Thumbs.db"):
        (inbox / name).write_bytes(scanned("x"))
    (inbox / "folder").mkdir()
    source = watched(inbox)
    assert source.poll() == []
    (inbox / "ok.jpg").write_bytes(scanned("x"))
    until(source.poll, "the finished one came")
    assert len(list(inbox.iterdir())) == 8


def test_a_file_that_never_ends_is_told_and_not_taken(inbox: Path) -> None:
    (inbox / "torn.jpg").write_bytes(scanned("rách")[:-500])
    (inbox / "empty.pdf").touch()
    source = watched(inbox)
    until(lambda: source.poll() == [] and "2 tệp chưa ghi xong" in source.state().words, "it is told")
    assert source.state().ready is False
    assert "torn.jpg" in source.state().words
    with (inbox / "torn.jpg").open("ab") as file:
        file.write(scanned("rách")[-500:])
    (came,) = until(source.poll, "it was finished after all")
    assert came.data == scanned("rách")


def test_what_cannot_be_used_is_put_aside_with_the_reason(inbox: Path) -> None:
    (inbox / "letter.docx").write_bytes(b"PK\x03\x04" + bytes(500))
    (inbox / "huge.jpg").write_bytes(scanned("to"))
    source = watched(inbox, most_bytes=20_000)
    until(lambda: source.poll() == [] and len(list((inbox / ASIDE).glob("*.txt"))) == 2, "both are aside")
    assert "Không phải trang giấy" in (inbox / ASIDE / "letter.docx.txt").read_text(encoding="utf-8")
    assert "lớn hơn" in (inbox / ASIDE / "huge.jpg.txt").read_text(encoding="utf-8")
    (inbox / "letter.docx").write_bytes(b"PK\x03\x04")
    until(lambda: source.poll() == [] and (inbox / ASIDE / "letter-2.docx.txt").exists(), "beside the first")
    assert source.state().ready is True


def test_a_file_that_the_inbox_refuses_is_put_aside_too(inbox: Path) -> None:
    (inbox / "a.jpg").write_bytes(scanned("a"))
    source = watched(inbox)
    (file,) = until(source.poll, "it came")
    source.refuse(file, "Trang hỏng.")
    assert (inbox / ASIDE / "a.jpg").read_bytes() == scanned("a")
    assert "Trang hỏng." in (inbox / ASIDE / "a.jpg.txt").read_text(encoding="utf-8")


@posix
def test_links_are_refused_and_lead_nowhere(inbox: Path, tmp_path: Path) -> None:
    secret, elsewhere = tmp_path / "secret.jpg", tmp_path / "elsewhere"
    secret.write_bytes(scanned("mật"))
    elsewhere.mkdir()
    (inbox / "link.jpg").symlink_to(secret)
    os.mkfifo(inbox / "pipe.jpg")
    source = watched(inbox)
    until(lambda: source.poll() == [] and (inbox / ASIDE / "link.jpg.txt").exists(), "the link is put aside")
    assert secret.read_bytes() == scanned("mật")
    shutil.rmtree(inbox / ASIDE)
    (inbox / ASIDE).symlink_to(elsewhere)
    (inbox / "letter.docx").write_bytes(b"PK\x03\x04")
    told = "2 tệp không dùng được và không chuyển được sang khong-nhan-duoc: khong-nhan-duoc, letter.docx"
    until(lambda: source.poll() == [] and told in source.state().words, "that it stays is told")
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    source = watched(tmp_path / "mất")
    assert source.state().connected is False and "mất" in source.state().words
    with pytest.raises(DeviceUnavailable, match="Không mở được thư mục quét"):
        source.poll()


@posix
def test_a_folder_that_may_not_be_emptied_gives_each_file_once(inbox: Path) -> None:
    (inbox / "a.jpg").write_bytes(scanned("a"))
    source = watched(inbox)
    (file,) = until(source.poll, "it came")
    inbox.chmod(0o500)
    try:
        if os.access(inbox, os.W_OK):
            return  # root may all
        source.taken(file)
        assert source.poll() == []
        assert "quyền ghi" in source.state().words
    finally:
        inbox.chmod(0o700)


COPIER = """
import fcntl, pathlib, random, signal, sys, time
folder, pages = pathlib.Path(sys.argv[1]), [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[2]).iterdir())]
chance, held = random.Random(500), []
signal.signal(signal.SIGIO, signal.SIG_IGN)  # somebody wants to read what is held
for number in range(500):
    page, path = pages[number % len(pages)], folder / f"{number:03}.jpg"
    if number % 25 == 7:
        path.write_bytes(page[:len(page) * 2 // 3])  # torn: the rest never comes
    elif number % 25 == 11:
        file = path.open("wb")
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)  # nobody else may open it
        file.write(page); file.flush(); held.append(file)
    else:
        with path.open("wb") as file:
            middle = chance.randrange(len(page))
            file.write(page[:middle]); file.flush()
            if number % 20 == 0: time.sleep(0.15)  # longer than the watcher holds for still
            file.write(page[middle:])
print("written", flush=True)
sys.stdin.readline()
for file in held: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK); file.close()
print("let go", flush=True)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="leases are Linux's")
def test_five_hundred_files_of_a_slow_writer_some_torn_some_held_come_once_each(inbox: Path, tmp_path: Path) -> None:
    kinds = tmp_path / "pages"
    kinds.mkdir()
    for number in range(7):
        (kinds / f"{number}.jpg").write_bytes(scanned(str(number)))
    torn, held = ({f"{n:03}.jpg" for n in range(500) if n % 25 == rest} for rest in (7, 11))
    source, files = watched(inbox), list[PageFile]()
    words = [sys.executable, "-c", COPIER, str(inbox), str(kinds)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as copier:
        assert copier.stdin and copier.stdout
        until(lambda: take_all(source, files) == 460, "all came that are whole and free", seconds=60)
        assert copier.stdout.readline() == "written\n"
        assert not {file.name for file in files} & (torn | held)
        until(lambda: take_all(source, files) == 460 and "không mở được" in source.state().words, "held ones are told")
        copier.stdin.write("\n")
        copier.stdin.flush()
        until(lambda: take_all(source, files) == 480, "what was held came once it was let go of")
    assert {entry.name for entry in inbox.iterdir()} == torn
    until(lambda: take_all(source, files) == 480 and min(torn) in source.state().words, "torn ones are named")
    for name in torn:
        (inbox / name).write_bytes((kinds / "0.jpg").read_bytes())
    until(lambda: take_all(source, files) == 500, "scanned again, they come too")
    assert sorted(file.name for file in files) == [f"{n:03}.jpg" for n in range(500)]
    assert len({file.feed for file in files}) == 500
    wanted = {path.read_bytes() for path in kinds.iterdir()}
    assert {file.data for file in files} == wanted
    assert source.state().words == "đang chờ tệp"
