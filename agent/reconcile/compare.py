"""Compare our ledger with the province's: digests first, then only the buckets in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.buckets import EVERYONE, bucket_of
from agent.domain.dossier import WORDS
from agent.reconcile import drill
from agent.reconcile.explain import Finding, Kind
from agent.reconcile.in_flight import changed_since, late, unread_statuses, waiting
from agent.reconcile.matching import Matching
from agent.reconcile.record import Found, open_found, record
from agent.reconcile.told import compare_told
from agent.site import Site
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.ledger import facts, sums
from agent.store.outbox import Job


@dataclass(frozen=True)
class Report:
    """What one comparison came to: `exchanged` buckets had to be listed, `trips` questions were asked in all."""

    run: UUID
    office: str
    day: date | None
    at: datetime
    compared: int
    in_flight: int
    exchanged: int
    trips: int
    differences: tuple[Found, ...]


@dataclass(frozen=True)
class _Ours:
    """Our side up to the watermark: count and digest by bucket, and what is on its way."""

    sums: dict[str, tuple[int, str]]
    waiting: dict[str, list[Job]]


@dataclass
class _Seen:
    """What was seen of one office."""

    rows: int  # in our ledger
    found: list[tuple[str, Finding]] = field(default_factory=list)
    extra: int = 0  # dossiers that only the province has
    exchanged: int = 0


def compare(site: Site, *, office: str, day: date | None = None, by: Actor | None = None) -> Report:
    """Compare one office, or one of its days, and keep what was found.

    The caller reads the status feed first; what the feed still holds, what waits in the outbox and what moves
    meanwhile is in flight, not a difference. A difference that was known keeps its row and its age; one that is
    gone is closed. Raises the gateway's HandoffError; then nothing is recorded.
    """
    scope = f"{office}|{day.isoformat()}" if day else office
    (report,) = _compare(site, scope, [office], day, by)
    return report


def compare_all(site: Site, *, by: Actor | None = None) -> list[Report]:
    """Compare every office at once, for a store that holds all offices of its province: week, day, then office."""
    with site.store.reading():
        offices = sorted({bucket.partition("|")[0] for bucket in sums()})
    return _compare(site, EVERYONE, offices, None, by)


def compare_books(site: Site, *, by: Actor | None = None) -> list[Report]:
    """Compare what this database answers for: its own office, or where it holds every office of the province, all."""
    if site.settings.province.every_office:
        return compare_all(site, by=by)
    return [compare(site, office=site.settings.office.id, by=by)]


def _compare(site: Site, scope: str, offices: list[str], day: date | None, by: Actor | None) -> list[Report]:
    watermark = site.clock.now()
    wide = scope == EVERYONE
    with site.store.reading():
        ours = _Ours(
            sums() if wide else sums(offices[0], day.isoformat() if day else ""),
            {key: jobs for office in offices for key, jobs in waiting(office if wide else scope, office).items()},
        )
    differing = drill.differing(site.province(), ours.sums, scope)
    seen = {office: _Seen(rows=0) for office in offices}
    for bucket, (count, _) in ours.sums.items():
        seen.setdefault(_office(bucket), _Seen(rows=0)).rows += count
    for bucket, finding in _match(site, differing.buckets, ours, seen):
        seen[_office(bucket)].found.append((bucket, finding))
    trips = differing.trips + len(differing.buckets)
    for office in offices:  # each office that reports has these books of its own
        told, asked = compare_told(site, office, day, watermark)
        seen[office].found += told
        trips += asked
    one = _Comparison(site, scope, day, by, watermark, trips)
    return [one.keep(office, mine, ours.waiting) for office, mine in sorted(seen.items())]


def _match(site: Site, buckets: list[str], ours: _Ours, seen: dict[str, _Seen]) -> list[tuple[str, Finding]]:
    """List the buckets on both sides and say what differs; `seen` counts what was exchanged."""
    matching = Matching()
    for bucket in buckets:
        theirs = site.province().list_bucket(bucket)
        with site.store.reading():
            held = {row.key: facts(row.row) for row in LedgerRow.select().where(LedgerRow.bucket == bucket)}
        matching.add(bucket, held, theirs)
        seen.setdefault(_office(bucket), _Seen(rows=0)).exchanged += 1
    for bucket, key in matching.surplus:
        seen[_office(bucket)].extra += key not in ours.waiting
    with site.store.reading():
        return matching.findings(_known)


@dataclass(frozen=True)
class _Comparison:
    """One comparison, to be recorded office by office."""

    site: Site
    scope: str
    day: date | None
    by: Actor | None
    watermark: datetime
    trips: int

    def keep(self, office: str, seen: _Seen, on_the_way: dict[str, list[Job]]) -> Report:
        """Record what was seen of an office, without what is on its way."""
        site, scope = self.site, office if self.scope == EVERYONE else self.scope
        with site.store.reading():
            mine = {key: jobs for key, jobs in on_the_way.items() if jobs[0].office_id == office}
        flying = _still_flying(site, office, scope, self.watermark, seen.found) | set(mine)
        trips = self.trips + any(one.kind is Kind.STATUS for _, one in seen.found)  # the feed was asked
        kept = [(bucket, one) for bucket, one in seen.found if one.key not in flying]
        with site.store.reading():
            kept += [(_bucket(one.key), one) for one in late(mine.values(), self.watermark)]
        compared = seen.rows + seen.extra - len({one.key for _, one in seen.found} & flying)
        run = record(
            site, office=office, scope=scope, day=self.day, found=kept, flying=flying, compared=compared,
            exchanged=seen.exchanged, trips=trips, in_flight=len(flying), by=self.by,
        )  # fmt: skip
        with site.store.reading():
            shown = tuple(open_found(office, run=run, now=site.clock.now()))
        return Report(run, office, self.day, self.watermark, compared, len(flying), seen.exchanged, trips, shown)


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
        flying = changed_since([one.key for _, one in found], watermark) | set(waiting(scope, office))
    return flying | {one.key for one in statuses if (one.number, one.theirs["status"]) in unread}


def _office(bucket: str) -> str:
    return bucket.partition("|")[0]


def _bucket(key: str) -> str:
    dossier = Dossier.get(Dossier.provisional == key)
    return bucket_of(dossier.office_id, dossier.received_at)
