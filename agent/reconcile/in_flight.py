"""What is on its way between the two ledgers, and so is no difference yet; what has been on its way too long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from agent.clock import local
from agent.domain.buckets import bucket_of, in_scope
from agent.domain.jobs import FINAL, JobState
from agent.ports import StatusChange
from agent.reconcile.explain import Finding, Kind, Owner
from agent.site import Site
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.fields import utc_text
from agent.store.handoffs import FeedCursor, StatusMessage
from agent.store.outbox import Job

KINDS: Final = ("submit", "supplement", "delivery", "withdrawal")
FEED_BATCH: Final = 100
FEED_BATCHES: Final = 50
LATE_AFTER: Final = timedelta(hours=24)  # longer than this on its way is a difference of its own
_WAITING: Final = tuple(state for state in JobState if state not in FINAL and state is not JobState.REJECTED)
_BY_PEOPLE: Final = (JobState.HELD, JobState.NEEDS_CLERK)


def waiting(scope: str, office: str) -> dict[str, list[Job]]:
    """Unfinished hand-off jobs by provisional number, of the dossiers in scope; inside a transaction."""
    jobs = Job.select().where((Job.office_id == office) & Job.kind.in_(KINDS) & Job.state.in_(_WAITING))
    by_dossier: dict[int, list[Job]] = {}
    for job in jobs.order_by(Job.id):
        by_dossier.setdefault(job.dossier_id or 0, []).append(job)
    found = {}
    for dossier in Dossier.select().where(Dossier.id.in_(list(by_dossier) or [-1])):
        if in_scope(bucket_of(dossier.office_id, dossier.received_at), scope):
            found[dossier.provisional] = by_dossier[dossier.id]
    return found


def changed_since(keys: Iterable[str], watermark: datetime) -> set[str]:
    """Those of these provisional numbers whose ledger rows moved while the comparison was under way."""
    wanted, moved = sorted(set(keys)), set[str]()
    for start in range(0, len(wanted), 500):
        some = LedgerRow.key.in_(wanted[start : start + 500]) & (LedgerRow.changed_at > watermark)
        moved |= {row.key for row in LedgerRow.select(LedgerRow.key).where(some)}
    return moved


def unread_statuses(site: Site, office: str) -> set[tuple[str, int]]:
    """(official number, status) pairs that the province's feed has for us and that we have not read yet.

    Of the next FEED_BATCHES batches at most: the feed is read to its end all the time, so more is an outage's. A feed
    by the second tells its last second again each time; what was read of it is not unread.
    """
    with site.store.reading():
        held = FeedCursor.get_or_none(FeedCursor.office_id == office)
    cursor, found = held.cursor if held else 0, set[tuple[str, int]]()
    for _ in range(FEED_BATCHES):
        changes = site.province().status_changes(office=office, cursor=cursor, maximum=FEED_BATCH)
        with site.store.reading():
            found |= _not_read(changes)
        if len(changes) < FEED_BATCH or changes[-1].cursor <= cursor:
            break
        cursor = changes[-1].cursor
    return found


def _not_read(changes: Sequence[StatusChange]) -> set[tuple[str, int]]:
    numbers = [change.number for change in changes]
    kept = StatusMessage.select(Dossier.official, StatusMessage.version).join(Dossier)
    read = set(kept.where(Dossier.official.in_(numbers)).tuples())
    return {(change.number, change.status) for change in changes if (change.number, change.version) not in read}


def late(jobs: Iterable[list[Job]], now: datetime) -> list[Finding]:
    """One finding for each dossier whose oldest job has waited longer than LATE_AFTER."""
    found = []
    for mine in jobs:
        job = mine[0]
        if now - job.created_at <= LATE_AFTER:
            continue
        dossier = Dossier.get_by_id(job.dossier_id)
        by_people = job.state in _BY_PEOPLE
        hours = int((now - job.created_at).total_seconds() // 3600)
        words = (
            f"Việc {job.key} xếp hàng từ {local(job.created_at):%H:%M %d/%m/%Y} ({hours} giờ) mà tỉnh chưa xác nhận: "
            f"{'đang bị giữ' if by_people else 'chưa gửi được'}{f' ({job.error})' if job.error else ''}."
        )
        found.append(
            Finding(
                Kind.LATE,
                Owner.OFFICE if by_people else Owner.SYSTEM,
                dossier.provisional,
                dossier.official or "",
                words,
                {"job": job.key, "state": job.state.value, "since": utc_text(job.created_at)},
            )
        )
    return found
