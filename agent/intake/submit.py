"""Hand off: freeze the dossier with its digest and queue it for the province."""

from __future__ import annotations

import uuid

from agent.domain.actor import Actor
from agent.domain.dossier import BEFORE_HANDOFF, State, Step, advance
from agent.errors import Incomplete
from agent.intake.digitise import wants_copy
from agent.intake.freeze import freeze_dossier
from agent.intake.withdraw import withdraw_refused
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.outbox import Job
from agent.store.papers import Paper
from agent.store.progress import take_step

HANDOFF_LANE = "handoff"


def submit(site: Site, uid: uuid.UUID, *, by: Actor) -> Job:
    """Queue the dossier for the province; what is frozen now is sent byte for byte, however often.

    The terminal whose vault has the files sends them: of several on one database, no other may claim the job.

    Incomplete lists all that is missing: unsigned copies, or bytes that the vault does not hold.
    """
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        queued = outbox.find(_key(dossier)) if dossier.submission else None
        if queued is not None and dossier.state not in (*BEFORE_HANDOFF, State.VOIDED):
            return queued  # the answer to the first press was lost; the frozen payload stands
        faults = preflight(site, dossier)
    if faults:
        raise Incomplete("Chưa gửi được: " + "; ".join(faults) + ".", faults)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        advance(dossier.state, Step.SUBMIT)  # before anything is frozen under a new key
        at = site.clock.now()
        withdraw_refused(dossier)
        dossier.submission += 1
        job = outbox.enqueue(
            uid=site.ids.uid(),
            lane=HANDOFF_LANE,
            kind="submit",
            key=_key(dossier),
            payload=freeze_dossier(dossier),
            office_id=dossier.office_id,
            terminal_id=site.settings.terminal.id,
            dossier_id=dossier.id,
            at=at,
        )
        dossier.problem = ""
        take_step(dossier, Step.SUBMIT, by=by, at=at, ids=site.ids, key=job.key, digest=job.digest)
    return job


def _key(dossier: Dossier) -> str:
    return f"{dossier.provisional}/S{dossier.submission}"


def preflight(site: Site, dossier: Dossier) -> list[str]:
    """Everything that keeps a dossier from leaving, all at once."""
    papers = {paper.component_id: paper for paper in Paper.select().where(Paper.dossier == dossier)}
    faults = []
    for component in components_of(dossier):
        paper = papers.get(component.id)
        if paper is None:
            if component.required and wants_copy(component):
                faults.append(f"{component.name}: chưa số hóa")
        elif not paper.signed_sha256:
            faults.append(f"{component.name}: chưa ký")
        elif not site.vault.has(paper.signed_sha256):
            faults.append(f"{component.name}: {not_here(site, dossier)}")
    return faults


def not_here(site: Site, dossier: Dossier) -> str:
    """Why a file cannot leave from this terminal: each keeps the files that it took in."""
    if dossier.terminal_id != site.settings.terminal.id:
        return f"tệp nằm ở quầy {dossier.terminal_id}, gửi từ quầy đó"
    return "không thấy tệp trong kho, số hóa lại"
