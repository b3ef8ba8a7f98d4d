"""The rows that fees and custody are reconciled by, and the names of their buckets."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from agent.domain.buckets import bucket_of
from agent.domain.canonical_codec import canonical_json, digest, instant_text

FEES: Final = "fees:"
CUSTODY: Final = "custody:"


class PaymentFacts(Protocol):
    """The facts of a payment entry that both ledgers must agree on (agent.ports_province.PaymentRow has them)."""

    @property
    def key(self) -> str: ...
    @property
    def provisional(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def ledger(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def amount(self) -> int: ...
    @property
    def at(self) -> datetime: ...


class MilestoneFacts(Protocol):
    """The facts of a milestone that both ledgers must agree on (agent.ports_province.CustodyMilestone has them)."""

    @property
    def uid(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def provisional(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def holder(self) -> str: ...
    @property
    def reason(self) -> str: ...


def split_kind(name: str) -> tuple[str, str]:
    """The kind of a bucket or scope ("", "fees:" or "custody:") and the rest of its name.

    >>> split_kind("fees:BC-TAYHO|2026-11-21"), split_kind("BC-TAYHO|2026-11-21")
    (('fees:', 'BC-TAYHO|2026-11-21'), ('', 'BC-TAYHO|2026-11-21'))
    """
    kind = next((one for one in (FEES, CUSTODY) if name.startswith(one)), "")
    return kind, name.removeprefix(kind)


def fees_bucket(office: str, at: datetime) -> str:
    """The bucket of a payment entry: its dossier's office and the local day on which it was made."""
    return FEES + bucket_of(office, at)


def custody_bucket(office: str, at: datetime) -> str:
    """The bucket of a milestone: the office that reports it and the local day on which it happened."""
    return CUSTODY + bucket_of(office, at)


def payment_digest(row: PaymentFacts) -> str:
    """SHA-256 of the RFC 8785 JSON of the row's fields."""
    facts = {
        "key": row.key,
        "provisional": row.provisional,
        "number": row.number,
        "kind": row.kind,
        "ledger": row.ledger,
        "code": row.code,
        "amount": row.amount,
        "at": instant_text(row.at),
    }
    return digest(canonical_json(facts))


def milestone_digest(event: MilestoneFacts) -> str:
    """SHA-256 of the RFC 8785 JSON of the milestone's fields."""
    facts = {
        "uid": event.uid,
        "item": event.item,
        "provisional": event.provisional,
        "kind": event.kind,
        "at": instant_text(event.at),
        "holder": event.holder,
        "reason": event.reason,
    }
    return digest(canonical_json(facts))
