"""The trail of one item as the API tells it: the same facts as the page of its trail."""

from __future__ import annotations

from agent.store.custody_lookups import Outside, Step, Trail, trail_of
from agent.store.items import Item
from agent.web.api.shapes import EventOut, ItemOut


def trail_out(item: Item) -> ItemOut:
    """An item with all its events: those that count in their order, then what phones sent without effect."""
    found = trail_of(item)
    return ItemOut(
        number=item.number, state=item.state, holder=item.holder, offered_to=item.offered_to, attempts=item.attempts,
        collect=item.collect, dossier=str(found.dossier.uid),
        events=[_step(found, one) for one in found.steps] + [_outside(one) for one in found.outside],
    )  # fmt: skip


def _step(found: Trail, one: Step) -> EventOut:
    standing = "corrected" if one.uid in found.corrected else "pending" if one.uid in found.pending else "stands"
    return EventOut(
        id=str(one.uid), step=one.step, occurred_at=one.corrected, recorded_at=one.received, actor=one.actor,
        from_holder=one.from_holder, to_holder=one.to_holder, reason=one.reason, action=one.action,
        upu_code=one.upu_code, claimed_at=one.claimed, uncertain_ms=one.doubt_ms, capture=one.capture, phone=one.phone,
        seq=one.seq, bag=one.bag, evidence=one.evidence, parent=str(one.parent or ""), corrects=str(one.corrects or ""),
        countersigned_by=one.countersigned_by, standing=standing,
    )  # fmt: skip


def _outside(one: Outside) -> EventOut:
    event = one.event
    body = event.body or {}
    return EventOut(
        id=str(event.uid), step=event.step, occurred_at=event.corrected_at or event.received_at,
        recorded_at=event.received_at, actor=f"user:{event.courier}", from_holder=str(body.get("from", "")),
        to_holder=str(body.get("to", "")), reason=str(body.get("reason", "")), action=str(body.get("action", "")),
        upu_code="", claimed_at=event.claimed_at, uncertain_ms=event.uncertain_ms, phone=one.phone, seq=event.seq,
        parent=str(event.parent or ""), standing=event.verdict, code=event.code, message=event.message,
    )  # fmt: skip
