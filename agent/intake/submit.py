"""Hand off: freeze the dossier with its digest and queue it for the province."""

from __future__ import annotations

import uuid

from agent.domain.actor import Actor
from agent.domain.dossier import BEFORE_HANDOFF, State, Step, advance
from agent.errors import Incomplete
from agent.intake.freeze import files_size, freeze_dossier
from agent.intake.preflight import preflight
from agent.intake.withdraw import withdraw_refused
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.outbox import Job
from agent.store.progress import take_step
from agent.store.sending import queue_message


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
        faults = [fault.said for fault in preflight(site, dossier, whole=True).faults]
    if faults:
        raise Incomplete("Chưa gửi được: " + "; ".join(faults) + ".", faults)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        advance(dossier.state, Step.SUBMIT)  # before anything is frozen under a new key
        at = site.clock.now()
        withdraw_refused(dossier)
        dossier.submission += 1
        frozen = freeze_dossier(dossier)
        job = queue_message(
            dossier, "submit", _key(dossier), frozen, uid=site.ids.uid(), at=at, due=dossier.due_at,
            size=files_size(frozen), terminal_id=site.settings.terminal.id,
        )  # fmt: skip
        dossier.problem = ""
        take_step(dossier, Step.SUBMIT, by=by, at=at, ids=site.ids, key=job.key, digest=job.digest)
    return job


def _key(dossier: Dossier) -> str:
    return f"{dossier.provisional}/S{dossier.submission}"
