"""Payments and milestones that were reported are compared too, against a real sandbox, and each difference is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.cli.peers import folder_of
from agent.reconcile.compare import compare, compare_books
from agent.reconcile.explain import Kind, Owner, Repair
from agent.reconcile.record import Found
from agent.reconcile.repair import resend
from agent.soap.judge import rejected
from agent.soap.province.ledger import Ledger
from agent.store.dossiers import Dossier
from agent.store.exchanges import await_report
from agent.store.reconciliation import Difference
from agent.tracking.province_reports import report_all
from tests.builders import CLERK, OFFICE, Station, delivered, station_with_province

CORRUPTIONS = {
    "an entry's amount was changed": ("payments", "UPDATE payments SET amount = amount + 1000", "payment", "tỉnh ghi"),
    "an entry is lost": ("payments", "DELETE FROM payments", "payment", "mà sổ tỉnh thiếu"),
    "an entry that we never made": (
        "payments",
        "INSERT INTO payments SELECT 'X-' || uid, number, provisional, bucket, kind, ledger, code, amount, at, means,"
        " document, content FROM payments", "payment", "mà bưu cục không có",
    ),
    "a milestone has another holder": ("custody", "UPDATE custody SET holder = 'nobody'", "milestone", "tỉnh ghi mốc"),
    "a milestone is lost": ("custody", "DELETE FROM custody", "milestone", "mà sổ tỉnh thiếu"),
    "a milestone that never was": (
        "custody",
        "INSERT INTO custody SELECT 'X-' || uid, item, provisional, kind, holder, reason, at, office, bucket, content"
        " FROM custody", "milestone", "mà bưu cục không có",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station_with_province(tmp_path_factory.mktemp("station")) as running:
        yield running


@pytest.fixture(scope="module")
def dossier(at: Station) -> Dossier:
    return delivered(at)


@pytest.fixture(scope="module")
def ledger(at: Station) -> Iterator[Ledger]:
    held = Ledger(folder_of(at.program))
    yield held
    held.close()


def found(at: Station) -> list[Found]:
    return list(compare(at.site, office=OFFICE, by=CLERK).differences)


def test_what_is_not_told_yet_is_no_difference_and_what_was_told_agrees(at: Station, dossier: Dossier) -> None:
    assert found(at) == []
    assert report_all(at.site) != (0, 0)
    assert found(at) == []


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupted_book_is_named_and_closed_when_mended(
    at: Station, dossier: Dossier, ledger: Ledger, name: str
) -> None:
    report_all(at.site)
    table, act, kind, words = CORRUPTIONS[name]
    with ledger.writing():
        ledger.run(f"CREATE TEMP TABLE kept AS SELECT * FROM {table}")
        ledger.run(f"{act} WHERE uid = (SELECT min(uid) FROM {table})")
    try:
        (one,) = found(at)
    finally:
        with ledger.writing():
            ledger.run(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")
    assert (one.kind.value, one.key) == (kind, dossier.provisional) and words in one.explanation
    assert found(at) == [] and Difference.get(Difference.uid == one.uid).repair == "gone"


def test_a_lost_milestone_is_there_again_once_it_was_sent_again(at: Station, dossier: Dossier, ledger: Ledger) -> None:
    report_all(at.site)
    with ledger.writing():
        ledger.run("DELETE FROM custody WHERE uid = (SELECT min(uid) FROM custody)")
    (one,) = found(at)
    assert one.repairs[0] is Repair.RESEND
    resend(at.site, one.uid, by=CLERK)
    assert report_all(at.site) == (1, 0)
    assert found(at) == []


class Refusing:
    """The real province, but that it takes no payments."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def report_payments(self, **_said: Any) -> None:
        raise rejected("CONTENT_INVALID", "amount")


def test_a_report_that_the_province_refused_is_the_office_s_to_send_again(at: Station, dossier: Dossier) -> None:
    with at.site.store.writing():
        await_report(dossier.id, "payments")
    refusing = Refusing(at.site.province())
    report_all(replace(at.site, province=lambda: refusing))
    (one,) = found(at)
    assert (one.kind, one.owner, one.key) == (Kind.PAYMENT, Owner.OFFICE, dossier.provisional)
    assert "CONTENT_INVALID" in one.explanation
    resend(at.site, one.uid, by=CLERK)
    assert report_all(at.site) == (0, 1)
    assert found(at) == []


def test_every_office_compared_at_once_has_its_payments_compared_too(
    at: Station, dossier: Dossier, ledger: Ledger
) -> None:
    report_all(at.site)
    everyone = at.site.settings.with_(province=replace(at.site.settings.province, every_office=True))
    with ledger.writing():
        ledger.run("UPDATE payments SET amount = amount + 1000 WHERE uid = (SELECT min(uid) FROM payments)")
    try:
        (report,) = compare_books(replace(at.site, settings=everyone), by=CLERK)
    finally:
        with ledger.writing():
            ledger.run("UPDATE payments SET amount = amount - 1000 WHERE uid = (SELECT min(uid) FROM payments)")
    assert [(one.kind, one.key) for one in report.differences] == [(Kind.PAYMENT, dossier.provisional)]
