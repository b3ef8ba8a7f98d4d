"""The clerk sees how far her pages are read, waits as long as she likes, and finds late text beside the paper."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from agent.domain.dossier import State
from agent.intake.filing import add_pages, wants_copy
from agent.intake.label import confirm_label
from agent.settings import load
from agent.store.lookup import components_of, dossier_by_uid
from agent.wiring import build_site
from tests.builders import CLERK as ACTOR
from tests.builders import Station as Desk
from tests.builders import received
from tests.e2e.clerk import Clerk
from tests.e2e.serving import station, until
from tests.letter_pages import SAID, letter, needs_data

pytestmark = needs_data


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("POSTAL_AGENT_OCR_ENABLED", "true")
        environment.setenv("POSTAL_AGENT_OCR_HELPERS", "1")
        with station(tmp_path_factory.mktemp("counter")) as running:
            yield running


@pytest.fixture
def clerk(page, counter):
    return Clerk(page, counter)


def filed(counter, first: int) -> tuple[str, list[str]]:
    """The address of a labelled dossier whose pages were just filed, and its components' names."""
    site = build_site(load(counter.data))
    try:
        made = received(Desk(site, None), procedure="1.001193")
        confirm_label(site, made.uid, made.provisional, by=ACTOR)
        wanted = [one for one in components_of(made) if wants_copy(one)]
        for number, component in enumerate(wanted, start=first):
            pages = site.digitiser().read_bytes("scan.jpg", letter(number))
            add_pages(site, made.uid, component.uid, pages, by=ACTOR)
        return f"{counter.url}/counter/dossiers/{made.uid}", [one.name for one in wanted]
    finally:
        site.store.close()


@contextmanager
def standing_still(counter):
    """The process that has a page under its eyes is stopped while the block runs; the one that tells it what to read
    lives on."""
    (pid,) = until(lambda: helpers(counter), "a page is being read")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def helpers(counter) -> list[int]:
    """The processes that read text now."""
    worker = (counter.data / "reading.pid").read_text()
    asked = ["pgrep", "-P", worker, "-f", "helper_main ocr"]
    return [int(pid) for pid in subprocess.run(asked, capture_output=True, check=False).stdout.split()]


@pytest.fixture(autouse=True)
def nobody_reads_yet(counter):
    """Each test begins with the readers gone, so that the first page of its own brings one."""
    until((counter.data / "reading.pid").exists, "the worker reads")
    for pid in helpers(counter):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not helpers(counter), "the readers are gone")


def text_of(tmp_path: Path, data: bytes) -> str:
    """What a program that takes text out of PDFs finds."""
    (tmp_path / "copy.pdf").write_bytes(data)
    done = subprocess.run(["pdftotext", str(tmp_path / "copy.pdf"), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def test_pages_are_read_while_she_works_and_the_copies_have_their_text(clerk, counter, tmp_path, axe):
    address, names = filed(counter, 1)
    page = clerk.page
    clerk.sign_in()
    page.goto(address)
    expect(page.locator(".thumbs .green")).to_have_count(len(names), timeout=60_000)
    assert axe(page) == []
    clerk.go("F10")
    page.wait_for_url("**/sign", timeout=60_000)  # perhaps by way of the page that waits
    links = [link.get_attribute("href") for link in page.get_by_text("xem bản PDF/A").all()]
    said = [text_of(tmp_path, page.request.get(counter.url + link).body()) for link in links]
    assert len(said) == len(names) and all(SAID in one for one in said)


def test_she_goes_on_without_waiting_and_the_late_text_is_a_file_beside_the_signed_paper(clerk, counter, axe):
    page = clerk.page
    clerk.sign_in()
    address, names = filed(counter, 11)
    with standing_still(counter):
        page.goto(address)
        clerk.sees(f"Đang đọc chữ: 0 trong {len(names)} trang")
        clerk.go("F10")
        clerk.sees(f"Đã đọc 0 trong {len(names)} trang")
        assert axe(page) == []
        clerk.go("Enter")
        page.wait_for_url("**/sign")
        clerk.sees(f"{len(names)} trang chưa đọc chữ xong")
        clerk.go("F7")  # sign alone
        clerk.sees(f"Đã ký {len(names)} bản")
        assert page.get_by_text("tệp chữ kèm", exact=True).count() == 0
    expect(page.get_by_text("tệp chữ kèm", exact=True)).to_have_count(len(names), timeout=60_000)
    link = page.get_by_text("tệp chữ kèm", exact=True).first.get_attribute("href")
    answer = page.request.get(counter.url + link)
    assert answer.headers["content-type"].startswith("text/plain") and SAID in answer.text()
    site = build_site(load(counter.data))
    try:
        assert dossier_by_uid(address.rpartition("/")[2]).state is State.SIGNED
    finally:
        site.store.close()


def test_the_wait_ends_by_itself_once_the_pages_are_read(clerk, counter):
    page = clerk.page
    clerk.sign_in()
    address, names = filed(counter, 21)
    with standing_still(counter):
        page.goto(address)
        clerk.go("Enter")
        clerk.sees(f"Đã đọc 0 trong {len(names)} trang")
    page.wait_for_url("**/sign", timeout=60_000)
    clerk.sees("bản PDF/A")
    assert page.get_by_text("chưa đọc chữ xong").count() == 0
