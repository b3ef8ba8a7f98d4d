"""Filing: page images into the vault and under their component, taken out again, accepted with a reason."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agent.domain.actor import Actor
from agent.domain.dossier import PaperForm, State, Step, advance
from agent.errors import NotFound, RuleViolation
from agent.intake.reading import drop_pages, queue_pages
from agent.intake.unfiled import unless_refused
from agent.ports import PageImage, Verdict
from agent.site import Site
from agent.store import readings
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Page, Paper
from agent.store.progress import note, told

SHOW_ONLY = "show_only"
USABLE = (Verdict.OK, Verdict.WARN)
MEASURED = (  # of PageImage.seen
    "needs", "ink", "paper", "skew", "sharpness", "borders", "cut", "size", "turn", "active", "original", "sheets",
    "flat",
)  # fmt: skip


def wants_copy(component: Component) -> bool:
    """Whether this component is to be digitised: not what is only shown, nor what the province already holds."""
    return component.handling != SHOW_ONLY and not component.reused_from


def add_pages(
    site: Site,
    uid: uuid.UUID,
    component_uid: uuid.UUID,
    pages: Sequence[PageImage],
    *,
    by: Actor,
    origin: Mapping[str, Any] | None = None,
) -> list[Page]:
    """File page images under a component; every page is kept, refused ones with their reason.

    The same page (by raw SHA-256) is filed once per component. `origin` says where they come from (as in
    agent.ports_pages). RuleViolation for a component that may only be shown.
    """
    taken = [page for page in pages if page.verdict is not Verdict.IGNORED]
    for page in taken:
        site.vault.put_as(page.sha256, page.raw)
    with unless_refused(site, [page.sha256 for page in taken], by=by), site.store.writing():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        known = {page.sha256 for page in pages_of(component)}
        new = {page.sha256: page for page in reversed(taken) if page.sha256 not in known}
        wanted = [fields_of(page, origin or {}) | {"seen": measured(page.seen)} for page in reversed(new.values())]
        return put_pages(site, dossier, component, wanted, by=by, at=site.clock.now())


def fields_of(page: PageImage, origin: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of a page image beside its bytes; the true dpi joins its origin."""
    return {
        "name": page.name,
        "sha256": page.sha256,
        "media": page.media,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "origin": {**origin, "dpi": page.dpi},
        "verdict": page.verdict.value,
        "reason": page.reason,
        "findings": list(page.findings),
    }


def measured(seen: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of what was seen on a page: measures, not what codes say, which may name a person."""
    return {name: seen[name] for name in MEASURED if name in seen}


def put_pages(
    site: Site, dossier: Dossier, component: Component, pages: Sequence[Mapping[str, Any]], *, by: Actor, at: datetime
) -> list[Page]:
    """Add pages (as `fields_of` gives them) at a component's end, and write that down. Inside writing()."""
    may_take_pages(dossier, component)
    last = max((page.position for page in pages_of(component)), default=0)
    filed = [
        Page.create(
            uid=site.ids.uid(), dossier=dossier, component=component, position=position, created_at=at, **fields
        )
        for position, fields in enumerate(pages, start=last + 1)
    ]
    if filed:
        queue_pages(site, [page for page in filed if page.verdict in USABLE], at=at)
        note(
            dossier, "pages_filed", by=by, at=at, ids=site.ids,
            component=str(component.uid), pages=[page.sha256 for page in filed], replaced=drop_copy(component),
        )  # fmt: skip
    return filed


def take_back(site: Site, dossier: Dossier, component: Component, pages: Sequence[Page], *, by: Actor) -> None:
    """Take pages out again that were filed by mistake, before they are signed. Inside writing()."""
    may_take_pages(dossier, component)
    note(
        dossier, "pages_returned", by=by, at=site.clock.now(), ids=site.ids,
        component=str(component.uid), pages=[page.sha256 for page in pages], replaced=drop_copy(component),
    )  # fmt: skip
    Page.delete().where(Page.id.in_([page.id for page in pages])).execute()
    drop_pages([page.sha256 for page in pages])


def remove_page(site: Site, uid: uuid.UUID, page_uid: uuid.UUID, *, by: Actor, reason: str) -> None:
    """Take a page out before it is signed (a bad scan, a wrong paper); the fact stays in the journal."""
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        page = Page.get_or_none((Page.uid == page_uid) & (Page.dossier == dossier))
        if page is None:
            raise NotFound("Trang này không còn trong hồ sơ. Tải lại trang.")
        may_take_pages(dossier, page.component)
        note(
            dossier, "page_removed", by=by, at=site.clock.now(), ids=site.ids,
            page=page.sha256, reason=told(dossier, reason), replaced=drop_copy(page.component),
        )  # fmt: skip
        page.delete_instance()
        drop_pages([page.sha256])


def accept_page(site: Site, uid: uuid.UUID, page_uid: uuid.UUID, *, by: Actor, reason: str) -> None:
    """The clerk accepts a page that the gate remarked on, with a reason; refused pages cannot be accepted."""
    if not reason.strip():
        raise RuleViolation("Ghi lý do nhận trang này, ví dụ “bản gốc đã mờ”.")
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        page = Page.get_or_none((Page.uid == page_uid) & (Page.dossier == dossier))
        if page is None or page.verdict != Verdict.WARN:
            raise RuleViolation("Trang này không nhận được bằng lý do; hãy quét lại.")
        page.accepted_by, page.accepted_reason = by.username, reason.strip()
        page.save()
        note(
            dossier, "page_accepted", by=by, at=site.clock.now(), ids=site.ids,
            page=page.sha256, reason=told(dossier, reason),
        )  # fmt: skip


def component_of(dossier: Dossier, uid: uuid.UUID) -> Component:
    """The dossier's component with this uid, or NotFound."""
    component: Component | None = Component.get_or_none((Component.uid == uid) & (Component.dossier == dossier))
    if component is None:
        raise NotFound("Thành phần này không thuộc hồ sơ. Tải lại trang.")
    return component


def pages_of(component: Component) -> list[Page]:
    """All pages filed under a component, in order."""
    return list(Page.select().where(Page.component == component).order_by(Page.position))


def may_take_pages(dossier: Dossier, component: Component) -> None:
    """RuleViolation, with the reason, when pages may not be added to this component now."""
    if not wants_copy(component):
        raise RuleViolation(f"“{component.name}” chỉ xuất trình, không được sao. Trả lại cho công dân.")
    by_us = Paper.signed_sha256.is_null(False) & (Paper.signed_sha256 != Paper.copy_sha256)
    signed = (Paper.component == component) & by_us  # an electronic original may still be exchanged
    if dossier.state is not State.REJECTED and Paper.select().where(signed).exists():
        raise RuleViolation(f"“{component.name}” đã ký, không thay trang được nữa. Bổ sung bằng một lần nộp mới.")
    if dossier.state is not State.SUPPLEMENT_ASKED:
        advance(State.LABELLED if dossier.state is State.RECEIVED else dossier.state, Step.DIGITISE)


def drop_copy(component: Component) -> list[str]:
    """Give up the copy of a component whose pages change, so that it is made anew; the hashes that it had."""
    held = list(Paper.select().where(Paper.component == component))
    beside = readings.texts_of_papers(held)
    Paper.delete().where(Paper.component == component).execute()
    return [sha256 for paper in held for sha256 in (paper.copy_sha256, paper.signed_sha256) if sha256] + beside


def form_words(form: PaperForm) -> str:
    """The form of a paper in the words of the receipt."""
    return {PaperForm.ORIGINAL: "bản chính", PaperForm.COPY: "bản sao", PaperForm.ELECTRONIC: "bản điện tử"}[form]
