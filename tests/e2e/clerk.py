"""A clerk at the keyboard for browser tests: types, scans, goes on; never touches the mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from agent.cli.demo_steps import read_back
from tests.e2e.serving import PASSWORD, Station, until

CARD = "001188012345||Nguyễn Thị Hường|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
BIRTH = "1.001193"


class Clerk:
    """Keys pressed by hand are counted; what a reader types is a scan."""

    def __init__(self, page: Any, station: Station) -> None:
        self.page, self.station = page, station
        self.keys = self.scans = 0
        page.on("filechooser", lambda _: None)  # watched from the start: the first one must not come before the watch
        page.add_init_script("addEventListener('mousedown', () => { window.name = 'mouse'; }, true)")

    def sign_in(self, name: str = "lananh") -> None:
        self.page.goto(self.station.url + "/sign-in")
        self.page.locator("#f-username:focus").wait_for(state="attached")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.go("Enter")

    def go(self, key: str) -> None:
        """A key that leads to another page."""
        self._seen()
        self.keys += 1
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)

    def scan(self, text: str) -> None:
        """The reader types the code and Enter into the scan box, where the cursor already is."""
        self.page.locator("#scan:focus").wait_for(state="attached")
        self.scans += 1
        self.page.keyboard.type(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def choose_file(self, key: str, *paths: Path) -> None:
        """A key opens the chooser; the chosen files are sent by themselves."""
        self.keys += 1
        self._seen()
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press(key)
        with self.page.expect_navigation():
            chooser.value.set_files([str(path) for path in paths])

    def _seen(self) -> None:
        """Nobody presses a key of a page that is not painted yet; browsers open no file chooser before that either."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def sees(self, words: str, *, seconds: float = 20) -> None:
        expect(self.page.locator("body")).to_contain_text(words, timeout=seconds * 1000)

    @property
    def next_step(self) -> str:
        """What the blue button at the foot says."""
        return str(self.page.locator(".foot .do").first.inner_text())

    @property
    def provisional(self) -> str:
        return str(self.page.locator(".head .soft b").first.inner_text())

    def receive(self, *, way: str = "") -> str:
        """Scan the procedure and the card, type the telephone, receive; the provisional number."""
        self.scan(BIRTH)
        self.scan(CARD)
        self.page.locator("#f-owner_phone:focus").wait_for(state="attached")
        self.type("0912345678")
        if way:
            self.page.locator("#f-return_way").focus()
            self.type(way)
        self.go("Enter") if not way else self._receive_from_select()
        self.sees("Đã nhận hồ sơ")
        return self.provisional

    def _receive_from_select(self) -> None:
        self.press("Tab")
        self.go("Enter")

    def label(self) -> None:
        """Print, wait for the printer, scan the label back."""
        before = len(self.station.labels())
        self.go("Enter")
        until(lambda: len(self.station.labels()) > before, "a label came out")
        self.sees("Nhãn đã in")
        self.scan(read_back(self.station.printed()))
        self.sees("Nhãn đã dán đúng hồ sơ")

    def no_mouse(self) -> bool:
        return bool(self.page.evaluate("window.name") != "mouse")
