"""Handlers of the hand-off lane: numbers, files and dossiers to the province, exactly once in effect."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from agent.domain.canonical import digest
from agent.domain.jobs import JobState
from agent.errors import (
    AgentError,
    DocumentError,
    HandoffBlocked,
    HandoffDrift,
    HandoffError,
    HandoffFailedInside,
    HandoffFault,
    HandoffNotOffered,
    HandoffOutcomeUnknown,
    HandoffRejected,
    HandoffUnavailable,
    IntegrityError,
)
from agent.intake.acknowledge import acknowledge, hold_handoff, keep_number, refuse_handoff
from agent.intake.withdrawal import withdrawal_acknowledged
from agent.jobs.runner import Settlement, retry_time
from agent.jobs.upload import file_names, send_file
from agent.ports import ProvinceGateway
from agent.ports_province import Receipt
from agent.site import Site
from agent.store.lookup import dossier_of
from agent.store.outbox import Job
from agent.tracking.follow import apply_waiting, read_again
from agent.tracking.report import delivery_acknowledged
from agent.tracking.satisfaction import satisfaction_acknowledged

PAUSE = timedelta(seconds=5)
PATIENCE = 4  # how often what cannot be believed is asked for again before people must look
AGAIN = ("FILE_MISSING", "MESSAGE_INVALID", "SCHEMA_INVALID", "DIGEST_MISMATCH")  # what left was sound: checked before
NO_ANSWER = ("handoff-unavailable", "handoff-busy", "handoff-blocked")  # codes that speak of the line, not of a message


class Unbelieved(HandoffOutcomeUnknown):
    """The province answered, and its receipt's signature cannot be trusted yet."""


def allocate(site: Site, job: Job) -> Settlement:
    """Ask for the official number; the same key gets the same number, so asking again is safe."""
    asked = json.loads(job.payload)

    def ask() -> Settlement:
        try:
            number = site.province().allocate_number(
                office=asked["office"], procedure=asked["procedure"], key=asked["key"]
            )
        except HandoffNotOffered:
            return Settlement(JobState.ACKED, result={"number": ""})  # it comes with the dossier's receipt
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
        if job.sent_bytes < job.file_bytes or not job.file_bytes:  # nobody sent its files before it
            for sha256 in file_names(job.payload):
                send_file(site, sha256)
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
    if said.get("unsigned") is True and not receipt.signature and not site.province().signs_receipts:
        return  # our own record of the answer: such a province gives no signature, and the proof bundle says so
    report = site.signers().check_bytes(receipt.document, receipt.signature)
    if report.valid and (report.trusted or site.settings.training):
        return
    problem = f"Chữ ký trên biên nhận của tỉnh cho {job.key} chưa tin được: {' '.join(report.problems)}"
    if job.attempts < PATIENCE:
        raise Unbelieved(f"{problem} Sẽ tự hỏi lại.")
    raise IntegrityError(
        f"{problem} Đã hỏi {job.attempts} lần; việc được giữ lại. Báo tỉnh, kiểm tra chứng thư gốc đã khai báo, "
        "rồi thả việc để hỏi lại."
    )


def _judged(site: Site, job: Job, act: Callable[[], Settlement]) -> Settlement:
    try:
        return replace(act(), reached=True)
    except (HandoffError, DocumentError) as error:
        return judged(site, job, error)


def judged(site: Site, job: Job, error: AgentError) -> Settlement:
    """What an error of the gateway or the vault means for the job."""
    words, wait = error.message, retry_time(site, job)
    state = JobState.UNKNOWN if job.doubt or isinstance(error, HandoffOutcomeUnknown) else JobState.READY
    later = Settlement(state, error=words, retry_at=wait)  # what was in doubt stays in doubt
    if isinstance(error, HandoffDrift):
        return replace(later, drift=(error.operation, words))
    if isinstance(error, HandoffRejected) and not (isinstance(error, HandoffNotOffered) and job.doubt):
        return _refused(site, job, error)
    if isinstance(error, HandoffFault | HandoffFailedInside):
        return replace(later, answered=True)
    if isinstance(error, HandoffOutcomeUnknown):
        return replace(later, reached=isinstance(error, Unbelieved))
    if isinstance(error, HandoffUnavailable):
        reached = False if error.code in NO_ANSWER else None
        return replace(later, pause_lane=PAUSE, reached=reached, blocked=isinstance(error, HandoffBlocked))
    return Settlement(JobState.HELD, error=words, record=lambda: hold_handoff(site, job, words))


def _refused(site: Site, job: Job, error: HandoffRejected) -> Settlement:
    """The province does not take it: people must mend it, unless it may have come spoiled or lacks files."""
    words = error.message
    again = int((job.result or {}).get("again", 0)) + 1
    if error.error_code in AGAIN and again < PATIENCE:
        files = error.error_code == "FILE_MISSING"
        wait, said = retry_time(site, job), {"again": again}
        return Settlement(JobState.READY, error=words, retry_at=wait, files_again=files, result=said, reached=True)
    return Settlement(
        JobState.REJECTED,
        error=words,
        result={"errorCode": error.error_code, "field": error.field},
        reached=True,
        record=lambda: _refuse(site, job, words),
    )


SEND: Mapping[str, Callable[[ProvinceGateway, Job], Receipt]] = {
    "submit": lambda province, job: province.submit(key=job.key, digest=job.digest, dossier=job.payload),
    "supplement": lambda province, job: province.supplement(key=job.key, digest=job.digest, supplement=job.payload),
    "delivery": lambda province, job: province.report_delivery(key=job.key, digest=job.digest, delivery=job.payload),
    "withdrawal": lambda province, job: province.withdraw(key=job.key, digest=job.digest, withdrawal=job.payload),
    "satisfaction": lambda province, job: province.report_satisfaction(
        key=job.key, digest=job.digest, satisfaction=job.payload
    ),
}
"""How each kind of message is said to the province."""

RECORD: Mapping[str, Callable[[Site, Job, Receipt], None]] = {
    "submit": _acknowledge,
    "supplement": _acknowledge,
    "delivery": delivery_acknowledged,
    "withdrawal": withdrawal_acknowledged,
    "satisfaction": satisfaction_acknowledged,
}
"""What its receipt means for us, inside the transaction that settles the job."""

HANDLERS = {"allocate": allocate, **dict.fromkeys(SEND, hand_over)}
