"""Two ledgers of thousands of dossiers, compared over real SOAP: only where they differ is anything listed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.reconcile import recheck
from agent.reconcile.compare import compare
from tests.bench.ledgers import Ledgers, seen, two_ledgers

STAFF = Actor("hoa", "Lê Thị Hoa", Role.PROVINCE, "TTHCC", "T1")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledgers]:
    with two_ledgers(tmp_path_factory.mktemp("ledgers"), 4_000, offices=8, days=100) as ledgers:
        yield ledgers


def test_equal_ledgers_cost_one_question_and_one_difference_at_most_six(both: Ledgers) -> None:
    reports, size, _ = both.compare()
    assert (len(reports), sum(report.compared for report in reports), seen(reports)) == (8, 4_000, {})
    assert reports[0].trips == 1 and size < 8_000

    both.plant(1, seed=1)
    reports, size, _ = both.compare()
    assert seen(reports) == both.planted and len(both.planted) == 1
    assert reports[0].trips <= 6 and size < 32_000  # without compression


def test_twenty_one_differences_of_seven_kinds_are_each_named_in_their_office(both: Ledgers) -> None:
    both.plant(20, seed=2)
    reports, _, _ = both.compare()
    assert seen(reports) == both.planted and len(both.planted) == 21
    assert all(one.bucket.startswith(f"{report.office}|") for report in reports for one in report.differences)

    one = compare(both.site, office="BC-003", by=STAFF)  # one office, by weeks: its own differences and no others
    assert {d.key for d in one.differences} == {
        d.key for report in reports if report.office == "BC-003" for d in report.differences
    }
    with both.site.store.reading():
        assert recheck.ledger_rows() == []
