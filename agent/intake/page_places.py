"""Where pages lie: a page's bytes and what was read of it are at the terminal that filed it, and at no other."""

from __future__ import annotations

from collections.abc import Sequence

from agent.ports_text import BLANK, READ
from agent.site import Site
from agent.store import readings
from agent.store.dossiers import Dossier
from agent.store.journal import JournalEntry
from agent.store.papers import Page
from agent.store.readings import PageReading, key_of


def lie_elsewhere(site: Site, dossier: Dossier, pages: Sequence[Page]) -> dict[int, str]:
    """Those of a dossier's pages, by id, whose bytes are not here, and the terminal that filed each. Inside reading().

    What this terminal filed and does not find any more is not elsewhere: it is lost.
    """
    absent = [page for page in pages if not site.vault.has(page.sha256)]
    if not absent:
        return {}
    filed = (JournalEntry.dossier_id == dossier.id) & (JournalEntry.kind == "pages_filed")
    at = dict[str, str]()
    for entry in JournalEntry.select().where(filed & (JournalEntry.ledger == "dossier")).order_by(JournalEntry.id):
        at.update(dict.fromkeys(entry.body.get("pages", []), entry.terminal_id))
    here = site.settings.terminal.id
    return {page.id: at[page.sha256] for page in absent if at.get(page.sha256, here) != here}


def read_elsewhere(site: Site, pages: Sequence[Page]) -> bool:
    """Whether another terminal read one of these pages, and this one has not (yet). Inside reading()."""
    mine = readings.of_pages(site.settings.terminal.id, pages)
    lacking = {key_of(page) for page in pages}
    lacking -= {key for key, row in mine.items() if row.state != readings.WAITING}
    return any(row.key in lacking for row in PageReading.select().where(
        PageReading.sha256.in_([sha256 for sha256, _ in lacking] or [readings.NOBODY]),
        PageReading.terminal_id != site.settings.terminal.id,
        PageReading.state.in_([READ, BLANK]),
    ))  # fmt: skip
