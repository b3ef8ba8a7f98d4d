"""The ports through which page files reach the inbox: scanners, and folders that are watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from agent.ports import DeviceState


@dataclass(frozen=True)
class PageFile:
    """One whole file of a page source: a page of a feed, or a document of several pages."""

    name: str
    data: bytes
    origin: dict[str, Any]  # device, kind (sane, folder, upload); of a scanner source, mode, asked_dpi too
    feed: UUID  # the same for all files of one feeding, and for the same file when it is handed over again
    position: int = 1  # of its first page within the feed


@dataclass(frozen=True)
class ScanReport:
    """How a feed ended."""

    pages: int  # handed over by this call
    words: str  # Vietnamese: what happened, what to do next
    ok: bool  # the feeder was emptied, or the one page was scanned


class Stop(Protocol):
    """What ends a feed early; a threading.Event is one."""

    def is_set(self) -> bool: ...


class PageSource(Protocol):
    """Where pages come from; used by one thread only.

    The owner polls, has each file committed, then says `taken`: until then the source keeps the file, so that a power
    cut loses nothing, and it comes again with the same feed and position, so that it is not taken twice.
    """

    def state(self) -> DeviceState:
        """How it is now; never raises."""

    def poll(self) -> list[PageFile]:
        """Whole files that wait to be taken, a few at a time; DeviceUnavailable when the source cannot be reached."""

    def taken(self, file: PageFile) -> None:
        """The file is safe elsewhere: let go of it."""

    def refuse(self, file: PageFile, why: str) -> None:
        """The file cannot be used: put it where people find it, with the reason (Vietnamese)."""


class PageScanner(PageSource, Protocol):
    """A source that scans when asked; what its `poll` gives was left by an interrupted feed."""

    def scan(self, on_page: Callable[[PageFile], None], stop: Stop) -> ScanReport:
        """Scan what lies in the feeder; each page is committed by `on_page` as soon as it is there.

        An AgentError of `on_page` ends the feed and keeps the page. Never raises a DeviceError: the report says it.
        """
