"""The inbox: pages from scanners, folders and uploads that wait to be filed under a component."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import IntegerField, TextField, fn

from agent.store.base import Owned, current, locked, require_writing
from agent.store.dossiers import Component, Dossier
from agent.store.fields import JsonField, Reference, ShaField, UidField, UtcField
from agent.store.items import Proof
from agent.store.papers import Page, Paper

SEPARATOR = "tờ phân cách"  # why a cover sheet of a filed feed is no page of any dossier


class Feed(Owned):
    """What the clerk said of a whole feed (lượt quét): how many pages of paper were counted, and why fewer came."""

    uid = UidField(unique=True)
    counted = IntegerField(null=True)
    difference = TextField(default="")  # the reason that settles a count that differs


class InboxPage(Owned):
    """One page as it arrived (trang chờ xếp); its raw bytes are in the vault under `sha256`.

    `origin` says where it came from: device, kind (sane, folder, upload), source, asked and true dpi, mode. `feed`
    groups the pages of one feeding; `position` counts from 1 within it. `stack` and `place` say where the clerk sees
    it: they begin as feed and position. `seen` is what the gate saw (as in PageImage.seen) and how `alike` it is to the
    page before it; `decided`, `to_dossier` and `to_component` are the clerk's answers (agent.domain.feed).

    It waits while `filed_at` and `discarded_at` are both null; then its `name` and what its codes say are gone: what
    may name a person is in the page's own row. A separator is filed without a `page`.
    """

    uid = UidField(unique=True)
    feed = UidField()
    position = IntegerField()
    stack = UidField()
    place = IntegerField()
    origin = JsonField()
    name = TextField()
    sha256 = ShaField(index=True)
    media = TextField()
    width = IntegerField()
    height = IntegerField()
    dpi = IntegerField(null=True)
    verdict = TextField()  # ports.Verdict
    reason = TextField(default="")
    findings = JsonField()
    seen = JsonField(default=dict)
    turn = IntegerField(default=0)  # degrees clockwise that the clerk turned it
    decided = TextField(default="")  # domain.feed.As
    to_dossier = TextField(default="")  # provisional number
    to_component = TextField(default="")  # the component's uid
    accepted_by = TextField(default="")
    accepted_reason = TextField(default="")
    again_at = UtcField(null=True)  # when the clerk asked for this page to be scanned again
    arrived_at = UtcField()
    page = Reference(Page, null=True, on_delete="SET NULL")
    filed_at = UtcField(null=True)
    discarded_at = UtcField(null=True)
    discarded_by = TextField(default="")
    discarded_why = TextField(default="")

    @property
    def sheet(self) -> tuple[str, UUID, int]:
        """What tells two sheets with the same bytes (blank backs) from one file that came twice."""
        return self.sha256, self.feed, self.origin.get("file", 1)

    class Meta:
        table_name = "inbox_page"
        indexes = (
            (("feed", "position"), True),
            (("stack",), False),
            (("terminal_id", "filed_at", "discarded_at", "id"), False),
        )


def waits() -> Any:
    """The condition that a page waits."""
    return InboxPage.filed_at.is_null() & InboxPage.discarded_at.is_null()


def waiting(office_id: str, terminal_id: str, *, limit: int) -> list[InboxPage]:
    """The pages that wait at a terminal, in the order in which they came."""
    return list(InboxPage.select().where(_at(office_id, terminal_id)).order_by(InboxPage.id).limit(limit))


def count_waiting(office_id: str, terminal_id: str) -> int:
    """How many pages wait at a terminal."""
    return int(InboxPage.select().where(_at(office_id, terminal_id)).count())


def mark(office_id: str, terminal_id: str) -> str:
    """A text that differs after pages came to or left a terminal's inbox."""
    asked: Any = InboxPage.select(fn.COUNT(InboxPage.id), fn.MIN(InboxPage.id), fn.MAX(InboxPage.id))
    count, first, last = asked.where(_at(office_id, terminal_id)).tuples()[0]
    return f"{count}.{first or 0}.{last or 0}"


def one(office_id: str, terminal_id: str, uid: UUID) -> InboxPage | None:
    """A page of a terminal's inbox that waits."""
    found: InboxPage | None = InboxPage.get_or_none(_at(office_id, terminal_id) & (InboxPage.uid == uid))
    return found


def of_feed(feed: UUID) -> list[InboxPage]:
    """All pages of a feed, also those that wait no more."""
    return list(InboxPage.select().where(InboxPage.feed == feed).order_by(InboxPage.position))


def of_stack(office_id: str, terminal_id: str, stack: UUID) -> list[InboxPage]:
    """The pages of a stack that wait at a terminal, in the order in which the clerk has them."""
    wanted = _at(office_id, terminal_id) & (InboxPage.stack == stack)
    return list(InboxPage.select().where(wanted).order_by(InboxPage.place, InboxPage.id))


def stacks(office_id: str, terminal_id: str) -> list[UUID]:
    """The stacks that have waiting pages at a terminal, in the order in which their first page came."""
    asked: Any = InboxPage.select(InboxPage.stack, fn.MIN(InboxPage.id)).where(_at(office_id, terminal_id))
    return [stack for stack, _ in asked.group_by(InboxPage.stack).order_by(fn.MIN(InboxPage.id)).tuples()]


def before(feed: UUID, position: int) -> InboxPage | None:
    """The page that came just before this place of a feed, whatever became of it."""
    found: InboxPage | None = InboxPage.get_or_none((InboxPage.feed == feed) & (InboxPage.position == position - 1))
    return found


def last_filed_stack(office_id: str, terminal_id: str, stack: UUID) -> list[InboxPage]:
    """The rows of a stack that were filed last of all, its separators too, locked. Inside writing()."""
    here = (InboxPage.office_id == office_id) & (InboxPage.terminal_id == terminal_id) & (InboxPage.stack == stack)
    filed = here & InboxPage.filed_at.is_null(False)
    # no name for the query: kept at the commit with rows unread, it would hold this thread to an old snapshot
    last = InboxPage.select().where(filed).order_by(InboxPage.filed_at.desc()).first()
    if last is None:
        return []
    return list(locked(InboxPage.select().where(here & (InboxPage.filed_at == last.filed_at)).order_by(InboxPage.id)))


def spent_separators(office_id: str, terminal_id: str, filed_before: datetime) -> list[InboxPage]:
    """Separators of feeds filed before then whose pictures are still kept, locked. Inside writing()."""
    here = (InboxPage.office_id == office_id) & (InboxPage.terminal_id == terminal_id)
    spent = InboxPage.page.is_null() & (InboxPage.discarded_why == SEPARATOR) & (InboxPage.filed_at < filed_before)
    return list(locked(InboxPage.select().where(here & spent).order_by(InboxPage.id)))


def feed_note(stack: UUID) -> Feed | None:
    """What the clerk said of a feed as a whole."""
    found: Feed | None = Feed.get_or_none(Feed.uid == stack)
    return found


def to_change(office_id: str, terminal_id: str, uids: Iterable[UUID]) -> list[InboxPage]:
    """The pages among `uids` that wait at the terminal, locked, in the order in which they came. Inside writing()."""
    wanted = _at(office_id, terminal_id) & InboxPage.uid.in_(list(uids))
    return list(locked(InboxPage.select().where(wanted).order_by(InboxPage.id)))


def last_filed(component: Component) -> list[InboxPage]:
    """The pages that were filed last of all under a component, locked. Inside writing()."""
    pages = Page.select(Page.id).where(Page.component == component)
    mine = InboxPage.select().where(InboxPage.page.in_(pages))
    newest = mine.order_by(InboxPage.filed_at.desc()).first()
    if newest is None:
        return []
    return list(locked(mine.where(InboxPage.filed_at == newest.filed_at).order_by(InboxPage.id)))


def sheets_under(component: Component) -> set[tuple[str, UUID, int]]:
    """Hash, feed and file within the feed of the inbox pages that lie under a component."""
    pages = Page.select(Page.id).where(Page.component == component)
    return {row.sheet for row in InboxPage.select().where(InboxPage.page.in_(pages))}


def recently_discarded(office_id: str, terminal_id: str, since: datetime) -> set[str]:
    """The vault objects of pages that were discarded at a terminal since then."""
    mine = (InboxPage.terminal_id == terminal_id) & (InboxPage.office_id == office_id) & InboxPage.filed_at.is_null()
    rows: Any = InboxPage.select(InboxPage.sha256).where(mine & (InboxPage.discarded_at >= since)).tuples()
    return {sha256 for (sha256,) in rows}


def is_named(sha256: str) -> bool:
    """Whether a page, paper, proof or inbox page names a vault object; a page that was taken out of a dossier does.

    Inside writing(): until the transaction ends nothing new names it.
    """
    require_writing("inbox.is_named")
    kept = InboxPage.discarded_at.is_null() & (InboxPage.sha256 == sha256)
    queries: list[Any] = [
        InboxPage.select().where(kept),
        Page.select().where(Page.sha256 == sha256),
        Paper.select().where((Paper.copy_sha256 == sha256) | (Paper.signed_sha256 == sha256)),
        Proof.select().where((Proof.signature_sha256 == sha256) | (Proof.photo_sha256 == sha256)),
    ]
    return any(query.exists() for query in queries)


def lock_terminal(terminal_id: str) -> None:
    """Let no other transaction that adds or erases pages of this terminal in until ours ends. Inside writing()."""
    require_writing("inbox.lock_terminal")
    store = current()
    if store.dialect == "postgresql":  # SQLite has one writer anyway
        store.database.execute_sql("SELECT pg_advisory_xact_lock(7702, hashtext(%s))", (terminal_id,))


def waiting_among(files: Sequence[str], terminal_id: str) -> Any:
    """A query of those among a terminal's vault objects that a waiting page names."""
    here = waits() & (InboxPage.terminal_id == terminal_id)
    return InboxPage.select(InboxPage.sha256).where(here & InboxPage.sha256.in_(list(files)))


def forget(dossier: Dossier, files: Iterable[str]) -> None:
    """Delete the inbox's rows of a dossier's pages, and of those among `files` that were taken out. In writing()."""
    pages = Page.select(Page.id).where(Page.dossier == dossier)
    taken_out = InboxPage.filed_at.is_null(False) & InboxPage.page.is_null() & InboxPage.sha256.in_(list(files))
    InboxPage.delete().where(InboxPage.page.in_(pages) | taken_out).execute()


def _at(office_id: str, terminal_id: str) -> Any:
    return waits() & (InboxPage.terminal_id == terminal_id) & (InboxPage.office_id == office_id)
