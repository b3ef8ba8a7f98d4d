"""Digitise: pages into the vault, under their component, and one PDF/A-2b copy per component."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from agent.domain.actor import Actor
from agent.domain.dossier import PaperForm, Role, State, Step, advance
from agent.domain.identifiers import mint_paper_code
from agent.errors import DocumentError, Incomplete, NotFound, RuleViolation
from agent.intake.withdraw import withdraw_refused
from agent.ports import Copy, PageImage, Verdict
from agent.site import Site
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of, dossier_by_uid, subject_of
from agent.store.papers import Page, Paper
from agent.store.progress import note, take_step, told

SHOW_ONLY = "show_only"
USABLE = (Verdict.OK, Verdict.WARN)


def wants_copy(component: Component) -> bool:
    """Whether this component is to be digitised: not what is only shown, nor what the province already holds."""
    return component.handling != SHOW_ONLY and not component.reused_from


def add_pages(
    site: Site, uid: uuid.UUID, component_uid: uuid.UUID, pages: Sequence[PageImage], *, by: Actor
) -> list[Page]:
    """File page images under a component; every page is kept, refused ones with their reason.

    The same page (by raw SHA-256) is filed once per component. RuleViolation for a component that may only be shown.
    """
    taken = [page for page in pages if page.verdict is not Verdict.IGNORED]
    for page in taken:
        site.vault.put_as(page.sha256, page.raw)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        _may_take_pages(dossier, component)
        here = pages_of(component)
        known = {page.sha256 for page in here}
        position, at, filed = max((page.position for page in here), default=0), site.clock.now(), []
        for page in taken:
            if page.sha256 in known:
                continue
            known.add(page.sha256)
            filed.append(_file_page(site, dossier, component, page, position := position + 1, at))
        if filed:
            note(
                dossier, "pages_filed", by=by, at=at, ids=site.ids,
                component=str(component.uid), pages=[page.sha256 for page in filed], replaced=_drop_copy(component),
            )  # fmt: skip
    return filed


def remove_page(site: Site, uid: uuid.UUID, page_uid: uuid.UUID, *, by: Actor, reason: str) -> None:
    """Take a page out before it is signed (a bad scan, a wrong paper); the fact stays in the journal."""
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        page = Page.get_or_none((Page.uid == page_uid) & (Page.dossier == dossier))
        if page is None:
            raise NotFound("Trang này không còn trong hồ sơ. Tải lại trang.")
        _may_take_pages(dossier, page.component)
        note(
            dossier, "page_removed", by=by, at=site.clock.now(), ids=site.ids,
            page=page.sha256, reason=told(dossier, reason), replaced=_drop_copy(page.component),
        )  # fmt: skip
        page.delete_instance()


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


def make_copies(site: Site, uid: uuid.UUID, *, by: Actor, round_: int | None = None) -> list[Paper]:
    """Make the PDF/A copy of every component that has pages and none yet; complete the step.

    Incomplete names every mandatory component that has no usable page, and makes nothing.
    """
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        round_ = current_round(dossier) if round_ is None else round_
        components = [c for c in components_of(dossier, round_) if wants_copy(c)]
        pages = {c.id: pages_of(c) for c in components}
        done = {paper.component_id for paper in Paper.select().where(Paper.dossier == dossier)}
        owner = subject_of(dossier, Role.OWNER) or subject_of(dossier, Role.SUBMITTER)
    _complete(components, pages)
    at = site.clock.now()
    digitiser = site.digitiser()
    made = []
    for component in components:
        usable = [page for page in pages[component.id] if page.verdict in USABLE]
        if component.id in done or not usable:
            continue
        images = [_as_image(site, page) for page in usable]
        copy = digitiser.copy(images, title=f"{component.name} · {dossier.provisional}", at=at)
        made.append((component, usable, copy, site.vault.put(copy.pdf)))
    owner_id = (owner.id_number if owner else "") or dossier.provisional
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        papers = [_keep_paper(site, dossier, *one, owner_id=owner_id) for one in made]
        body: dict[str, Any] = {"papers": [p.copy_sha256 for p in papers], "round": round_}
        if dossier.state is State.SUPPLEMENT_ASKED:
            note(dossier, "digitised", by=by, at=at, ids=site.ids, **body)
        elif papers or dossier.state is State.LABELLED:
            withdraw_refused(dossier)
            take_step(dossier, Step.DIGITISE, by=by, at=at, ids=site.ids, **body)
    return papers


def spread(pages: Sequence[PageImage], components: Sequence[Component]) -> dict[uuid.UUID, list[PageImage]]:
    """Deal pages from a folder to components: a file each while files last, else page by page; the rest to the last.

    >>> spread([], [])
    {}
    """
    wanted = [c for c in components if wants_copy(c)]
    usable = [page for page in pages if page.verdict in USABLE]
    files: dict[str, list[PageImage]] = {}
    for page in usable:
        files.setdefault(page.name.partition("#")[0], []).append(page)
    groups = list(files.values())
    if len(groups) < len([c for c in wanted if c.required]):
        groups = [[page] for page in usable]
    dealt: dict[uuid.UUID, list[PageImage]] = {}
    for number, group in enumerate(groups):
        if wanted:
            dealt.setdefault(wanted[min(number, len(wanted) - 1)].uid, []).extend(group)
    return dealt


def current_round(dossier: Dossier) -> int:
    """The intake (0) or the newest supplement round whose papers are being taken in."""
    newest = Component.select().where(Component.dossier == dossier).order_by(Component.round.desc()).first()
    return newest.round if newest and dossier.state is State.SUPPLEMENT_ASKED else 0


def component_of(dossier: Dossier, uid: uuid.UUID) -> Component:
    """The dossier's component with this uid, or NotFound."""
    component: Component | None = Component.get_or_none((Component.uid == uid) & (Component.dossier == dossier))
    if component is None:
        raise NotFound("Thành phần này không thuộc hồ sơ. Tải lại trang.")
    return component


def pages_of(component: Component) -> list[Page]:
    """All pages filed under a component, in order."""
    return list(Page.select().where(Page.component == component).order_by(Page.position))


def _may_take_pages(dossier: Dossier, component: Component) -> None:
    if not wants_copy(component):
        raise RuleViolation(f"“{component.name}” chỉ xuất trình, không được sao. Trả lại cho công dân.")
    signed = (Paper.component == component) & Paper.signed_sha256.is_null(False)
    if dossier.state is not State.REJECTED and Paper.select().where(signed).exists():
        raise RuleViolation(f"“{component.name}” đã ký, không thay trang được nữa. Bổ sung bằng một lần nộp mới.")
    if dossier.state is not State.SUPPLEMENT_ASKED:
        advance(State.LABELLED if dossier.state is State.RECEIVED else dossier.state, Step.DIGITISE)


def _drop_copy(component: Component) -> list[str]:
    """Give up the copy of a component whose pages change, so that it is made anew; the hashes that it had."""
    held = list(Paper.select().where(Paper.component == component))
    Paper.delete().where(Paper.component == component).execute()
    return [sha256 for paper in held for sha256 in (paper.copy_sha256, paper.signed_sha256) if sha256]


def _file_page(site: Site, dossier: Dossier, component: Component, page: PageImage, position: int, at: Any) -> Page:
    row: Page = Page.create(
        uid=site.ids.uid(),
        dossier=dossier,
        component=component,
        position=position,
        name=page.name,
        sha256=page.sha256,
        media=page.media,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        verdict=page.verdict.value,
        reason=page.reason,
        findings=list(page.findings),
        created_at=at,
    )
    return row


def _complete(components: Iterable[Component], pages: dict[int, list[Page]]) -> None:
    gaps = []
    for component in components:
        usable = [page for page in pages[component.id] if page.verdict in USABLE]
        refused = [page for page in pages[component.id] if page.verdict not in USABLE]
        if refused and not usable:
            gaps.append(f"{component.name}: {refused[0].reason}")
        elif component.required and not usable:
            gaps.append(f"{component.name}: chưa có trang nào")
    if gaps:
        raise Incomplete("Chưa số hóa xong: " + "; ".join(gaps) + ". Quét thêm rồi làm lại bước này.", gaps)


def _as_image(site: Site, page: Page) -> PageImage:
    return PageImage(
        name=page.name,
        raw=site.vault.get(page.sha256),
        sha256=page.sha256,
        media=page.media,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        verdict=Verdict(page.verdict),
        reason=page.reason,
        findings=tuple(page.findings),
    )


def _keep_paper(
    site: Site, dossier: Dossier, component: Component, used: list[Page], copy: Copy, sha256: str, *, owner_id: str
) -> Paper:
    if Paper.get_or_none(Paper.component == component):
        raise DocumentError("Thành phần này vừa được số hóa ở máy khác. Tải lại trang.")
    if [page.id for page in pages_of(component) if page.verdict in USABLE] != [page.id for page in used]:
        raise DocumentError("Trang của thành phần này vừa thay đổi trong lúc số hóa. Xem lại rồi số hóa lại.")
    uid = site.ids.uid()
    paper: Paper = Paper.create(
        uid=uid,
        dossier=dossier,
        component=component,
        code=mint_paper_code(owner_id, component.doc_type or "GTK", uid.int).text,
        name=component.name,
        pages=copy.pages,
        copy_sha256=sha256,
        copy_size=len(copy.pdf),
        evidence=copy.evidence,
        created_at=site.clock.now(),
    )
    return paper


def form_words(form: PaperForm) -> str:
    """The form of a paper in the words of the receipt."""
    return {PaperForm.ORIGINAL: "bản chính", PaperForm.COPY: "bản sao", PaperForm.ELECTRONIC: "bản điện tử"}[form]
