"""The private folders in which a scanner's pages lie for the moment between the feeder and the inbox."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from agent.devices.pages.complete import Whole, wholeness
from agent.errors import StoreError
from agent.ports_pages import PageFile

ORIGIN = "origin.json"
PAGES = "p*.png"
PATTERN = "p%04d.png"  # scanimage writes page 1 to p0001.png.part and renames it when it is whole
STILL = 5.0  # seconds after which a page that does not grow any more was cut off
AT_ONCE = 8  # pages that are handed over in one look


class Feeds:
    """Folders of one scanner, one a feed, mode 0700; a folder that is there when no feed runs was interrupted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._still: dict[Path, tuple[int, float]] = {}  # size of a page that was not whole, and since when

    def begin(self, feed: UUID, origin: dict[str, Any]) -> Path:
        """A new folder; the feed's origin is kept in it, on the disk before the first page is fed."""
        here = self._folder / feed.hex
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            here.mkdir(mode=0o700)
            with (here / ORIGIN).open("x", encoding="utf-8") as file:
                json.dump(origin, file)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"Không ghi được vào thư mục {self._folder} ({error.strerror}). Kiểm tra ổ đĩa."
            ) from error
        return here

    def finished(self, feed: UUID) -> list[tuple[int, Path]]:
        """The pages of a feed that scanimage finished and nobody took yet, with their numbers, in order."""
        return [(int(path.stem[1:]), path) for path in sorted((self._folder / feed.hex).glob(PAGES))]

    def growth(self, feed: UUID) -> tuple[tuple[str, int], ...]:
        """What differs while a page is being written."""
        return tuple(sorted((part.name, _size(part)) for part in (self._folder / feed.hex).glob(PAGES + ".part")))

    def page(self, feed: UUID, number: int, path: Path, origin: dict[str, Any]) -> PageFile:
        """A finished page as it is handed over."""
        return PageFile(f"{number:04d}.png", path.read_bytes(), origin, feed, number)

    def taken(self, file: PageFile) -> None:
        """Unlink a page, and its folder with the last one."""
        self._path(file).unlink(missing_ok=True)

    def end(self, feed: UUID) -> None:
        """Nobody writes to the feed any more: what is not whole goes, and the folder, unless pages wait in it."""
        here = self._folder / feed.hex
        for part in here.glob(PAGES + ".part"):
            part.unlink(missing_ok=True)
        if here.is_dir() and not any(here.glob(PAGES)):
            (here / ORIGIN).unlink(missing_ok=True)
            here.rmdir()

    def interrupted(self) -> list[UUID]:
        """Feeds that were begun and not ended, the oldest first."""
        names = sorted(path.name for path in self._folder.iterdir()) if self._folder.is_dir() else []
        return [UUID(hex=name) for name in names if len(name) == 32]

    def left_over(self, feed: UUID) -> tuple[list[PageFile], int]:
        """Whole pages of an interrupted feed, a few at a time, and how many were cut off, which are removed.

        A page that still grows belongs to a scanimage that outlived its agent: it is left alone.
        """
        pages, torn = [], 0
        origin = {**self._origin(feed), "recovered": True}
        for number, path in self.finished(feed)[:AT_ONCE]:
            page = self.page(feed, number, path, origin)
            if wholeness(page.data) is Whole.WHOLE:
                pages.append(page)
            else:
                torn += self._cut_off(path)
        torn += sum(self._cut_off(part) for part in (self._folder / feed.hex).glob(PAGES + ".part"))
        return pages, torn

    def is_over(self, feed: UUID) -> bool:
        """Whether nothing of an interrupted feed is left to wait for."""
        return not any((self._folder / feed.hex).glob("p*"))

    def _cut_off(self, path: Path) -> int:
        size, now = _size(path), time.monotonic()
        before, since = self._still.setdefault(path, (size, now))
        if before != size:
            self._still[path] = (size, now)
        elif now - since >= STILL:
            path.unlink(missing_ok=True)
            del self._still[path]
            return 1
        return 0

    def _origin(self, feed: UUID) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads((self._folder / feed.hex / ORIGIN).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # cut off with the rest
            return {"kind": "sane"}
        return kept

    def _path(self, file: PageFile) -> Path:
        return self._folder / file.feed.hex / (PATTERN % file.position)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it was renamed just now
        return 0
