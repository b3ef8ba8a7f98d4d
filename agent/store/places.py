"""At which terminals files of a dossier may lie: each has its own vault; those of an office share the rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from agent.store.dossiers import Dossier
from agent.store.journal import JournalEntry
from agent.store.paper_facts import PaperUse
from agent.store.readings import NOBODY, PageReading, PaperText

Place = tuple[int, str]  # id of a dossier, id of a terminal


def of_dossiers(ids: Collection[int]) -> set[Place]:
    """The terminals that received these dossiers or ever wrote to their journal, and those of papers they use again."""
    used: Any = PaperUse.select(PaperUse.dossier, PaperUse.source).where(PaperUse.dossier.in_(list(ids) or [0]))
    uses: set[tuple[int, int]] = set(used.tuples())
    some = sorted({*ids, *(source for _, source in uses)}) or [0]
    queries: list[Any] = [
        Dossier.select(Dossier.id, Dossier.terminal_id).where(Dossier.id.in_(some)),
        JournalEntry.select(JournalEntry.dossier_id, JournalEntry.terminal_id)
        .where(JournalEntry.dossier_id.in_(some))
        .distinct(),
        PaperText.select(PaperText.dossier, PaperText.terminal_id).where(PaperText.dossier.in_(some)),
    ]
    found: set[Place] = {(held, terminal) for query in queries for held, terminal in query.tuples() if terminal}
    return found | {(held, terminal) for held, source in uses for of, terminal in found if of == source}


def of_dossier(dossier: Dossier, pages: Collection[str]) -> list[str]:
    """The terminals that may hold files of the dossier, or that read one of these page images of it."""
    read: Any = PageReading.select(PageReading.terminal_id).where(PageReading.sha256.in_(list(pages) or [NOBODY]))
    return sorted({terminal for _, terminal in of_dossiers([dossier.id])} | {terminal for (terminal,) in read.tuples()})
