"""Handlers of the hand-off lane: numbers, files and dossiers to the province, exactly once in effect."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

from agent.domain.canonical import digest
from agent.domain.jobs import JobState
from agent.errors import HandoffOutcomeUnknown, HandoffRejected, HandoffUnavailable, IntegrityError
from agent.intake.acknowledge import acknowledge, hold_handoff, keep_number, refuse_handoff
from agent.jobs.runner import Settlement, retry_time
from agent.ports import ProvinceGateway, Receipt
from agent.site import Site
from agent.store.lookup import dossier_of
from agent.store.outbox import Job
from agent.tracking.follow import apply_waiting, read_again
from agent.tracking.report import delivery_acknowledged

PAUSE = timedelta(seconds=5)
PATIENCE = 4  # how often a receipt that cannot be believed is asked for again before people must look


def allocate(site: Site, job: Job) -> Settlement:
    """Ask for the official number; the same key gets the same number, so asking again is safe."""
    asked = json.loads(job.payload)

    def ask() -> Settlement:
        number = site.province().allocate_number(office=asked["office"], procedure=asked["procedure"], key=asked["key"])
        return Settlement(
            JobState.ACKED,
            result={"number": number},
            record=lambda: keep_number(site, job.dossier_id, number),
        )

    return _judged(site, job, ask)


def hand_over(site: Site, job: Job) -> Settlement:
    """Send the files that the province lacks, then the message; an unknown outcome is asked about first."""
    return _judged(site, job, lambda: _send(site, job))


def _acknowledge(site: Site, job: Job, receipt: Receipt) -> None:
    """Keep the receipt, then let the status messages act that came before it.

    A number that comes late, after the job was asked about or held, is one whose messages may have been passed over.
    """
    before = dossier_of(job.dossier_id)
    acknowledge(site, job, receipt)
    apply_waiting(site, before.id)
    if before.official is None and job.attempts > 1:
        read_again(before.office_id)


def _refuse(site: Site, job: Job, words: str) -> None:
    """Say why on the dossier, then let the status messages act that waited for the answer."""
    refuse_handoff(site, job, words)
    if job.dossier_id is not None:
        apply_waiting(site, job.dossier_id)


def _send(site: Site, job: Job) -> Settlement:
    province = site.province()
    receipt = province.submission(job.key) if job.attempts > 1 else None
    if receipt is None:
        for sha256 in _files(json.loads(job.payload)):
            _upload(site, province, sha256)
        receipt = SEND[job.kind](province, job)
    _believe(site, job, receipt)
    kept = receipt
    return Settlement(
        JobState.ACKED,
        result={"number": kept.number, "duplicate": kept.duplicate, "receipt": digest(kept.document)},
        record=lambda: RECORD[job.kind](site, job, kept),
    )


def _believe(site: Site, job: Job, receipt: Receipt) -> None:
    """The receipt speaks of what was sent, and the province's signature on it holds; else it is asked for again.

    HandoffOutcomeUnknown at first; IntegrityError after PATIENCE tries, so that the job is held and not sent anew.
    """
    said = json.loads(receipt.document)
    agrees = (said.get("key"), said.get("digest"), said.get("number")) == (job.key, job.digest, receipt.number)
    if not agrees or (receipt.key, receipt.digest) != (job.key, job.digest):
        raise IntegrityError(
            f"Biên nhận của tỉnh cho {job.key} không khớp nội dung đã gửi. Việc được giữ lại, không gửi lại bằng tay; "
            "báo tỉnh kiểm tra rồi thả việc."
        )
    report = site.signers().check_bytes(receipt.document, receipt.signature)
    if report.valid and (report.trusted or site.settings.training):
        return
    problem = f"Chữ ký trên biên nhận của tỉnh cho {job.key} chưa tin được: {' '.join(report.problems)}"
    if job.attempts < PATIENCE:
        raise HandoffOutcomeUnknown(f"{problem} Sẽ tự hỏi lại.")
    raise IntegrityError(
        f"{problem} Đã hỏi {job.attempts} lần; việc được giữ lại. Báo tỉnh, kiểm tra chứng thư gốc đã khai báo, "
        "rồi thả việc để hỏi lại."
    )


def _files(payload: dict[str, object]) -> list[str]:
    components = payload.get("components")
    assert isinstance(components, list | type(None))
    return sorted({file["sha256"] for component in components or [] for file in component["files"]})


def _upload(site: Site, province: ProvinceGateway, sha256: str) -> None:
    """Resume where the province stands; a file it already has costs one small call."""
    state, total = province.upload_state(sha256), site.vault.size(sha256)
    size = site.settings.province.chunk_bytes
    while not state.complete:
        if state.received > total:
            raise IntegrityError(f"Tỉnh giữ {state.received} byte của tệp dài {total} byte. Báo tỉnh xóa tệp dở.")
        data = site.vault.read(sha256, state.received, min(size, total - state.received))
        before = state.received
        state = province.put_chunk(sha256, offset=before, total=total, data=data)
        if not state.complete and state.received <= before:
            raise HandoffOutcomeUnknown("Tỉnh nhận tệp mà không ghi thêm byte nào. Sẽ tự hỏi lại.")


def _judged(site: Site, job: Job, act: Callable[[], Settlement]) -> Settlement:
    try:
        return act()
    except HandoffRejected as error:
        words = error.message
        return Settlement(
            JobState.REJECTED,
            error=words,
            result={"errorCode": error.error_code, "field": error.field},
            record=lambda: _refuse(site, job, words),
        )
    except HandoffOutcomeUnknown as error:
        return Settlement(JobState.UNKNOWN, error=error.message, retry_at=retry_time(site, job), pause_lane=None)
    except HandoffUnavailable as error:
        return Settlement(JobState.READY, error=error.message, retry_at=retry_time(site, job), pause_lane=PAUSE)
    except IntegrityError as error:
        told = error.message
        return Settlement(JobState.HELD, error=told, record=lambda: hold_handoff(site, job, told))


SEND: Mapping[str, Callable[[ProvinceGateway, Job], Receipt]] = {
    "submit": lambda province, job: province.submit(key=job.key, digest=job.digest, dossier=job.payload),
    "supplement": lambda province, job: province.supplement(key=job.key, digest=job.digest, supplement=job.payload),
    "delivery": lambda province, job: province.report_delivery(key=job.key, digest=job.digest, delivery=job.payload),
}
"""How each kind of message is said to the province."""

RECORD: Mapping[str, Callable[[Site, Job, Receipt], None]] = {
    "submit": _acknowledge,
    "supplement": _acknowledge,
    "delivery": delivery_acknowledged,
}
"""What its receipt means for us, inside the transaction that settles the job."""

HANDLERS = {"allocate": allocate, **dict.fromkeys(SEND, hand_over)}
