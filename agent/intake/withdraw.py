"""Withdraw messages of a dossier that must not leave any more."""

from __future__ import annotations

from agent.domain.jobs import JobState
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.outbox import Job


def withdraw_refused(dossier: Dossier) -> None:
    """Give up refused hand-offs of this dossier, so that nobody sends an old one beside its successor."""
    refused = (Job.dossier_id == dossier.id) & (Job.kind == "submit") & (Job.state == JobState.REJECTED)
    for job in Job.select().where(refused):
        outbox.cancel(job.key, "đã sửa, gửi lại bằng thông điệp mới")
