"""A delivery that a phone reports: evidence, proof, money and results in the same transaction as the event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agent.domain.custody_attempts import Evidence
from agent.domain.custody_steps import ENDED, CustodyStep
from agent.domain.money import dong
from agent.domain.phone_event import PhoneEvent
from agent.domain.phone_proof import PhoneProof
from agent.errors import AgentError, RuleViolation
from agent.store import gathered, receiver_codes
from agent.store.citizen_tasks import CitizenTask
from agent.store.custody_chain import chain_of
from agent.store.delivery import ItemPlan, ListLine, TakeBack
from agent.store.items import CustodyEvent, Item, Proof
from agent.tracking.deliver import FactContext, ProofInput, deliver_inside
from agent.tracking.journal.held import Held
from agent.tracking.journal.work import Work

_CLAIMED = frozenset({Evidence.CALL, Evidence.INVITATION, Evidence.STATEMENT})
"""What a courier says; everything else is counted only when it came with the event."""


@dataclass(frozen=True)
class _Shown(ProofInput):
    """A proof whose pictures lie in the vault already."""

    shown: frozenset[str] = frozenset()

    def evidence(self) -> frozenset[str]:
        return self.shown


def evidence_of(event: PhoneEvent, *, code_right: bool = False) -> frozenset[Evidence]:
    """The evidence that is really there: what was claimed counts only where nothing else can show it."""
    shown = event.proof.evidence(placed=False, code_right=code_right) if event.proof else frozenset()
    placed = frozenset({Evidence.POSITION}) if event.position else frozenset()
    return (event.evidence & _CLAIMED) | shown | placed


def require_complete(event: PhoneEvent, item: Item) -> None:
    """RuleViolation for a delivery without its proof, or with less than was to be collected."""
    if event.step is not CustodyStep.DELIVER:
        return
    if event.proof is None:
        raise RuleViolation(
            f"Phát bưu gửi {item.number} phải kèm bằng chứng. Mở lại bưu gửi, ghi người nhận và giấy tờ đã xem.",
            code="no-proof",
        )
    if not event.proof.receiver.strip():
        raise RuleViolation(f"Chưa ghi ai nhận bưu gửi {item.number}. Ghi họ tên người nhận.", code="no-proof")
    short = item.collect - event.proof.collected
    if short > 0 and item.state not in ENDED:
        raise RuleViolation(
            f"Bưu gửi {item.number} phải thu {dong(item.collect)} mà ghi {dong(event.proof.collected)}, còn thiếu "
            f"{dong(short)}. Quay lại thu cho đủ rồi ghi phát lại; không thu được thì lấy lại bưu gửi và báo phát "
            "không thành công.",
            code="amount",
        )


def judge_code(one: Held, item: Item) -> None:
    """Check the receiver's one-time code, by when the item was handed over; a wrong one is counted."""
    proof = one.event.proof
    if proof is not None and proof.code and one.corrected is not None and item.state not in ENDED:
        one.code_right = receiver_codes.is_right(item.number, proof.code, at=one.corrected)


def look_ahead(held: Iterable[Held], items: Iterable[Item]) -> None:
    """Read for all deliveries together what most of them have not: plans, papers to take back, tasks, lines of lists.

    Their items are locked, so that nobody else adds any.
    """
    uids = [one.event.uid for one in held if one.event.step is CustodyStep.DELIVER]
    if not uids:
        return
    some = list(items)
    gathered.look_ahead(CustodyEvent, "uid", uids)
    gathered.look_ahead(CitizenTask, "dossier", sorted({item.dossier_id for item in some}))
    for model in (ItemPlan, Proof, TakeBack, ListLine):
        gathered.look_ahead(model, "item", [item.id for item in some])


def deliver(work: Work, one: Held, item: Item) -> bool:
    """Hand the item over as the phone says, with all that hangs on it; False and a reason when a rule forbids it.

    What is refused is undone as a whole: other events of the batch keep their effect.
    """
    event = one.event
    assert event.proof is not None and one.corrected is not None
    work.keeper.save()
    proof = _Shown(
        receiver=event.proof.receiver, relation=event.proof.relation, authorisation=event.proof.authorisation,
        identity_type=event.proof.identity_type, identity_last4=event.proof.identity_last4,
        identity_matched=event.proof.identity_matched, position=dict(event.position or {}),
        collected=event.proof.collected,
        shown=frozenset(kind.value for kind in evidence_of(event, code_right=one.code_right)),
        taken_back=_papers(event.proof, given=True), asked_back=_papers(event.proof),
    )  # fmt: skip
    pictures = (event.proof.signature or None, event.proof.photo or None)
    context = FactContext(
        event.uid, one.corrected, str(event.phone), event.seq, one.parent, event.capture, event.note, one.doubt
    )
    try:
        with gathered.savepoint():
            deliver_inside(
                work.site, item, proof, pictures, by=work.actor(one), context=context, surplus_agreed=one.agreed,
                chain=work.chains[item.id],
            )  # fmt: skip
            if one.code_right:
                receiver_codes.use_up(item.number, event=event.uid, at=work.at)
    except AgentError as error:
        one.refuse_for(error)
        item.__data__.update(Item.get_by_id(item.id).__data__)  # as it was before
        work.chains[item.id] = chain_of(item, work.calendar)
        return False
    for other in work.of_dossier[item.dossier_id]:  # what was collected now is not collected by another item again
        if item.collect and other.id != item.id:
            other.collect = Item.get_by_id(other.id).collect
    return True


def _papers(proof: PhoneProof, *, given: bool = False) -> tuple[str, ...] | None:
    """The papers that the phone asked for, or those of them that were given; None from one that does not say."""
    if proof.papers is None:
        return None
    return tuple(str(uid) for uid, taken in proof.papers.items() if taken or not given)
