"""A day's money: 140 dossiers with mixed fees, a miscount, a refund, a chargeback; it balances to the đồng."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.domain.money_entries import Account
from agent.intake.void import void
from agent.money import collect, day, deposits, remit, reversals, shift, statements, variances
from agent.store import money
from agent.store.cash import CashDeposit, CashVariance, Shift
from tests import postgres
from tests.builders import OFFICE
from tests.flow.money_desk import (
    AGENCY,
    BANK,
    CHIEF,
    CLERK,
    COURIER,
    CUOC,
    DEPUTY,
    PHI,
    MoneyDesk,
    money_desk,
    notes,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MoneyDesk]:
    """An office on each database in turn."""
    if request.param == "sqlite":
        with money_desk(tmp_path / "data") as made:
            yield made
        return
    with (
        postgres.migrated(request.getfixturevalue("postgres_server")) as url,
        money_desk(tmp_path / "data", url=url) as made,
    ):
        yield made


def test_a_day_of_140_dossiers_balances_to_the_dong(office: MoneyDesk) -> None:
    desk, site = office, office.site
    till = shift.open_till(site, notes(500_000), by=CLERK)
    cash = [desk.receive(copies=1 + number % 3) for number in range(70)]
    waiting = [desk.receive(paid=False) for _ in range(30)]
    waived = [desk.receive(paid=False) for _ in range(10)]
    carried = [desk.receive(paid=False, way="courier") for _ in range(30)]
    fee = sum(one.amount for one in desk.fees(cash[0]))
    assert fee > 0 and len(cash + waiting + waived + carried) == 140

    for dossier in waived:
        (line,) = desk.fees(dossier)
        collect.waive(site, dossier.uid, line.code, decided_by="Đỗ Quang Minh", reason="hộ nghèo", by=CLERK)
    purposes = [desk.purpose(dossier) for dossier in waiting]
    file = desk.statement(*((f"MBVCB.77.{one}.CT tu 0123", fee) for one in purposes))
    assert statements.import_statement(site, BANK.name, file, by=CHIEF).new == {"matched": 30}
    assert statements.import_statement(site, BANK.name, file, by=CHIEF) == statements.Imported({}, 30)
    taken = sum(desk.deliver(dossier) for dossier in carried)

    void(site, cash[0].uid, by=CLERK, reason="nhập nhầm thủ tục")  # a refund, out of the till
    back = desk.statement((f"HOAN TRA {purposes[0]} KHACH KHIEU NAI", -fee))
    assert statements.import_statement(site, BANK.name, back, by=CHIEF).new == {"chargeback": 1}
    assert desk.owed(waiting[0]) == fee  # claimed anew

    kept = sum(one.amount for dossier in cash[1:] for one in desk.fees(dossier))
    expected = 500_000 + kept
    counted = expected - 50_000  # a note too little, which nobody has told the clerk
    shift.count_till(site, till.uid, notes(counted), by=CLERK)
    deposits.declare(site, taken, by=COURIER)
    with site.store.reading():
        of_clerk, of_courier = CashDeposit.get(giver="lananh"), CashDeposit.get(giver="tuyen7")
        variance = CashVariance.get()
        assert (Shift.get().state, Shift.get().expected_amount, variance.amount) == ("frozen", expected, -50_000)
    deposits.receive(site, of_clerk.uid, notes(counted), by=CHIEF)
    deposits.receive(site, of_courier.uid, notes(taken), by=CHIEF)
    variances.explain(site, variance.uid, words="Thối nhầm cho khách buổi sáng", remedy="pays", by=CLERK)
    variances.countersign(site, variance.uid, by=DEPUTY)
    for last in (False, True):
        variances.settle_up(site, variance.uid, by=CHIEF)
        if not last:  # the money had not come
            with site.store.reading():
                (entry,) = money.entries(OFFICE, kind="made_good")
            request = reversals.ask(site, entry.uid, reason="Chưa nhận được tiền bồi hoàn", by=CLERK)
            reversals.answer(site, request.uid, agreed=True, by=DEPUTY)
            assert desk.hand(Account.VARIANCE, str(variance.uid)) == 50_000

    assert desk.sound() == []
    assert {account for account in (Account.TILL, Account.COURIER, Account.TRANSIT, Account.VARIANCE, Account.FLOAT)
            if desk.all_of(account)} == set()  # fmt: skip
    freight = sum(one.amount for one in desk.fees(carried[0]) if one.ledger == "freight")
    assert desk.all_of(Account.SAFE) == {PHI: kept + 30 * (taken // 30 - freight), CUOC: 30 * freight}
    assert desk.all_of(Account.BANK) == {PHI: 29 * fee}
    assert desk.all_of(Account.OWED)[PHI] == -(kept + 29 * fee + taken - 30 * freight)
    assert desk.all_of(Account.OPERATOR) == {CUOC: -30 * freight}
    with site.store.reading():
        today = day.claims(OFFICE, *(2 * [site.clock.now().date()]))
    assert all(one.agrees for one in today.values())
    assert (today[PHI].waived, today[PHI].outstanding) == (10 * fee, fee)
    _remit_everything(desk)


def _remit_everything(desk: MoneyDesk) -> None:
    site = desk.site
    with site.store.reading():
        (due,) = remit.due_list(site, OFFICE)
    assert (due.authority, due.ledger) == (AGENCY, PHI)
    for (account, holder), have in due.sources.items():
        source = "safe" if account is Account.SAFE else holder
        remit.remit(site, AGENCY, "state", source, have, by=CHIEF)
    with site.store.reading():
        assert remit.due_list(site, OFFICE) == []
        slips = remit.remittances(CHIEF)
    assert sum(slip.amount for slip in slips) == due.amount
    assert all(sum(part for _, part in slip.dossiers) == slip.amount for slip in slips)
    assert desk.all_of(Account.OWED) == {} and desk.sound() == []
