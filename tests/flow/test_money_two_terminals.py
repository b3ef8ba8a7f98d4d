"""Two terminals move the same money at the same moment on one PostgreSQL database: one does it, the other is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agent.domain.money_entries import Account
from agent.money import collect, deposits, remit, repairs, shift, statements
from agent.store.bank import BankLine
from agent.store.cash import CashDeposit, CashVariance, Remittance, Shift
from agent.store.claims import Claim
from agent.store.dossiers import Dossier
from agent.tracking.back.claims import Complaint, add_inventory, open_claim
from tests import postgres
from tests.flow.money_desk import AGENCY, BANK, CHIEF, CLERK, PHI, SECOND, MoneyDesk, money_desk, notes
from tests.races import race

OTHER = replace(SECOND, terminal_id="T2")  # the same office, at the next terminal
CHIEF_THERE = replace(CHIEF, terminal_id="T2")


@dataclass
class Two:
    """A desk on PostgreSQL, and how to let two acts run into each other."""

    desk: MoneyDesk
    url: str

    def race(self, table: str, *acts: Callable[[], Any]) -> list[str]:
        """What each act said when they run into each other before writing to `table`."""
        return race(self.desk.site, self.url, table, *acts)


@pytest.fixture(scope="module")
def two(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two") / "data"
    with postgres.migrated(postgres_server) as url, money_desk(folder, url=url) as made:
        yield Two(made, url)


def newest(two: Two, model: Any) -> Any:
    with two.desk.site.store.reading():
        return model.select().order_by(model.id.desc()).first()


def transferred(two: Two) -> Dossier:
    """A dossier whose fee the bank has."""
    desk = two.desk
    dossier = desk.receive(paid=False)
    file = desk.statement((desk.purpose(dossier), desk.owed(dossier)))
    statements.import_statement(desk.site, BANK.name, file, by=CHIEF)
    return dossier


def test_two_lines_of_an_inventory_that_are_written_at_once_are_both_in_the_damage(two: Two) -> None:
    site, number = two.desk.site, two.desk.at_office(two.desk.receive(paid=False, way="courier"))
    facts = Complaint("late", "Giao chậm bốn ngày so với hẹn.", "Nguyễn Thị Hường")
    said = two.race(
        "claim", lambda: open_claim(site, number, facts, by=CLERK), lambda: open_claim(site, number, facts, by=OTHER)
    )
    assert said == ["done", "rule"], "one item has one open file"
    claim = newest(two, Claim)
    said = two.race(
        "claim_entry",
        lambda: add_inventory(site, claim.uid, "Trích lục, nhòe dấu", 1, 16_000, by=CLERK),
        lambda: add_inventory(site, claim.uid, "Bìa hồ sơ, rách", 1, 5_000, by=OTHER),
    )
    assert said == ["done", "done"] and newest(two, Claim).damage == 21_000


def test_the_same_money_is_remitted_once(two: Two) -> None:
    transferred(two)
    site, owed = two.desk.site, -two.desk.all_of(Account.OWED)[PHI]

    def slip(by: Any) -> Callable[[], Any]:
        return lambda: remit.remit(site, AGENCY, "state", BANK.name, owed, by=by)

    assert two.race("remittance", slip(CLERK), slip(OTHER)) == ["done", "rule"]
    with site.store.reading():
        assert Remittance.select().count() == 1
    assert two.desk.all_of(Account.BANK) == {} and two.desk.sound() == []


def test_a_deposit_that_two_receivers_count_at_once_is_counted_once(two: Two) -> None:
    site = two.desk.site
    till = shift.open_till(site, notes(100_000), by=CLERK)
    shift.count_till(site, till.uid, notes(100_000), by=CLERK)
    uid = newest(two, CashDeposit).uid

    def count(amount: int, by: Any) -> Callable[[], Any]:
        return lambda: deposits.receive(site, uid, notes(amount), by=by)

    assert two.race("cash_deposit", count(100_000, CHIEF), count(90_000, OTHER)) == ["done", "rule"]
    with site.store.reading():
        frozen = CashVariance.select().where(CashVariance.subject == uid).count()
    assert frozen == (newest(two, CashDeposit).state == "frozen") and two.desk.sound() == []


def test_a_line_of_the_bank_is_repaired_one_way(two: Two) -> None:
    desk = two.desk
    dossier = desk.receive(paid=False)
    statements.import_statement(desk.site, BANK.name, desk.statement(("NOP LE PHI", desk.owed(dossier))), by=CHIEF)
    uid, before = newest(two, BankLine).uid, desk.all_of(Account.BANK)

    def mend(what: str, number: str, by: Any) -> Callable[[], Any]:
        return lambda: repairs.repair(desk.site, uid, what, number=number, by=by)

    acts = (mend(repairs.ASSIGN, dossier.provisional, CLERK), mend(repairs.OWE, "", OTHER))
    assert two.race("bank_line", *acts) == ["done", "done"], "the second finds it settled"
    assert desk.hand(Account.SUSPENSE, str(uid)) == 0
    assert sum(desk.all_of(Account.BANK).values()) == sum(before.values()) and desk.sound() == []


def test_a_fee_that_is_paid_in_cash_while_the_bank_says_it_came_is_paid_once(two: Two) -> None:
    desk = two.desk
    dossier = desk.receive(paid=False, way="courier")
    file, fees = desk.statement((desk.purpose(dossier), desk.owed(dossier))), desk.fees(dossier)
    first = fees[0]

    def cash() -> Any:
        return collect.collect(desk.site, dossier.uid, [first.code], method="cash", amount=first.amount, by=OTHER)

    def bank() -> Any:
        return statements.import_statement(desk.site, BANK.name, file, by=CHIEF)

    said = two.race("fee", cash, bank)
    assert "accident" not in said and desk.sound() == []


def test_cash_is_never_left_on_a_shift_that_was_counted(two: Two) -> None:
    desk, there = two.desk, replace(CLERK, terminal_id="T2")
    till = shift.open_till(desk.site, notes(10_000), by=CLERK)
    dossier = desk.receive(paid=False)

    def count() -> Any:
        return shift.count_till(desk.site, till.uid, notes(10_000), by=CLERK)

    def cash() -> Any:
        codes = [fee.code for fee in desk.fees(dossier)]
        return collect.collect(desk.site, dossier.uid, codes, method="cash", amount=desk.owed(dossier), by=there)

    two.race("money_entry", count, cash)
    with desk.site.store.reading():
        held = Shift.get(Shift.uid == till.uid)
    assert held.state != "open" and desk.hand(Account.TILL, str(till.uid)) == 0 and desk.sound() == []
