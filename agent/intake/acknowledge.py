"""What the province answered to a hand-off: its number, its receipt, or its refusal."""

from __future__ import annotations

import json

from agent.domain.actor import province
from agent.domain.canonical import CanonicalDossier, CanonicalSupplement, file_hashes
from agent.domain.dossier import State, Step
from agent.errors import IntegrityError
from agent.intake.withdraw import drop_withdrawal
from agent.ports_province import Receipt
from agent.site import Site
from agent.store.dossiers import Dossier, Supplement
from agent.store.handoffs import ProvinceReceipt, keep_receipt
from agent.store.indexing import index_dossier
from agent.store.ledger import change_row, open_row
from agent.store.lookup import dossier_of
from agent.store.outbox import Job
from agent.store.progress import note, take_step

REGISTERED = 1  # national portal: Mới đăng ký; what follows comes by the status feed
WHAT = {
    "withdrawal": "Tỉnh không nhận yêu cầu rút hồ sơ; báo công dân. ",
    "satisfaction": "Tỉnh không nhận đánh giá hài lòng; không phải làm gì với hồ sơ. ",
}
"""What was refused, where the dossier's own state does not say it."""
GOES_ON = (2, 4)  # Được tiếp nhận, Đang xử lý: the province no longer waits for papers


def keep_number(site: Site, dossier_id: int | None, number: str) -> None:
    """Give the dossier its official number; another number than the one it has is an alarm, not a change."""
    dossier = dossier_of(dossier_id)
    if dossier.official == number:
        return
    if dossier.official:
        raise IntegrityError(f"Tỉnh cấp số {number} cho hồ sơ đã có số {dossier.official}. Báo tỉnh kiểm tra.")
    other = Dossier.get_or_none(Dossier.official == number)
    if other is not None:
        raise IntegrityError(
            f"Tỉnh cấp số {number} cho hồ sơ {dossier.provisional}, nhưng số đó là của hồ sơ {other.provisional}. "
            "Báo tỉnh kiểm tra; hồ sơ được giữ lại, chưa ghi gì."
        )
    dossier.official = number
    dossier.save()
    index_dossier(dossier)
    note(
        dossier, "numbered", by=province(dossier.office_id, dossier.terminal_id),
        at=site.clock.now(), ids=site.ids, number=number,
    )  # fmt: skip


def acknowledge(site: Site, job: Job, receipt: Receipt) -> None:
    """Keep the receipt and move the dossier; the same receipt again changes nothing."""
    if ProvinceReceipt.get_or_none(ProvinceReceipt.key == receipt.key):
        return
    keep_number(site, job.dossier_id, receipt.number)
    dossier, at = dossier_of(job.dossier_id), site.clock.now()
    by = province(dossier.office_id, dossier.terminal_id)
    keep_receipt(dossier, job.kind, receipt)
    frozen = json.loads(job.payload)
    dossier.problem = ""
    if job.kind == "submit":
        dossier.province_status = max(dossier.province_status, REGISTERED)
        by_minutes = site.settings.office.files_by_minutes(dossier.procedure_code, dossier.agency)
        if dossier.filed_at is None and not by_minutes:
            dossier.filed_at = dossier.received_at
        open_row(dossier, CanonicalDossier.from_json(frozen), digest=receipt.digest, number=receipt.number, at=at)
    else:
        answered = CanonicalSupplement.from_json(frozen)
        change_row(dossier, at=at, files=file_hashes(answered.components))
        Supplement.update(state="acked", answered_at=at).where(Supplement.key == receipt.key).execute()
    if job.kind == "submit" and dossier.state is State.REJECTED:  # the refused message was sent again as it was
        take_step(dossier, Step.SUBMIT, by=by, at=at, ids=site.ids, key=receipt.key, digest=receipt.digest)
    if dossier.state in (State.SUBMITTED, State.SUPPLEMENT_SENT):
        take_step(
            dossier, Step.ACKNOWLEDGE, by=by, at=at, ids=site.ids,
            key=receipt.key, digest=receipt.digest, number=receipt.number,
        )  # fmt: skip
    else:
        dossier.save()


def refuse_handoff(site: Site, job: Job, words: str) -> None:
    """The province did not take the message: say why on the dossier, so that the clerk can mend it."""
    dossier = dossier_of(job.dossier_id)
    by, at = province(dossier.office_id, dossier.terminal_id), site.clock.now()
    dossier.problem = WHAT.get(job.kind, "") + words + drop_withdrawal(dossier.id, job)
    if job.kind in ("submit", "supplement") and dossier.state in (State.SUBMITTED, State.SUPPLEMENT_SENT):
        if job.kind == "supplement":
            Supplement.update(state="arrived").where(Supplement.key == job.key).execute()
        take_step(dossier, Step.REJECT, by=by, at=at, ids=site.ids, key=job.key)
        if dossier.state is State.SUPPLEMENT_ASKED and dossier.province_status in GOES_ON:
            take_step(dossier, Step.RESUME, by=by, at=at, ids=site.ids, status=dossier.province_status)
        return
    dossier.save()
    note(dossier, "handoff_refused", by=by, at=at, ids=site.ids, key=job.key, kind_of=job.kind)


def hold_handoff(site: Site, job: Job, words: str) -> None:
    """The province's answer cannot be believed: the job is held, and the dossier says why."""
    if job.dossier_id is None:
        return
    dossier = dossier_of(job.dossier_id)
    dossier.problem = words
    dossier.save()
    note(
        dossier, "handoff_held", by=province(dossier.office_id, dossier.terminal_id),
        at=site.clock.now(), ids=site.ids, key=job.key, kind_of=job.kind,
    )  # fmt: skip
