"""Reading (nhận dạng chữ): what pages say, as far as they were read, and waiting for it a little."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any, Final

from agent.errors import DocumentError
from agent.intake.page_images import image_of
from agent.ports import PageImage
from agent.ports_text import FAILED, PageText, Word
from agent.site import Site
from agent.store import readings
from agent.store.locking import is_held
from agent.store.papers import Page
from agent.store.readings import ERASED, WAITING, PageReading

FACTS: Final[dict[str, Callable[[Any], Any]]] = {  # of PageText, kept in the row, where 96.0 becomes 96
    "engine": str, "language": str, "confidence": float, "angle": float, "seconds": float,
}  # fmt: skip
Reader = Callable[[PageImage], PageText]
READS: Final = "reading"  # role of the process that reads a data folder's pages
LOST: Final = "Chữ đã đọc của trang này không còn trong kho tài liệu. Quét lại trang nếu cần lớp chữ."


# --- what was read -------------------------------------------------------------------------------
def text_of(site: Site, page: Page) -> PageText | None:
    """What the page says; None when it was not read yet, or is not to be read."""
    return texts_of(site, [page])[0]


def texts_of(site: Site, pages: Sequence[Page]) -> list[PageText | None]:
    """The same of several pages, in their order; may be asked inside a transaction that reads."""
    with site.store.reading():
        found = readings.of_pages(site.settings.terminal.id, pages)
    return [_text(site, found.get(readings.key_of(page))) for page in pages]


def unread(site: Site, pages: Sequence[Page]) -> int:
    """How many of these pages wait to be read."""
    with site.store.reading():
        found = readings.of_pages(site.settings.terminal.id, pages)
    states = [found[key].state for key in map(readings.key_of, pages) if key in found]
    return states.count(WAITING)


def wait_for_texts(site: Site, pages: Sequence[Page], seconds: float) -> list[PageText | None]:
    """What these pages say, after at most `seconds` for all of those together that still wait to be read.

    They are read before all others meanwhile. Nobody is waited for where no process reads. Outside any transaction.
    """
    want(site, pages)
    if seconds > 0 and unread(site, pages) and is_held(site.settings.data, READS):
        site.store.changes.wait_for(lambda: not unread(site, pages), seconds)
    return texts_of(site, pages)


def patience_left(site: Site, pages: Sequence[Page]) -> float:
    """For how many more seconds copies of these pages should wait: 0 when all are read, none reads or time is over."""
    with site.store.reading():
        found = readings.of_pages(site.settings.terminal.id, pages)
    keys = set(map(readings.key_of, pages))
    since = [row.wanted_at for key, row in found.items() if key in keys and row.state == WAITING]
    if not since or not site.settings.ocr.enabled or not is_held(site.settings.data, READS):
        return 0.0
    whole, now = site.settings.ocr.before_sign, site.clock.now()
    spent = (now - min((at for at in since if at), default=now)).total_seconds()
    return max(0.0, whole - max(0.0, spent))


# --- what is to be read --------------------------------------------------------------------------
def queue_pages(site: Site, pages: Sequence[Page], *, at: datetime) -> None:
    """Have pages read that are filed in this transaction; nothing where reading is switched off. Inside writing()."""
    if pages and site.settings.ocr.enabled:
        readings.ask_for(site.settings.terminal.id, pages, at=at)


def drop_pages(hashes: Iterable[str]) -> None:
    """Do not read page images that were taken out in this transaction. Inside writing(), after their rows are gone."""
    readings.give_up(hashes)


def want(site: Site, pages: Sequence[Page]) -> None:
    """Have these pages read before all others: somebody waits for them. Those of before reading was switched on too."""
    if not site.settings.ocr.enabled:
        return
    terminal, keys = site.settings.terminal.id, {readings.key_of(page) for page in pages}
    with site.store.reading():
        found = readings.of_pages(terminal, pages)
    at_ease = [row for key, row in found.items() if key in keys and row.state == WAITING and row.wanted_at is None]
    if at_ease or keys - found.keys():
        with site.store.writing():
            at = site.clock.now()
            readings.ask_for(terminal, pages, at=at)
            readings.want(terminal, pages, at=at)


# --- what became of it ---------------------------------------------------------------------------
def read_one(site: Site, page: Page, read: Reader) -> PageText:
    """Have one page read; one whose bytes are not here cannot be. A retryable DocumentError may be asked again."""
    try:
        image = image_of(site, page)
    except DocumentError as error:
        return PageText(FAILED, error.message)
    return read(image)


def keep_text(site: Site, row: PageReading, text: PageText) -> bool:
    """Keep what was read; False, and nothing is kept, when the page was given up or erased meanwhile."""
    words = site.vault.put(packed(text.words)) if text.words else None
    said = {"state": text.state, "reason": text.reason, "words_sha256": words, "facts": facts_of(text)}
    with site.store.writing():
        kept = readings.settle(row, at=site.clock.now(), **said)
    if words and not kept:
        erase_unnamed(site, words)
    return kept


def erase_unnamed(site: Site, sha256: str) -> None:
    """Erase words, or a text file, that no row names; under the writers' lock, so that none comes to name it."""
    if site.vault.has(sha256):
        with site.store.writing():
            if not readings.names(sha256):
                site.vault.erase(sha256)


# --- how words are kept --------------------------------------------------------------------------
def packed(words: Sequence[Word]) -> bytes:
    """Words as an object of the vault; the same words give the same bytes."""
    text = json.dumps([list(astuple(word)) for word in words], ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 6)


def unpacked(data: bytes) -> tuple[Word, ...]:
    """The words that `packed` kept."""
    return tuple(Word(*fields) for fields in json.loads(zlib.decompress(data)))


def facts_of(text: PageText) -> dict[str, Any]:
    """What is kept of a text beside its words; nothing that the page says."""
    return {name: getattr(text, name) for name in FACTS} | {"words": len(text.words)}


def _text(site: Site, row: PageReading | None) -> PageText | None:
    if row is None or row.state in (WAITING, ERASED):
        return None
    facts = {name: kind(row.facts[name]) for name, kind in FACTS.items() if name in row.facts}
    try:
        words = unpacked(site.vault.get(row.words_sha256)) if row.words_sha256 else ()
    except DocumentError:  # a vault that was damaged, or another terminal's
        return PageText(FAILED, LOST)
    return PageText(row.state, row.reason, words, **facts)
