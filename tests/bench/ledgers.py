"""Two ledgers of many dossiers compared over real SOAP through a counting proxy: `make ledgers`, a million of them."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.domain.buckets import add_sum, bucket_of, ledger_row_digest
from agent.ports import LedgerRow
from agent.reconcile.compare import Report, compare_all
from agent.settings import Settings
from agent.site import Site
from agent.soap.gateway import SoapGateway
from agent.soap.province.ledger import Ledger
from agent.soap.province.sums import prepare
from agent.store.fields import utc_text
from agent.wiring import build_site
from tests.bench.line_bytes import CountingProxy
from tests.contract.sandbox_process import Sandbox

FIRST = datetime(2025, 11, 1, 2, 0, tzinfo=UTC)  # the whole year lies before now: a row changed later is on its way
STATUSES = (1, 2, 4, 9, 10)
FULL_ROW = "SELECT sum(length(row)) FROM ledger_row"


@dataclass
class Ledgers:
    """Both ledgers with the same dossiers; what is changed in the province's from here on is a difference."""

    site: Site
    ledger: Ledger
    proxy: CountingProxy
    seconds: dict[str, float]
    planted: dict[str, str] = field(default_factory=dict)  # kind of difference by provisional number

    def bytes(self) -> int:
        return self.proxy.sent + self.proxy.received

    def compare(self) -> tuple[list[Report], int, float]:
        """Compare all; the reports, the bytes on the line and the seconds it took."""
        before, started = self.bytes(), time.monotonic()
        reports = compare_all(self.site)
        return reports, self.bytes() - before, time.monotonic() - started

    def plant(self, n: int, *, seed: int) -> None:
        """Change `n` dossiers of the province's ledger, each in one of seven ways."""
        rng = random.Random(seed)
        numbers = [row["number"] for row in self.ledger.rows("SELECT number FROM dossiers ORDER BY number")]
        with self.ledger.writing():
            for turn, number in enumerate(rng.sample(numbers, n)):
                kind = list(WAYS)[turn % len(WAYS)]
                for statement in WAYS[kind]:
                    self.ledger.run(statement, number=number, other=rng.randbytes(32).hex())
                key = self.ledger.row("SELECT provisional FROM dossiers WHERE number = :number", number=number)
                assert key
                self.planted[key["provisional"] + ("-X" if kind == "missing_here" else "")] = kind


WAYS: dict[str, tuple[str, ...]] = {
    "status": ("UPDATE dossiers SET status = CASE status WHEN 2 THEN 4 ELSE 2 END WHERE number = :number",),
    "fee": ("UPDATE dossiers SET fee = fee + 10000 WHERE number = :number",),
    "missing_there": ("UPDATE dossiers SET dropped = 1 WHERE number = :number",),
    "content": ("UPDATE dossiers SET digest = :other WHERE number = :number",),
    "file": ("UPDATE files SET sha256 = :other WHERE rowid = (SELECT min(rowid) FROM files WHERE number = :number)",),
    "parcel": (
        "INSERT INTO results (number, id, name, type, form, sha256, item, delivered_at)"
        " VALUES (:number, 'R1', '', '', 'paper', '', 'RD000000005VN', '2026-11-21T01:30:00Z')",
    ),
    "missing_here": (
        "INSERT INTO dossiers SELECT number || '9', provisional || '-X', submitted_as || '-X', office, bucket,"
        " procedure, owner_id, digest, status, version, fee, received_at, due_at, canonical, 0"
        " FROM dossiers WHERE number = :number",
    ),
}


def rows(n: int, offices: int, days: int) -> Iterator[tuple[str, LedgerRow]]:
    """`n` dossiers spread over offices and days, each with its office."""
    for i in range(n):
        seed = sha256(str(i).encode()).hexdigest()
        at = FIRST + timedelta(days=(i // offices) % days, seconds=i % 25_000)
        number = f"H26.10-{at:%y%m%d}-{i:07d}"
        files = (seed[::-1], sha256(seed.encode()).hexdigest())
        status, fee = STATUSES[i % 5], 1000 * (i % 90)
        yield (
            f"BC-{i % offices:03d}",
            LedgerRow(f"T1-{i:07d}", number, seed, status, fee, tuple(sorted(files)), (), at),
        )


def _fill(site: Site, ledger: Ledger, n: int, offices: int, days: int) -> None:
    """The same rows into both ledgers, by plain SQL; our sums are added up row by row as the product does."""
    ours: dict[str, tuple[str, int, str]] = {}
    dossiers: list[Any] = []
    lines: list[Any] = []
    for i, (office, row) in enumerate(rows(n, offices, days), start=1):
        bucket, digest, at = bucket_of(office, row.at), ledger_row_digest(row), utc_text(row.at)
        _, count, total = ours.get(bucket, (office, 0, "0" * 64))
        ours[bucket] = (office, count + 1, add_sum(total, digest))
        plain = {"key": row.key, "number": row.number, "digest": row.digest, "status": row.status, "fee": row.fee}
        plain |= {"files": list(row.files), "items": [], "at": at}
        lines.append(
            (i, i, bucket, office, row.key, json.dumps(plain, sort_keys=True, separators=(",", ":")), digest, at)
        )
        dossiers.append((office, row, bucket))
        if len(lines) == 20_000 or i == n:
            _store(site, lines)
            _hand_over(ledger, dossiers)
            lines, dossiers = [], []
    with site.store.writing():
        _many(site, "INSERT INTO bucket_sum (bucket, office_id, count, digest) VALUES (?,?,?,?)",
              [(bucket, *held) for bucket, held in ours.items()])  # fmt: skip


def _store(site: Site, lines: list[Any]) -> None:
    columns = "(id, dossier_id, bucket, office_id, key, row, digest, changed_at)"
    with site.store.writing():
        _many(site, "PRAGMA defer_foreign_keys=ON", [()])
        _many(site, f"INSERT INTO ledger_row {columns} VALUES (?,?,?,?,?,?,?,?)", lines)
        _many(site, _DOSSIER, [(a, a.to_bytes(16), d, e, e, f, f, e) for a, _, _, d, e, _, _, f in lines])


_DOSSIER = """INSERT INTO dossier (id, uid, office_id, provisional, public_token, received_at, updated_at, created_by,
 terminal_id, procedure_code, procedure_version, procedure_name, "case", agency, channel, content, state,
 province_status, province_version, due_calculation, return_way, salt, label_attempt, submission, problem)
 VALUES (?,?,?,?,?,?,?,?, 'T1', '1', 1, '', '', '', '', '', 'received', 1, 1, '{}', 'courier', x'', 0, 1, '')"""


def _many(site: Site, statement: str, values: list[Any]) -> None:
    site.store.database.connection().cursor().executemany(statement, values)


def _hand_over(ledger: Ledger, dossiers: list[Any]) -> None:
    with ledger.writing():
        for office, row, bucket in dossiers:
            ledger.run(
                "INSERT INTO dossiers VALUES (:number, :key, :key, :office, :bucket, '1', '', :digest, :status, 1,"
                " :fee, :at, '', x'', 0)",
                number=row.number, key=row.key, office=office, bucket=bucket, digest=row.digest, status=row.status,
                fee=row.fee, at=f"{row.at:%Y-%m-%dT%H:%M:%SZ}",
            )  # fmt: skip
            for sha in row.files:
                ledger.run("INSERT INTO files VALUES (:number, :sha, '', '', '', '', 1)", number=row.number, sha=sha)


@contextmanager
def two_ledgers(folder: Path, n: int, *, offices: int, days: int, gateway: Any = SoapGateway) -> Iterator[Ledgers]:
    """A store and a sandbox province with the same `n` dossiers, the sandbox behind a counting proxy."""
    province = folder / "province"
    ledger = Ledger(province)
    site = build_site(Settings(data=folder / "data"))
    started = time.monotonic()
    _fill(site, ledger, n, offices, days)
    seconds = {"fill": time.monotonic() - started}
    prepare(ledger)
    sandbox = Sandbox(province)
    try:
        started = time.monotonic()
        port = urlsplit(sandbox.endpoint).port or 0
        patient = SoapGateway(sandbox.endpoint, read_timeout=900)
        patient.compare_digests(scope="*|2026-01-01", digests=[])  # the sandbox sums what it never summed
        patient.close()
        seconds["sum"] = time.monotonic() - started
        proxy = CountingProxy(port)
        speaker = gateway(sandbox.endpoint.replace(str(port), str(proxy.port)))
        try:
            yield Ledgers(replace(site, province=lambda: speaker), ledger, proxy, seconds)
        finally:
            proxy.close()
    finally:
        sandbox.__exit__()
        ledger.close()
        site.store.close()


def seen(reports: list[Report]) -> dict[str, str]:
    """Kind by provisional number."""
    return {one.key: one.kind.value for report in reports for one in report.differences}


HEAD = """# Two ledgers of {n:,} dossiers

{offices} offices, {days} days; real SOAP messages through a counting proxy, HTTP headers included, gzip-compressed.
Where a status differs, the office's feed is asked once more (1 difference: one more trip); its bytes are counted.

| differences | found | classes right | round trips | bytes on the line | seconds |
|---|---|---|---|---|---|
"""
TAIL = """
A full export of our rows would be {full:.0f} MB. Filling both ledgers took {fill:.0f} s, the province's first sums
{sum:.0f} s; ours are kept row by row.
"""


def main() -> int:
    """The long run, and its page in docs/results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=1_000_000)
    parser.add_argument("--offices", type=int, default=300)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    good, shape = True, {"offices": given.offices, "days": given.days}
    text = HEAD.format(n=given.dossiers, **shape)
    with tempfile.TemporaryDirectory() as folder, two_ledgers(
        Path(folder), given.dossiers, gateway=compressed, **shape
    ) as both:  # fmt: skip
        full = both.site.store.database.execute_sql(FULL_ROW).fetchone()[0] / 1e6
        for more in (0, 1, 99):
            both.plant(more, seed=more)
            reports, size, seconds = both.compare()
            found = seen(reports)
            right = sum(found.get(key) == kind for key, kind in both.planted.items())
            good = good and found == both.planted
            trips = min(report.trips for report in reports)
            text += f"| {len(both.planted)} | {len(found)} | {right} | {trips} | {size:,} | {seconds:.1f} |\n"
        text += TAIL.format(full=full, **both.seconds)
    sys.stdout.write(text)
    if given.save:
        Path("docs/results", f"ledgers-{date.today():%Y-%m-%d}.md").write_text(text, encoding="utf-8")  # noqa: DTZ011
    return 0 if good else 1


def compressed(endpoint: str) -> SoapGateway:
    """The gateway to a province whose profile asks for gzip."""
    from agent.soap.security.choices import WireChoices

    return SoapGateway(endpoint, choices=WireChoices(gzip=True))


if __name__ == "__main__":
    sys.exit(main())
