"""The inbox of pages: each page comes in once, is filed once, and nothing is lost when the power goes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.errors import DocumentError, NotFound, RuleViolation, StoreFull
from agent.intake.digitise import make_copies
from agent.intake.erase import erase_person
from agent.intake.filing import pages_of, remove_page, wants_copy
from agent.intake.inbox import deliver, discard, file_pages, return_pages, take_in, upload, waiting
from agent.intake.label import confirm_label
from agent.intake.void import void
from agent.ports import Verdict
from agent.ports_pages import PageFile
from agent.store.dossiers import Component, Dossier
from agent.store.inbox import InboxPage
from agent.store.lookup import components_of
from agent.store.papers import Page
from tests.builders import CHIEF, CLERK, OFFICE, scanned
from tests.flow.counter import Counter
from tests.unit.test_pages_gate import encoded, sheet

ROOT = Path(__file__).resolve().parents[2]
NEIGHBOUR = Actor("ha", "Vũ Thu Hà", Role.CLERK, OFFICE, "T2")
SCANNED = {"kind": "sane", "device": "máy quét 1", "source": "ADF", "mode": "Color", "asked_dpi": 300}
UPLOADED = {"kind": "upload", "device": "browser"}


def feed() -> UUID:
    return UUID(bytes=os.urandom(16))


def page(text: str, here: UUID, position: int = 1, origin: dict[str, Any] = SCANNED) -> PageFile:
    return PageFile(f"{position:04}.jpg", scanned(text), origin, here, position)


def labelled(desk: Counter) -> tuple[Dossier, Component]:
    """A dossier that takes pages, and its first component that wants some."""
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    with desk.site.store.reading():
        return dossier, next(one for one in components_of(dossier) if wants_copy(one))


def under(desk: Counter, component: Component) -> list[Page]:
    with desk.site.store.reading():
        return pages_of(component)


def here(desk: Counter) -> list[InboxPage]:
    return waiting(desk.site, "T1")


# --- in ----------------------------------------------------------------------------------------
def test_a_scanned_page_waits_with_its_origin_and_comes_in_once(either: Counter) -> None:
    desk, stack = either, feed()
    deliver(desk.site, page("một", stack, 1))
    (row,) = deliver(desk.site, page("một", stack, 1))  # the power went between commit and unlink
    deliver(desk.site, page("hai", stack, 2))
    rows = here(desk)
    assert [one.position for one in rows] == [1, 2]
    assert rows[0].uid == row.uid
    assert rows[0].origin == {**SCANNED, "file": 1, "dpi": 200}
    assert (rows[0].dpi, rows[0].terminal_id, rows[0].office_id) == (200, "T1", OFFICE)
    assert desk.site.vault.get(rows[0].sha256) == scanned("một")


def test_blank_backs_of_one_feed_are_sheets_of_their_own(desk: Counter) -> None:
    dossier, component = labelled(desk)
    stack = feed()
    for position in (1, 2, 3):
        deliver(desk.site, page("trắng", stack, position))
    filed = file_pages(desk.site, dossier.uid, component.uid, [one.uid for one in here(desk)], by=CLERK)
    assert (len(filed.pages), filed.known) == (3, 0)


def test_a_document_of_many_pages_comes_in_page_by_page_and_again_changes_nothing(desk: Counter) -> None:
    document = encoded(sheet(), "TIFF", save_all=True, append_images=[sheet().rotate(180)], dpi=(300, 300))
    file = PageFile("hợp đồng.tif", document, {"kind": "folder", "device": "máy photo"}, feed())
    first = deliver(desk.site, file)
    again = deliver(desk.site, file)
    assert [one.uid for one in first] == [one.uid for one in again]
    assert [(one.position, one.name) for one in here(desk)] == [(1, "hợp đồng.tif#1"), (2, "hợp đồng.tif#2")]


def test_refused_pages_are_kept_with_their_reason_and_what_is_no_page_is_named(desk: Counter) -> None:
    torn = PageFile("rách.jpg", scanned("rách")[:9_000], UPLOADED, feed())
    letter = PageFile("../../thư\n\x00.docx", b"PK\x03\x04", UPLOADED, feed())
    kept = take_in(desk.site, [torn, replace(letter, feed=torn.feed)], by=CLERK)
    assert [one.verdict for one in kept.pages] == [Verdict.REFUSED]
    assert "cắt dở" in kept.pages[0].reason
    assert kept.ignored == ["../../thư .docx"]
    with pytest.raises(DocumentError, match="không phải trang giấy"):
        deliver(desk.site, letter)
    assert len(here(desk)) == 1


# --- filing ------------------------------------------------------------------------------------
def test_filed_pages_keep_their_origin_and_their_order(either: Counter) -> None:
    desk = either
    dossier, component = labelled(desk)
    stack = feed()
    for position, text in enumerate(("một", "hai", "ba"), start=1):
        deliver(desk.site, page(text, stack, position))
    rows = here(desk)
    file_pages(desk.site, dossier.uid, component.uid, [rows[2].uid, rows[0].uid], by=CLERK)
    pages = under(desk, component)
    assert [one.sha256 for one in pages] == [rows[0].sha256, rows[2].sha256], (
        "as they were fed, not as they were ticked"
    )
    assert pages[0].origin == {**SCANNED, "file": 1, "dpi": 200}
    assert [one.uid for one in here(desk)] == [rows[1].uid]
    assert "pages_filed" in desk.kinds(dossier)


def test_two_browser_tabs_file_a_page_once(either: Counter) -> None:
    desk = either
    dossier, component = labelled(desk)
    deliver(desk.site, page("một", feed()))
    wanted = [one.uid for one in here(desk)]
    begin = threading.Barrier(2)

    def tab() -> str:
        begin.wait(10)
        try:
            return str(len(file_pages(desk.site, dossier.uid, component.uid, wanted, by=CLERK).pages))
        except RuleViolation as error:
            return error.message

    with ThreadPoolExecutor(2) as tabs:
        said = sorted(one.result() for one in [tabs.submit(tab), tabs.submit(tab)])
    assert said[0] == "1" and "cửa sổ khác" in said[1]
    assert len(under(desk, component)) == 1


def test_pages_of_another_terminal_are_not_ours_to_file_or_discard(desk: Counter) -> None:
    dossier, component = labelled(desk)
    take_in(desk.site, [page("của quầy 2", feed())], by=NEIGHBOUR)
    with desk.site.store.reading():
        theirs = [one.uid for one in InboxPage.select()]
    assert here(desk) == []
    for act in (
        lambda: file_pages(desk.site, dossier.uid, component.uid, theirs, by=CLERK),
        lambda: discard(desk.site, theirs, why="nhầm", by=CLERK),
    ):
        with pytest.raises(RuleViolation, match="cửa sổ khác"):
            act()


def test_what_a_component_does_not_take_stays_in_the_inbox(desk: Counter) -> None:
    dossier = desk.signed()
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if wants_copy(one))
    deliver(desk.site, page("muộn", feed()))
    with pytest.raises(RuleViolation, match="đã ký"):
        file_pages(desk.site, dossier.uid, component.uid, [one.uid for one in here(desk)], by=CLERK)
    assert len(here(desk)) == 1


def test_the_last_filing_can_be_taken_back(either: Counter) -> None:
    desk = either
    dossier, component = labelled(desk)
    deliver(desk.site, page("một", feed()))
    file_pages(desk.site, dossier.uid, component.uid, [one.uid for one in here(desk)], by=CLERK)
    desk.later(seconds=1)
    deliver(desk.site, page("hai", feed()))
    file_pages(desk.site, dossier.uid, component.uid, [one.uid for one in here(desk)], by=CLERK)
    assert return_pages(desk.site, dossier.uid, component.uid, by=CLERK) == 1
    (back,) = here(desk)
    assert back.name == "0001.jpg" and back.page is None
    assert [one.sha256 for one in under(desk, component)] != [back.sha256]
    file_pages(desk.site, dossier.uid, component.uid, [back.uid], by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    assert [entry for entry in desk.kinds(dossier) if entry == "pages_returned"] == ["pages_returned"]


# --- upload ------------------------------------------------------------------------------------
def test_an_upload_is_filed_at_once_with_its_origin_and_the_same_page_again_is_known(either: Counter) -> None:
    desk = either
    dossier, component = labelled(desk)
    first = upload(desk.site, dossier.uid, component.uid, [page("a", feed(), 1, UPLOADED)], by=CLERK)
    assert (len(first.pages), first.known) == (1, 0)
    assert first.pages[0].origin == {**UPLOADED, "file": 1, "dpi": 200}
    both = [page("a", stack := feed(), 1, UPLOADED), page("b", stack, 1, UPLOADED)]
    again = upload(desk.site, dossier.uid, component.uid, both, by=CLERK)
    assert (len(again.pages), again.known) == (1, 1)
    assert len(under(desk, component)) == 2
    assert here(desk) == []


def test_an_upload_that_is_refused_leaves_nothing_in_the_vault(desk: Counter) -> None:
    dossier = desk.signed()
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if wants_copy(one))
    file = page("muộn", feed(), 1, UPLOADED)
    (image,) = desk.site.digitiser().read_bytes(file.name, file.data)
    with pytest.raises(RuleViolation, match="đã ký"):
        upload(desk.site, dossier.uid, component.uid, [file], by=CLERK)
    assert here(desk) == []
    assert not desk.site.vault.has(image.sha256)


def test_an_upload_that_finds_no_component_or_a_full_disk_leaves_nothing_in_the_vault(desk: Counter) -> None:
    dossier, component = labelled(desk)
    file = page("đầy", feed(), 1, {**UPLOADED, "device": "x" * 4_000_000})
    (image,) = desk.site.digitiser().read_bytes(file.name, file.data)
    with pytest.raises(NotFound):
        upload(desk.site, dossier.uid, dossier.uid, [file], by=CLERK)
    assert not desk.site.vault.has(image.sha256)
    desk.site.store.database.execute_sql("PRAGMA max_page_count = 1")  # as large as it is now
    with pytest.raises(StoreFull):
        upload(desk.site, dossier.uid, component.uid, [file], by=CLERK)
    assert here(desk) == []
    assert not desk.site.vault.has(image.sha256)


# --- out ---------------------------------------------------------------------------------------
def test_a_discarded_page_is_erased_unless_something_else_names_it(either: Counter) -> None:
    desk = either
    dossier, component = labelled(desk)
    upload(desk.site, dossier.uid, component.uid, [page("dùng", feed(), 1, UPLOADED)], by=CLERK)
    deliver(desk.site, page("dùng", feed()))
    deliver(desk.site, page("thừa", feed()))
    used, spare = here(desk)
    with pytest.raises(RuleViolation, match="lý do"):
        discard(desk.site, [spare.uid], why=" ", by=CLERK)
    assert discard(desk.site, [used.uid, spare.uid], why="quét nhầm giấy", by=CLERK) == 2
    assert desk.site.vault.has(used.sha256)
    assert not desk.site.vault.has(spare.sha256)
    assert here(desk) == []
    with desk.site.store.reading():
        row = InboxPage.get(InboxPage.uid == spare.uid)
    assert (row.discarded_by, row.discarded_why, row.name) == ("lananh", "quét nhầm giấy", "")
    with pytest.raises(RuleViolation, match="cửa sổ khác"):
        discard(desk.site, [spare.uid], why="lần nữa", by=CLERK)


def test_a_discard_that_was_cut_short_is_finished_by_the_next(desk: Counter) -> None:
    deliver(desk.site, page("một", feed()))
    deliver(desk.site, page("hai", feed()))
    first, second = here(desk)
    with desk.site.store.writing():  # as far as the discard came when the power went
        InboxPage.update(discarded_at=desk.clock.now()).where(InboxPage.uid == first.uid).execute()
    assert desk.site.vault.has(first.sha256)
    discard(desk.site, [second.uid], why="quét nhầm giấy", by=CLERK)
    assert not desk.site.vault.has(first.sha256) and not desk.site.vault.has(second.sha256)


def test_a_page_taken_out_of_a_dossier_is_not_erased_because_its_twin_is_discarded(desk: Counter) -> None:
    dossier, component = labelled(desk)
    filed = upload(desk.site, dossier.uid, component.uid, [page("x", feed(), 1, UPLOADED)], by=CLERK)
    remove_page(desk.site, dossier.uid, filed.pages[0].uid, by=CLERK, reason="quét nhầm")
    deliver(desk.site, page("x", feed()))
    discard(desk.site, [one.uid for one in here(desk)], why="quét nhầm giấy", by=CLERK)
    assert desk.site.vault.has(filed.pages[0].sha256), "it is kept until the dossier is erased"


def test_an_erased_person_leaves_the_inbox_too_but_not_the_pages_that_still_wait(desk: Counter) -> None:
    dossier, component = labelled(desk)
    named = PageFile("Nguyễn Thị Hường.jpg", scanned("của chị Hường"), UPLOADED, feed())
    gone = PageFile("chị Hường 2.jpg", scanned("trang hai của chị Hường"), UPLOADED, feed())
    twin = PageFile("0001.jpg", scanned("mẫu trống"), SCANNED, feed())
    for file in (named, gone, twin):
        deliver(desk.site, file)
    filed = file_pages(desk.site, dossier.uid, component.uid, [one.uid for one in here(desk)], by=CLERK)
    remove_page(desk.site, dossier.uid, filed.pages[1].uid, by=CLERK, reason="quét nhầm")
    deliver(desk.site, replace(twin, feed=feed()))
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm thủ tục")
    erase_person(desk.site, "001188012345", basis="yeu-cau", by=CHIEF)
    (left,) = here(desk)
    assert desk.site.vault.get(left.sha256) == scanned("mẫu trống")
    assert not any(desk.site.vault.has(one.sha256) for one in filed.pages[:2])
    with desk.site.store.reading():
        assert InboxPage.select().count() == 1
        assert "Hường" not in json.dumps([one.name for one in Page.select()], ensure_ascii=False)


# --- the power goes ----------------------------------------------------------------------------
STATION = """
import sys, threading
from pathlib import Path
from agent.clock import RandomIds
from agent.devices.pages.folder import WatchedFolder
from agent.devices.pages.sane import SaneScanner
from agent.intake.inbox import deliver
from agent.settings import Device, Settings
from agent.wiring import build_site

data, what = Path(sys.argv[1]), sys.argv[2]
site = build_site(Settings(data=data))
scanner = SaneScanner(Device("mq", "pages", "sane", "test", source="Automatic Document Feeder"),
                      folder=data / "pages", ids=RandomIds())
folder = WatchedFolder(Device("tm", "pages", "folder", str(data / "in")), still=0.1)
source = folder if what == "folder" else scanner
print("up", flush=True)
def on_page(file):
    deliver(site, file)
    print("page", flush=True)
if what == "scan":
    print(scanner.scan(on_page, threading.Event()).words, flush=True)
for _ in range(100_000):
    for file in source.poll():
        on_page(file)
        source.taken(file)
    threading.Event().wait(0.02)
"""


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("scanimage") is None:
        reason = "no scanimage on this machine: install the package sane-utils"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    folder = tmp_path / "sane.d"
    folder.mkdir()
    (folder / "dll.conf").write_text("test\n")
    (folder / "test.conf").write_text("number_of_devices 1\nread-delay true\nread-delay-duration 3000\n")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))


class Machine:
    """A terminal's process that feeds pages into its inbox; the plug can be pulled."""

    def __init__(self, data: Path, what: str) -> None:
        command = [sys.executable, "-c", STATION, str(data), what]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        self.said: list[str] = []
        self._reader = threading.Thread(target=lambda: self.said.extend(self.process.stdout or ()), daemon=True)
        self._reader.start()

    def pages(self) -> int:
        return self.said.count("page\n")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self._reader.join(10)


def until(true: Callable[[], Any], what: str, *, seconds: float = 40.0) -> Any:
    pause, end = threading.Event(), time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        pause.wait(0.02)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


@pytest.fixture
def ready(tmp_path: Path, prepared: Path) -> Iterator[Path]:
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    (data / "in").mkdir()
    yield data


def rows_of(data: Path) -> list[tuple[str, int, str]]:
    from agent.settings import Settings
    from agent.wiring import build_site

    site = build_site(Settings(data=data))
    try:
        with site.store.reading():
            rows = list(InboxPage.select().order_by(InboxPage.id))
        assert all(site.vault.get(row.sha256) for row in rows)
        return [(row.feed.hex, row.position, row.name) for row in rows]
    finally:
        site.store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="only on Windows there is no SANE")
@pytest.mark.parametrize("after", [1, 4])
def test_the_plug_pulled_while_a_stack_is_fed_loses_and_doubles_no_page(
    backend: None, ready: Path, after: int
) -> None:  # fmt: skip
    machine = Machine(ready, "scan")
    until(lambda: machine.pages() >= after, f"{after} pages came")
    machine.kill()
    committed = len(rows_of(ready))
    assert committed >= after
    again = Machine(ready, "left over")
    feeds = ready / "pages"
    until(lambda: not any(feeds.glob("*")), "what lay in the feed's folder was taken or given up")
    again.kill()
    rows = rows_of(ready)
    positions = [position for _, position, _ in rows]
    assert positions == list(range(1, len(rows) + 1)), "without a gap and none twice"
    assert len({feed for feed, _, _ in rows}) == 1
    assert committed <= len(rows) <= 10


def test_the_plug_pulled_again_and_again_over_a_watched_folder_loses_and_doubles_no_file(ready: Path) -> None:
    for number in range(24):
        (ready / "in" / f"{number:02}.jpg").write_bytes(scanned(str(number)))
    for after in (1, 3, 6):
        machine = Machine(ready, "folder")
        until(lambda machine=machine, after=after: machine.pages() >= after, "some files came")
        machine.kill()
    machine = Machine(ready, "folder")
    until(lambda: not any((ready / "in").glob("*.jpg")), "the rest came")
    machine.kill()
    names = [name for _, _, name in rows_of(ready)]
    assert sorted(names) == [f"{number:02}.jpg" for number in range(24)]
