"""Inbox (hộp trang): pages come in from scanners, folders and uploads, and are filed under a component or discarded."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from agent.domain.actor import Actor, system
from agent.domain.likeness import alike
from agent.domain.text import clean
from agent.errors import DocumentError, RuleViolation
from agent.intake.filing import component_of, fields_of, measured, pages_of, put_pages, take_back
from agent.intake.unfiled import erase_object, unless_refused
from agent.ports import PageImage, Verdict
from agent.ports_pages import PageFile
from agent.site import Site
from agent.store import inbox, rows
from agent.store.dossiers import Component, Dossier
from agent.store.inbox import InboxPage
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Page
from agent.store.progress import note, told

MOST = 500  # pages that are shown or filed at once
LONGEST_NAME = 200
LEFT = timedelta(days=7)  # how far back an interrupted discard is looked for
GONE = "Các trang này vừa được xếp hoặc bỏ ở cửa sổ khác. Xem lại hộp trang."
FIELDS = (
    "name", "sha256", "media", "width", "height", "dpi", "origin", "verdict", "reason", "findings", "turn",
    "accepted_by", "accepted_reason",
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What became of files that came in."""

    pages: list[InboxPage]  # in order; those that had come before too
    ignored: list[str]  # names of what is no page


@dataclass(frozen=True)
class Filed:
    """What became of pages that were filed."""

    pages: list[Page]
    known: int = 0  # were under the component before
    ignored: tuple[str, ...] = ()  # names of what is no page


@dataclass(frozen=True)
class _Arrived:
    file: PageFile
    number: int  # of the file within the feed
    position: int
    image: PageImage

    @property
    def key(self) -> tuple[uuid.UUID, int]:
        return self.file.feed, self.position


# --- in ----------------------------------------------------------------------------------------
def deliver(site: Site, file: PageFile, *, by: Actor | None = None) -> list[InboxPage]:
    """Take one file of a page source into the inbox, durably; the same feed and position again changes nothing.

    Refused pages are kept with their reason. DocumentError when the file is no page at all: nothing was kept.
    """
    kept = take_in(site, [file], by=by)
    if not kept.pages:
        raise DocumentError(f"{file_name(file.name)}: không phải trang giấy (nhận JPEG, PNG, TIFF, PDF).")
    return kept.pages


def take_in(site: Site, files: Sequence[PageFile], *, by: Actor | None = None) -> Kept:
    """Take the files of one feeding into the inbox of `by`'s terminal (None: of this one), in one transaction."""
    here = by or system(site.settings.office.id, site.settings.terminal.id)
    arrived, ignored = _judged(site, files)
    likes = _likes(site, arrived)
    with site.store.writing():
        pages = _keep(site, arrived, here, likes, at=site.clock.now())
    _still_there(site, arrived)
    return Kept(pages, ignored)


def upload(
    site: Site, uid: uuid.UUID, component_uid: uuid.UUID, files: Sequence[PageFile], *, by: Actor
) -> Filed:  # fmt: skip
    """Take files in and file their pages under a component, in one transaction; refused, nothing of them is kept."""
    arrived, ignored = _judged(site, files)
    at = site.clock.now()
    with unless_refused(site, [one.image.sha256 for one in arrived], by=by), site.store.writing():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        came = [page for page in _keep(site, arrived, by, {}, at=at) if page.filed_at is None]
        filed = file_under(site, dossier, component, came, by=by, at=at)
    _still_there(site, arrived)
    return Filed(filed, len(arrived) - len(filed), tuple(ignored))


# --- the terminal's inbox ----------------------------------------------------------------------
def waiting(site: Site, terminal_id: str, office_id: str = "") -> list[InboxPage]:
    """The pages that wait at a terminal, the oldest first; at most MOST."""
    with site.store.reading():
        return inbox.waiting(office_id or site.settings.office.id, terminal_id, limit=MOST)


def file_pages(
    site: Site, uid: uuid.UUID, component_uid: uuid.UUID, inbox_uids: Iterable[uuid.UUID], *, by: Actor
) -> Filed:  # fmt: skip
    """Move waiting pages of the clerk's terminal under a component, in the order in which they came.

    A page that is there already (the same file twice) is not filed again; sheets of one feed are each filed, however
    alike. RuleViolation when none of them waits any more, or the component takes no pages.
    """
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        came = _waiting(inbox_uids, by)
        filed = file_under(site, dossier, component, came, by=by, at=site.clock.now())
    return Filed(filed, len(came) - len(filed))


def return_pages(site: Site, uid: uuid.UUID, component_uid: uuid.UUID, *, by: Actor) -> int:
    """Undo the last filing under a component: its pages wait in the inbox again; how many."""
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        came = [page for page in inbox.last_filed(component) if page.terminal_id == by.terminal_id]
        if not came:
            raise RuleViolation("Không còn trang nào để trả về hộp trang. Tải lại trang để xem.")
        own = {page.id: page.page for page in came if page.page.created_at == page.filed_at}
        for page in came:
            there = page.page
            rows.change(
                InboxPage, page.id, page=None, filed_at=None, name=there.name, reason=there.reason,
                seen={**page.seen, **there.seen},
            )  # fmt: skip
        take_back(site, dossier, component, list(own.values()), by=by)
    return len(came)


def discard(site: Site, inbox_uids: Iterable[uuid.UUID], *, why: str, by: Actor) -> int:
    """Throw waiting pages away for a reason; their bytes are erased where nothing else names them. How many went."""
    if len(why.strip()) < 3:
        raise RuleViolation("Ghi lý do bỏ trang, ví dụ “quét nhầm giấy”.")
    at = site.clock.now()
    with site.store.writing():
        came = _waiting(inbox_uids, by)
        for page in came:
            rows.change(
                InboxPage, page.id, discarded_at=at, discarded_by=by.username, discarded_why=clean(why), name="",
                reason="", seen=without_words(page.seen),
            )  # fmt: skip
        files = inbox.recently_discarded(by.office_id, by.terminal_id, at - LEFT)
    for sha256 in sorted(files):
        erase_object(site, sha256, by)
    return len(came)


# --- the parts ---------------------------------------------------------------------------------
def _judged(site: Site, files: Sequence[PageFile]) -> tuple[list[_Arrived], list[str]]:
    """The pages of the files, their bytes in the vault, and the names of what is no page."""
    place, arrived, ignored = 0, list[_Arrived](), list[str]()
    read = site.digitiser().read_all([(file_name(file.name), file.data) for file in files])
    for number, (file, images) in enumerate(zip(files, read, strict=True), start=1):
        for image in images:
            if image.verdict is Verdict.IGNORED:
                ignored.append(image.name)
                continue
            place = max(place + 1, file.position)
            arrived.append(_Arrived(file, number, place, image))
    for one in arrived:
        site.vault.put_as(one.image.sha256, one.image.raw)
    return arrived, ignored


def _likes(site: Site, arrived: Sequence[_Arrived]) -> dict[tuple[uuid.UUID, int], float]:
    """How alike each page is to the one before it in its feed: a page fed twice, or with and without a note."""
    looks = {one.key: str(one.image.seen.get("likeness", "")) for one in arrived}
    found = {}
    for one in arrived:
        feed, position = one.key
        look = looks.get((feed, position - 1))
        if look is None:
            with site.store.reading():
                row = inbox.before(feed, position)
            look = str(row.seen.get("likeness", "")) if row else ""
        found[one.key] = round(alike(look, looks[one.key]), 3)
    return found


def _keep(
    site: Site,
    arrived: Sequence[_Arrived],
    here: Actor,
    likes: Mapping[tuple[uuid.UUID, int], float],
    *,
    at: datetime,
) -> list[InboxPage]:
    """The inbox's rows of the pages; new ones for those that have none. Inside writing()."""
    inbox.lock_terminal(here.terminal_id)
    for one in arrived:
        rows.create_unless_there(
            InboxPage,
            uid=site.ids.uid(),
            office_id=here.office_id,
            terminal_id=here.terminal_id,
            feed=one.file.feed,
            position=one.position,
            stack=one.file.feed,
            place=one.position,
            seen={**one.image.seen, "alike": likes.get(one.key, 0.0)},
            arrived_at=at,
            **fields_of(one.image, {**one.file.origin, "file": one.number}),
        )
    known = {
        (page.feed, page.position): page for feed in {a.file.feed for a in arrived} for page in inbox.of_feed(feed)
    }
    return [known[one.key] for one in arrived]


def file_under(
    site: Site, dossier: Dossier, component: Component, came: Sequence[InboxPage], *, by: Actor, at: datetime
) -> list[Page]:
    """File waiting pages; those that are there already stop waiting; acceptances are noted. Inside writing()."""
    here = {page.sha256: page for page in pages_of(component)}
    sheets, hashes = inbox.sheets_under(component), set(here)
    new: list[InboxPage] = []
    for page in came:
        if page.sha256 not in hashes or page.origin.get("kind") == "sane" or page.sheet in sheets:
            new.append(page)
            hashes.add(page.sha256)
            sheets.add(page.sheet)
    filed = put_pages(site, dossier, component, [_fields(page) for page in new], by=by, at=at)
    under = {page.id: row for page, row in zip(new, filed, strict=True)}
    here |= {row.sha256: row for row in reversed(filed) if row.sha256 not in here}
    for page in came:
        there = under.get(page.id, here[page.sha256])
        rows.change(InboxPage, page.id, page=there, filed_at=at, name="", reason="", seen=without_words(page.seen))
    for row in filed:
        if row.accepted_by:
            note(
                dossier, "page_accepted", by=replace(by, username=row.accepted_by, full_name=""), at=at, ids=site.ids,
                page=row.sha256, reason=told(dossier, row.accepted_reason),
            )  # fmt: skip
    return filed


def without_words(seen: Mapping[str, Any]) -> dict[str, Any]:
    """What was seen on a page without what codes of others say, which may name a person, and without its likeness."""
    ours = [code for code in seen.get("codes", []) if str(code["text"]).startswith("PA1")]
    rest = {name: value for name, value in seen.items() if name not in ("original", "signers")}
    return {**rest, "codes": ours, "likeness": ""} if seen else {}


def _fields(page: InboxPage) -> dict[str, Any]:
    return {name: getattr(page, name) for name in FIELDS} | {"seen": measured(page.seen)}


def _waiting(uids: Iterable[uuid.UUID], by: Actor) -> list[InboxPage]:
    found = inbox.to_change(by.office_id, by.terminal_id, uids)
    if not found:
        raise RuleViolation(GONE)
    return found


def _still_there(site: Site, arrived: Sequence[_Arrived]) -> None:
    """The same bytes may have been erased for somebody else between our look at the vault and our commit."""
    for one in arrived:
        if not site.vault.has(one.image.sha256):
            site.vault.put_as(one.image.sha256, one.image.raw)


def file_name(name: str) -> str:
    """A file's name as it can be stored and shown, however hostile it came."""
    shown = "".join(c if c.isprintable() else " " for c in name.encode("utf-8", "replace").decode("utf-8"))
    stem, dot, suffix = clean(shown).rpartition(".")
    return (stem[: LONGEST_NAME - 10] + dot + suffix[:9]) or "trang"
