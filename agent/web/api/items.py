"""Results and items over the API: register, hand over, custody events in batches, delivery."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from annotated_types import Interval, Len
from flask import request

from agent.accounts.permissions import require
from agent.domain.custody_steps import COURIER_STEPS, STEP_NAME, CustodyStep
from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.errors import AgentError, Forbidden, RuleViolation
from agent.intake.request import STRICT
from agent.store.items import Item
from agent.store.lookup import dossier_by_uid, item_by_number
from agent.store.rounds import noted_already
from agent.tracking import custody, deliver, items
from agent.web.api import api, sync
from agent.web.api.dossiers import open_dossier
from agent.web.api.operation import NO_INSTANT, BadRequest, Call, is_instant, operation, uid_of
from agent.web.api.shapes import DossierOut, ItemOut, dossier_out, item_out
from agent.web.api.trail import trail_out
from agent.web.context import site


@dataclass(frozen=True)
class ProofIn:
    """What proves a delivery; `signature` is base64, `identity_last4` the last four characters only."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {**STRICT, "allow_inf_nan": False}
    receiver: str
    relation: str = ""
    authorisation: str = ""
    identity_type: str = ""
    identity_last4: str = ""
    identity_matched: bool = False
    signature: Annotated[str, Len(0, 200_000)] = ""
    position: dict[str, float] = field(default_factory=dict)
    collected: Annotated[int, Interval(ge=0, lt=1 << 53)] = 0


@dataclass(frozen=True, kw_only=True)
class ItemEventIn:
    """One custody event of the item in the address."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    id: UUID
    step: CustodyStep
    occurred_at: datetime
    to_holder: str = ""
    reason: str = ""
    action: str = ""
    evidence: tuple[str, ...] = ()
    capture: str = "typed"
    note: str = ""
    proof: ProofIn | None = None


@dataclass(frozen=True, kw_only=True)
class EventIn(ItemEventIn):
    """One custody event as it happened; `id` is a UUID minted on the device, so that sending it again is harmless."""

    item: str
    device: str = ""
    device_seq: Annotated[int, Interval(ge=0, lt=1 << 31)] | None = None
    parent: UUID | None = None


@dataclass(frozen=True)
class Batch:
    """Up to 500 events in the order in which they happened."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    events: Annotated[tuple[EventIn, ...], Len(0, 500)]


@dataclass(frozen=True)
class EventAnswer:
    """What became of one event of a batch; the others stand whatever this one met."""

    id: str
    accepted: bool
    code: str
    message: str


@dataclass(frozen=True)
class Register:
    """The results that go into one item; none named: all that go by courier."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    results: tuple[UUID, ...] = ()


@operation(api, "post", "/dossiers/<uid>/items", Action.COLLECT_RESULT, takes=Register, gives=ItemOut, status=201)
def register_item(call: Call, uid: str) -> ItemOut:
    """Give the results an item with a number from the office's allotted range."""
    dossier = open_dossier(call, uid, Action.COLLECT_RESULT)
    return _shown(items.register_item(site(), dossier.uid, by=call.actor, results=call.body.results).number)


@operation(api, "post", "/items/<number>/collection", Action.COLLECT_RESULT, gives=ItemOut)
def collect_item(call: Call, number: str) -> ItemOut:
    """The office took the item over at the authority and brought it in; asking again changes nothing."""
    item = _own(call, number, Action.COLLECT_RESULT)
    if item.holder == custody.office_holder(item.office_id):
        return _shown(item.number)
    return _shown(items.collect_from_authority(site(), item.number, by=call.actor).number)


@operation(api, "get", "/items", Action.VIEW_ROUND, Action.MANAGE_BAGS, gives=list[ItemOut])
def my_round(call: Call) -> list[ItemOut]:
    """The items that the caller answers for or is offered."""
    with site().store.reading():
        return [_out(item) for item in items.round_of(site(), call.user.username)]


@operation(api, "get", "/items/<number>/events", Action.SEARCH, Action.VIEW_ROUND, gives=ItemOut)
def get_item(call: Call, number: str) -> ItemOut:
    """An item with its custody events in their order, and what phones sent of it without effect."""
    with site().store.reading():
        return trail_out(_own(call, number))


@operation(
    api, "post", "/items/<number>/events", Action.CARRY, Action.MANAGE_BAGS,
    takes=ItemEventIn, gives=ItemOut, status=201,
)  # fmt: skip
def add_event(call: Call, number: str) -> ItemOut:
    """Record one custody event: offer, accept, out for delivery, attempt failed, delivered …"""
    one: ItemEventIn = call.body
    record_event(call, EventIn(item=number, **{name.name: getattr(one, name.name) for name in fields(one)}))
    return _shown(S10.parse(number).text)


@operation(
    api, "post", "/events:batch", Action.CARRY, Action.MANAGE_BAGS, takes=Batch, gives=list[EventAnswer],
    body_cap=16 << 20, phones=True, packed=True, of_phones=(sync.PhoneBatch, sync.BatchOut),
)  # fmt: skip
def add_events(call: Call) -> list[EventAnswer] | sync.BatchOut:
    """Record events that a device kept while it was offline; each is answered for itself."""
    if isinstance(call.body, sync.PhoneBatch):
        return sync.take_in(call.body)
    answers = []
    for event in call.body.events:
        try:
            record_event(call, event)
            answers.append(EventAnswer(str(event.id), True, "", ""))
        except AgentError as error:
            answers.append(EventAnswer(str(event.id), False, error.code, error.message))
    return answers


@operation(
    api, "post", "/dossiers/<uid>/results/<result>/pickup", Action.DELIVER_AT_COUNTER, takes=ProofIn, gives=DossierOut
)  # fmt: skip
def pick_up(call: Call, uid: str, result: str) -> DossierOut:
    """Hand a result over at the counter."""
    dossier = open_dossier(call, uid, Action.DELIVER_AT_COUNTER)
    deliver.pick_up(site(), dossier.uid, uid_of(result), proof_of(call.body), by=call.actor)
    with site().store.reading():
        return dossier_out(dossier_by_uid(dossier.uid))


@operation(
    api, "post", "/dossiers/<uid>/results/<result>/electronic", Action.DELIVER_AT_COUNTER, query=("collected",),
    gives=DossierOut,
)  # fmt: skip
def deliver_electronically(call: Call, uid: str, result: str) -> DossierOut:
    """Make an electronic result available to its owner; `collected` is what was unpaid of the fees, in đồng."""
    dossier = open_dossier(call, uid, Action.DELIVER_AT_COUNTER)
    amount = _collected()
    deliver.deliver_electronically(site(), dossier.uid, uid_of(result), by=call.actor, collected=amount)
    with site().store.reading():
        return dossier_out(dossier_by_uid(dossier.uid))


def _collected() -> int:
    """The query's amount in đồng; nothing collected when it is not given."""
    text = request.args.get("collected", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise BadRequest("collected là số đồng đã thu, chỉ gồm chữ số.", {"collected": "0.."})
    return int(text)


def record_event(call: Call, event: EventIn) -> None:
    """One event by the use case that it belongs to; a courier speaks for what he holds or is offered.

    The caller's own event again is done already, whoever has the item by now: only its answer was lost.
    """
    if not is_instant(event.occurred_at):
        raise BadRequest(NO_INSTANT, {"occurred_at": "date-time"})
    number = S10.parse(event.item).text
    with site().store.reading():
        if noted_already(event.id, call.actor.name, step=event.step, number=number):
            return
        item = _own(call, event.item)
    if event.step not in COURIER_STEPS and not call.user.may(Action.MANAGE_BAGS):
        raise Forbidden(f"Bước “{STEP_NAME[event.step]}” do bưu cục quyết định. Giao bưu gửi lại cho bưu cục.")
    context = deliver.FactContext(
        event.id, event.occurred_at, event.device, event.device_seq, event.parent, event.capture
    )
    if event.step is CustodyStep.DELIVER:
        if event.proof is None:
            raise RuleViolation("Phát bưu gửi phải kèm bằng chứng (proof). Ghi người nhận và giấy tờ đã xem.")
        deliver.deliver(site(), item.number, proof_of(event.proof), by=call.actor, context=context)
        return
    if event.step is CustodyStep.ATTEMPT_FAILED:
        deliver.fail_attempt(
            site(), item.number, reason=event.reason, action=event.action, evidence=event.evidence, by=call.actor,
            context=context, note=event.note,
        )  # fmt: skip
        return
    fact = custody.CustodyFact(
        uid=event.id, step=event.step, occurred_at=event.occurred_at, from_holder=item.holder,
        to_holder=event.to_holder, reason=event.reason, action=event.action, evidence=frozenset(event.evidence),
        device=event.device, device_seq=event.device_seq, parent=event.parent, capture=event.capture, note=event.note,
    )  # fmt: skip
    with site().store.writing():
        custody.record(site(), item_by_number(item.number), fact, by=call.actor)


def proof_of(given: ProofIn) -> deliver.ProofInput:
    """The proof as the use case takes it; BadRequest for a signature that is not base64."""
    try:
        signature = base64.b64decode(given.signature, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("Chữ ký không phải base64.", {"proof.signature": "base64"}) from None
    return deliver.ProofInput(
        receiver=given.receiver, relation=given.relation, authorisation=given.authorisation,
        identity_type=given.identity_type, identity_last4=given.identity_last4[-4:],
        identity_matched=given.identity_matched, signature=signature, position=dict(given.position),
        collected=given.collected,
    )  # fmt: skip


def _own(call: Call, number: str, action: Action | None = None) -> Item:
    """The item, when the caller's office or hands have it."""
    item = item_by_number(S10.parse(number).text)
    mine = custody.courier_holder(call.user.username)
    if mine in (item.holder, item.offered_to):
        return item
    if call.user.may(Action.CARRY) and not call.user.may(Action.MANAGE_BAGS):
        raise Forbidden("Bưu gửi này không do bạn giữ và không giao cho bạn. Nhờ bưu cục giao cho bạn trước.")
    require(call.user, action or Action.SEARCH, item.office_id)
    return item


def _shown(number: str) -> ItemOut:
    """The item after a change, told exactly as reading it tells it."""
    with site().store.reading():
        return trail_out(item_by_number(number))


def _out(item: Item) -> ItemOut:
    return item_out(item, custody.events_of(item))
