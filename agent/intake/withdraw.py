"""Withdraw messages of a dossier that must not leave any more."""

from __future__ import annotations

from agent.domain.jobs import JobState
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.outbox import Job
from agent.store.sending import let_go, withdrawal_of

UNSENT = (JobState.READY, JobState.HELD, JobState.REJECTED)
DROPPED = " Yêu cầu rút hồ sơ cũng đã bỏ vì tỉnh chưa có hồ sơ này; muốn rút thì hủy tại quầy."


def withdraw_refused(dossier: Dossier, kind: str = "submit") -> None:
    """Give up refused messages of this kind, so that nobody sends an old one beside its successor."""
    refused = (Job.dossier_id == dossier.id) & (Job.kind == kind) & (Job.state == JobState.REJECTED)
    for job in Job.select().where(refused):
        outbox.cancel(job.key, "đã sửa, gửi lại bằng thông điệp mới")


def drop_withdrawal(dossier_id: int, refused: Job) -> str:
    """Settle a citizen's withdrawal that waited for a refused message: words for the clerk when it was given up.

    Without a dossier at the province there is nothing to withdraw; behind a refused supplement it goes alone.
    """
    waiting = withdrawal_of(dossier_id)
    if waiting is None or waiting.state not in UNSENT or refused.kind not in ("submit", "supplement"):
        return ""
    if refused.kind == "supplement":
        let_go(waiting, refused)
        return ""
    outbox.cancel(waiting.key, "tỉnh chưa nhận hồ sơ, không có gì để rút")
    return DROPPED
