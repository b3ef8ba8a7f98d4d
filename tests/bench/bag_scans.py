"""How long a scan of an envelope into a bag waits for its next page in Chromium, and how much of it is the answer."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.tracking.forward.bagging import open_bag
from agent.tracking.forward.envelopes import seal_envelope
from tests import builders
from tests.bench.figures import Figure, at_most, middle
from tests.e2e.conftest import FLAGS
from tests.webdesk import PASSWORD, HandClock, add_people, serving

AGENCY = "H26.019.02"
CLERK = Actor("lananh", "Nguyễn Thị Lan Anh", Role.CLERK, "BC-TAYHO", "T1")
SCANS, WARM, LIMIT_MS = 24, 4, 200.0


def measure(folder: Path) -> list[Figure]:
    """The median of a scan's page, beside a page that says nothing in the same browser."""
    browser_path = shutil.which("chromium")
    if browser_path is None:
        return [Figure("a bag scan's page", "skipped", note="Chromium is not installed")]
    at = builders.station(folder, clock=HandClock(), endpoint="http://127.0.0.1:9/x")
    add_people(at.site)
    codes = [_sealed(at, number) for number in range(SCANS)]
    bag = open_bag(at.site, "forward", AGENCY, by=CLERK)
    with serving(at.site) as served, _page(browser_path, served.url) as page:
        page.goto(f"{served.url}/bags/t/{bag.number}")
        took = [_scan(page, code) for code in codes][WARM:]
        bare = [_timed(lambda: page.goto(f"{served.url}/healthz")) for _ in range(SCANS)][WARM:]
    at.site.store.close()
    slow, nothing = middle(took) * 1000, middle(bare) * 1000
    note = f"{slow / nothing:.1f} times a page that says nothing ({nothing:.1f} ms)"
    return [at_most("a bag scan's page, median", slow, LIMIT_MS, "ms", note)]


def _sealed(at: builders.Station, number: int) -> str:
    envelope = seal_envelope(at.site, builders.received(at).uid, f"DO{number:04d}", by=CLERK)
    return f"PA1|{envelope.number.partition('/')[0]}|"


@contextmanager
def _page(browser_path: str, url: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=[*FLAGS, "--no-sandbox"])
        page = browser.new_page(locale="vi-VN")
        page.goto(url + "/sign-in")
        page.fill("[name=username]", "lananh")
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        yield page
        browser.close()


def _scan(page: Any, code: str) -> float:
    """Seconds from the reader's Enter to the loaded page, as a wedge reader types."""
    page.locator("#scan:focus").wait_for(state="attached")
    page.keyboard.insert_text(code)

    def enter() -> None:
        with page.expect_navigation():
            page.keyboard.press("Enter")

    return _timed(enter)


def _timed(act: Any) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
