"""Compare what was told beside dossiers, both ways: payment entries and milestones of this month and the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from agent.clock import local
from agent.domain.bucket_rows import (
    CUSTODY,
    FEES,
    custody_bucket,
    fees_bucket,
    milestone_digest,
    payment_digest,
    split_kind,
)
from agent.domain.buckets import bucket_of, in_scope, sum_digests
from agent.domain.money import dong
from agent.domain.statement import span
from agent.errors import HandoffNotOffered, HandoffRejected
from agent.ports import BucketDigest, ProvinceGateway
from agent.reconcile.drill import NOT_KNOWN
from agent.reconcile.explain import Finding, Kind, Owner
from agent.site import Site
from agent.store import told_rows

Row = Any  # PaymentRow or CustodyMilestone


@dataclass(frozen=True)
class _Book:
    """One of the two books: how its rows are read on either side, named and said."""

    prefix: str
    kind: Kind
    name: str  # in the store
    ours: Callable[[str, datetime, datetime], list[Any]]
    theirs: Callable[[ProvinceGateway, str], list[Any]]
    bucket: Callable[[str, datetime], str]
    digest: Callable[[Any], str]
    uid: Callable[[Any], str]
    words: Callable[[Any], str]


def _payment_words(row: Row) -> str:
    verb = {"collected": "thu", "refunded": "hoàn"}.get(row.kind, row.kind)
    return f"{verb} {dong(row.amount)} ({row.code}, {row.ledger}) {local(row.at):%H:%M:%S %d/%m/%Y}"


def _milestone_words(row: Row) -> str:
    return f"{row.item} {row.kind} {row.holder} {local(row.at):%H:%M:%S %d/%m/%Y}" + (
        f" ({row.reason})" if row.reason else ""
    )


NAMES: Final = {Kind.PAYMENT: ("bút toán", "payments"), Kind.MILESTONE: ("mốc giữ bưu gửi", "milestones")}
BOOKS: Final = (
    _Book(FEES, Kind.PAYMENT, told_rows.PAYMENTS, told_rows.told_payments,
          lambda province, bucket: list(province.list_payments(bucket)), fees_bucket, payment_digest,
          lambda row: str(row.key), _payment_words),
    _Book(CUSTODY, Kind.MILESTONE, told_rows.CUSTODY, told_rows.told_milestones,
          lambda province, bucket: list(province.list_milestones(bucket)), custody_bucket, milestone_digest,
          lambda row: str(row.uid), _milestone_words),
)  # fmt: skip


def compare_told(site: Site, office: str, day: date | None, now: datetime) -> tuple[list[tuple[str, Finding]], int]:
    """Findings by bucket (office|day), one a dossier and book, and the questions it took.

    Of one day, else of this month and the last. What was not yet told is on its way; what the province refused is the
    office's to mend. Nothing where the office does not report, or the province has no such books.
    """
    with site.store.reading():
        if not told_rows.reports(office):
            return [], 0
    found: list[tuple[str, Finding]] = []
    trips = 0
    for book in BOOKS:
        for within, since, until in _spans(day, now):
            try:
                some, asked = _compare_book(site, book, office, within, since, until)
            except HandoffRejected as error:
                if isinstance(error, HandoffNotOffered) or error.error_code in NOT_KNOWN:
                    break  # the province has no such book
                raise
            found, trips = found + some, trips + asked
    with site.store.reading():
        found += _refused(office, day, {(one.kind, one.key) for _, one in found})
    return found, trips


def _refused(office: str, day: date | None, known: set[tuple[Kind, str]]) -> list[tuple[str, Finding]]:
    """Reports that the province did not take: the office's to mend, however old; one finding a dossier and book."""
    scope = f"{office}|{day.isoformat()}" if day else office
    found = []
    for name, dossier, code in told_rows.refused(office):
        bucket = bucket_of(dossier.office_id, dossier.received_at)
        book = next(one for one in BOOKS if one.name == name)
        if (book.kind, dossier.provisional) in known or not in_scope(bucket, scope):
            continue
        noun, field = NAMES[book.kind]
        number = dossier.official or ""
        words = (
            f"Hồ sơ {number or dossier.provisional}: tỉnh không nhận báo cáo {noun} ({code}). "
            "Mỗi ngày tự gửi lại một lần; sửa chỗ tỉnh nêu rồi gửi lại."
        )
        sides: tuple[dict[str, Any], dict[str, Any]] = {field: [f"chưa báo được: {code}"]}, {field: []}
        found.append((bucket, Finding(book.kind, Owner.OFFICE, dossier.provisional, number, words, *sides)))
    return found


def _spans(day: date | None, now: datetime) -> list[tuple[str, datetime, datetime]]:
    if day is not None:
        first, _ = span(f"{day:%Y-%m}")
        start = first + timedelta(days=day.day - 1)
        return [(day.isoformat(), start, start + timedelta(days=1))]
    month = f"{local(now):%Y-%m}"
    before = f"{local(span(month)[0] - timedelta(days=1)):%Y-%m}"
    return [(one, *span(one)) for one in (before, month)]


def _compare_book(
    site: Site, book: _Book, office: str, within: str, since: datetime, until: datetime
) -> tuple[list[tuple[str, Finding]], int]:
    with site.store.reading():
        held = book.ours(office, since, until)
    ours: dict[str, dict[str, Row]] = {}
    for row in held:
        ours.setdefault(book.bucket(office, row.at), {})[book.uid(row)] = row
    digests = [
        BucketDigest(bucket, *sum_digests(map(book.digest, rows.values()))) for bucket, rows in sorted(ours.items())
    ]
    province = site.province()
    differing = province.compare_digests(scope=f"{book.prefix}{office}|{within}", digests=digests)
    found: list[tuple[str, Finding]] = []
    for one in differing:
        theirs = {book.uid(row): row for row in book.theirs(province, one.bucket)}
        with site.store.reading():
            known = told_rows.ours_among(book.name, sorted(theirs.keys() - ours.get(one.bucket, {}).keys()))
        there = {uid: row for uid, row in theirs.items() if uid not in known}  # else on its way into our books
        found += _findings(book, split_kind(one.bucket)[1], ours.get(one.bucket, {}), there)
    return found, 1 + len(differing)


def _findings(
    book: _Book, bucket: str, ours: Mapping[str, Row], theirs: Mapping[str, Row]
) -> Iterable[tuple[str, Finding]]:
    """One finding for each dossier whose rows differ."""
    by_dossier: dict[str, tuple[list[Row], list[Row]]] = {}
    for side, (mine, other) in enumerate(((ours, theirs), (theirs, ours))):
        for uid, row in mine.items():
            if other.get(uid) != row:
                by_dossier.setdefault(row.provisional, ([], []))[side].append(row)
    for key, (here, there) in sorted(by_dossier.items()):
        yield bucket, _finding(book, key, here, there)


def _finding(book: _Book, key: str, here: list[Row], there: list[Row]) -> Finding:
    noun, field = NAMES[book.kind]
    ours, theirs = sorted(map(book.words, here)), sorted(map(book.words, there))
    both = {book.uid(row) for row in here} & {book.uid(row) for row in there}
    if both:
        owner, words = Owner.PROVINCE, f"tỉnh ghi {noun} khác: bưu cục “{ours[0]}”, tỉnh “{theirs[0]}”"
    elif here:
        owner, words = Owner.PROVINCE, f"tỉnh đã nhận báo cáo mà sổ tỉnh thiếu {len(here)} {noun}: {ours[0]}"
    else:
        owner, words = Owner.OFFICE, f"sổ tỉnh có {len(there)} {noun} mà bưu cục không có: {theirs[0]}"
    number = next((row.number for row in [*here, *there] if getattr(row, "number", "")), "")
    return Finding(book.kind, owner, key, number, f"Hồ sơ {number or key}: {words}.", {field: ours}, {field: theirs})
