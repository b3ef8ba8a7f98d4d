"""Readings: which page images wait to be read, what was read on each, and the text files beside papers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from peewee import SQL, IntegerField, TextField, fn

from agent.ports_text import FAILED, OFF, SLOW
from agent.store import rows
from agent.store.base import Model, require_writing
from agent.store.dossiers import Dossier
from agent.store.fields import JsonField, Reference, ShaField, UtcField
from agent.store.papers import Page, Paper

WAITING: Final = "waiting"  # the other states are those of ports_text.PageText
ERASED: Final = "erased"
NOBODY: Final = "0" * 64  # the hash of nothing that there is
_WAITS: Final = SQL("state = 'waiting'")  # literal, so that the partial index serves it
Key = tuple[str, int]  # SHA-256 of a page's raw bytes, and the clerk's turn


class PageReading(Model):
    """The reading of one page image (nhận dạng chữ): one for the same bytes and turn at a terminal, whose files it has.

    The words are an object of the vault; here stands nothing that a page says. A row in state `waiting` is the work
    itself: it was written with the page, and only the terminal's one `work` process takes it.
    """

    terminal_id = TextField()
    sha256 = ShaField()
    turn = IntegerField()
    state = TextField()
    reason = TextField(default="")  # Vietnamese
    words_sha256 = ShaField(null=True)
    facts = JsonField(default=dict)  # engine, language, words, confidence, angle, seconds of processor
    wanted_at = UtcField(null=True)  # since when somebody waits for it
    created_at = UtcField()
    read_at = UtcField(null=True)

    class Meta:
        table_name = "page_reading"
        indexes = ((("terminal_id", "sha256", "turn"), True), (("sha256",), False), (("words_sha256",), False))

    @property
    def key(self) -> Key:
        return self.sha256, self.turn


PageReading.add_index(
    PageReading.index(PageReading.terminal_id, PageReading.id, where=_WAITS, name="page_reading_waits")
)


class PaperText(Model):
    """The unsigned text file beside a paper (tệp chữ kèm) whose copy was made before all of its pages were read.

    Written with the paper; `sha256` stays null until the last page is read, and for good when none had words.
    """

    if TYPE_CHECKING:
        paper_id: int

    paper = Reference(Paper, unique=True, on_delete="CASCADE")
    dossier = Reference(Dossier)
    terminal_id = TextField()
    sha256 = ShaField(null=True, index=True)
    size = IntegerField(null=True)
    made_at = UtcField(null=True)

    class Meta:
        table_name = "paper_text"
        indexes = ((("terminal_id", "made_at"), False),)


# --- readings ----------------------------------------------------------------------------------
def key_of(page: Page) -> Key:
    """What a page is read as."""
    return page.sha256, page.turn


def of_pages(terminal_id: str, pages: Iterable[Page]) -> dict[Key, PageReading]:
    """The readings that a terminal has of these pages."""
    hashes = list({page.sha256 for page in pages})
    found = PageReading.select().where(
        (PageReading.terminal_id == terminal_id) & PageReading.sha256.in_(hashes or [NOBODY])
    )
    return {row.key: row for row in found}


def of_dossier(terminal_id: str, dossier: Dossier) -> dict[Key, PageReading]:
    """The readings that a terminal has of a dossier's pages."""
    mine = PageReading.sha256.in_(Page.select(Page.sha256).where(Page.dossier == dossier))
    found = PageReading.select().where((PageReading.terminal_id == terminal_id) & mine & fn.EXISTS(_its_pages()))
    return {row.key: row for row in found}


def ask_for(terminal_id: str, pages: Sequence[Page], *, at: datetime) -> None:
    """Have these pages read, once for the same bytes and turn. Inside writing()."""
    require_writing("readings.ask_for")
    known = of_pages(terminal_id, pages)
    for key in dict.fromkeys(map(key_of, pages)):
        there = known.get(key)
        if there is None:
            rows.create_unless_there(
                PageReading, terminal_id=terminal_id, sha256=key[0], turn=key[1], state=WAITING, created_at=at
            )
        elif there.state == ERASED:
            rows.change(PageReading, there.id, state=WAITING, words_sha256=None, created_at=at)


def want(terminal_id: str, pages: Iterable[Page], *, at: datetime) -> int:
    """Have those of these pages that wait read before all others; how many were not wanted yet. Inside writing()."""
    unread = [row.id for row in of_pages(terminal_id, pages).values() if row.state == WAITING and not row.wanted_at]
    if unread:
        PageReading.update(wanted_at=at).where(PageReading.id.in_(unread)).execute()
    return len(unread)


def give_up(hashes: Iterable[str]) -> None:
    """Drop the waiting readings of page images that no page names any more. Inside writing()."""
    require_writing("readings.give_up")
    mine = PageReading.sha256.in_(list(hashes) or [NOBODY])
    PageReading.delete().where(_WAITS, mine, ~fn.EXISTS(_its_pages())).execute()


def next_waiting(terminal_id: str, *, besides: Collection[int]) -> tuple[PageReading, Page] | None:
    """What is to be read next, with a page that has it: what somebody waits for first, then the oldest."""
    found: Any = PageReading.select().where(_WAITS, PageReading.terminal_id == terminal_id)
    found = found.where(fn.EXISTS(_its_pages()))
    if besides:
        found = found.where(PageReading.id.not_in(list(besides)))
    row = found.order_by(PageReading.wanted_at.is_null(), PageReading.id).first()
    return row and (row, Page.get((Page.sha256 == row.sha256) & (Page.turn == row.turn)))


def settle(row: PageReading, *, at: datetime, **values: Any) -> bool:
    """Record what became of a waiting reading; False when it does not wait any more. Inside writing()."""
    require_writing("readings.settle")
    waits = (PageReading.id == row.id) & (PageReading.state == WAITING)
    return bool(PageReading.update(read_at=at, **values).where(waits).execute())


def count_open(terminal_id: str) -> tuple[int, int]:
    """How many pages of a terminal wait to be read, and how many could not be read."""
    mine = PageReading.select().where(PageReading.terminal_id == terminal_id)
    failed = mine.where(PageReading.state.in_([FAILED, SLOW]))
    return mine.where(_WAITS, fn.EXISTS(_its_pages())).count(), failed.count()


def names(sha256: str) -> bool:
    """Whether a reading names this object of words, or a paper this text file."""
    words = (PageReading.words_sha256 == sha256) & (PageReading.state != ERASED)
    files = PaperText.sha256 == sha256
    return bool(PageReading.select().where(words).exists() or PaperText.select().where(files).exists())


def ask_again(terminal_id: str, *, since: datetime, at: datetime) -> int:
    """Have pages read that could not be since then for want of language data; how many. Inside writing()."""
    require_writing("readings.ask_again")
    mine = (PageReading.terminal_id == terminal_id) & (PageReading.state == OFF) & (PageReading.created_at >= since)
    return int(PageReading.update(state=WAITING, reason="", created_at=at).where(mine).execute())


def _its_pages() -> Any:
    """A query of the pages that have a reading's bytes and turn."""
    return Page.select(SQL("1")).where((Page.sha256 == PageReading.sha256) & (Page.turn == PageReading.turn))


# --- text files beside papers --------------------------------------------------------------------
def due_texts(terminal_id: str, *, limit: int = 8) -> list[PaperText]:
    """The text files that are still to be made at a terminal, the oldest first."""
    mine = (PaperText.terminal_id == terminal_id) & PaperText.made_at.is_null()
    return list(PaperText.select().where(mine).order_by(PaperText.id).limit(limit))


def texts_of_papers(papers: Iterable[Paper]) -> list[str]:
    """The hashes of the text files beside these papers."""
    mine: Any = PaperText.select(PaperText.sha256).where(PaperText.paper.in_([paper.id for paper in papers] or [0]))
    return [sha256 for (sha256,) in mine.tuples() if sha256]


def texts_beside(dossier: Dossier) -> dict[int, PaperText]:
    """The text files of a dossier's papers, by the paper's id; those to be made too."""
    return {row.paper_id: row for row in PaperText.select().where(PaperText.dossier == dossier)}


# --- erasure -------------------------------------------------------------------------------------
def words_of_alone(pages: Collection[str], terminal_id: str = "") -> set[str]:
    """The objects of words that were read on these page images and on no others; at one terminal when it is given."""
    some, here = list(pages), _at(terminal_id)
    mine: Any = PageReading.select(PageReading.words_sha256).where(here, PageReading.sha256.in_(some or [NOBODY]))
    found = {sha256 for (sha256,) in mine.tuples() if sha256}
    others: Any = PageReading.select(PageReading.words_sha256).where(
        here,
        PageReading.words_sha256.in_(list(found) or [NOBODY]),
        PageReading.sha256.not_in(some or [NOBODY]),
        PageReading.state != ERASED,
    )
    return found - {sha256 for (sha256,) in others.tuples()}


def forget(pages: Iterable[str], *, at: datetime, terminal_id: str = "") -> None:
    """Say that the readings of these page images (at one terminal, when it is given) are erased. Inside writing().

    The hashes of the words stay, so that erasing again finds them.
    """
    require_writing("readings.forget")
    PageReading.update(state=ERASED, reason="", facts={}).where(
        _at(terminal_id), PageReading.sha256.in_(list(pages) or [NOBODY])
    ).execute()


def make_no_texts(dossier: Dossier, *, at: datetime) -> None:
    """Make no text file of the dossier any more. Inside writing()."""
    PaperText.update(made_at=at).where((PaperText.dossier == dossier) & PaperText.made_at.is_null()).execute()


def _at(terminal_id: str) -> Any:
    return PageReading.terminal_id == terminal_id if terminal_id else PageReading.id.is_null(False)
