"""What the citizen thinks of the service (mức độ hài lòng): asked once at the counter, reported once."""

from __future__ import annotations

import uuid

from agent.domain.actor import Actor
from agent.errors import HandoffNotOffered, RuleViolation
from agent.ports_province import Receipt
from agent.site import Site
from agent.store.handoffs import keep_receipt
from agent.store.items import Result
from agent.store.lookup import dossier_by_uid, dossier_of
from agent.store.outbox import Job
from agent.store.progress import note
from agent.store.satisfaction import LEAST, MOST, OPERATION, queue_satisfaction, reported


def rate(site: Site, uid: uuid.UUID, score: int, *, by: Actor) -> Job:
    """Keep and report the citizen's score, 1 to 5; the first one stands, and a further one changes nothing.

    RuleViolation for another score or before any result was handed over, HandoffNotOffered where the province's system
    takes none.
    """
    if not site.province().offers(OPERATION):
        raise HandoffNotOffered(
            "Hệ thống của tỉnh không nhận đánh giá hài lòng. Không phải làm gì thêm với hồ sơ.",
            error_code="NOT_OFFERED", field=OPERATION,
        )  # fmt: skip
    if not LEAST <= score <= MOST:
        raise RuleViolation(f"Mức độ hài lòng từ {LEAST} đến {MOST}. Chọn lại, hoặc bỏ qua.")
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        queued = reported(dossier)
        if queued is not None:
            return queued
        if not Result.select().where((Result.dossier == dossier) & (Result.state == "delivered")).exists():
            raise RuleViolation("Chưa trả kết quả nào của hồ sơ này. Hỏi công dân khi đã trả.")
        at = site.clock.now()
        job = queue_satisfaction(dossier, score, channel="counter", answered_at=at, at=at, ids=site.ids)
        note(dossier, "satisfaction", by=by, at=at, ids=site.ids, key=job.key, digest=job.digest)
    return job


def satisfaction_acknowledged(_site: Site, job: Job, receipt: Receipt) -> None:
    """Keep the province's receipt; the same receipt again changes nothing."""
    keep_receipt(dossier_of(job.dossier_id), job.kind, receipt)
