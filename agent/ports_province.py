"""What the province says beside statuses: receipts, abilities, matches, custody, payments, journal heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True)
class Receipt:
    """The province's receipt (biên nhận) for a submission, supplement or delivery report."""

    key: str
    number: str  # official dossier number
    digest: str  # SHA-256 of the canonical payload that the province computed itself
    at: datetime
    duplicate: bool
    document: bytes  # canonical JSON of the receipt as the province signed it
    signature: bytes  # detached CMS (DER) over `document`; empty on our own record of a province that does not sign


@dataclass(frozen=True)
class Capabilities:
    """What a province understands; `limits` by name (maxChunkBytes …), `revision` only ever grows."""

    contract: str
    revision: int
    province: str
    training: bool
    at: datetime
    operations: frozenset[str]
    features: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=dict)

    def can(self, operation: str) -> bool:
        """Whether the province answers this operation."""
        return operation in self.operations


class Match(StrEnum):
    """How what the citizen said compares: yes, no, or unknown where nothing could be compared."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PersonMatch:
    """The province's match flags (cờ so khớp) for one person: never any data of the person."""

    known: bool
    full_name: Match = Match.UNKNOWN
    birth_date: Match = Match.UNKNOWN
    residence: Match = Match.UNKNOWN


@dataclass(frozen=True)
class CustodyMilestone:
    """A milestone of custody (mốc giữ bưu gửi); `holder` is a role's code, `uid` is never used again."""

    uid: str
    item: str
    provisional: str
    kind: str  # a CustodyStep, or one that a later version brings
    at: datetime
    holder: str = ""
    reason: str = ""


@dataclass(frozen=True)
class CustodyReport:
    """What became of a report of milestones; `refused`: uid, error code and field of each that was not taken."""

    accepted: int
    duplicates: int
    refused: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class PaymentRow:
    """A payment entry as a ledger knows it, for reconciliation; `key` is the entry's id, `amount` in đồng."""

    key: str
    provisional: str
    number: str
    kind: str
    ledger: str
    code: str
    amount: int
    at: datetime


@dataclass(frozen=True)
class JournalHead:
    """The last entry of a chain; `root` is the Merkle root of the entries `since` to `sequence`, "" for none."""

    chain: str
    sequence: int
    hash: str
    since: int = 0
    root: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is sent and as it stands in the signed text of an exchange."""
        return asdict(self)


@dataclass(frozen=True)
class HeadExchange:
    """An exchange of heads as the province signed it; `conflicts` are heads given before that ours contradict."""

    office: str
    at: datetime
    heads: tuple[JournalHead, ...]
    conflicts: tuple[JournalHead, ...]
    document: bytes  # canonical JSON of the exchange
    signature: bytes  # detached CMS (DER) over `document`


class ProvinceReports(Protocol):
    """The operations beside dossiers and statuses; the same three errors as ProvinceGateway."""

    def capabilities(self) -> Capabilities: ...

    def lookup_person(
        self, *, person_id: str, purpose: str, full_name: str = "", birth_date: str = "", residence: str = ""
    ) -> PersonMatch:
        """Compare what the citizen said (birth date yyyy[-MM[-dd]]) with the province's register."""

    def withdraw(self, *, key: str, digest: str, withdrawal: bytes) -> Receipt:
        """`withdrawal` is the canonical JSON of a CanonicalWithdrawal."""

    def report_custody(self, *, office: str, events: Sequence[CustodyMilestone]) -> CustodyReport:
        """At most 1,000 milestones; each is taken once, by its uid."""

    def report_payments(self, *, key: str, digest: str, payments: bytes) -> Receipt:
        """`payments` is the canonical JSON of a CanonicalPayments."""

    def report_satisfaction(self, *, key: str, digest: str, satisfaction: bytes) -> Receipt:
        """`satisfaction` is the canonical JSON of a CanonicalSatisfaction."""

    def receipt(self, key: str) -> Receipt | None:
        """The signed receipt under `key`, of whatever operation, or None."""

    def journal_head(self, *, office: str, ours: Sequence[JournalHead]) -> HeadExchange:
        """Give our heads, get the province's, signed together."""

    def list_payments(self, bucket: str) -> list[PaymentRow]:
        """The payment entries of one bucket `fees:office|day`."""

    def list_milestones(self, bucket: str) -> list[CustodyMilestone]:
        """The milestones of one bucket `custody:office|day`."""
