"""Our ledger of what the province acknowledged: a row a dossier and a sum a bucket, kept in step in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agent.domain.buckets import NO_DIGEST, add_sum
from agent.domain.canonical import (
    CanonicalDossier,
    bucket_of,
    collected_fee,
    file_hashes,
    ledger_row_digest,
)
from agent.errors import NotFound
from agent.ports import LedgerRow as Facts
from agent.store.base import locked
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.fields import utc_instant, utc_text
from agent.store.reconciliation import BucketSum


def facts(row: dict[str, Any]) -> Facts:
    """A stored row as the value that both ledgers are compared by."""
    return Facts(
        key=row["key"],
        number=row["number"],
        digest=row["digest"],
        status=row["status"],
        fee=row["fee"],
        files=tuple(row["files"]),
        items=tuple(row["items"]),
        at=utc_instant(row["at"]),
    )


def open_row(dossier: Dossier, frozen: CanonicalDossier, *, digest: str, number: str, at: datetime) -> None:
    """Begin the row of a dossier that was just acknowledged."""
    row = {
        "key": dossier.provisional,
        "number": number,
        "digest": digest,
        "status": dossier.province_status,
        "fee": collected_fee(frozen),
        "files": list(file_hashes(frozen.components)),
        "items": [],
        "at": utc_text(dossier.received_at.replace(microsecond=0)),
    }
    bucket, digest_of_row = bucket_of(dossier.office_id, dossier.received_at), ledger_row_digest(facts(row))
    LedgerRow.create(
        dossier=dossier,
        bucket=bucket,
        office_id=dossier.office_id,
        key=dossier.provisional,
        row=row,
        digest=digest_of_row,
        changed_at=at,
    )
    _count(bucket, dossier.office_id, digest_of_row)


def change_row(
    dossier: Dossier,
    *,
    at: datetime,
    status: int | None = None,
    files: Iterable[str] = (),
    items: Iterable[str] = (),
) -> None:
    """Bring the row up to what the province has now said or acknowledged; nothing before the row is open."""
    held = LedgerRow.get_or_none(LedgerRow.dossier == dossier)
    if held is None:
        return
    row = dict(held.row)
    row["status"] = row["status"] if status is None else status
    row["files"] = sorted({*row["files"], *files})
    row["items"] = sorted([*row["items"], *items])
    _change(held, row, at)


def correct_row(dossier: Dossier, *, at: datetime, **values: Any) -> None:
    """Put other facts (status, fee, files, items) into the row, as two people decided; NotFound without a row."""
    held = LedgerRow.get_or_none(LedgerRow.dossier == dossier)
    if held is None:
        raise NotFound(f"Hồ sơ {dossier.provisional} chưa có trong sổ đối soát, không đính chính được.")
    _change(held, {**held.row, **values}, at)


def sums(office: str | None = None, day: str = "") -> dict[str, tuple[int, str]]:
    """Count and digest of each bucket of an office (None: of all), or of one of its days; without reading a row."""
    query = BucketSum.select(BucketSum.bucket, BucketSum.count, BucketSum.digest)
    if office is not None:
        query = query.where(BucketSum.bucket == f"{office}|{day}" if day else BucketSum.office_id == office)
    found: Any = query.tuples()
    return {bucket: (count, digest) for bucket, count, digest in found if count}


def _change(held: LedgerRow, row: dict[str, Any], at: datetime) -> None:
    before = held.digest
    held.row, held.digest, held.changed_at = row, ledger_row_digest(facts(row)), at
    held.save()
    _count(held.bucket, held.office_id, held.digest, instead_of=before)


def _count(bucket: str, office: str, digest: str, *, instead_of: str = "") -> None:
    """Bring the bucket's sum up to a row that is new, or stands instead of another."""
    held = locked(BucketSum.select().where(BucketSum.bucket == bucket)).first()
    if held is None:
        fresh = {"bucket": bucket, "office_id": office, "count": 0, "digest": NO_DIGEST}
        BucketSum.insert(**fresh).on_conflict_ignore().execute()  # another terminal may be opening the same day
        held = locked(BucketSum.select().where(BucketSum.bucket == bucket)).first()
    total = add_sum(held.digest, instead_of, take=True) if instead_of else held.digest
    held.digest, held.count = add_sum(total, digest), held.count + (not instead_of)
    held.save()
