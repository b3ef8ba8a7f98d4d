"""Redo a copy (làm lại bản số hóa) before the hand-off: sign it again, make it again, or ask for its pages again."""

from __future__ import annotations

import uuid
from typing import Any

from agent.domain.actor import Actor
from agent.domain.dossier import State, Step, advance
from agent.errors import DocumentError, IntegrityError, NotFound
from agent.intake.electronic import untouched
from agent.intake.filing import USABLE, drop_copy, pages_of
from agent.intake.reading import drop_pages
from agent.intake.vault_look import opens
from agent.intake.withdraw import withdraw_refused
from agent.site import Site
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Page, Paper
from agent.store.progress import note, take_step


def redo_copy(site: Site, uid: uuid.UUID, paper_uid: uuid.UUID, *, by: Actor, anew: bool = False) -> str:
    """Take a paper back to the first thing that is still sound; what is next: "sign", "copies" or "pages".

    A sound copy only loses its signature, unless it is to be made `anew`; a damaged one is given up, and with it the
    pages whose pictures are damaged too. IllegalStep once the dossier left for the province.
    """
    with site.store.reading():
        paper = _paper(dossier_by_uid(uid), paper_uid)
        pages = pages_of(paper.component)
    keeps_copy = not anew and not untouched(paper) and opens(site.vault, paper.copy_sha256, paper.copy_size)
    gone = [] if keeps_copy else [page for page in pages if not _is_sound(site, page.sha256)]
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        paper = _paper(dossier, paper_uid)
        component: Component = paper.component
        if dossier.state is not State.SUPPLEMENT_ASKED:
            advance(dossier.state, Step.REOPEN)
        if keeps_copy:
            replaced = [paper.signed_sha256] if paper.signed_sha256 else []
            _unsign(paper)
        else:
            replaced = drop_copy(component)
            Page.delete().where(Page.id.in_([page.id for page in gone] or [-1])).execute()
            drop_pages([page.sha256 for page in gone])
        left = [page for page in pages_of(component) if page.verdict in USABLE]
        _note(site, dossier, component, by, replaced=replaced, lost=[page.sha256 for page in gone])
    return "sign" if keeps_copy else "copies" if left else "pages"


def _paper(dossier: Dossier, uid: uuid.UUID) -> Paper:
    paper: Paper | None = Paper.get_or_none((Paper.uid == uid) & (Paper.dossier == dossier))
    if paper is None:
        raise NotFound("Bản số hóa này không còn trong hồ sơ. Tải lại trang.")
    return paper


def _is_sound(site: Site, sha256: str) -> bool:
    try:
        site.vault.get(sha256)
    except (DocumentError, IntegrityError):
        return False
    return True


def _unsign(paper: Paper) -> None:
    paper.signed_sha256, paper.signed_size, paper.signer, paper.signed_at = None, None, "", None
    paper.evidence = {name: said for name, said in paper.evidence.items() if name != "signature"}
    paper.save()


def _note(
    site: Site, dossier: Dossier, component: Component, by: Actor, *, replaced: list[str], lost: list[str]
) -> None:
    at = site.clock.now()
    body: dict[str, Any] = {"component": str(component.uid), "replaced": replaced, "lost": lost}
    if dossier.state is State.SUPPLEMENT_ASKED:
        note(dossier, "reopened", by=by, at=at, ids=site.ids, **body)
        return
    withdraw_refused(dossier)
    take_step(dossier, Step.REOPEN, by=by, at=at, ids=site.ids, **body)
