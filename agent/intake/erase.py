"""Erase (xoá dữ liệu cá nhân): a person's data in closed dossiers, in the database and in the vault."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.dossier import ENDED, WORDS
from agent.domain.jobs import FINAL, JobState
from agent.errors import NotFound, RuleViolation
from agent.intake.paper_retention import finish_erasing
from agent.site import Site
from agent.store import retention
from agent.store.dossiers import Dossier
from agent.store.erasure import dossiers_of_person, erase_rows, files_of, is_erased
from agent.store.lookup import dossier_by_uid
from agent.store.outbox import Job
from agent.store.progress import note


def erase_person(site: Site, id_number: str, *, basis: str, by: Actor) -> list[str]:
    """Erase a person's data from all dossiers in which it is a party; their provisional numbers.

    `basis` is the code of the legal ground (it is kept in the journal). RuleViolation names every dossier that is
    still open; then nothing was erased.
    """
    with site.store.reading():
        dossiers = dossiers_of_person(id_number)
        faults = [fault for dossier in dossiers for fault in _open(dossier)]
    if not dossiers:
        raise NotFound("Không có hồ sơ nào còn dữ liệu của người này. Kiểm tra lại số giấy tờ.")
    if faults:
        raise RuleViolation("Chưa xoá được, chưa có gì bị xoá: " + "; ".join(faults) + ".")
    for dossier in dossiers:
        erase_dossier(site, dossier.uid, basis=basis, by=by)
    return [dossier.provisional for dossier in dossiers]


def erase_dossier(site: Site, uid: UUID, *, basis: str, by: Actor) -> int:
    """Erase the personal data of one closed dossier; how many objects of our vault went.

    The rows go first, in one transaction, and name what has to go from each terminal's vault; the others' schedules,
    and after an interruption ours, or doing it again, finish.
    """
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        faults = _open(dossier)
        if faults:
            raise RuleViolation("Chưa xoá được: " + "; ".join(faults) + ".")
        files = files_of(dossier)
        if not is_erased(dossier):
            at = site.clock.now()
            note(dossier, "erased", by=by, at=at, ids=site.ids, basis=basis, files=len({sha256 for _, sha256 in files}))
            erase_rows(dossier, at=at)
        retention.doom(dossier, files, at=site.clock.now())
    here = sorted(sha256 for terminal_id, sha256 in files if terminal_id == site.settings.terminal.id)
    there = [sha256 for sha256 in here if site.vault.has(sha256)]
    while finish_erasing(site, young=timedelta(0)):
        pass
    return len([sha256 for sha256 in there if not site.vault.has(sha256)])


def _open(dossier: Dossier) -> list[str]:
    """Why a dossier may not be erased yet."""
    if dossier.state not in ENDED:
        return [f"hồ sơ {dossier.provisional} {WORDS[dossier.state]}"]
    waiting = (Job.dossier_id == dossier.id) & (Job.lane == "handoff") & Job.state.not_in([*FINAL, JobState.REJECTED])
    if Job.select().where(waiting).exists():
        return [f"hồ sơ {dossier.provisional} còn việc chưa gửi xong với tỉnh"]
    if retention.is_held(dossier):
        return [f"hồ sơ {dossier.provisional} đang bị giữ theo yêu cầu (tranh chấp, khiếu nại)"]
    return []
