"""Erase (xoá dữ liệu cá nhân): a person's data in closed dossiers, in the database and in the vault."""

from __future__ import annotations

from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.dossier import ENDED, WORDS
from agent.domain.jobs import FINAL, JobState
from agent.errors import NotFound, RuleViolation
from agent.site import Site
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
    """Erase the personal data of one closed dossier; how many vault objects went.

    The rows go first, in one transaction; doing it again finishes what an interruption left.
    """
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        faults = _open(dossier)
        if faults:
            raise RuleViolation("Chưa xoá được: " + "; ".join(faults) + ".")
        files = files_of(dossier)
        if not is_erased(dossier):
            at = site.clock.now()
            note(dossier, "erased", by=by, at=at, ids=site.ids, basis=basis, files=len(files))
            erase_rows(dossier, at=at)
    gone = [sha256 for sha256 in sorted(files) if site.vault.has(sha256)]
    for sha256 in gone:
        site.vault.erase(sha256)
    return len(gone)


def _open(dossier: Dossier) -> list[str]:
    """Why a dossier may not be erased yet."""
    if dossier.state not in ENDED:
        return [f"hồ sơ {dossier.provisional} {WORDS[dossier.state]}"]
    waiting = (Job.dossier_id == dossier.id) & (Job.lane == "handoff") & Job.state.not_in([*FINAL, JobState.REJECTED])
    if Job.select().where(waiting).exists():
        return [f"hồ sơ {dossier.provisional} còn việc chưa gửi xong với tỉnh"]
    return []
