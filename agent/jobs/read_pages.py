"""Reads the pages that wait at this terminal, a few at a time, and makes the text files that papers still lack."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent import log
from agent.errors import ConfigError, DocumentError, StoreError, StoreLocked
from agent.intake.extraction import extract_read
from agent.intake.late_text import make_late_texts
from agent.intake.reading import READS, Reader, keep_text, read_one
from agent.ports_text import FAILED, PageText
from agent.site import Site
from agent.store import readings
from agent.store.locking import FolderLock
from agent.store.papers import Page
from agent.store.readings import PageReading

logger = log.get(__name__)
SECONDS = 60.0  # for one page: nobody waits so long, but the machine may be busy
TRIES = 2  # a page that ends two readers is not read
LOOK_AGAIN = 2.0  # seconds after which a quiet store is looked at all the same
LONGEST_SLEEP = 60.0
AGAIN = timedelta(minutes=1)  # after which a page is read once more whose text could not be kept
NEWLY = timedelta(days=7)  # so far back pages are read that could not be for want of language data


@dataclass
class PageReaders:
    """The one that reads the pages of a data folder; `crew` pages at the same time, each by `read`.

    A page's row is the work: nothing is written before it is read, so that whoever comes after a death in the middle
    finds the same row and reads it once again.
    """

    site: Site
    read: Reader
    crew: int = 1
    find_data: Callable[[], object] = lambda: None  # ConfigError where there is no language data
    end: Callable[[], None] = lambda: None  # lets go of the readers, in the middle of their pages
    _taken: set[int] = field(default_factory=set)
    _aside: dict[int, datetime] = field(default_factory=dict)  # until when: what was read of them could not be kept
    _wake: threading.Event = field(default_factory=threading.Event)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _late: threading.Lock = field(default_factory=threading.Lock)

    def run(self, stop: threading.Event) -> None:
        """Read until `stop`; returns at once where reading is switched off."""
        if not self.site.settings.ocr.enabled:
            return
        with self._alone(stop) as alone:
            if not alone:
                return
            self._begin()
            threads = [
                threading.Thread(target=self._keep_reading, args=(stop,), name=f"reader {number}", daemon=True)
                for number in range(self.crew)
            ]
            for thread in threads:
                thread.start()
            self._watch(stop)
            self.end()
            self._wake.set()
            for thread in threads:
                thread.join(5)

    def run_once(self, stop: threading.Event | None = None) -> bool:
        """Read the page that is next, or make the text files that are owed; False when there was nothing to do."""
        with self._turn, self.site.store.reading():
            found = readings.next_waiting(self.site.settings.terminal.id, besides=self._not_now())
            if found:
                self._taken.add(found[0].id)
        if found is None:
            return self._make_late()
        try:
            return self._work(*found, stop or threading.Event())
        except Exception:
            self._aside[found[0].id] = self.site.clock.now() + AGAIN
            raise
        finally:
            self._taken.discard(found[0].id)

    def _work(self, row: PageReading, page: Page, stop: threading.Event) -> bool:
        text = self._read(page, stop)
        if text is None:
            return False
        keep_text(self.site, row, text)
        logger.info("page read", extra={"state": text.state, "seconds": text.seconds, "words": len(text.words)})
        self._take_values(page)
        self._make_late()
        return True

    def _read(self, page: Page, stop: threading.Event) -> PageText | None:
        """What the page says; None when the agent ends, which is why the reader was lost."""
        error = DocumentError("")
        for _ in range(TRIES):
            try:
                return read_one(self.site, page, self.read)
            except DocumentError as lost:
                if stop.is_set():
                    return None
                error = lost
                logger.warning("a page was not read: %s", lost.code)
            except Exception as fault:  # one page must not end the reading of all others, nor be read for ever
                logger.exception("a page was not read")
                return PageText(FAILED, f"Lỗi chương trình khi đọc chữ: {type(fault).__name__}.")
        return PageText(FAILED, error.message)

    def _take_values(self, page: Page) -> None:
        try:
            extract_read(self.site, page)
        except Exception:  # what is taken from a page is taken again when the clerk looks: reading goes on
            logger.exception("no values were taken from a page")

    def _make_late(self) -> bool:
        with self._late:
            return make_late_texts(self.site) > 0

    def _begin(self) -> None:
        """What could not be read for want of language data is read now, if there is some."""
        try:
            self.find_data()
        except ConfigError as error:
            logger.warning("pages are not read: %s", error.message)
            return
        now = self.site.clock.now()
        try:
            with self.site.store.writing():
                again = readings.ask_again(self.site.settings.terminal.id, since=now - NEWLY, at=now)
        except StoreError as error:  # the next start asks again
            logger.warning("pages that could not be read before wait on: %s", error.code)
            return
        if again:
            logger.info("%s pages are read that could not be before", again)

    def _watch(self, stop: threading.Event) -> None:
        """Wake the crew whenever there is something to read; it sleeps else, and one thread looks for all of it."""
        mark = self.site.store.changes.mark()
        while not stop.is_set():
            try:
                if self._something():
                    self._wake.set()
            except StoreError as error:
                logger.warning("reading waits: %s", error.code)
            mark = self.site.store.changes.wait(mark, LOOK_AGAIN)

    def _something(self) -> bool:
        here = self.site.settings.terminal.id
        with self.site.store.reading():
            return bool(readings.next_waiting(here, besides=self._not_now()) or readings.due_texts(here, limit=1))

    def _not_now(self) -> set[int]:
        now = self.site.clock.now()
        return self._taken | {row for row, until in list(self._aside.items()) if until > now}

    def _keep_reading(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._wake.wait(LONGEST_SLEEP)
            self._wake.clear()
            try:
                while not stop.is_set() and self.run_once(stop):
                    pass
            except StoreError as error:
                logger.warning("reading waits: %s", error.code)
            except Exception:  # what was read of one page could not be kept: the others are read all the same
                logger.exception("what a page says was not kept")
                self._wake.set()

    @contextmanager
    def _alone(self, stop: threading.Event) -> Iterator[bool]:
        """Hold the folder in the role of its reader, once whoever is just looking or ending lets go of it."""
        while not stop.is_set():
            try:
                lock = FolderLock(self.site.settings.data, READS)
            except StoreLocked:
                stop.wait(0.2)
                continue
            with lock:
                yield True
            return
        yield False
