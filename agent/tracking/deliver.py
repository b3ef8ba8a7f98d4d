"""Deliver: an attempt that failed, the handing over with its proof, by courier, at the counter or electronically."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from agent.domain.actor import Actor
from agent.domain.canonical import canonical_json, digest
from agent.domain.citizen_news import News, Way
from agent.domain.custody import Custody
from agent.domain.custody_attempts import Evidence
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import ReturnWay, Step, advance
from agent.domain.money import dong
from agent.domain.s10 import S10
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import gathered, rows
from agent.store.citizen_tasks import CitizenTask, settle
from agent.store.custody_chain import Chain
from agent.store.delivery import ListLine
from agent.store.delivery_lists import settle_lines
from agent.store.dossiers import Dossier, Fee
from agent.store.items import Item, Proof, Result
from agent.store.lookup import dossier_by_uid, dossier_of, item_by_number
from agent.store.money_fees import collect, require_shift, to_collect, unpaid
from agent.store.money_surplus import keep_surplus
from agent.store.progress import take_step
from agent.tracking.back.proxy import require_may_receive, take_back_at_delivery
from agent.tracking.custody import CustodyFact, record
from agent.tracking.items import due_at_counter
from agent.tracking.report import queue_report


@dataclass(frozen=True)
class ProofInput:
    """What proves a delivery: who received, by what identity (last 4 only), signature and position."""

    receiver: str
    relation: str = ""
    authorisation: str = ""
    identity_type: str = ""
    identity_last4: str = ""
    identity_matched: bool = False
    signature: bytes = b""
    photo: bytes = b""
    position: dict[str, Any] = field(default_factory=dict)
    one_time_code: bool = False
    collected: int = 0
    taken_back: tuple[str, ...] | None = None
    """Uids of the papers that the receiver gave back; None where the device does not tick them."""
    asked_back: tuple[str, ...] | None = None
    """Uids of the papers that the device knew to ask for; None: all."""

    def evidence(self) -> frozenset[str]:
        """The kinds of evidence that are present."""
        have = {
            Evidence.IDENTITY: bool(self.identity_type and self.identity_matched),
            Evidence.SIGNATURE: bool(self.signature),
            Evidence.PHOTO: bool(self.photo),
            Evidence.POSITION: bool(self.position),
            Evidence.ONE_TIME_CODE: self.one_time_code,
        }
        return frozenset(kind.value for kind, present in have.items() if present)


@dataclass(frozen=True)
class FactContext:
    """Where a courier's fact comes from: minted on the phone, so that sending it twice is harmless."""

    uid: uuid.UUID
    occurred_at: datetime
    device: str = ""
    device_seq: int | None = None
    parent: uuid.UUID | None = None
    capture: str = "typed"
    note: str = ""
    doubt: timedelta = timedelta()  # how far off `occurred_at` may be


def fail_attempt(
    site: Site, number: str, *, reason: str, action: str, evidence: Iterable[str], by: Actor,
    context: FactContext | None = None, note: str = "",
) -> Custody:  # fmt: skip
    """Record a delivery attempt that failed, with reason and what happens next; evidence decides whether it counts."""
    context = context or FactContext(site.ids.uid(), site.clock.now())
    with site.store.writing():
        item = item_by_number(S10.parse(number).text)
        fact = _fact(CustodyStep.ATTEMPT_FAILED, item, context, evidence=frozenset(evidence))
        fact = replace(fact, reason=reason, action=action, note=note)
        return record(site, item, fact, by=by)


def deliver(
    site: Site, number: str, proof: ProofInput, *, by: Actor, context: FactContext | None = None
) -> Item:  # fmt: skip
    """Hand the item over: proof and event in one transaction; its results are delivered, the dossier may close."""
    context = context or FactContext(site.ids.uid(), site.clock.now())
    pictures = _keep_pictures(site, proof)
    with site.store.writing():
        return deliver_inside(site, item_by_number(S10.parse(number).text), proof, pictures, by=by, context=context)


def deliver_inside(
    site: Site, item: Item, proof: ProofInput, pictures: tuple[str | None, str | None], *, by: Actor,
    context: FactContext, surplus_agreed: bool = False, chain: Chain | None = None,
) -> Item:  # fmt: skip
    """`deliver` inside the caller's transaction; `pictures` are the vault's SHA-256 of signature and photo.

    `surplus_agreed`: a person decided that more than is due was collected; it is booked, and owed to the citizen.
    `chain`: the item's events where the caller has read them, and has `item` in it.
    """
    ended = item.state == "delivered"
    surplus = 0 if ended else proof.collected - item.collect
    if surplus and not (surplus > 0 and surplus_agreed):
        raise RuleViolation(
            f"Phải thu {dong(item.collect)} mà ghi {dong(proof.collected)}. Thu đúng số đó rồi ghi lại, hoặc báo phát "
            "không thành công.",
            code="amount",
        )
    if not ended:
        require_may_receive(
            item, receiver=proof.receiver, relation=proof.relation, authorisation=proof.authorisation,
            at=context.occurred_at,
        )  # fmt: skip
    proofs = [] if gathered.lacks(Proof, "item", item.id) else rows.every(Proof, item=item.id)
    before = next((one for one in proofs if one.voided_at is None), None)
    sha256 = before.digest if before else _digest(proof, context.occurred_at, *pictures)
    holder = item.holder
    fact = _fact(CustodyStep.DELIVER, item, context, evidence=proof.evidence())
    record(site, item, replace(fact, to_holder="receiver", proof_sha256=sha256), by=by, chain=chain)
    if before is not None:
        return item
    made = _keep_proof(proof, sha256, *pictures, item=item, attempt=item.attempts + 1, at=context.occurred_at)
    gathered.found(Proof, "item", item.id)
    take_back_at_delivery(site, item, proof.taken_back, holder=holder, by=by, asked=proof.asked_back)
    if not gathered.lacks(ListLine, "item", item.id):
        settle_lines(item, "delivered", context.occurred_at)
    dossier = dossier_of(item.dossier_id)
    _collect(site, dossier, item, by)
    if surplus:
        keep_surplus(
            dossier, surplus, item=item.number, event=context.uid, by=by, at=site.clock.now(), ids=site.ids
        )  # fmt: skip
    every = rows.every(Result, dossier=dossier.id)
    results = [result for result in every if result.item_id == item.id]  # type: ignore[attr-defined]
    for result in results:
        result.item = item
    _delivered(site, dossier, results, made, by=by, at=context.occurred_at, every=every)
    return item


def pick_up(site: Site, uid: uuid.UUID, result_uid: uuid.UUID, proof: ProofInput, *, by: Actor) -> Result:
    """Hand a result over at the counter to whoever may have it, once what is unpaid (đồng) was collected."""
    if not proof.receiver.strip() or not (proof.identity_type and proof.identity_matched):
        raise RuleViolation("Ghi họ tên người nhận và giấy tờ đã xem (loại, 4 số cuối, khớp ảnh) rồi trả kết quả.")
    signature, photo = _keep_pictures(site, proof)
    with site.store.writing():
        dossier, result = _result(uid, result_uid)
        if result.state == "delivered":
            return result
        if result.form != "paper":
            raise RuleViolation("Kết quả này là bản điện tử. Dùng bước “trả bản điện tử”.")
        if result.item is not None and result.item.state != "returned":
            raise RuleViolation("Kết quả này đang đi theo bưu gửi. Ghi nhận trên bưu gửi đó.")
        _settle_fees(site, dossier, proof.collected, by)
        at = site.clock.now()
        sha256 = _digest(proof, at, signature, photo)
        made = _keep_proof(proof, sha256, signature, photo, result=result, attempt=1, at=at)
        result.way = ReturnWay.COUNTER
        _delivered(site, dossier, [result], made, by=by, at=at)
    return result


def deliver_electronically(
    site: Site, uid: uuid.UUID, result_uid: uuid.UUID, *, by: Actor, collected: int = 0
) -> Result:
    """Make an electronic result available to its owner, once what is unpaid (đồng) was collected."""
    with site.store.writing():
        dossier, result = _result(uid, result_uid)
        if result.state == "delivered":
            return result
        if result.form != "electronic":
            raise RuleViolation("Kết quả này là bản giấy. Trả qua bưu tá hoặc tại quầy.")
        _settle_fees(site, dossier, collected, by)
        result.way = ReturnWay.ELECTRONIC
        _delivered(site, dossier, [result], None, by=by, at=site.clock.now())
    return result


def _result(uid: uuid.UUID, result_uid: uuid.UUID) -> tuple[Dossier, Result]:
    dossier = dossier_by_uid(uid)
    result = Result.get_or_none((Result.uid == result_uid) & (Result.dossier == dossier))
    if result is None:
        raise NotFound("Hồ sơ không có kết quả này. Tải lại trang.")
    return dossier, result


def _delivered(
    site: Site, dossier: Dossier, results: list[Result], proof: Proof | None, *, by: Actor, at: datetime,
    every: list[Result] | None = None,
) -> None:  # fmt: skip
    """Mark results as delivered; report them, and close the dossier with the last one.

    `every`: all results of the dossier where the caller has read them, these among them.
    """
    advance(dossier.state, Step.DELIVER)
    for result in results:
        result.state, result.delivered_at = "delivered", at
        rows.change(Result, result.id, state=result.state, delivered_at=at, way=result.way)
    body = {
        "results": [result.province_id for result in results],
        "ways": [result.way.value for result in results],
        "proof": proof.digest if proof else "",
    }
    left = any(result.state != "delivered" for result in every or rows.every(Result, dossier=dossier.id))
    if not left and not gathered.lacks(CitizenTask, "dossier", dossier.id):
        settle(dossier, [News.RESULT], by=by.username, at=site.clock.now(), way=Way.COUNTER)
    take_step(dossier, Step.DELIVER, by=by, at=site.clock.now(), ids=site.ids, keep=left, **body)
    if not left:  # both steps are kept with the second
        dossier.closed_at = site.clock.now()
        take_step(dossier, Step.CLOSE, by=by, at=dossier.closed_at, ids=site.ids)
    queue_report(site, dossier, results, proof)


def _collect(site: Site, dossier: Dossier, item: Item, by: Actor) -> None:
    """Money that was to be collected on delivery is now in the courier's hand; a fee claimed later is not."""
    if not item.collect:
        return
    claimed = unpaid(dossier)
    _pay(site, dossier, to_collect(claimed, item.collect), by, claimed=claimed)


def _settle_fees(site: Site, dossier: Dossier, collected: int, by: Actor) -> None:
    """Take what is unpaid of a dossier before a result goes out; RuleViolation when another amount was collected."""
    due = due_at_counter(dossier)
    owed = sum(fee.amount for fee in due)
    if collected != owed:
        raise RuleViolation(
            f"Hồ sơ còn phải thu {owed} đ mà ghi đã thu {collected} đ. Thu đủ, ghi số tiền rồi trả kết quả."
        )
    _pay(site, dossier, due, by)


def _pay(site: Site, dossier: Dossier, fees: Iterable[Fee], by: Actor, *, claimed: Sequence[Fee] | None = None) -> None:
    """Cash of the fees is in the hand of whoever hands the result over: the courier's own, or a clerk's till."""
    due = list(fees)
    require_shift(site.settings.money, due, by, dossier.office_id)
    collect(
        dossier, due, method="cash", by=by, at=site.clock.now(), ids=site.ids, accounts=site.settings.accounts,
        claimed=claimed,
    )  # fmt: skip


def _fact(step: CustodyStep, item: Item, context: FactContext, *, evidence: frozenset[str]) -> CustodyFact:
    return CustodyFact(
        uid=context.uid,
        step=step,
        occurred_at=context.occurred_at,
        from_holder=item.holder,
        evidence=evidence,
        device=context.device,
        device_seq=context.device_seq,
        parent=context.parent,
        capture=context.capture,
        note=context.note,
        doubt=context.doubt,
    )


def _keep_pictures(site: Site, proof: ProofInput) -> tuple[str | None, str | None]:
    return (
        site.vault.put(proof.signature) if proof.signature else None,
        site.vault.put(proof.photo) if proof.photo else None,
    )


def _digest(proof: ProofInput, at: datetime, signature: str | None, photo: str | None) -> str:
    """SHA-256 of the canonical proof; it names the proof in the journal and to the province."""
    return digest(
        canonical_json(
            {
                "receiver": proof.receiver,
                "relation": proof.relation,
                "identity": f"{proof.identity_type} {proof.identity_last4}",
                "signature": signature or "",
                "photo": photo or "",
                "at": at.isoformat(),
                "collected": proof.collected,
            }
        )
    )


def _keep_proof(
    proof: ProofInput, sha256: str, signature: str | None, photo: str | None, *,
    attempt: int, at: datetime, item: Item | None = None, result: Result | None = None,
) -> Proof:  # fmt: skip
    return rows.create(
        Proof,
        item=item,
        result=result,
        attempt=attempt,
        receiver=proof.receiver,
        relation=proof.relation,
        authorisation=proof.authorisation,
        identity_type=proof.identity_type,
        identity_last4=proof.identity_last4[-4:],
        identity_matched=proof.identity_matched,
        signature_sha256=signature,
        photo_sha256=photo,
        position=proof.position,
        collected=proof.collected,
        at=at,
        digest=sha256,
    )
