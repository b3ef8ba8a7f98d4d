"""Void (hủy tại quầy): take a dossier back before hand-off, with a reason; the fact stays in the journal."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from agent.domain.actor import Actor
from agent.domain.dossier import State, Step
from agent.domain.jobs import JobState
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Dossier, Fee
from agent.store.lookup import dossier_by_uid
from agent.store.money_fees import give_back
from agent.store.outbox import Job
from agent.store.progress import take_step, told

WITHDRAWN = (JobState.READY, JobState.HELD, JobState.REJECTED, JobState.NEEDS_CLERK)


def void(site: Site, uid: uuid.UUID, *, by: Actor, reason: str) -> Dossier:
    """Void the dossier and withdraw what still waited to be printed or sent for it; the same again changes nothing.

    What was collected is given back: each amount has its refund in the money journal, under the same reason.

    RuleViolation without a reason, IllegalStep once the dossier left for the province.
    """
    if len(reason.strip()) < 3:
        raise RuleViolation("Ghi lý do hủy hồ sơ, ví dụ “nhập nhầm thủ tục”. Hồ sơ chưa thay đổi.")
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        if dossier.state is State.VOIDED:
            return dossier
        at = site.clock.now()
        dossier.problem = reason.strip()  # the words can be erased; the journal keeps a commitment to them
        take_step(dossier, Step.VOID, by=by, at=at, ids=site.ids, reason=told(dossier, reason))
        dossier.closed_at = at
        dossier.save()
        _refund(site, dossier, reason, by=by, at=at)
        waiting = (Job.dossier_id == dossier.id) & Job.state.in_(list(WITHDRAWN))
        for job in Job.select().where(waiting):
            outbox.cancel(job.key, "hồ sơ đã hủy tại quầy")
    return dossier


def collected(site: Site, uid: uuid.UUID) -> int:
    """Đồng that were collected of a dossier's fees and not given back: what voiding it gives back."""
    with site.store.reading():
        return sum(fee.amount for fee in Fee.select().where(_collected(dossier_by_uid(uid))))


def refunded(site: Site, uid: uuid.UUID) -> int:
    """Đồng that were given back of a dossier's fees."""
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        fees = Fee.select().where((Fee.dossier == dossier) & Fee.refunded_at.is_null(False))
        return sum(fee.amount for fee in fees)


def _refund(site: Site, dossier: Dossier, reason: str, *, by: Actor, at: datetime) -> None:
    """Write a refund (hoàn phí) for each fee that was collected, on the ledger that it was collected for."""
    fees = list(Fee.select().where(_collected(dossier)).order_by(Fee.id))
    give_back(dossier, fees, reason=reason, by=by, at=at, ids=site.ids, accounts=site.settings.accounts)


def _collected(dossier: Dossier) -> Any:
    return (Fee.dossier == dossier) & Fee.paid_at.is_null(False) & Fee.refunded_at.is_null()
