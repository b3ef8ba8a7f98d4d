"""The canonical dossier, supplement and delivery report: what travels to the province and what digests are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from agent.clock import local
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
    from_plain,
    instant_text,
    to_plain,
)
from agent.domain.dossier import PaperForm, ReturnWay

NO_DIGEST = "0" * 64
"""The digest of an empty bucket."""


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


def canonical_json(value: Any) -> bytes:
    """RFC 8785 bytes of a canonical dataclass (checked first) or of plain JSON.

    >>> canonical_json({"b": 1, "a": "Đ"}).decode()
    '{"a":"Đ","b":1}'
    """
    import rfc8785

    return rfc8785.dumps(to_plain(value))


def digest(data: bytes) -> str:
    """SHA-256 as 64 lowercase hex characters."""
    return hashlib.sha256(data).hexdigest()


# --- what both ledgers derive in the same way --------------------------------------------------
class LedgerFacts(Protocol):
    """The facts of one dossier that both ledgers must agree on (agent.ports.LedgerRow has them)."""

    @property
    def key(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def fee(self) -> int: ...
    @property
    def files(self) -> tuple[str, ...]: ...
    @property
    def items(self) -> tuple[str, ...]: ...
    @property
    def at(self) -> datetime: ...


def collected_fee(dossier: CanonicalDossier) -> int:
    """Đồng collected at the counter: every paid line, whatever its ledger."""
    return sum(fee.amount for fee in dossier.fees if fee.paid)


def file_hashes(components: Iterable[CanonicalComponent]) -> tuple[str, ...]:
    """The sorted, distinct SHA-256 of all files of these components."""
    return tuple(sorted({file.sha256 for component in components for file in component.files}))


def delivered_item(result: CanonicalResult) -> str:
    """How the ledgers name a delivery: the postal item's number, else "counter" or "electronic"."""
    return result.item or str(result.way)


def ledger_row_digest(row: LedgerFacts) -> str:
    """SHA-256 of the canonical JSON of one ledger row; `files` and `items` are sorted first."""
    facts: Mapping[str, Any] = {
        "key": row.key,
        "number": row.number,
        "digest": row.digest,
        "status": row.status,
        "fee": row.fee,
        "files": sorted(row.files),
        "items": sorted(row.items),
        "at": instant_text(row.at),
    }
    return digest(canonical_json(facts))


def bucket_of(office: str, received: datetime) -> str:
    """The bucket of a dossier: office and the local day on which it was received.

    >>> from datetime import UTC
    >>> bucket_of("BC-TAYHO", datetime(2026, 11, 20, 18, 0, tzinfo=UTC))
    'BC-TAYHO|2026-11-21'
    """
    return f"{office}|{local(received).date().isoformat()}"


def bucket_digest(rows: Iterable[LedgerFacts]) -> tuple[int, str]:
    """Count of the rows and the sum of their digests modulo 2^256, so that the order does not matter.

    >>> bucket_digest([]) == (0, NO_DIGEST)
    True
    """
    count, total = 0, 0
    for row in rows:
        count, total = count + 1, total + int(ledger_row_digest(row), 16)
    return count, f"{total % 2**256:064x}"


def in_scope(bucket: str, scope: str) -> bool:
    """Whether `scope` (office, office|year, office|year-month or office|day) holds the bucket.

    >>> in_scope("BC-TAYHO|2026-11-21", "BC-TAYHO|2026-11"), in_scope("BC-TAYHO|2026-11-21", "BC-TAY")
    (True, False)
    """
    return bucket == scope or bucket.startswith((f"{scope}|", f"{scope}-" if "|" in scope else f"{scope}|"))
