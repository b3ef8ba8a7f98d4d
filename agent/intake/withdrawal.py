"""Withdraw (rút hồ sơ): the citizen asks for the dossier back after hand-off, and the province decides."""

from __future__ import annotations

import json
import uuid

from agent.domain.actor import Actor, province
from agent.domain.canonical import canonical_json
from agent.domain.canonical_codec import instant_text
from agent.domain.canonical_reports import CanonicalWithdrawal
from agent.domain.dossier import BEFORE_HANDOFF, WITHDRAWABLE, WORDS, Role, State, Step
from agent.domain.jobs import JobState
from agent.domain.text import clean
from agent.domain.tracking_status import ProvinceStatus
from agent.errors import HandoffNotOffered, RuleViolation, WithdrawalTooLate
from agent.intake.withdraw import withdraw_refused
from agent.ports_province import Receipt
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Dossier, Party
from agent.store.handoffs import ProvinceReceipt, keep_receipt
from agent.store.lookup import dossier_by_uid, dossier_of
from agent.store.outbox import Job
from agent.store.progress import note, take_step, told
from agent.store.sending import queue_message, withdrawal_of

OPERATION = "WithdrawDossier"
RELATION = {Role.OWNER: "chủ hồ sơ", Role.SUBMITTER: "người nộp"}
OVER = (ProvinceStatus.NOT_ACCEPTED, ProvinceStatus.STOPPED, ProvinceStatus.PROCESSED, ProvinceStatus.RETURNED)


def ask_withdrawal(site: Site, uid: uuid.UUID, *, reason: str, asked_by: str, by: Actor) -> Job:
    """Queue the citizen's request, behind what still has to reach the province; while it is open, again gives it.

    `asked_by` is a Role: "owner", or "submitter" where somebody else handed the dossier in. The dossier's state stays
    until the province's receipt is here.

    RuleViolation without a reason or before hand-off (void does that), WithdrawalTooLate once a result is there or the
    dossier has ended, HandoffNotOffered where the province's system takes no withdrawals.
    """
    if not site.province().offers(OPERATION):
        raise HandoffNotOffered(
            "Hệ thống của tỉnh không nhận yêu cầu rút hồ sơ. Hồ sơ giữ nguyên; báo tỉnh bằng văn bản.",
            error_code="NOT_OFFERED", field=OPERATION,
        )  # fmt: skip
    words = clean(reason)
    if len(words) < 3:
        raise RuleViolation("Ghi lý do rút hồ sơ, ví dụ “đổi ý, nộp lại sau”. Chưa gửi gì cho tỉnh.")
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        queued = withdrawal_of(dossier.id)
        if queued is not None and queued.state is not JobState.ACKED:
            return queued
        may_ask(dossier)
        withdraw_refused(dossier, "withdrawal")
        at = site.clock.now()
        payload = canonical_json(
            CanonicalWithdrawal(
                salt=dossier.salt.hex(),
                provisional=dossier.provisional,
                requested_at=instant_text(at.replace(microsecond=0)),
                official=dossier.official or "",
                reason=words,
                relation=_relation(dossier, asked_by),
            )
        )
        CanonicalWithdrawal.from_json(json.loads(payload))  # what the contract would refuse is refused here
        key = f"{dossier.provisional}/R{outbox.count_keys(f'{dossier.provisional}/R') + 1}"
        job = queue_message(dossier, "withdrawal", key, payload, uid=site.ids.uid(), at=at, due=at)
        dossier.problem = ""
        dossier.updated_at = at
        dossier.save()
        note(
            dossier, "withdrawal_queued", by=by, at=at, ids=site.ids,
            key=job.key, digest=job.digest, asked_by=asked_by, reason=told(dossier, words),
        )  # fmt: skip
    return job


def may_ask(dossier: Dossier) -> None:
    """Nothing while a withdrawal may be asked for; the fault that says why not, and what to do, otherwise."""
    if dossier.state in BEFORE_HANDOFF:
        raise RuleViolation("Hồ sơ chưa gửi tỉnh, không cần hỏi tỉnh: hủy hồ sơ tại quầy.")
    if dossier.state is State.WITHDRAWAL_ASKED:
        raise RuleViolation("Tỉnh đã ghi nhận yêu cầu rút hồ sơ này. Chờ tỉnh trả lời, không gửi lại.")
    if dossier.state not in WITHDRAWABLE or dossier.province_status in OVER:
        state = "tỉnh đã giải quyết xong" if dossier.state in WITHDRAWABLE else WORDS[dossier.state]
        raise WithdrawalTooLate(dossier.official or dossier.provisional, state)


def withdrawal_acknowledged(site: Site, job: Job, receipt: Receipt) -> None:
    """Keep the receipt and let the dossier wait for the decision; the same receipt again changes nothing."""
    if ProvinceReceipt.get_or_none(ProvinceReceipt.key == receipt.key):
        return
    dossier, at = dossier_of(job.dossier_id), site.clock.now()
    keep_receipt(dossier, job.kind, receipt)
    by = province(dossier.office_id, dossier.terminal_id)
    if dossier.state in (State.HANDED_OFF, State.SUPPLEMENT_ASKED):
        take_step(
            dossier, Step.WITHDRAW, by=by, at=at, ids=site.ids,
            key=receipt.key, digest=receipt.digest, number=receipt.number,
        )  # fmt: skip
        return
    note(dossier, "withdraw", by=by, at=at, ids=site.ids, key=receipt.key, digest=receipt.digest, number=receipt.number)


def _relation(dossier: Dossier, asked_by: str) -> str:
    """Who asks in the contract's words; RuleViolation for somebody who is not in the dossier."""
    present = {party.role for party in Party.select().where(Party.dossier == dossier)}
    for role, words in RELATION.items():
        if role.value == asked_by and role in present:
            return words
    raise RuleViolation("Chọn người xin rút: chủ hồ sơ, hoặc người nộp có tên trong hồ sơ.")
