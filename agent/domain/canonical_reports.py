"""What the office reports to the province beside the dossier: withdrawal, payments, satisfaction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.domain.canonical import FeeLedger
from agent.domain.canonical_codec import (
    Count,
    Instant,
    Key,
    Money,
    Name,
    Note,
    OptionalNumber,
    OptionalSha256,
    Salt,
    ShortText,
    from_plain,
)


class PaymentKind(StrEnum):
    """Kind of payment entry (loại bút toán): collected (đã thu), refunded (đã hoàn), remitted (đã nộp)."""

    COLLECTED = "collected"
    REFUNDED = "refunded"
    REMITTED = "remitted"


class PaymentMeans(StrEnum):
    """Means of payment (hình thức thanh toán): cash (tiền mặt), transfer (chuyển khoản), card (thẻ)."""

    CASH = "cash"
    TRANSFER = "transfer"
    CARD = "card"


@dataclass(frozen=True)
class CanonicalWithdrawal:
    """The citizen's request to withdraw a dossier (rút hồ sơ); `proof_sha256` is the signed request's."""

    salt: Salt
    provisional: Key
    requested_at: Instant
    official: OptionalNumber = ""
    reason: Note = ""
    relation: Name = ""
    proof_sha256: OptionalSha256 = ""

    @classmethod
    def from_json(cls, data: Any) -> CanonicalWithdrawal:
        """Read plain JSON strictly; RuleViolation names the first field that is wrong."""
        return from_plain(cls, data)


@dataclass(frozen=True)
class CanonicalPayment:
    """One payment entry (bút toán thu, hoàn, nộp); `amount` in đồng, never negative; `uid` is never used again."""

    uid: Key
    kind: PaymentKind
    ledger: FeeLedger
    code: ShortText
    amount: Money
    at: Instant
    means: PaymentMeans
    document: ShortText = ""


@dataclass(frozen=True)
class CanonicalPayments:
    """Payment entries of one dossier (báo cáo thu phí)."""

    salt: Salt
    provisional: Key
    official: OptionalNumber = ""
    payments: tuple[CanonicalPayment, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> CanonicalPayments:
        """Read plain JSON strictly; RuleViolation names the first field that is wrong."""
        return from_plain(cls, data)


@dataclass(frozen=True)
class CanonicalAnswer:
    """One answer of a survey (câu trả lời); `score` from 1 to 5."""

    question: ShortText
    score: Count


@dataclass(frozen=True)
class CanonicalSatisfaction:
    """What the citizen thinks of how the dossier was handled (mức độ hài lòng)."""

    salt: Salt
    provisional: Key
    answered_at: Instant
    official: OptionalNumber = ""
    channel: ShortText = ""
    comment: Note = ""
    answers: tuple[CanonicalAnswer, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> CanonicalSatisfaction:
        """Read plain JSON strictly; RuleViolation names the first field that is wrong."""
        return from_plain(cls, data)
