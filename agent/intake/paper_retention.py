"""Retire (hết thời hạn lưu giữ): let go of what an ended dossier need not keep, in small steps that may be cut off."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agent.domain.actor import Actor, system
from agent.domain.retention import Kind, due_kinds
from agent.errors import DocumentError, RuleViolation
from agent.site import Site
from agent.store import erasure, inbox, paper_facts, places, retention, values
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.progress import note
from agent.store.retention import DossierHold, Retired

DOSSIERS, OBJECTS = 4, 40  # of one step: a worker's other work waits for it
YOUNG: Final = timedelta(hours=1)  # bytes come before their row: what was put just now is somebody's


@dataclass(frozen=True)
class Due:
    """A kind of a dossier's material whose time is over; `why` says what keeps it nevertheless."""

    number: str
    kind: Kind
    files: int = 0
    size: int = 0  # bytes
    why: tuple[str, ...] = ()


def plan(site: Site, *, limit: int = 500) -> list[Due]:
    """What the next steps would let go of at this terminal, and what is kept longer and why; nothing is changed."""
    terminal, found = site.settings.terminal.id, list[Due]()
    with site.store.reading():
        for kind, before in due_kinds(site.settings.retention, site.clock.now()).items():
            for dossier in retention.candidates(kind, before, terminal, limit=limit):
                here = {sha256 for at, sha256 in erasure.objects_of_kind(dossier, kind) if at == terminal}
                files = [sha256 for sha256 in here if site.vault.has(sha256)]
                size = sum(site.vault.size(sha256) for sha256 in files)
                found.append(Due(dossier.provisional, kind, len(files), size))
            for dossier, why in retention.kept(kind, before, terminal, limit=limit):
                found.append(Due(dossier.provisional, kind, why=tuple(why)))
    return found


def retire_step(site: Site) -> int:
    """Finish what was begun, then begin with a few more; how many objects and dossiers were dealt with."""
    done, terminal = finish_erasing(site), site.settings.terminal.id
    by = system(site.settings.office.id, terminal)
    for kind, before in due_kinds(site.settings.retention, site.clock.now()).items():
        with site.store.reading():
            found = retention.candidates(kind, before, terminal, limit=DOSSIERS)
        for dossier in found:
            done += _retire(site, dossier.uid, kind, by)
    return done + finish_erasing(site)


def finish_erasing(site: Site, *, limit: int = OBJECTS, young: timedelta = YOUNG) -> int:
    """Destroy the keys of objects that have to go; how many are gone now.

    Their rows were written before: cut off anywhere, the next call goes on. What another dossier came to need stays,
    and what is of a held one; what lies at another terminal is that terminal's to destroy. What was put in the vault
    less than `young` ago is left for a later call.
    """
    terminal, gone = site.settings.terminal.id, 0
    with site.store.reading():
        found = retention.doomed(terminal, limit=limit)
    for one in found:
        with site.store.writing():
            inbox.lock_terminal(terminal)  # nothing comes to name it while it goes
            if retention.is_spared(one):
                continue  # held since we looked
            if erasure.needed(one.sha256, terminal):
                retention.settle(one, at=site.clock.now())
            elif _destroyed(site, one.sha256, young):
                retention.gone(one, at=site.clock.now())
            else:
                continue
            gone += 1
    return gone


def hold(site: Site, uid: uuid.UUID, *, reason: str, by: Actor) -> set[Kind]:
    """Nothing more of the dossier is erased until it is released: a dispute, a complaint, an inquiry.

    What is over already, or begun: those kinds. Files of theirs that are still there stay.
    """
    if not reason.strip():
        raise RuleViolation("Ghi lý do giữ hồ sơ: số văn bản hoặc mã vụ việc, không ghi tên người.")
    with site.store.writing():
        dossier, at = dossier_by_uid(uid), site.clock.now()
        if erasure.is_erased(dossier):
            raise RuleViolation(f"Hồ sơ {dossier.provisional} đã xóa dữ liệu, không còn gì để giữ.")
        for terminal_id in places.of_dossier(dossier, erasure.own_pages(dossier)):
            inbox.lock_terminal(terminal_id)  # what goes just now is gone, what has not begun stays
        DossierHold.create(dossier=dossier, reason=reason.strip(), by=by.username, at=at)
        note(dossier, "held", by=by, at=at, ids=site.ids)
        return {Kind(kind) for kind in retention.over_in(dossier)}


def release(site: Site, uid: uuid.UUID, *, by: Actor) -> int:
    """Release every hold of the dossier; how many there were. RuleViolation when there is none."""
    with site.store.writing():
        dossier, at = dossier_by_uid(uid), site.clock.now()
        held = retention.holds(dossier)
        if not held:
            raise RuleViolation(f"Hồ sơ {dossier.provisional} không bị giữ.")
        DossierHold.update(released_at=at, released_by=by.username).where(
            DossierHold.id.in_([one.id for one in held])
        ).execute()
        note(dossier, "released", by=by, at=at, ids=site.ids)
    return len(held)


def _retire(site: Site, uid: uuid.UUID, kind: Kind, by: Actor) -> int:
    """One kind of one dossier: the rows say that it is over, then its objects may go."""
    with site.store.writing():
        inbox.lock_terminal(by.terminal_id)
        dossier, at = dossier_by_uid(uid), site.clock.now()
        before = due_kinds(site.settings.retention, at).get(kind)
        still = before and retention.candidates(kind, before, by.terminal_id, limit=1, only=dossier)
        if not still:
            return 0  # held, disputed or erased since we looked
        files = erasure.objects_of_kind(dossier, kind)
        _forget(dossier, kind, at=at)
        retention.doom(dossier, files, at=at)
        Retired.create(dossier=dossier, kind=kind.value, at=at)
        objects = sorted({sha256 for _, sha256 in files})
        days = getattr(site.settings.retention, f"{kind.value}_days")
        note(dossier, "retired", by=by, at=at, ids=site.ids, what=kind.value, objects=objects, days=days)
    return 1


def _forget(dossier: Dossier, kind: Kind, *, at: datetime) -> None:
    """What rows say of a kind beside naming objects."""
    if kind is Kind.TEXTS:
        erasure.forget_readings(dossier, at=at)
    elif kind is Kind.VALUES:
        values.erase_values(dossier)
        paper_facts.forget_entries(dossier)


def _destroyed(site: Site, sha256: str, young: timedelta) -> bool:
    """Whether the object is gone; one that was put here just now is left for a later step."""
    try:
        if young and site.clock.now() - site.vault.written_at(sha256) < young:
            return False
    except DocumentError:
        pass  # gone, or cut off in the middle: finished below
    try:
        site.vault.erase(sha256)
    except DocumentError as error:
        return error.code == "absent"
    return True
