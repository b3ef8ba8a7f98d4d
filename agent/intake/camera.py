"""Camera: the clerk compares the corrected page with the picture as it came, and says which is the page."""

from __future__ import annotations

from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.camera import chosen
from agent.errors import NotFound, RuleViolation
from agent.intake.filing import drop_copy, may_take_pages
from agent.intake.reading import erase_unnamed, queue_pages
from agent.site import Site
from agent.store import inbox, rows
from agent.store.inbox import InboxPage
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Page
from agent.store.progress import note
from agent.store.readings import PageReading

NOT_FLAT = "Trang này không phải ảnh chụp đã nắn. Tải lại trang."


def choose_waiting(site: Site, uid: UUID, *, flat: bool, by: Actor) -> None:
    """Say of a waiting page whether the corrected page counts (`flat`) or the picture as it came."""
    with site.store.writing():
        found = inbox.to_change(by.office_id, by.terminal_id, [uid])
        if not found or not found[0].seen.get("flat"):
            raise RuleViolation(NOT_FLAT)
        (page,) = found
        seen, findings, verdict, reason = chosen(page.seen, page.findings, flat=flat)
        rows.change(InboxPage, page.id, seen=seen, findings=findings, verdict=verdict, reason=reason)


def choose_filed(site: Site, uid: UUID, page_uid: UUID, *, flat: bool, by: Actor) -> None:
    """The same of a page that is filed; its copy is made anew and its text read anew."""
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        page = Page.get_or_none((Page.uid == page_uid) & (Page.dossier == dossier))
        if page is None:
            raise NotFound("Trang này không còn trong hồ sơ. Tải lại trang.")
        if not page.seen.get("flat"):
            raise RuleViolation(NOT_FLAT)
        may_take_pages(dossier, page.component)
        page.seen, page.findings, page.verdict, page.reason = chosen(page.seen, page.findings, flat=flat)
        page.accepted_by = page.accepted_reason = ""
        page.save()
        at = site.clock.now()
        mine = (PageReading.terminal_id == site.settings.terminal.id) & (PageReading.sha256 == page.sha256)
        stale = [row.words_sha256 for row in PageReading.select().where(mine) if row.words_sha256]
        PageReading.delete().where(mine).execute()  # one that is being read settles nothing then
        queue_pages(site, [page], at=at)
        note(
            dossier, "page_flattened", by=by, at=at, ids=site.ids,
            page=page.sha256, flat=flat, replaced=drop_copy(page.component),
        )  # fmt: skip
    for words in stale:
        erase_unnamed(site, words)
