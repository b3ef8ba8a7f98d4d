"""Pages are read behind the clerk's back: copies have two layers, nobody waits long, late text is a file beside."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.cli.checkup_line import Line
from agent.cli.checkup_peers import CHECKS
from agent.documents.digitiser import PageDigitiser
from agent.documents.helper import ReadingLost
from agent.errors import DocumentError
from agent.intake.digitise import make_copies
from agent.intake.erase import erase_person
from agent.intake.filing import add_pages, pages_of, remove_page, wants_copy
from agent.intake.inbox import discard, return_pages, upload, waiting
from agent.intake.label import confirm_label
from agent.intake.late_text import plain
from agent.intake.reading import texts_of
from agent.intake.sign import sign_copies
from agent.intake.void import void
from agent.jobs.read_pages import PageReaders
from agent.ports import PageImage
from agent.ports_pages import PageFile
from agent.ports_text import FAILED, OFF, READ, PageText, Word
from agent.settings import Ocr, Terminal
from agent.store.dossiers import Component, Dossier
from agent.store.locking import is_held
from agent.store.lookup import components_of
from agent.store.papers import Page, Paper
from agent.store.readings import ERASED, WAITING, PageReading, PaperText
from tests.builders import CHIEF, CLERK
from tests.e2e.serving import until
from tests.flow.counter import Counter
from tests.flow.test_erased_person import everything
from tests.letter_pages import SAID, letter, needs_data

OWN = PageDigitiser()
WORD = Word("Hường", 96.0, 1, 10.0, 10.0, 90.0, 30.0, 10.0, 28.0, 80.0, 20.0)


# --- the desk's hands ------------------------------------------------------------------------------
def labelled(desk: Counter, **changes: Any) -> tuple[Dossier, list[Component]]:
    """A dossier that takes pages, and its components that want some."""
    dossier = desk.receive(**changes)
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    with desk.site.store.reading():
        return dossier, [one for one in components_of(dossier) if wants_copy(one)]


def file(desk: Counter, dossier: Dossier, component: Component, *numbers: int) -> list[Page]:
    """These letters filed under the component."""
    images = [page for n in numbers for page in OWN.read_bytes(f"thu-{n}.jpg", letter(n))]
    return add_pages(desk.site, dossier.uid, component.uid, images, by=CLERK)


def filed(desk: Counter, *, each: int = 1, first: int = 1) -> Dossier:
    """A dossier with letters under each component."""
    dossier, components = labelled(desk)
    for place, component in enumerate(components):
        file(desk, dossier, component, *range(first + place * each, first + (place + 1) * each))
    return dossier


def readers(desk: Counter, read: Any = OWN.read_text) -> PageReaders:
    return PageReaders(desk.site, read)


def states(desk: Counter) -> list[str]:
    with desk.site.store.reading():
        return [row.state for row in PageReading.select().order_by(PageReading.id)]


def papers(desk: Counter, dossier: Dossier) -> list[Paper]:
    with desk.site.store.reading():
        return list(Paper.select().where(Paper.dossier == dossier).order_by(Paper.id))


def text_files(desk: Counter) -> list[str]:
    """The hashes of the text files beside papers."""
    with desk.site.store.reading():
        return [row.sha256 for row in PaperText.select().order_by(PaperText.id) if row.sha256]


def taken_out(desk: Counter, sha256: str, folder: Path) -> str:
    """What a program that takes text out of PDFs finds."""
    copy = folder / "copy.pdf"
    copy.write_bytes(desk.site.vault.get(sha256))
    return subprocess.run(["pdftotext", str(copy), "-"], capture_output=True, text=True, check=True).stdout


def with_ocr(desk: Counter, **changes: Any) -> Counter:
    """The same desk with other settings of `[ocr]`."""
    settings = desk.site.settings.with_(ocr=Ocr(**changes))
    return replace(desk, site=replace(desk.site, settings=settings))


# --- the worker as the agent starts it -------------------------------------------------------------
class Working:
    """`work` over the desk's folder in a process of its own."""

    def __init__(self, desk: Counter, module: str, **settings: str) -> None:
        self.folder = desk.folder
        named = {f"POSTAL_AGENT_OCR_{name}".upper(): value for name, value in {"enabled": "true", **settings}.items()}
        command = [sys.executable, "-m", module, "work", "--parent", "--data", str(self.folder)]
        self._log = (self.folder.parent / "work.log").open("a")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=self._log, env={**os.environ, **named})
        until(lambda: is_held(self.folder, "reading"), "the worker reads")

    def helpers(self) -> list[int]:
        """The processes that read text for it now."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", "helper_main ocr"], capture_output=True, check=False
        )
        return [int(pid) for pid in found.stdout.split()]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self._log.close()


@contextmanager
def working(desk: Counter, module: str = "agent", **settings: str) -> Iterator[Working]:
    worker = Working(desk, module, **settings)
    try:
        yield worker
    finally:
        worker.close()


@contextmanager
def standing_still(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


posix = pytest.mark.skipif(sys.platform == "win32", reason="stops processes, which needs Windows to be absent")


# --- two layers ------------------------------------------------------------------------------------
@needs_data
def test_the_copy_waits_for_the_worker_and_has_the_pages_words_under_its_pictures(
    desk: Counter, tmp_path: Path
) -> None:  # fmt: skip
    with working(desk):
        dossier = filed(desk)
        made = make_copies(desk.site, dossier.uid, by=CLERK, wait=60)
    assert [SAID in taken_out(desk, paper.copy_sha256, tmp_path) for paper in made] == [True] * len(made)
    said = made[0].evidence["pages"][0]["text"]
    assert (said["state"], said["layer"], said["language"]) == (READ, True, "vie")
    assert said["confidence"] > 85 and said["engine"].startswith("tesseract 5") and said["words"] > 30
    assert states(desk) == [READ] * len(made) and text_files(desk) == []


@posix
@needs_data
def test_the_wait_ends_at_its_limit_and_what_comes_late_is_a_file_beside_the_signed_paper(
    desk: Counter, tmp_path: Path
) -> None:  # fmt: skip
    with working(desk, helpers="1") as worker:
        dossier = filed(desk)
        (helper,) = until(worker.helpers, "a page is being read")
        with standing_still(helper):
            began = time.monotonic()
            made = make_copies(with_ocr(desk, before_sign=1.0).site, dossier.uid, by=CLERK)
            assert 1.0 <= time.monotonic() - began < 15.0, "all pages together, not each"
            assert {page["text"]["state"] for paper in made for page in paper.evidence["pages"]} == {"none"}
            signed = sign_copies(desk.site, dossier.uid, by=CLERK)
            before = {paper.signed_sha256: desk.site.vault.get(paper.signed_sha256) for paper in signed}
        until(lambda: len(text_files(desk)) == len(made), "the text files are made", seconds=60)
    assert states(desk) == [READ] * len(made)
    for paper in papers(desk, dossier):
        assert desk.site.vault.get(paper.signed_sha256) == before[paper.signed_sha256], "a signed file never changes"
        assert SAID not in taken_out(desk, paper.signed_sha256, tmp_path)
    document = desk.site.vault.get(text_files(desk)[0])
    assert SAID in plain(document)
    assert json.loads(document)["copy_sha256"] in {paper.copy_sha256 for paper in made}
    assert desk.kinds(dossier)[-len(made) :] == ["text_kept"] * len(made)


@posix
@needs_data
def test_a_worker_killed_in_the_middle_of_a_page_loses_nothing_and_the_page_is_read_once_again(desk: Counter) -> None:
    dossier = killed_in_the_middle(desk, "agent")
    with working(desk):
        until(lambda: WAITING not in states(desk), "all pages are read", seconds=60)
    assert set(states(desk)) == {READ}
    with desk.site.store.reading():
        pages = list(Page.select().where(Page.dossier == dossier))
    assert len(states(desk)) == len(pages)
    assert [SAID in str(text and text.text) for text in texts_of(desk.site, pages)] == [True] * len(pages)
    assert desk.site.vault.check() == []


@posix
@needs_data
def test_the_drill_catches_a_worker_that_says_read_too_early(desk: Counter) -> None:
    dossier = killed_in_the_middle(desk, "tests.mutants.agent_that_settles_first")
    with desk.site.store.reading():
        pages = list(Page.select().where(Page.dossier == dossier))
    lost = [text for text in texts_of(desk.site, pages) if text is not None and SAID not in text.text]
    assert lost, "the page counts as read, and nobody will read it"


def killed_in_the_middle(desk: Counter, module: str) -> Dossier:
    """A dossier whose worker was killed with -9 while its helper had a page under its eyes."""
    with working(desk, module, helpers="1") as worker:
        dossier = filed(desk)
        (helper,) = until(worker.helpers, "a page is being read")
        with standing_still(helper):
            worker.kill()
    return dossier


# --- once, and by who has the bytes ------------------------------------------------------------------
def test_the_same_bytes_are_read_once_and_a_turned_page_again(desk: Counter) -> None:
    asked = list[PageImage]()

    def read(image: PageImage) -> PageText:
        asked.append(image)
        return PageText(READ)

    dossier, components = labelled(desk, procedure="1.001193")
    assert len(components) == 2
    for component in components:
        file(desk, dossier, component, 5)
    with desk.site.store.writing():
        turned = components[0]
        again = pages_of(turned)[0]
        again.turn = 180
        again.save()
    crew = readers(desk, read)
    while crew.run_once():
        pass
    assert [image.sha256 for image in asked] == [asked[0].sha256]
    make_copies(desk.site, dossier.uid, by=CLERK)  # asks for the turned page
    while crew.run_once():
        pass
    assert [image.seen["turned"] for image in asked] == [0, 180]


def test_a_terminal_reads_the_pages_that_it_took_in_and_no_others(either: Counter) -> None:
    filed(either)
    other = replace(either.site, settings=either.site.settings.with_(terminal=Terminal("T2", "Quầy 2")))
    assert not PageReaders(other, lambda image: PageText(READ)).run_once()
    assert readers(either, lambda image: PageText(READ)).run_once()
    assert states(either).count(READ) == 1


def test_what_somebody_waits_for_is_read_first(desk: Counter) -> None:
    filed(desk, first=1)
    wanted = filed(desk, first=30)
    make_copies(desk.site, wanted.uid, by=CLERK, wait=0)
    readers(desk, lambda image: PageText(READ)).run_once()
    with desk.site.store.reading():
        first = PageReading.get(PageReading.state == READ)
        assert Page.get(Page.sha256 == first.sha256).dossier.uid == wanted.uid


def test_a_page_taken_out_is_not_read(desk: Counter) -> None:
    dossier, components = labelled(desk)
    (page,) = file(desk, dossier, components[0], 7)
    remove_page(desk.site, dossier.uid, page.uid, by=CLERK, reason="quét nhầm")
    assert states(desk) == []


def test_text_that_comes_while_the_copy_is_being_made_is_not_lost(desk: Counter) -> None:
    crew = readers(desk, lambda image: PageText(READ, "", (WORD,), 96.0))

    class Slow(PageDigitiser):
        """While it makes a copy, the pages are read."""

        def copy(self, pages: Any, **given: Any) -> Any:
            while crew.run_once():
                pass
            return super().copy(pages, **given)

    dossier = filed(desk)
    (paper, *_) = make_copies(replace(desk.site, digitiser=Slow), dossier.uid, by=CLERK)
    assert paper.evidence["pages"][0]["text"]["state"] == "none" and text_files(desk) == []
    while crew.run_once():
        pass
    assert [plain(desk.site.vault.get(sha256)).count(WORD.text) for sha256 in text_files(desk)] == [1]


# --- nothing depends on it ---------------------------------------------------------------------------
def test_a_page_that_ends_its_readers_is_given_up_and_the_copy_is_made_without_its_text(desk: Counter) -> None:
    tries = list[str]()

    def dies(image: PageImage) -> PageText:
        tries.append(image.sha256)
        raise ReadingLost("Phần đọc chữ dừng giữa chừng.")

    dossier = filed(desk)
    crew = readers(desk, dies)
    while crew.run_once():
        pass
    assert set(states(desk)) == {FAILED} and len(tries) == 2 * len(states(desk))
    made = make_copies(desk.site, dossier.uid, by=CLERK)
    assert {page["text"]["state"] for paper in made for page in paper.evidence["pages"]} == {FAILED}
    assert not crew.run_once() and text_files(desk) == []


def test_a_fault_of_the_program_at_one_page_is_not_repeated_for_ever(desk: Counter) -> None:
    filed(desk)

    def breaks(image: PageImage) -> PageText:
        raise ZeroDivisionError

    crew = readers(desk, breaks)
    while crew.run_once():
        pass
    assert set(states(desk)) == {FAILED}


def test_a_text_that_cannot_be_kept_now_holds_up_no_other_page_and_is_kept_later(desk: Counter) -> None:
    class Full:
        """A vault whose disk is full while one page's words are put into it."""

        def __init__(self) -> None:
            self.puts = 0

        def put(self, data: bytes) -> str:
            self.puts += 1
            if self.puts == 1:
                raise OSError(errno.ENOSPC, "no space left on device")
            return desk.site.vault.put(data)

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.site.vault, name)

    filed(desk, each=2)
    full: Any = Full()
    crew = PageReaders(replace(desk.site, vault=full), lambda image: PageText(READ, "", (WORD,), 96.0))
    with pytest.raises(OSError, match="no space"):
        crew.run_once()
    while crew.run_once():
        pass
    assert states(desk) == [WAITING, READ]
    desk.later(minutes=2)
    while crew.run_once():
        pass
    assert states(desk) == [READ, READ]


def test_nobody_is_waited_for_where_nobody_reads(desk: Counter) -> None:
    dossier = filed(desk)
    began = time.monotonic()
    make_copies(with_ocr(desk, before_sign=60.0).site, dossier.uid, by=CLERK)
    assert time.monotonic() - began < 20.0


def test_switched_off_nothing_is_noted_and_the_evidence_says_nothing_of_text(desk: Counter) -> None:
    quiet = with_ocr(desk, enabled=False)
    made = make_copies(quiet.site, filed(quiet).uid, by=CLERK)
    assert states(desk) == [] and "text" not in made[0].evidence["pages"][0]
    with desk.site.store.reading():
        assert PaperText.select().count() == 0


@needs_data
def test_without_language_data_the_copies_are_made_at_once_and_pages_are_read_once_there_is_some(
    desk: Counter, tmp_path: Path
) -> None:  # fmt: skip
    (tmp_path / "nothing").mkdir()
    with working(desk, language_data=str(tmp_path / "nothing")):
        dossier = filed(desk)
        made = make_copies(desk.site, dossier.uid, by=CLERK, wait=60)
    assert set(states(desk)) == {OFF}
    assert {page["text"]["state"] for paper in made for page in paper.evidence["pages"]} == {OFF}
    with working(desk):
        until(lambda: set(states(desk)) == {READ}, "what could not be read is read", seconds=60)


def examined(desk: Counter) -> dict[str, Line]:
    return {line.name: line for line in CHECKS["đọc chữ"](desk.site, None)}


@needs_data
def test_the_doctor_says_what_is_read_with_and_what_waits(desk: Counter, tmp_path: Path) -> None:
    filed(desk)
    found = examined(desk)
    assert found["đọc chữ"].fine and "vie.traineddata" in found["đọc chữ"].words
    assert "1 trang chờ đọc" in found["trang chờ đọc chữ"].words
    assert "đã tắt" in examined(with_ocr(desk, enabled=False))["đọc chữ"].words


def test_the_doctor_says_what_to_do_where_there_is_no_language_data(desk: Counter, tmp_path: Path) -> None:
    without = replace(desk.site, digitiser=lambda: PageDigitiser(language_data=tmp_path))
    (line,) = CHECKS["đọc chữ"](without, None)
    assert not line.fine and line.advice and "tesseract-ocr-vie" in line.words


# --- erasure -----------------------------------------------------------------------------------------
@needs_data
def test_an_erased_persons_pages_leave_no_words_and_no_text_file(desk: Counter) -> None:
    dossier = filed(desk)
    make_copies(desk.site, dossier.uid, by=CLERK)
    crew = readers(desk)
    while crew.run_once():
        pass
    with desk.site.store.reading():
        words = [row.words_sha256 for row in PageReading.select()]
    objects = [*words, *text_files(desk)]
    assert len(objects) == 2 * len(papers(desk, dossier)) and all(map(desk.site.vault.has, objects))
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm thủ tục")
    erase_person(desk.site, "001188012345", basis="yeu-cau", by=CHIEF)
    assert not any(map(desk.site.vault.has, objects))
    assert "Tây Hồ, Hà Nội" not in everything(desk)
    assert desk.site.vault.check() == []


def test_words_that_come_after_the_person_was_erased_are_not_kept(desk: Counter) -> None:
    dossier = filed(desk)

    def erased_meanwhile(image: PageImage) -> PageText:
        void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm thủ tục")
        erase_person(desk.site, "001188012345", basis="yeu-cau", by=CHIEF)
        return PageText(READ, "", (WORD,), 96.0)

    crew = readers(desk, erased_meanwhile)
    crew.run_once()
    assert set(states(desk)) == {ERASED} and not crew.run_once()
    assert list((desk.folder / "vault").glob("??/*.key")) == []


@needs_data
def test_a_page_that_went_back_to_the_inbox_and_was_thrown_away_leaves_no_words(desk: Counter) -> None:
    dossier, components = labelled(desk)
    origin = {"kind": "upload", "device": "browser"}
    upload(
        desk.site, dossier.uid, components[0].uid,
        [PageFile("thu.jpg", letter(9), origin, desk.site.ids.uid())], by=CLERK,
    )  # fmt: skip
    crew = readers(desk)
    while crew.run_once():
        pass
    with desk.site.store.reading():
        row = PageReading.get()
    assert desk.site.vault.has(row.words_sha256)
    return_pages(desk.site, dossier.uid, components[0].uid, by=CLERK)
    discard(desk.site, [page.uid for page in waiting(desk.site, "T1")], why="quét nhầm giấy", by=CLERK)
    assert not desk.site.vault.has(row.words_sha256)
    with pytest.raises(DocumentError):
        desk.site.vault.get(row.sha256)
