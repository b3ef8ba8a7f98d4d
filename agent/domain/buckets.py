"""Bucket digests: how two ledgers find out in a few bytes on which office and day they differ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
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


def ledger_row_facts(row: LedgerFacts) -> dict[str, Any]:
    """One ledger row as plain JSON; `files` and `items` are sorted."""
    return {
        "key": row.key,
        "number": row.number,
        "digest": row.digest,
        "status": row.status,
        "fee": row.fee,
        "files": sorted(row.files),
        "items": sorted(row.items),
        "at": instant_text(row.at),
    }


def ledger_row_digest(row: LedgerFacts) -> str:
    """SHA-256 of the canonical JSON of one ledger row."""
    return digest(canonical_json(ledger_row_facts(row)))


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


def level(days: Iterable[tuple[str, int, str]], scope: str) -> dict[str, tuple[int, str]]:
    """Count and digest of each bucket of `scope`, from offices' days (bucket, count, digest).

    A coarser bucket's digest is the sum of the SHA-256 of `bucket|count|digest` of the offices' days in it: of the
    rows' sums alone, a dossier that moved to another office on the same day would not be seen.

    >>> level([("BC-A|2026-11-21", 2, NO_DIGEST)], "BC-A"), level([("BC-A|2026-11-21", 2, NO_DIGEST)], "BC-B")
    ({'BC-A|2026-11-21': (2, '0000000000000000000000000000000000000000000000000000000000000000')}, {})
    """
    totals: dict[str, tuple[int, int]] = {}
    for bucket, count, digest_of_day in days:
        name = child_of(bucket, scope)
        if name is None:
            continue
        if name == bucket:
            mark = int(digest_of_day, 16)
        else:
            mark = int.from_bytes(hashlib.sha256(f"{bucket}|{count}|{digest_of_day}".encode()).digest())
        held, total = totals.get(name, (0, 0))
        totals[name] = (held + count, total + mark)
    return {name: (count, f"{total % 2**256:064x}") for name, (count, total) in totals.items()}


def add_sum(total: str, digest_of_row: str, *, take: bool = False) -> str:
    """A bucket's digest with one row's digest added, or taken out again.

    >>> add_sum("00" * 31 + "ff", "00" * 31 + "01"), add_sum(NO_DIGEST, "00" * 31 + "01", take=True) == "ff" * 32
    ('0000000000000000000000000000000000000000000000000000000000000100', True)
    """
    number = int(digest_of_row, 16)
    return f"{(int(total, 16) + (-number if take else number)) % 2**256:064x}"


def in_scope(bucket: str, scope: str) -> bool:
    """Whether `scope` (office, office|year, office|year-month or office|day) holds the bucket.

    >>> in_scope("BC-TAYHO|2026-11-21", "BC-TAYHO|2026-11"), in_scope("BC-TAYHO|2026-11-21", "BC-TAY")
    (True, False)
    """
    return bucket == scope or bucket.startswith((f"{scope}|", f"{scope}-" if "|" in scope else f"{scope}|"))


# --- drill-down: week -> day -> offices -> office, or of one office week -> day ----------------------------------
EVERYONE = "*"
"""The scope of all offices; its buckets are weeks."""


def by_week(office: str) -> str:
    """The scope of one office by weeks; `office` itself is the scope by days."""
    return f"{office}|W"


def child_of(bucket: str, scope: str) -> str | None:
    """The bucket of `scope` that an office's day is counted in; None when the scope does not hold it.

    The name of a coarser bucket is the scope one step further down.

    >>> day = "BC-TAYHO|2026-11-21"
    >>> child_of(day, "*"), child_of(day, "*|2026-W47"), child_of(day, "*|2026-11-21"), child_of(day, "*a|2026-11-21")
    ('*|2026-W47', '*|2026-11-21', '*a|2026-11-21', 'BC-TAYHO|2026-11-21')
    >>> child_of(day, "BC-TAYHO|W"), child_of(day, "BC-TAYHO|2026-W47"), child_of(day, "BC-TAYHO|2026-W48")
    ('BC-TAYHO|2026-W47', 'BC-TAYHO|2026-11-21', None)
    """
    office, _, day = bucket.partition("|")
    who, _, when = scope.partition("|")
    if not who.startswith(EVERYONE):
        if who != office:
            return None
        if when == "W":
            return f"{office}|{week_of(day)}"
        return bucket if (when == week_of(day) if "W" in when else in_scope(bucket, scope)) else None
    if not when:
        return f"{EVERYONE}|{week_of(day)}"
    if "W" in when:
        return f"{EVERYONE}|{day}" if when == week_of(day) else None
    group = _group(office)
    if when != day or who not in (EVERYONE, group):
        return None
    return bucket if who == group else f"{group}|{day}"


def may_be_child(name: str, scope: str) -> bool:
    """Whether a bucket of this name can be an answer to `scope`: one step down and inside it; no day, no bucket.

    >>> may_be_child("*|2026-W47", "*"), may_be_child("BC-TAYHO|2026-11-21", "*"), may_be_child("*|2026-W47", "BC-A")
    (True, False, False)
    >>> may_be_child("*|2026-99-99", "*"), may_be_child("*", "*"), may_be_child("BC-A|2026-99-99", "BC-A")
    (False, False, False)
    """
    try:
        return _may_be_child(name, scope)
    except ValueError:  # no day of the calendar
        return False


def _may_be_child(name: str, scope: str) -> bool:
    who, _, when = name.partition("|")
    days_of(when)
    if who.startswith(EVERYONE) or "W" in when:
        scope_who, _, scope_when = scope.partition("|")
        if "W" in when:
            return scope in (EVERYONE, by_week(who)) and who == scope_who
        if who == EVERYONE:
            return scope_who == EVERYONE and scope_when == week_of(when)
        return scope == f"{EVERYONE}|{when}"
    return child_of(name, scope) == name


def is_leaf(name: str) -> bool:
    """Whether a bucket is one office's day, the finest there is.

    >>> is_leaf("BC-TAYHO|2026-11-21"), is_leaf("*|2026-11-21"), is_leaf("BC-TAYHO|2026-W47")
    (True, False, False)
    """
    return not name.startswith(EVERYONE) and "W" not in name.partition("|")[2]


@lru_cache(maxsize=4096)
def week_of(day: str) -> str:
    """The ISO week of a day.

    >>> week_of("2026-11-21"), week_of("2027-01-01")
    ('2026-W47', '2026-W53')
    """
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02d}"


def days_of(when: str) -> tuple[str, str]:
    """First and last day of an ISO week, or of a day; ValueError for what is none.

    >>> days_of("2026-W53"), days_of("2026-11-21")
    (('2026-12-28', '2027-01-03'), ('2026-11-21', '2026-11-21'))
    """
    if "W" not in when:
        return date.fromisoformat(when).isoformat(), when
    year, _, week = when.partition("-W")
    first, last = (date.fromisocalendar(int(year), int(week), day).isoformat() for day in (1, 7))
    return first, last


@lru_cache(maxsize=4096)
def _group(office: str) -> str:
    """A sixteenth of all offices, by the first digit of the SHA-256 of the office's code."""
    return EVERYONE + hashlib.sha256(office.encode()).hexdigest()[0]
