"""Digitise: pages into the vault, under their component, and one PDF/A-2b copy per component."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from agent.domain.actor import Actor
from agent.domain.dossier import Role, State, Step
from agent.errors import DocumentError, Incomplete
from agent.intake.electronic import kept, signature_of
from agent.intake.filing import USABLE, pages_of, wants_copy
from agent.intake.late_text import owe_text
from agent.intake.page_images import image_of
from agent.intake.paper_codes import code_paper
from agent.intake.reading import wait_for_texts
from agent.intake.unfiled import unless_kept
from agent.intake.withdraw import withdraw_refused
from agent.log import get
from agent.ports import Copy, PageImage
from agent.ports_text import PageText
from agent.site import Site
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of, dossier_by_uid, subject_of
from agent.store.papers import Page, Paper
from agent.store.progress import note, take_step

Todo = list[tuple[Component, list[Page]]]
logger = get(__name__)


def make_copies(
    site: Site, uid: uuid.UUID, *, by: Actor, round_: int | None = None, wait: float | None = None
) -> list[Paper]:  # fmt: skip
    """Make the PDF/A copy of every component that has pages and none yet; complete the step.

    The text of the pages lies under them as far as they are read after at most `wait` seconds (default: the settings'
    `[ocr] before_sign`); what is read later becomes a file beside the paper. Incomplete names every mandatory component
    that has no usable page, and makes nothing.
    """
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        round_ = current_round(dossier) if round_ is None else round_
        owner = subject_of(dossier, Role.OWNER) or subject_of(dossier, Role.SUBMITTER)
    todo = pages_to_copy(site, dossier, round_)
    texts = _texts(site, todo, site.settings.ocr.before_sign if wait is None else wait)
    made = []
    for component, pages in todo:
        title = f"{component.name} · {dossier.provisional}"
        copy = kept(site, component, pages) or _copy(site, pages, [texts.get(page.id) for page in pages], title)
        made.append((component, pages, copy, site.vault.put(copy.pdf)))
    owner_id = (owner.id_number if owner else "") or dossier.provisional
    with unless_kept(site, [sha256 for *_, sha256 in made]), site.store.writing():
        dossier, at = dossier_by_uid(uid), site.clock.now()
        papers = [_keep_paper(site, dossier, *one, owner_id=owner_id) for one in made]
        body: dict[str, Any] = {"papers": [p.copy_sha256 for p in papers], "round": round_}
        if dossier.state is State.SUPPLEMENT_ASKED:
            note(dossier, "digitised", by=by, at=at, ids=site.ids, **body)
        elif papers or dossier.state is State.LABELLED:
            withdraw_refused(dossier)
            take_step(dossier, Step.DIGITISE, by=by, at=at, ids=site.ids, **body)
    return papers


def pages_to_copy(site: Site, dossier: Dossier, round_: int | None = None) -> Todo:
    """The components whose copy is to be made, each with its usable pages; Incomplete as in `make_copies`."""
    with site.store.reading():
        round_ = current_round(dossier) if round_ is None else round_
        components = [c for c in components_of(dossier, round_) if wants_copy(c)]
        pages = {c.id: pages_of(c) for c in components}
        done = {paper.component_id for paper in Paper.select().where(Paper.dossier == dossier)}
    _complete(components, pages)
    usable = {c.id: [page for page in pages[c.id] if page.verdict in USABLE] for c in components}
    return [(c, usable[c.id]) for c in components if c.id not in done and usable[c.id]]


def _texts(site: Site, todo: Todo, seconds: float) -> dict[int, PageText]:
    """What the pages say that are read in time, by their rows' ids."""
    pages = [page for _, some in todo for page in some]
    if not site.settings.ocr.enabled or not pages:
        return {}
    found = wait_for_texts(site, pages, seconds)
    return {page.id: text for page, text in zip(pages, found, strict=True) if text is not None}


def _copy(site: Site, pages: Sequence[Page], texts: Sequence[PageText | None], title: str) -> Copy:
    """The PDF/A of a component's pages with the text that there is; without, when the layer cannot be made."""
    digitiser = site.digitiser()
    copy = digitiser.copy([image_of(site, page) for page in pages], title=title, at=site.clock.now())
    if not site.settings.ocr.enabled:
        return copy
    if any(texts):
        try:
            return digitiser.with_text(copy, _by_sheet(pages, texts))
        except DocumentError as error:
            logger.warning("a copy is made without its text: %s", error.code)
    without = [{**page, "text": {"state": "none", "layer": False}} for page in copy.evidence.get("pages", [])]
    return Copy(copy.pdf, copy.pages, {**copy.evidence, "pages": without})


def _by_sheet(pages: Sequence[Page], texts: Sequence[PageText | None]) -> list[PageText | None]:
    """A text for each page of the copy: a file that is filed as one page, and makes several, keeps the text it has."""
    found = list[PageText | None]()
    for page, text in zip(pages, texts, strict=True):
        sheets = int(page.seen.get("sheets", 1))
        found += [text] if sheets == 1 else [replace(text, words=()) if text else None] * sheets
    return found


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
        **code_paper(site, dossier, component, uid, owner_id=owner_id, at=site.clock.now()),
        name=component.name,
        pages=copy.pages,
        copy_sha256=sha256,
        copy_size=len(copy.pdf),
        evidence=copy.evidence,
        **signature_of(copy, sha256),
        created_at=site.clock.now(),
    )
    owe_text(site, paper)
    return paper
