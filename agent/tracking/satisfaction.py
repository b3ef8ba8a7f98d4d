"""What the citizen thinks of the service (mức độ hài lòng): asked once at the counter, reported once."""

from __future__ import annotations

import uuid

from agent.domain.actor import Actor
from agent.domain.canonical import canonical_json
from agent.domain.canonical_codec import instant_text
from agent.domain.canonical_reports import CanonicalAnswer, CanonicalSatisfaction
from agent.domain.jobs import urgency
from agent.errors import HandoffNotOffered, RuleViolation
from agent.ports_province import Receipt
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.handoffs import ProvinceReceipt
from agent.store.items import Result
from agent.store.lookup import dossier_by_uid, dossier_of
from agent.store.outbox import Job
from agent.store.progress import note
from agent.store.sending import predecessor
from agent.tracking.report import HANDOFF_LANE

OPERATION = "ReportSatisfaction"
QUESTION = "CHUNG"  # one question about all of it
LEAST, MOST = 1, 5  # rất không hài lòng … rất hài lòng, the contract's scale


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
        queued = outbox.find(_key(dossier))
        if queued is not None:
            return queued
        if not Result.select().where((Result.dossier == dossier) & (Result.state == "delivered")).exists():
            raise RuleViolation("Chưa trả kết quả nào của hồ sơ này. Hỏi công dân khi đã trả.")
        at = site.clock.now()
        payload = canonical_json(
            CanonicalSatisfaction(
                salt=dossier.salt.hex(),
                provisional=dossier.provisional,
                answered_at=instant_text(at.replace(microsecond=0)),
                official=dossier.official or "",
                channel="counter",
                answers=(CanonicalAnswer(QUESTION, score),),
            )
        )
        job = outbox.enqueue(
            uid=site.ids.uid(),
            lane=HANDOFF_LANE,
            kind="satisfaction",
            key=_key(dossier),
            payload=payload,
            office_id=dossier.office_id,
            dossier_id=dossier.id,
            priority=urgency(None, at),
            after=predecessor(dossier.id),
            at=at,
        )
        note(dossier, "satisfaction", by=by, at=at, ids=site.ids, key=job.key, digest=job.digest)
    return job


def satisfaction_acknowledged(_site: Site, job: Job, receipt: Receipt) -> None:
    """Keep the province's receipt; the same receipt again changes nothing."""
    if ProvinceReceipt.get_or_none(ProvinceReceipt.key == receipt.key):
        return
    ProvinceReceipt.create(
        dossier=dossier_of(job.dossier_id),
        kind="satisfaction",
        key=receipt.key,
        number=receipt.number,
        digest=receipt.digest,
        at=receipt.at,
        document=receipt.document,
        signature=receipt.signature,
    )


def _key(dossier: Dossier) -> str:
    return f"{dossier.provisional}/H1"
