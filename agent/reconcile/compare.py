"""Compare our ledger with the province's: digests first, then only the buckets in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.buckets import bucket_of, sum_digests
from agent.domain.dossier import WORDS
from agent.ports import BucketDigest
from agent.ports import LedgerRow as Facts
from agent.reconcile.explain import Finding, Kind, compare_rows, missing_here, missing_there
from agent.reconcile.in_flight import changed_since, late, unread_statuses, waiting
from agent.reconcile.record import Found, open_found, record
from agent.site import Site
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.ledger import facts
from agent.store.outbox import Job


@dataclass(frozen=True)
class Report:
    """What one comparison came to; `exchanged` counts the buckets that had to be listed."""

    run: UUID
    office: str
    day: date | None
    at: datetime
    compared: int
    in_flight: int
    exchanged: int
    differences: tuple[Found, ...]


@dataclass(frozen=True)
class _Ours:
    """Our side up to the watermark: digests by bucket, and what is on its way."""

    digests: list[BucketDigest]
    rows: int
    waiting: dict[str, list[Job]]


def compare(site: Site, *, office: str, day: date | None = None, by: Actor | None = None) -> Report:
    """Compare one office, or one of its days, and keep what was found.

    The caller reads the status feed first; what the feed still holds, what waits in the outbox and what moves
    meanwhile is in flight, not a difference. A difference that was known keeps its row and its age; one that is
    gone is closed. Raises the gateway's HandoffError; then nothing is recorded.
    """
    scope = f"{office}|{day.isoformat()}" if day else office
    watermark = site.clock.now()
    ours = _ours(site, office, scope)
    differing = site.province().compare_digests(scope=scope, digests=ours.digests)
    found: list[tuple[str, Finding]] = []
    extra = 0
    for bucket in differing:
        theirs = {row.key: row for row in site.province().list_bucket(bucket.bucket)}
        some, more = _compare_bucket(site, bucket.bucket, theirs, ours)
        found += [(bucket.bucket, one) for one in some]
        extra += more
    flying = _still_flying(site, office, scope, watermark, found) | set(ours.waiting)
    kept = [(bucket, one) for bucket, one in found if one.key not in flying]
    with site.store.reading():
        kept += [(_bucket(one.key), one) for one in late(ours.waiting.values(), watermark)]
    in_flight = len(flying)
    compared = ours.rows + extra - len({one.key for _, one in found} & flying)
    run = record(
        site, office=office, scope=scope, day=day, found=kept, flying=flying, compared=compared,
        exchanged=len(differing), in_flight=in_flight, by=by,
    )  # fmt: skip
    with site.store.reading():
        shown = tuple(open_found(office, run=run, now=site.clock.now()))
    return Report(run, office, day, watermark, compared, in_flight, len(differing), shown)


def _ours(site: Site, office: str, scope: str) -> _Ours:
    with site.store.reading():
        mine = LedgerRow.office_id == office
        if scope != office:
            mine &= LedgerRow.bucket == scope
        by_bucket: dict[str, list[str]] = {}
        rows: Any = LedgerRow.select(LedgerRow.bucket, LedgerRow.digest).where(mine).tuples()
        for bucket, digest in rows:
            by_bucket.setdefault(bucket, []).append(digest)
        on_the_way = waiting(scope, office)
    digests = [BucketDigest(bucket, *sum_digests(some)) for bucket, some in sorted(by_bucket.items())]
    return _Ours(digests, sum(one.count for one in digests), on_the_way)


def _compare_bucket(site: Site, bucket: str, theirs: dict[str, Facts], ours: _Ours) -> tuple[list[Finding], int]:
    """The findings of one bucket, and how many dossiers in it only the province has."""
    with site.store.reading():
        held = {row.key: facts(row.row) for row in LedgerRow.select().where(LedgerRow.bucket == bucket)}
        found: list[Finding] = [missing_there(row) for key, row in held.items() if key not in theirs]
        only_there = [row for key, row in theirs.items() if key not in held]
        found += [missing_here(row, known=_known(row.key)) for row in only_there]
    for key in held.keys() & theirs.keys():
        found += compare_rows(held[key], theirs[key])
    return sorted(found, key=lambda one: (one.key, one.kind)), len([r for r in only_there if r.key not in ours.waiting])


def _known(key: str) -> str:
    dossier = Dossier.get_or_none(Dossier.provisional == key)
    return WORDS[dossier.state] if dossier else ""


def _still_flying(
    site: Site, office: str, scope: str, watermark: datetime, found: Sequence[tuple[str, Finding]]
) -> set[str]:
    """What moved or began to move since the watermark, and statuses that wait in the feed."""
    if not found:
        return set()
    statuses = [one for _, one in found if one.kind is Kind.STATUS]
    unread = unread_statuses(site, office) if statuses else set()
    with site.store.reading():
        flying = changed_since(office, watermark) | set(waiting(scope, office))
    return flying | {one.key for one in statuses if (one.number, one.theirs["status"]) in unread}


def _bucket(key: str) -> str:
    dossier = Dossier.get(Dossier.provisional == key)
    return bucket_of(dossier.office_id, dossier.received_at)
