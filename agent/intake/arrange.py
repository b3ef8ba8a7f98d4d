"""Arranging pages that are filed: turned, moved, put under another component, exchanged for a better picture."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from agent.domain.actor import Actor
from agent.errors import NotFound, RuleViolation
from agent.intake.filing import component_of, drop_copy, fields_of, may_take_pages, measured, pages_of, put_pages
from agent.intake.inbox import GONE, file_under
from agent.intake.reading import drop_pages, queue_pages
from agent.intake.turned import judged_anew
from agent.intake.unfiled import unless_refused
from agent.ports import PageImage, Verdict
from agent.site import Site
from agent.store import inbox, rows
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Page
from agent.store.progress import note

SAME = "Đây là đúng ảnh đang có. Quét lại trang giấy rồi chọn ảnh mới."


def turn_page(site: Site, uid: uuid.UUID, page_uid: uuid.UUID, degrees: int | None, *, by: Actor) -> None:
    """Turn a filed page clockwise by 90, 180 or 270 degrees; None: as far as sets its lines upright. The bytes stay.

    The component's copy is made anew. RuleViolation once it is signed, and for an electronic original.
    """
    if degrees is not None and degrees % 90:
        raise RuleViolation("Chỉ xoay trang từng góc vuông.")
    with site.store.writing():
        dossier, page, component = _page(uid, page_uid)
        if page.seen.get("original"):
            raise RuleViolation("Bản điện tử có chữ ký được giữ nguyên từng byte nên không xoay được.")
        turned = int(page.seen.get("turn", 0)) if degrees is None else (page.turn + degrees) % 360
        if turned == page.turn:
            return
        page.turn = turned
        rows.change(Page, page.id, turn=turned, **judged_anew(page.findings, page.verdict, page.seen, turned))
        drop_pages([page.sha256])
        queue_pages(site, [page] if page.verdict != Verdict.REFUSED else [], at=site.clock.now())
        _note(site, dossier, "page_turned", component, page, by, degrees=turned)


def move_page(site: Site, uid: uuid.UUID, page_uid: uuid.UUID, steps: int, *, by: Actor) -> None:
    """Move a page by so many places down (negative: up) within its component; at the end it stays where it is."""
    with site.store.writing():
        dossier, page, component = _page(uid, page_uid)
        pages = pages_of(component)
        at = next(number for number, one in enumerate(pages) if one.id == page.id)
        there = min(max(at + steps, 0), len(pages) - 1)
        if there != at:
            pages.insert(there, pages.pop(at))
            _number(pages)
            _note(site, dossier, "page_moved", component, page, by, position=there + 1)


def place_page(site: Site, uid: uuid.UUID, page_uid: uuid.UUID, to: uuid.UUID, *, by: Actor) -> None:
    """Put a page at the end of another component of its dossier; both copies are made anew."""
    with site.store.writing():
        dossier, page, component = _page(uid, page_uid)
        other = component_of(dossier, to)
        if other.id == component.id:
            return
        may_take_pages(dossier, other)
        if any(one.sha256 == page.sha256 for one in pages_of(other)):
            raise RuleViolation(f"“{other.name}” đã có đúng ảnh này. Bỏ trang ở đây nếu bị trùng.")
        last = max((one.position for one in pages_of(other)), default=0)
        rows.change(Page, page.id, component=other, position=last + 1)
        drop_copy(other)
        _number(pages_of(component))
        _note(site, dossier, "page_placed", component, page, by, to=str(other.uid))


def replace_page(
    site: Site, uid: uuid.UUID, page_uid: uuid.UUID, images: Sequence[PageImage], *,
    by: Actor, origin: Mapping[str, Any],
) -> list[Page]:  # fmt: skip
    """Let new pictures stand where a page stood; the old one is taken out, the fact stays in the journal.

    RuleViolation when none of them is a page, or all are pages of this component already.
    """
    taken = [image for image in images if image.verdict is not Verdict.IGNORED]
    if not taken:
        raise RuleViolation("Tệp này không có trang giấy nào. Chọn tệp ảnh hoặc PDF của trang đã quét lại.")
    for image in taken:
        site.vault.put_as(image.sha256, image.raw)
    with unless_refused(site, [image.sha256 for image in taken], by=by), site.store.writing():
        dossier, page, component = _page(uid, page_uid)
        known = {one.sha256 for one in pages_of(component)}
        new = {image.sha256: image for image in taken if image.sha256 not in known}
        if not new:
            raise RuleViolation(SAME)
        wanted = [fields_of(image, origin) | {"seen": measured(image.seen)} for image in new.values()]
        filed = put_pages(site, dossier, component, wanted, by=by, at=site.clock.now())
        _exchange(site, dossier, component, page, filed, by)
    return filed


def replace_by_waiting(site: Site, uid: uuid.UUID, page_uid: uuid.UUID, inbox_uid: uuid.UUID, *, by: Actor) -> None:
    """The same with a page that waits in the inbox of the clerk's terminal; it waits no more then."""
    with site.store.writing():
        dossier, page, component = _page(uid, page_uid)
        came = inbox.to_change(by.office_id, by.terminal_id, [inbox_uid])
        if not came:
            raise RuleViolation(GONE)
        filed = file_under(site, dossier, component, came, by=by, at=site.clock.now())
        if not filed:
            raise RuleViolation(SAME)
        _exchange(site, dossier, component, page, filed, by)


# --- the parts ---------------------------------------------------------------------------------
def _page(uid: uuid.UUID, page_uid: uuid.UUID) -> tuple[Dossier, Page, Component]:
    """The page with its dossier and component, which must still take pages. Inside writing()."""
    dossier = dossier_by_uid(uid)
    page: Page | None = Page.get_or_none((Page.uid == page_uid) & (Page.dossier == dossier))
    if page is None or page.component is None:
        raise NotFound("Trang này không còn trong hồ sơ. Tải lại trang.")
    may_take_pages(dossier, page.component)
    return dossier, page, page.component


def _exchange(
    site: Site, dossier: Dossier, component: Component, page: Page, filed: Sequence[Page], by: Actor
) -> None:  # fmt: skip
    """Take a page out and let those that were filed last stand in its place. Inside writing()."""
    new = {one.id for one in filed}
    rest = [one for one in pages_of(component) if one.id not in new]
    at = next(number for number, one in enumerate(rest) if one.id == page.id)
    rest[at : at + 1] = filed
    Page.delete().where(Page.id == page.id).execute()
    drop_pages([page.sha256])
    _number(rest)
    _note(site, dossier, "page_replaced", component, page, by, new=[one.sha256 for one in filed])


def _number(pages: Sequence[Page]) -> None:
    for position, page in enumerate(pages, start=1):
        if page.position != position:
            rows.change(Page, page.id, position=position)


def _note(
    site: Site, dossier: Dossier, kind: str, component: Component, page: Page, by: Actor, **facts: Any
) -> None:  # fmt: skip
    note(
        dossier, kind, by=by, at=site.clock.now(), ids=site.ids,
        component=str(component.uid), page=page.sha256, replaced=drop_copy(component), **facts,
    )  # fmt: skip
