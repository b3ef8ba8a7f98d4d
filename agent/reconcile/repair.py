"""Repair a difference: send again, ask the province, or change or explain our side with a second person's signature.

What changes our ledger or hides a difference is proposed by one person and takes effect when a second one
countersigns; until then it stands visibly pending. Every step is written into the dossier's journal. Roles are the
caller's to check.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from peewee import Case

from agent.domain.actor import Actor
from agent.domain.jobs import JobState
from agent.errors import NotFound, RuleViolation
from agent.reconcile.explain import REPAIRS, Kind, Repair
from agent.reconcile.in_flight import KINDS
from agent.reconcile.record import Found, found_of
from agent.site import Site
from agent.store import outbox
from agent.store.base import locked
from agent.store.dossiers import Dossier
from agent.store.exchanges import await_report
from agent.store.journal import commitment
from agent.store.ledger import correct_row
from agent.store.outbox import Job
from agent.store.progress import note
from agent.store.reconciliation import Difference
from agent.store.told_rows import CUSTODY, PAYMENTS

_FACT = {Kind.STATUS: "status", Kind.FEE: "fee", Kind.FILE: "files", Kind.PARCEL: "items"}
_REPORT = {Kind.PAYMENT: PAYMENTS, Kind.MILESTONE: CUSTODY}
_AGAIN = (JobState.READY, JobState.UNKNOWN, JobState.REJECTED, JobState.HELD)


def resend(site: Site, uid: UUID, *, by: Actor) -> Found:
    """Send the dossier's oldest unfinished message again, now: the same bytes under the same key.

    One that was refused comes last.
    Payment entries and milestones are told again at the next turn; what the province has of them changes nothing.
    """
    with site.store.writing():
        row, dossier = _open(uid, Repair.RESEND)
        if dossier is not None and Kind(row.kind) in _REPORT:
            await_report(dossier.id, _REPORT[Kind(row.kind)])
            _noted(site, row, dossier, "difference_resent", by, report=_REPORT[Kind(row.kind)])
            return found_of(row, site.clock.now())
        job = _unfinished(dossier)
        if job is None or dossier is None:
            raise RuleViolation("Hồ sơ này không còn gì chưa gửi xong. Hỏi tỉnh, kèm biên nhận đã ký.")
        _ = outbox.release(job.key) if job.state is JobState.HELD else outbox.retry(job.key)
        _noted(site, row, dossier, "difference_resent", by, job=job.key)
        return found_of(row, site.clock.now())


def ask_province(site: Site, uid: UUID, *, question: str, by: Actor) -> Found:
    """Note that the province was asked, and what; the difference stays open until the ledgers agree."""
    with site.store.writing():
        row, dossier = _open(uid, Repair.ASK)
        row.reason = _reason(question)
        row.save()
        _noted(site, row, dossier, "difference_asked", by)
        return found_of(row, site.clock.now())


def accept_theirs(site: Site, uid: UUID, *, reason: str, by: Actor) -> Found:
    """Propose that the province is right: our ledger takes its fact once a second person countersigns."""
    return _propose(site, uid, Repair.ACCEPT, reason, by)


def correct(site: Site, uid: UUID, *, value: int, reason: str, by: Actor) -> Found:
    """Propose another amount (đồng) for our ledger; it counts once a second person countersigns."""
    if value < 0:
        raise RuleViolation("Số tiền không được âm. Nhập lại số tiền.")
    return _propose(site, uid, Repair.CORRECT, reason, by, value=value)


def explain(site: Site, uid: UUID, *, reason: str, by: Actor) -> Found:
    """Propose an explanation; once countersigned the difference is closed while both sides stay as they are."""
    return _propose(site, uid, Repair.EXPLAIN, reason, by)


def countersign(site: Site, uid: UUID, *, by: Actor) -> Found:
    """The second person agrees: the proposal takes effect and the difference is closed."""
    with site.store.writing():
        row, dossier = _open(uid, None)
        repair, _, value = row.repair.partition(" ")
        if not repair:
            raise RuleViolation("Khác biệt này chưa có đề xuất nào chờ ký. Đề xuất cách xử lý trước.")
        if row.closed_by == by.name:
            raise RuleViolation("Người đề xuất không tự ký xác nhận được. Nhờ người thứ hai ký.")
        now = site.clock.now()
        if repair in (Repair.ACCEPT, Repair.CORRECT):
            fact = _FACT[Kind(row.kind)]
            assert dossier is not None  # _propose saw to it
            row.value = json.loads(value) if value else row.theirs[fact]
            correct_row(dossier, at=now, **{fact: row.value})
        proposed_by, row.repair = row.closed_by, repair
        row.closed_at, row.closed_by = now, by.name
        row.save()
        _noted(site, row, dossier, "difference_closed", by, proposed_by=proposed_by)
        return found_of(row, now)


def withdraw(site: Site, uid: UUID, *, by: Actor) -> Found:
    """Take a proposal back before it is countersigned."""
    with site.store.writing():
        row, dossier = _open(uid, None)
        row.repair, row.closed_by, row.reason = "", "", ""
        row.save()
        _noted(site, row, dossier, "difference_withdrawn", by)
        return found_of(row, site.clock.now())


def _propose(site: Site, uid: UUID, repair: Repair, reason: str, by: Actor, *, value: int | None = None) -> Found:
    with site.store.writing():
        row, dossier = _open(uid, repair)
        if row.repair:
            raise RuleViolation(f"Đã có đề xuất của {row.closed_by} chờ ký. Ký xác nhận hoặc rút lại đề xuất đó trước.")
        if dossier is None and repair is not Repair.EXPLAIN:
            raise RuleViolation("Bưu cục không có hồ sơ này, không đính chính được. Hỏi tỉnh.")
        row.repair = repair.value if value is None else f"{repair.value} {json.dumps(value)}"
        row.reason, row.closed_by = _reason(reason), by.name
        row.save()
        _noted(site, row, dossier, "difference_proposed", by, **({} if value is None else {"value": value}))
        return found_of(row, site.clock.now())


def _open(uid: UUID, repair: Repair | None) -> tuple[Difference, Dossier | None]:
    row = locked(Difference.select().where(Difference.uid == uid)).first()
    if row is None:
        raise NotFound("Không có khác biệt này. Tải lại trang đối soát.")
    if row.closed_at is not None:
        raise RuleViolation("Khác biệt này đã đóng. Tải lại trang đối soát.")
    if repair is not None and repair not in REPAIRS[Kind(row.kind)]:
        ways = ", ".join(one.value for one in REPAIRS[Kind(row.kind)])
        raise RuleViolation(f"Loại khác biệt này không xử lý bằng cách đó. Các cách: {ways}.")
    return row, Dossier.get_or_none(Dossier.provisional == row.key)


def _unfinished(dossier: Dossier | None) -> Job | None:
    if dossier is None:
        return None
    mine = (Job.dossier_id == dossier.id) & Job.kind.in_(KINDS) & Job.state.in_(_AGAIN)
    refused = Case(None, [(Job.state == JobState.REJECTED, 1)], 0)  # the province would say the same again
    found: Job | None = Job.select().where(mine).order_by(refused, Job.id).first()
    return found


def _reason(words: str) -> str:
    if not words.strip():
        raise RuleViolation("Ghi lý do để người sau hiểu được, rồi làm lại.")
    return words.strip()[:2000]


def _noted(site: Site, row: Difference, dossier: Dossier | None, kind: str, by: Actor, **body: Any) -> None:
    """Write the step into the dossier's journal, the reason as a commitment; a dossier that is not ours has none."""
    if dossier is None:
        return
    facts = {"difference": str(row.uid), "of": row.kind, "repair": row.repair}
    if row.reason and dossier.salt:
        facts["reason"] = commitment(row.reason, dossier.salt)
    if kind in ("difference_proposed", "difference_closed"):
        facts |= {"ours": row.ours, "theirs": row.theirs}
    note(dossier, kind, by=by, at=site.clock.now(), ids=site.ids, **{**facts, **body})
