"""A page scanner's or a watched folder's station: files go to the inbox one by one, and leave their source after it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import cast

from agent.clock import Clock, Ids
from agent.devices.pages.folder import WatchedFolder
from agent.devices.pages.sane import SaneScanner
from agent.devices.place import Place
from agent.devices.stations.base import Desk, Station
from agent.errors import ConfigError, DeviceError, DeviceUnavailable, DocumentError, RuleViolation, StoreError
from agent.ports import DeviceState
from agent.ports_pages import PageFile, PageScanner, PageSource
from agent.settings import Device

POLL = 1.0  # seconds between two looks for files
AGAIN = 5.0  # seconds for which a store that refuses stands as the state
ASK_FOLDER, ASK_SCANNER = 5.0, 60.0  # seconds between two questions; a scanner's takes a process
KINDS = ("sane", "folder")


class PagesStation(Station):
    """A source of pages with its thread; `order` has a scanner scan what lies in its feeder."""

    def __init__(self, line: Device, *, place: Place, folder: Path, ids: Ids, clock: Clock | None = None) -> None:
        super().__init__(line, place=place, clock=clock)
        self._source: PageSource
        if line.kind == "sane":
            self._source = SaneScanner(line, folder=folder, ids=ids, clock=clock)
        elif line.kind == "folder":
            self._source = WatchedFolder(line, clock=clock)
        else:
            raise ConfigError(
                f"Thiết bị “{line.name}”: không biết kiểu máy quét “{line.kind}”. Kiểu có: {', '.join(KINDS)}."
            )
        self._ordered, self._halted = threading.Event(), threading.Event()
        self._owned, self._due = False, 0.0

    def state(self) -> DeviceState:
        if self._owned and self.last is not None:
            return self.last
        return self._source.state()

    def order(self) -> None:
        """Have the thread scan; RuleViolation for a folder or while it scans, DeviceUnavailable when not owned."""
        if self.line.kind != "sane":
            raise RuleViolation("Thư mục không quét được; trang tự vào hộp khi máy quét ghi xong tệp.")
        if not self._owned:
            raise DeviceUnavailable("Chương trình chưa giữ máy quét. Chạy `serve` rồi quét lại.")
        if self._ordered.is_set():
            raise RuleViolation("Máy quét đang quét. Chờ xong rồi bấm lại.")
        self._halted.clear()
        self._ordered.set()
        self.poke()

    def halt(self) -> None:
        """End the feed that is under way after the sheet that is in the rollers; without one nothing happens."""
        self._halted.set()

    def run(self, desk: Desk) -> None:
        self._owned, self._due = True, 0.0
        while not self.stop.is_set():
            try:
                self._take_what_waits(desk)
                if self._ordered.is_set():
                    self._scan(desk)
                elif time.monotonic() >= self._due:
                    self._ask(desk)
            except StoreError as error:  # nothing is fed while nothing can be kept
                self.tell(desk, self._say(connected=True, ready=False, words=f"Chưa nhận trang: {error.message}"))
                self._due = time.monotonic() + AGAIN
            finally:
                self._ordered.clear()  # an order is carried out now, or not at all
            self._pause(POLL)

    def close(self) -> None:
        """Nothing is held between two looks."""

    def _ask(self, desk: Desk) -> None:
        self.tell(desk, self._source.state())
        self._due = time.monotonic() + (ASK_SCANNER if self.line.kind == "sane" else ASK_FOLDER)

    def _take_what_waits(self, desk: Desk) -> None:
        try:
            files = self._source.poll()
        except DeviceError:
            return  # its state says why
        for file in files:
            self._take(desk, file)
        if files:
            self._due = 0.0

    def _take(self, desk: Desk, file: PageFile) -> None:
        try:
            desk.fed(self.line, file)
        except DocumentError as error:
            if error.retryable:
                raise
            self._source.refuse(file, error.message)
        else:
            self._source.taken(file)

    def _scan(self, desk: Desk) -> None:
        pages = 0

        def on_page(file: PageFile) -> None:
            nonlocal pages
            desk.fed(self.line, file)
            pages += 1
            self.tell(desk, self._say(connected=True, ready=None, words=f"Đang quét: {pages} trang."))

        self.tell(desk, self._say(connected=True, ready=None, words="Đang quét …"))
        report = cast(PageScanner, self._source).scan(on_page, _Either(self.stop, self._halted))
        self.tell(desk, self._say(connected=True, ready=report.ok, words=report.words))
        self._due = time.monotonic() + ASK_SCANNER


class _Either:
    """Set as soon as one of two events is."""

    def __init__(self, one: threading.Event, other: threading.Event) -> None:
        self._events = one, other

    def is_set(self) -> bool:
        return any(event.is_set() for event in self._events)
