"""The answers to the contract's reports and look-ups as the port's values, and those values as they are sent."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from agent.domain.canonical_codec import parse_instant
from agent.ports_province import (
    Capabilities,
    CustodyMilestone,
    CustodyReport,
    HeadExchange,
    JournalHead,
    Match,
    PaymentRow,
    PersonMatch,
)
from agent.soap.messages import truth

LIMITS = ("maxMessageBytes", "maxChunkBytes", "maxFileBytes", "maxEvents", "lookupsPerHour")


def capabilities_of(plain: Mapping[str, Any]) -> Capabilities:
    """What the province understands."""
    return Capabilities(
        contract=plain["contract"],
        revision=int(plain["revision"]),
        province=plain["province"],
        training=truth(plain["training"]),
        at=parse_instant(plain["at"]),
        operations=frozenset(plain.get("operations") or ()),
        features=frozenset(plain.get("features") or ()),
        limits={name: int(plain[name]) for name in LIMITS},
    )


def match_of(plain: Mapping[str, str]) -> PersonMatch:
    """The match flags of a person."""
    return PersonMatch(
        truth(plain["known"]), Match(plain["fullName"]), Match(plain["birthDate"]), Match(plain["residence"])
    )


def custody_of(plain: Mapping[str, Any]) -> CustodyReport:
    """What became of a report of milestones."""
    refused = tuple((one["uid"], one["errorCode"], one.get("field", "")) for one in plain.get("refusals") or ())
    return CustodyReport(int(plain["accepted"]), int(plain["duplicates"]), refused)


def milestone_of(plain: Mapping[str, str]) -> CustodyMilestone:
    """A milestone of custody."""
    return CustodyMilestone(
        uid=plain["uid"],
        item=plain["item"],
        provisional=plain["provisional"],
        kind=plain["kind"],
        at=parse_instant(plain["at"]),
        holder=plain.get("holder", ""),
        reason=plain.get("reason", ""),
    )


def milestone_plain(event: CustodyMilestone) -> dict[str, Any]:
    """A milestone as it is sent."""
    return {
        "uid": event.uid,
        "item": event.item,
        "provisional": event.provisional,
        "kind": event.kind,
        "at": event.at,
        "holder": event.holder,
        "reason": event.reason,
    }


def payment_of(plain: Mapping[str, str]) -> PaymentRow:
    """A payment entry of the province's ledger."""
    names = ("key", "provisional", "number", "kind", "ledger", "code")
    return PaymentRow(
        **{name: plain[name] for name in names}, amount=int(plain["amount"]), at=parse_instant(plain["at"])
    )


def payment_plain(row: PaymentRow) -> dict[str, Any]:
    """A payment entry of a ledger as it is sent."""
    return {
        "key": row.key,
        "provisional": row.provisional,
        "number": row.number,
        "kind": row.kind,
        "ledger": row.ledger,
        "code": row.code,
        "amount": row.amount,
        "at": row.at,
    }


def head_of(plain: Mapping[str, str]) -> JournalHead:
    """The head of a chain."""
    return JournalHead(
        plain["chain"], int(plain["sequence"]), plain["hash"], int(plain.get("since") or 0), plain.get("root", "")
    )


def exchange_of(plain: Mapping[str, Any]) -> HeadExchange:
    """An exchange of heads."""
    return HeadExchange(
        office=plain["office"],
        at=parse_instant(plain["at"]),
        heads=tuple(head_of(one) for one in plain.get("heads") or ()),
        conflicts=tuple(head_of(one) for one in plain.get("conflicts") or ()),
        document=base64.b64decode(plain["document"]),
        signature=base64.b64decode(plain["signature"]),
    )
