"""Fold states again from the facts that made them: the dossier's from its journal, the item's from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from agent.domain.custody import Custody, Entry, fold
from agent.domain.custody_attempts import Action, Evidence, Reason
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import State, Step, advance
from agent.store.calendar import working_calendar
from agent.store.fields import utc_instant, utc_text
from agent.store.items import CustodyEvent

_STEPS = {step.value: step for step in Step}


def fold_dossier(kinds: Iterable[str]) -> State | None:
    """The state that the entries of the ledger "dossier" lead to, given their kinds in order; None before "received".

    Entries that are no step of the table (a number given, a fee noted) change nothing. IllegalStep for a step that
    could not follow.
    """
    state: State | None = None
    for kind in kinds:
        if kind == "received":
            state = State.RECEIVED
        elif kind in _STEPS and state is not None:
            state = advance(state, _STEPS[kind])
    return state


def fold_events(events: Iterable[Mapping[str, Any]]) -> Custody | None:
    """The custody that plain events lead to; RuleViolation when one could not follow."""
    return fold([_entry(event) for event in events], working_calendar())


def plain_event(event: CustodyEvent) -> dict[str, Any]:
    """A custody event as plain JSON; its free note stays out."""
    return {
        "uid": str(event.uid),
        "step": event.step,
        "from": event.from_holder,
        "to": event.to_holder,
        "occurred_at": utc_text(event.occurred_at),
        "recorded_at": utc_text(event.recorded_at),
        "actor": event.actor,
        "device": event.device,
        "capture": event.capture,
        "reason": event.reason,
        "action": event.action,
        "upu": event.upu_code,
        "evidence": sorted(event.evidence),
        **({"bag": event.bag} if event.bag else {}),
        **_correction(event),
    }


def _correction(event: CustodyEvent) -> dict[str, Any]:
    if event.corrects is None:
        return {}
    return {"corrects": str(event.corrects), "countersigned_by": event.countersigned_by, "declined": event.declined}


def _entry(event: Mapping[str, Any]) -> Entry:
    return Entry(
        uid=UUID(event["uid"]),
        step=CustodyStep(event["step"]),
        occurred_at=utc_instant(event["occurred_at"]),
        actor=event["actor"],
        from_holder=event["from"],
        to_holder=event["to"],
        reason=Reason(event["reason"]) if event["reason"] else None,
        action=Action(event["action"]) if event["action"] else None,
        evidence=frozenset(Evidence(one) for one in event["evidence"]),
        bag=event.get("bag", ""),
        corrects=UUID(event["corrects"]) if event.get("corrects") else None,
        countersigned_by=event.get("countersigned_by", ""),
        declined=bool(event.get("declined", False)),
    )
