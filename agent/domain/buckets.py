"""Bucket digests: how two ledgers find out in a few bytes on which office and day they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from agent.clock import local
from agent.domain.canonical_codec import canonical_json, digest, instant_text

NO_DIGEST = "0" * 64
"""The digest of an empty bucket."""


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
    return sum_digests(ledger_row_digest(row) for row in rows)


def sum_digests(digests: Iterable[str]) -> tuple[int, str]:
    """The same from the rows' own digests, where a ledger keeps them.

    >>> sum_digests(["00" * 31 + "ff", "00" * 31 + "01"]) == (2, "00" * 30 + "0100")
    True
    """
    count, total = 0, 0
    for digest_of_row in digests:
        count, total = count + 1, total + int(digest_of_row, 16)
    return count, f"{total % 2**256:064x}"


def in_scope(bucket: str, scope: str) -> bool:
    """Whether `scope` (office, office|year, office|year-month or office|day) holds the bucket.

    >>> in_scope("BC-TAYHO|2026-11-21", "BC-TAYHO|2026-11"), in_scope("BC-TAYHO|2026-11-21", "BC-TAY")
    (True, False)
    """
    return bucket == scope or bucket.startswith((f"{scope}|", f"{scope}-" if "|" in scope else f"{scope}|"))
