"""Digests of the sandbox's buckets, kept by bucket: only a bucket in which something was written is summed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.domain.bucket_rows import split_kind
from agent.domain.buckets import EVERYONE, days_of, level, sum_digests
from agent.soap.province.ledger import Ledger

_TABLES = """
CREATE TABLE bucket_sums (bucket TEXT PRIMARY KEY, day TEXT NOT NULL, count INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE INDEX bucket_sums_day ON bucket_sums (day);
CREATE TABLE stale_buckets (bucket TEXT PRIMARY KEY);
INSERT INTO stale_buckets
 SELECT bucket FROM dossiers UNION SELECT bucket FROM payments UNION SELECT bucket FROM custody;
"""
_TRIGGER = """CREATE TRIGGER stale_{table}_{event} AFTER {event} ON {table} BEGIN
 INSERT OR IGNORE INTO stale_buckets {select}; END;
"""


def prepare(ledger: Ledger) -> None:
    """Make the tables and the triggers that tell which buckets were written to, unless they are there."""
    with ledger.writing():
        if ledger.row("SELECT 1 FROM sqlite_master WHERE name = 'bucket_sums'"):
            return
        ledger.run(_TABLES + "".join(_triggers()))


def _triggers() -> list[str]:
    """One trigger a table and kind of writing, for either side of what was written."""
    found = []
    for table in ("dossiers", "payments", "custody", "files", "results"):
        for event, sides in (("INSERT", ("NEW",)), ("UPDATE", ("NEW", "OLD")), ("DELETE", ("OLD",))):
            one = "SELECT {side}.bucket"
            if table in ("files", "results"):
                one = "SELECT bucket FROM dossiers WHERE number = {side}.number"
            select = " UNION ".join(one.format(side=side) for side in sides)
            found.append(_TRIGGER.format(table=table, event=event, select=select))
    return found


def refresh(ledger: Ledger, digests_of: Callable[[str], Iterable[str]]) -> int:
    """Sum the stale buckets again from the digests of their rows; how many there were."""
    if not ledger.row("SELECT 1 FROM stale_buckets LIMIT 1"):
        return 0
    with ledger.writing():
        stale = [str(row["bucket"]) for row in ledger.rows("SELECT bucket FROM stale_buckets")]
        for bucket in stale:
            count, digest = sum_digests(digests_of(bucket))
            ledger.run("DELETE FROM bucket_sums WHERE bucket = :bucket", bucket=bucket)
            if count:
                ledger.run(
                    "INSERT INTO bucket_sums (bucket, day, count, digest) VALUES (:bucket, :day, :count, :digest)",
                    bucket=bucket, day=bucket.partition("|")[2], count=count, digest=digest,
                )  # fmt: skip
        ledger.run("DELETE FROM stale_buckets")
    return len(stale)


def digests(ledger: Ledger, scope: str) -> dict[str, tuple[int, str]]:
    """Count and digest of each bucket that `scope` is compared by; of those that hold a dossier."""
    kind, within = split_kind(scope)
    who, _, when = within.partition("|")
    if not who.startswith(EVERYONE):
        start = f"{kind}{who}|"
        rows = ledger.rows("SELECT * FROM bucket_sums WHERE bucket >= :a AND bucket < :b", a=start, b=f"{start}~")
    elif when:
        try:
            first, last = days_of(when)
        except ValueError:  # no day or week of the calendar holds a row
            return {}
        rows = ledger.rows("SELECT * FROM bucket_sums WHERE day BETWEEN :first AND :last", first=first, last=last)
    else:
        rows = ledger.rows("SELECT * FROM bucket_sums")
    days = [(split_kind(row["bucket"]), row["count"], row["digest"]) for row in rows]
    found = level(((bucket, count, value) for (its, bucket), count, value in days if its == kind), within)
    return {kind + name: held for name, held in found.items()}
