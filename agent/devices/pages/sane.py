"""A page scanner that SANE knows: scanimage feeds, each page is handed over while the feed goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.clock import Clock, Ids
from agent.devices.pages.feeds import PATTERN, Feeds
from agent.devices.pages.sane_words import BUSY, TROUBLES, Option, area_of, feeds, in_words, options_of, trouble
from agent.devices.pages.scanimage import Ended, ask, follow
from agent.errors import AgentError, DeviceError, DeviceUnavailable
from agent.ports import DeviceState
from agent.ports_pages import PageFile, ScanReport, Stop
from agent.settings import Device

MOST_PAGES = 500  # of one feed
OPENING = 30.0  # seconds to open a scanner: one on the network is looked for first
LISTING = 60.0


@dataclass(frozen=True)
class SaneDevice:
    """A scanner that SANE finds."""

    name: str  # what goes into `address`
    maker: str
    model: str
    kind: str  # "flatbed scanner", "eSCL network scanner" …


def sane_devices(*, timeout: float = LISTING) -> list[SaneDevice]:
    """What `scanimage -L` knows now, network scanners too; DeviceUnavailable when scanimage is missing or hangs."""
    listing = ask("-f", "%d\t%v\t%m\t%t%n", timeout=timeout).said
    rows = [line.split("\t") for line in listing.splitlines() if line.count("\t") == 3]
    return [SaneDevice(*(part.strip() for part in row)) for row in rows]


class SaneScanner:
    """One scanner; pages lie plain on the disk from the feeder until the inbox has them, in `folder` (mode 0700).

    `patience` is in seconds: how long nothing may move before a feed counts as stalled.
    """

    def __init__(
        self, line: Device, *, folder: Path, ids: Ids, clock: Clock | None = None, patience: float = 60.0
    ) -> None:
        self._line, self._ids, self._clock, self._patience = line, ids, clock, patience
        self._feeds = Feeds(folder)
        self._options: dict[str, Option] | None = None
        self._area: list[str] = []
        self._remark = ""  # of a feed that was interrupted, until the next one

    def state(self) -> DeviceState:
        """Whether it can be opened now; SANE does not tell what lies in the feeder."""
        try:
            answer = self._ask()
        except DeviceError as error:
            return self._say(connected=False, ready=False, words=error.message)
        if answer.code != 0:
            words = trouble(answer, self._line.address)
            return self._say(connected=words == TROUBLES[BUSY], ready=False, words=words)
        return self._say(connected=True, ready=True, words=self._remark or "sẵn sàng")

    def poll(self) -> list[PageFile]:
        """Pages that an interrupted feed left behind; what was cut off is removed and told in the state."""
        pages: list[PageFile] = []
        for feed in self._feeds.interrupted():
            whole, torn = self._feeds.left_over(feed)
            pages += whole
            self._remember_interruption(torn)
            if not whole and self._feeds.is_over(feed):
                self._feeds.end(feed)
        return pages

    def taken(self, file: PageFile) -> None:
        """The page is in the inbox: it goes from the disk."""
        self._feeds.taken(file)

    def refuse(self, file: PageFile, why: str) -> None:
        """The page cannot be used: it goes, and the state says that it has to be scanned again."""
        self._feeds.taken(file)
        self._remark = f"Trang {file.position} không nhận được: {why} Quét lại trang đó."

    def scan(self, on_page: Callable[[PageFile], None], stop: Stop) -> ScanReport:
        """Scan what lies in the feeder, or the one page on the glass."""
        pages = 0
        try:
            words, source, mode = self._asked()
            origin = self._origin(source, mode)
            feed = self._ids.uid()
            here = self._feeds.begin(feed, origin)
        except AgentError as error:
            return ScanReport(0, error.message, ok=False)

        def look() -> object:
            nonlocal pages
            for number, path in self._feeds.finished(feed):
                page = self._feeds.page(feed, number, path, origin)
                on_page(page)
                self._feeds.taken(page)
                pages += 1
            return pages, self._feeds.growth(feed)

        words += ["--format=png", f"--batch={here / PATTERN}", "--batch-print"]
        words.append(f"--batch-count={MOST_PAGES if feeds(source) else 1}")
        try:
            ended = follow(*words, look=look, stop=stop, patience=self._patience)
        except AgentError as error:
            self._options = None
            self._feeds.end(feed)
            kept = f" {pages} trang trước đó đã nằm trong hộp trang; trang còn lại sẽ được nạp tiếp." if pages else ""
            return ScanReport(pages, f"Đã dừng quét: {error.message}{kept}", ok=False)
        self._feeds.end(feed)
        return self._report(ended, pages)

    def _report(self, ended: Ended, pages: int) -> ScanReport:
        ok = pages > 0 and ended.code in (0, 7) and not (ended.stalled or ended.stopped)
        if ok:
            self._remark = ""
        else:
            self._options = None  # it may be another scanner when it comes back
        words = in_words(ended, pages, device=self._line.address, patience=self._patience)
        return ScanReport(pages, words, ok)

    def _asked(self) -> tuple[list[str], str, str]:
        """The options to give, and the source and mode that they mean; DeviceUnavailable names what it knows."""
        known, given = self._known(), ["-d", self._line.address]
        chosen = {"source": self._line.source, "mode": self._line.mode, "resolution": str(self._line.scan_dpi)}
        for name, value in chosen.items():
            option = known.get(name)
            if option is None or option.now == "inactive":
                if name == "source" and value:
                    raise DeviceUnavailable(
                        f"Máy quét “{self._line.name}” không cho chọn nguồn giấy. Bỏ source trong tệp cấu hình."
                    )
                chosen[name] = ""
            elif value and name != "resolution" and not option.takes(value):
                listed = ", ".join(option.values.split("|"))
                raise DeviceUnavailable(
                    f"Máy quét “{self._line.name}” không có {name} “{value}”. Có: {listed}. Sửa tệp cấu hình."
                )
            elif value:
                given.append(f"--{name}={value}")
            else:
                chosen[name] = option.now
        return [*given, *self._area], chosen["source"], chosen["mode"]

    def _known(self) -> dict[str, Option]:
        """The scanner's options, asked once while it stays well; DeviceUnavailable when it cannot be opened."""
        if self._options is None:
            answer = self._ask()
            if answer.code != 0:
                raise DeviceUnavailable(trouble(answer, self._line.address))
        return self._options or {}

    def _ask(self) -> Ended:
        answer = ask("-d", self._line.address, "-A", timeout=OPENING)
        self._options = options_of(answer.said) if answer.code == 0 else None
        self._area = area_of(answer.said)
        return answer

    def _origin(self, source: str, mode: str) -> dict[str, Any]:
        return {
            "kind": "sane",
            "device": self._line.name,
            "source": source,
            "mode": mode,
            "asked_dpi": self._line.scan_dpi,
        }

    def _remember_interruption(self, torn: int) -> None:
        cut = f"{torn} trang bị cắt dở; " if torn else ""
        if torn or not self._remark:
            self._remark = f"Lần quét trước bị ngắt giữa chừng: {cut}đếm lại trang trong hộp, quét lại trang còn thiếu."

    def _say(self, *, connected: bool, ready: bool | None, words: str) -> DeviceState:
        at = self._clock.now() if self._clock else None
        return DeviceState(self._line.name, self._line.role, connected, ready, words, at)
