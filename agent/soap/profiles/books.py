"""Books of a province that lists its dossiers but keeps no digests: its rows in the shape that ours have.

What such a list says (number, status, files) is theirs; what it cannot say (content, fees, deliveries) stands as in our
own row, so that it is no difference. A dossier that only they have is a row of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from agent.clock import LOCAL, local
from agent.domain.buckets import NO_DIGEST, bucket_digest, bucket_of, days_of, level
from agent.domain.canonical_codec import instant_text, parse_instant
from agent.ports import BucketDigest, LedgerRow


def span(when: str, now: datetime) -> tuple[str, str]:
    """First and last local day of what a scope asks for: a day, an ISO week, or ("" and "W") everything.

    >>> span("2026-W47", datetime(2026, 11, 29, tzinfo=UTC)), span("W", datetime(2026, 11, 29, tzinfo=UTC))
    (('2026-11-16', '2026-11-22'), ('1970-01-02', '2026-11-30'))
    """
    return ("1970-01-02", f"{local(now) + timedelta(days=1):%Y-%m-%d}") if when in ("", "W") else days_of(when)


def instants(first: str, last: str) -> tuple[str, str]:
    """The first and the last second of local days, in UTC."""
    ends = ((first, time.min), (last, time(23, 59, 59)))
    begin, end = (datetime.combine(datetime.fromisoformat(day).date(), at, LOCAL).astimezone(UTC) for day, at in ends)
    return instant_text(begin), instant_text(end)


def rows_of(listed: Iterable[Mapping[str, Any]], ours: Mapping[str, LedgerRow]) -> list[LedgerRow]:
    """Their dossiers as ledger rows; ValueError or KeyError when the list does not say what it must."""
    rows = []
    for one in listed:
        key = str(one["provisional"])
        mine = ours.get(key)
        told: dict[str, Any] = {"number": str(one["number"])}
        if "status" in one:
            told["status"] = int(one["status"])
        if "files" in one:
            told["files"] = tuple(sorted(set(one["files"])))
        if mine is None:
            mine = LedgerRow(key, "", NO_DIGEST, 0, 0, (), (), parse_instant(str(one["at"])))
        rows.append(replace(mine, **told))
    return rows


def differing(office: str, scope: str, ours: Sequence[BucketDigest], theirs: Iterable[LedgerRow]) -> list[BucketDigest]:
    """Their digests of the buckets of `scope` that differ from ours, absent ones on either side included."""
    by_day: dict[str, list[LedgerRow]] = {}
    for row in theirs:
        by_day.setdefault(bucket_of(office, row.at), []).append(row)
    held = level(((bucket, *bucket_digest(rows)) for bucket, rows in by_day.items()), scope)
    mine = {one.bucket: (one.count, one.digest) for one in ours}
    nothing = (0, NO_DIGEST)
    names = sorted(name for name in held.keys() | mine.keys() if held.get(name, nothing) != mine.get(name, nothing))
    return [BucketDigest(name, *held.get(name, nothing)) for name in names]
