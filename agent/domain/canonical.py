"""The canonical dossier, supplement and delivery report: what travels to the province and what digests are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.domain.buckets import NO_DIGEST, bucket_digest, bucket_of, in_scope, ledger_row_digest
from agent.domain.canonical_codec import (
    Birth,
    Code,
    Count,
    Instant,
    Key,
    Media,
    Money,
    Name,
    Note,
    Office,
    OptionalInstant,
    OptionalNumber,
    OptionalSha256,
    Salt,
    Sex,
    Sha256,
    ShortText,
    canonical_json,
    digest,
    from_plain,
)
from agent.domain.dossier import PaperForm, ReturnWay


class PartyKind(StrEnum):
    """Person (cá nhân) or organisation (tổ chức): LoaiDoiTuong."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Channel(StrEnum):
    """How the dossier came: direct (trực tiếp), online (trực tuyến), postal (bưu chính)."""

    DIRECT = "direct"
    ONLINE = "online"
    POSTAL = "postal"


class Handling(StrEnum):
    """What becomes of a paper: kept and forwarded, copied and given back, or only shown."""

    KEEP_FORWARD = "keep_forward"
    COPY_RETURN = "copy_return"
    SHOW_ONLY = "show_only"


class FeeLedger(StrEnum):
    """Three ledgers that never mix: state fee, freight, money collected for others."""

    STATE = "state"
    FREIGHT = "freight"
    COLLECTED = "collected"


class CollectedAt(StrEnum):
    """When the fee is collected (HinhThucThu): at receipt, at a supplement, at the return."""

    RECEIPT = "receipt"
    SUPPLEMENT = "supplement"
    RETURN = "return"


@dataclass(frozen=True)
class CanonicalProcedure:
    """Procedure (thủ tục) and the version of its catalogue entry."""

    code: Code
    version: Count


@dataclass(frozen=True)
class CanonicalParty:
    """Owner (chủ hồ sơ), submitter (người nộp) or representative (người ủy quyền)."""

    kind: PartyKind
    name: Name
    id_type: ShortText = ""
    id_number: ShortText = ""
    birth_date: Birth = ""
    sex: Sex = ""
    address: Note = ""
    phone: ShortText = ""
    email: Name = ""
    relation: Name = ""
    authorisation: Name = ""


@dataclass(frozen=True)
class CanonicalFile:
    """A digitised file (tệp đính kèm), named by its SHA-256; `size` in bytes."""

    sha256: Sha256
    name: Name
    size: Count
    pages: Count
    media: Media


@dataclass(frozen=True)
class CanonicalComponent:
    """A component of the dossier (thành phần hồ sơ) as it was handed in."""

    code: ShortText
    name: Note
    form: PaperForm
    quantity: Count
    pages: Count
    handling: Handling
    paper_code: ShortText = ""
    reused_from: ShortText = ""
    files: tuple[CanonicalFile, ...] = ()


@dataclass(frozen=True)
class CanonicalFee:
    """One fee line (phí, lệ phí); `amount` in đồng."""

    code: ShortText
    name: Name
    ledger: FeeLedger
    amount: Money
    collected_at: CollectedAt
    paid: bool


@dataclass(frozen=True)
class CanonicalDossier:
    """The whole dossier (hồ sơ) as it is handed off; `salt` keeps its digest unguessable after erasure."""

    salt: Salt
    provisional: Key
    procedure: CanonicalProcedure
    agency: Code
    office: Office
    terminal: ShortText
    channel: Channel
    received_at: Instant
    return_way: ReturnWay
    official: OptionalNumber = ""
    case: ShortText = ""
    due_at: OptionalInstant = ""
    content: Note = ""
    owner: CanonicalParty | None = None
    submitter: CanonicalParty | None = None
    representative: CanonicalParty | None = None
    return_address: Note = ""
    components: tuple[CanonicalComponent, ...] = ()
    fees: tuple[CanonicalFee, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> CanonicalDossier:
        """Read plain JSON strictly; RuleViolation names the first field that is wrong."""
        return from_plain(cls, data)


@dataclass(frozen=True)
class CanonicalSupplement:
    """One supplement round (lần bổ sung), counted from 1."""

    salt: Salt
    provisional: Key
    round: Count
    official: OptionalNumber = ""
    components: tuple[CanonicalComponent, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> CanonicalSupplement:
        """Read plain JSON strictly; RuleViolation names the first field that is wrong."""
        return from_plain(cls, data)


@dataclass(frozen=True)
class CanonicalResult:
    """One result (kết quả) handed over: `item` is the postal item, `relation` the receiver's to the owner."""

    id: Key
    way: ReturnWay
    delivered_at: Instant
    item: ShortText = ""
    relation: Name = ""
    proof_sha256: OptionalSha256 = ""


@dataclass(frozen=True)
class CanonicalDelivery:
    """A delivery report (báo cáo phát kết quả) of one dossier."""

    salt: Salt
    provisional: Key
    official: OptionalNumber = ""
    results: tuple[CanonicalResult, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> CanonicalDelivery:
        """Read plain JSON strictly; RuleViolation names the first field that is wrong."""
        return from_plain(cls, data)


def collected_fee(dossier: CanonicalDossier) -> int:
    """Đồng collected at the counter: every paid line, whatever its ledger."""
    return sum(fee.amount for fee in dossier.fees if fee.paid)


def file_hashes(components: Iterable[CanonicalComponent]) -> tuple[str, ...]:
    """The sorted, distinct SHA-256 of all files of these components."""
    return tuple(sorted({file.sha256 for component in components for file in component.files}))


def delivered_item(result: CanonicalResult) -> str:
    """How the ledgers name a delivery: the postal item's number, else "counter" or "electronic"."""
    return result.item or str(result.way)


__all__ = [
    "NO_DIGEST",
    "CanonicalComponent",
    "CanonicalDelivery",
    "CanonicalDossier",
    "CanonicalFee",
    "CanonicalFile",
    "CanonicalParty",
    "CanonicalProcedure",
    "CanonicalResult",
    "CanonicalSupplement",
    "Channel",
    "CollectedAt",
    "FeeLedger",
    "Handling",
    "PartyKind",
    "bucket_digest",
    "bucket_of",
    "canonical_json",
    "collected_fee",
    "delivered_item",
    "digest",
    "file_hashes",
    "in_scope",
    "ledger_row_digest",
]
