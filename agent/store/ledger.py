"""Our ledger of what the province acknowledged: one row a dossier, kept in step inside the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agent.domain.canonical import (
    CanonicalDossier,
    bucket_of,
    collected_fee,
    file_hashes,
    ledger_row_digest,
)
from agent.errors import NotFound
from agent.ports import LedgerRow as Facts
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.fields import utc_instant, utc_text


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
    LedgerRow.create(
        dossier=dossier,
        bucket=bucket_of(dossier.office_id, dossier.received_at),
        office_id=dossier.office_id,
        key=dossier.provisional,
        row=row,
        digest=ledger_row_digest(facts(row)),
        changed_at=at,
    )


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
    held.row, held.digest, held.changed_at = row, ledger_row_digest(facts(row)), at
    held.save()


def correct_row(dossier: Dossier, *, at: datetime, **values: Any) -> None:
    """Put other facts (status, fee, files, items) into the row, as two people decided; NotFound without a row."""
    held = LedgerRow.get_or_none(LedgerRow.dossier == dossier)
    if held is None:
        raise NotFound(f"Hồ sơ {dossier.provisional} chưa có trong sổ đối soát, không đính chính được.")
    row = {**held.row, **values}
    held.row, held.digest, held.changed_at = row, ledger_row_digest(facts(row)), at
    held.save()
