"""Whatever is done with money, in any order, every posting sums to nought and the two equations hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from peewee import fn

from agent.clock import local
from agent.domain.custody_order import Decision
from agent.domain.custody_steps import CustodyStep
from agent.domain.money_entries import Account
from agent.domain.money_vietqr import purpose_of
from agent.errors import RuleViolation
from agent.intake.void import void
from agent.money import (
    charges,
    collect,
    credits,
    day,
    deposits,
    refunds,
    remit,
    repairs,
    reversals,
    shift,
    statements,
    variances,
)
from agent.store import money, money_charges
from agent.store.bank import BankLine
from agent.store.cash import CashDeposit, CashVariance, open_shift
from agent.store.custody_events import CustodyConflict
from agent.store.dossiers import Dossier, Fee
from agent.store.money import MoneyEntry, MoneyLeg
from agent.tracking.back.claims import Complaint, open_claim, take_step
from agent.tracking.journal.conflicts import decide
from tests import postgres
from tests.builders import OFFICE
from tests.flow.custody_world import PROOF, PhoneAtHand, keep_signature
from tests.flow.money_desk import AGENCY, BANK, CHIEF, CLERK, COURIER, DEPUTY, SECOND, MoneyDesk, money_desk, notes

ACTS = (
    "paid", "transfer", "unpaid", "carried", "waive", "collect", "open", "count", "miscount", "declare", "receive",
    "misreceive", "explain", "countersign", "settle", "void", "matched", "short", "over", "unknown", "chargeback",
    "repair", "pay_out", "remit", "reverse", "seen",
    "over_at_the_door", "charged", "charge_settled", "compensated", "owed_by_authority",
)  # fmt: skip
A_DAY = [
    ("owed_by_authority", 1), ("charged", 0), ("charge_settled", 0), ("charged", 1), ("charge_settled", 1),
    ("compensated", 2),
    ("transfer", 1), ("seen", 0), ("unpaid", 0), ("short", 0), ("repair", 0), ("paid", 0), ("reverse", 0), ("open", 5),
    ("paid", 0), ("miscount", 9), ("receive", 0), ("explain", 0), ("countersign", 0), ("settle", 0),
    ("unknown", 1), ("repair", 1), ("unknown", 2), ("repair", 2), ("unpaid", 0), ("matched", 0), ("chargeback", 0),
    ("over_at_the_door", 1), ("over_at_the_door", 0),
]  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoneyDesk]:
    """One office on each database, in which everything happens."""
    folder = tmp_path_factory.mktemp("property") / "data"
    if request.param == "sqlite":
        with money_desk(folder) as made:
            yield made
        return
    with postgres.migrated(request.getfixturevalue("postgres_server")) as url, money_desk(folder, url=url) as made:
        yield made


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@example(acts=A_DAY)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), min_size=8, max_size=14))
def test_after_any_sequence_everything_balances(desk: MoneyDesk, acts: list[tuple[str, int]]) -> None:
    for name, number in acts:
        with suppress(RuleViolation):  # what is not possible now is refused, and changes nothing
            DO[name](desk, number)
        invariants(desk, name)
    assert desk.sound() == []


def invariants(desk: MoneyDesk, after: str) -> None:
    """Sum of every posting = 0; expected = collected + waived + outstanding; collected = deposited + in hand."""
    with desk.site.store.reading():
        off: Any = MoneyLeg.select(MoneyLeg.entry).group_by(MoneyLeg.entry, MoneyLeg.ledger)
        assert off.having(fn.SUM(MoneyLeg.amount) != 0).count() == 0, after
        today = local(desk.clock.now()).date()
        claims = day.claims(OFFICE, today, today)
        assert all(one.agrees and min(one.collected, one.waived, one.outstanding) >= 0 for one in claims.values()), (
            after
        )
        kinds: Any = MoneyLeg.select(MoneyEntry.kind, fn.SUM(MoneyLeg.amount)).join(MoneyEntry)
        of_courier = kinds.where((MoneyLeg.account == Account.COURIER) & (MoneyLeg.holder == COURIER.username))
        moves = {kind: int(sum_) for kind, sum_ in of_courier.group_by(MoneyEntry.kind).tuples()}
        taken, handed_in = moves.pop("collected", 0), -moves.pop("deposited", 0)
        in_hand = money.in_hand(Account.COURIER, COURIER.username)
        assert taken + sum(moves.values()) == handed_in + in_hand, after
        assert in_hand >= 0 and money.in_hand(Account.SAFE, OFFICE) >= 0, after
        declared = sum(one.declared for one in CashDeposit.select().where(CashDeposit.account == "courier"))
        assert declared == handed_in, after


def newest(model: Any, *where: Any) -> Any:
    found = model.select().where(*where).order_by(model.id.desc()).first()
    if found is None:
        raise RuleViolation("nothing to act upon")
    return found


def dossier_owing() -> Dossier:
    fee = newest(Fee, Fee.paid_at.is_null(), Fee.waived_at.is_null(), Fee.refunded_at.is_null())
    found: Dossier = Dossier.get_by_id(fee.dossier_id)
    return found


def a_line(desk: MoneyDesk, more: int, number: int) -> None:
    dossier = dossier_owing()
    file = desk.statement((f"CK {desk.purpose(dossier)} {number}", desk.owed(dossier) + more))
    statements.import_statement(desk.site, BANK.name, file, by=CHIEF)


def waive(desk: MoneyDesk, _number: int) -> None:
    fee = newest(Fee, Fee.paid_at.is_null(), Fee.waived_at.is_null())
    dossier = Dossier.get_by_id(fee.dossier_id)
    collect.waive(desk.site, dossier.uid, fee.code, decided_by="Chủ tịch", reason="hộ nghèo", by=CLERK)


def take(desk: MoneyDesk, number: int) -> None:
    dossier = dossier_owing()
    codes = [fee.code for fee in desk.fees(dossier)]
    method = ("cash", "vietqr")[number % 2]
    collect.collect(desk.site, dossier.uid, codes, method=method, amount=desk.owed(dossier), by=CLERK)


def count(desk: MoneyDesk, wrong: int) -> None:
    held = open_shift(OFFICE, CLERK.username)
    if held is None:
        raise RuleViolation("no shift")
    there = desk.hand(Account.TILL, str(held.uid))
    shift.count_till(desk.site, held.uid, notes(max(0, there + wrong)), by=CLERK)


def declare(desk: MoneyDesk, number: int) -> None:
    held = desk.hand(Account.COURIER, COURIER.username)
    deposits.declare(desk.site, held if number % 2 else held // 2_000 * 1_000, by=COURIER)


def receive(desk: MoneyDesk, wrong: int) -> None:
    held = newest(CashDeposit, CashDeposit.state == "declared")
    deposits.receive(desk.site, held.uid, notes(max(0, held.declared + wrong)), by=SECOND)


def explain(desk: MoneyDesk, number: int) -> None:
    held = newest(CashVariance, CashVariance.state == "open")
    remedy = variances.REMEDIES[number % 2]
    variances.explain(desk.site, held.uid, words="Thối nhầm cho khách", remedy=remedy, by=CHIEF)


def pay_out(desk: MoneyDesk, number: int) -> None:
    with desk.site.store.reading():
        owed = money.holders(Account.REFUND, OFFICE)
    for holder, sums in owed.items():
        source = ("till", "safe", BANK.name)[number % 3]
        refunds.pay_out(desk.site, holder, source, -sum(sums.values()), by=CLERK)
        return


def hand_over(desk: MoneyDesk, number: int) -> None:
    with desk.site.store.reading():
        due = remit.due_list(desk.site, OFFICE)
    for one in due:
        for (account, holder), have in list(one.sources.items())[number % 2 :]:
            source = "safe" if account is Account.SAFE else holder
            remit.remit(desk.site, AGENCY, one.ledger.value, source, min(have, one.amount), by=CHIEF)
            return


def reverse(desk: MoneyDesk, number: int) -> None:
    kind = reversals.REVERSIBLE[number % len(reversals.REVERSIBLE)]
    entry = newest(MoneyEntry, MoneyEntry.kind == kind)
    made = reversals.ask(desk.site, entry.uid, reason="Ghi nhầm hồ sơ khác", by=SECOND)
    reversals.answer(desk.site, made.uid, agreed=number < 8, by=DEPUTY)


def repair(desk: MoneyDesk, number: int) -> None:
    row = newest(BankLine, BankLine.state == "open")
    ways = repairs.REPAIRS[statements.Verdict(row.verdict)]
    repairs.repair(desk.site, row.uid, ways[number % len(ways)], number="", by=CHIEF)


def charge_back(desk: MoneyDesk, number: int) -> None:
    row = newest(BankLine, BankLine.amount > 0, BankLine.purpose != "")
    file = desk.statement((f"HOAN {row.purpose}", -row.amount))
    statements.import_statement(desk.site, BANK.name, file, by=CHIEF)


def carried(desk: MoneyDesk, _number: int) -> None:
    desk.deliver(desk.receive(paid=False, way="courier"))


def over_at_the_door(desk: MoneyDesk, number: int) -> None:
    """A fee is waived while the courier is on his way; he collects it all the same, and a person decides."""
    dossier = desk.receive(paid=False, way="courier")
    owed, item = desk.owed(dossier), desk.out(dossier)
    fee = desk.fees(dossier)[0]
    collect.waive(desk.site, dossier.uid, fee.code, decided_by="Chủ tịch", reason="hộ nghèo", by=CLERK)
    keep_signature(desk.site)
    phone = PhoneAtHand(COURIER.username, office_id=OFFICE)
    phone.sees(desk.site, item)
    proof = {**PROOF, "collected": owed}
    (said,) = phone.send(desk.site, phone.mint(CustodyStep.DELIVER, item, desk.clock.now(), proof=proof))
    assert (said.verdict, said.code) == ("conflict", "amount"), said
    with desk.site.store.reading():
        (row,) = CustodyConflict.select().where(CustodyConflict.disputes == said.id)
    decide(desk.site, row.uid, (Decision.ASIDE, Decision.AFTER)[number % 2], by=CHIEF)


def charged(desk: MoneyDesk, number: int) -> None:
    dossier, who = newest(Dossier, Dossier.id > 0), (AGENCY, f"courier:{COURIER.username}")[number % 2]
    with desk.site.store.writing():
        money_charges.charge_repeat(
            dossier, who, 26_000, item=f"RD{MoneyEntry.select().count()}", attempt=1, by=CLERK, at=desk.clock.now(),
            ids=desk.site.ids,
        )  # fmt: skip


def charge_settled(desk: MoneyDesk, number: int) -> None:
    with desk.site.store.reading():
        due = charges.due(OFFICE)
    for who, amount in due.items():
        (charges.receive, charges.bear)[number % 2](desk.site, who, amount, by=CHIEF)
        return


def compensated(desk: MoneyDesk, number: int) -> None:
    item = desk.at_office(desk.receive(way="courier"))
    facts = Complaint("damaged_part", "Bao bì ướt, mép rách 3 cm.", "Nguyễn Thị Hường")
    claim = open_claim(desk.site, item, facts, by=CLERK)
    take_step(desk.site, claim.uid, "accept", "Có lỗi của bưu cục.", by=CHIEF)
    take_step(desk.site, claim.uid, "minutes", "", amount=20_000, by=CHIEF)
    take_step(desk.site, claim.uid, "pay", "", source=("till", "safe", BANK.name)[number % 3], by=DEPUTY)


def owed_by_authority(desk: MoneyDesk, number: int) -> None:
    """What was remitted is taken back by the bank; the authority pays it back, or it is set off."""
    desk.receive(paid=False)
    a_line(desk, 0, number)
    with desk.site.store.reading():
        due = [one for one in remit.due_list(desk.site, OFFICE) if (Account.BANK, BANK.name) in one.sources]
    for one in due[:1]:
        can = one.from_source((Account.BANK, BANK.name))
        remit.remit(desk.site, one.authority, one.ledger.value, BANK.name, can, by=CHIEF)
    charge_back(desk, number)
    with desk.site.store.reading():
        found = credits.credits(OFFICE)
    for credit in found[:1]:
        paper = credits.claim_back(desk.site, credit.authority, credit.ledger.value, credit.amount, by=CLERK)
        if number % 2:
            credits.paid_back(desk.site, paper.uid, reference="PC 12", by=CLERK)
        else:
            credits.withdraw(desk.site, paper.uid, by=CLERK)


def seen(desk: MoneyDesk, _number: int) -> None:
    fee = newest(Fee, Fee.method == "vietqr", Fee.refunded_at.is_null())
    dossier = Dossier.get_by_id(fee.dossier_id)
    purpose = purpose_of("HS", dossier.provisional, "")
    total = sum(one.amount for one in desk.fees(dossier) if one.method == "vietqr" and one.refunded_at is None)
    statements.import_statement(desk.site, BANK.name, desk.statement((purpose, total)), by=CHIEF)


def unknown(desk: MoneyDesk, number: int) -> None:
    file = desk.statement(("KHONG RO", 1_000 + number))
    statements.import_statement(desk.site, BANK.name, file, by=CHIEF)


def voided(desk: MoneyDesk, _number: int) -> None:
    void(desk.site, newest(Dossier, Dossier.state == "received").uid, by=CLERK, reason="nhập nhầm thủ tục")


DO: dict[str, Callable[[MoneyDesk, int], Any]] = {
    "paid": lambda desk, n: desk.receive(copies=1 + n % 3),
    "transfer": lambda desk, _n: desk.receive(method="vietqr"),
    "unpaid": lambda desk, n: desk.receive(paid=False, way=("counter", "courier")[n % 2]),
    "carried": carried,
    "over_at_the_door": over_at_the_door,
    "charged": charged,
    "charge_settled": charge_settled,
    "compensated": compensated,
    "owed_by_authority": owed_by_authority,
    "waive": waive,
    "collect": take,
    "open": lambda desk, n: shift.open_till(desk.site, notes(n * 10_000), by=CLERK),
    "count": lambda desk, _n: count(desk, 0),
    "miscount": lambda desk, n: count(desk, (n - 5) * 2_000),
    "declare": declare,
    "receive": lambda desk, _n: receive(desk, 0),
    "misreceive": lambda desk, n: receive(desk, (n - 5) * 1_000),
    "explain": explain,
    "countersign": lambda desk, _n: variances.countersign(
        desk.site, newest(CashVariance, CashVariance.state == "explained").uid, by=DEPUTY
    ),
    "settle": lambda desk, _n: variances.settle_up(
        desk.site, newest(CashVariance, CashVariance.paid_at.is_null(), CashVariance.state == "settled").uid, by=CHIEF
    ),
    "void": voided,
    "matched": lambda desk, n: a_line(desk, 0, n),
    "short": lambda desk, n: a_line(desk, -1_000, n),
    "over": lambda desk, n: a_line(desk, 1_000 * (1 + n), n),
    "unknown": unknown,
    "chargeback": charge_back,
    "repair": repair,
    "pay_out": pay_out,
    "remit": hand_over,
    "reverse": reverse,
    "seen": seen,
}


def test_the_sequences_reached_every_kind_of_posting(desk: MoneyDesk) -> None:
    with desk.site.store.reading():
        seen = {kind for (kind,) in MoneyEntry.select(MoneyEntry.kind).distinct().tuples()}
    assert set(day.KIND_NAME) - seen == set()
