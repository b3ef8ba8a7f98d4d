"""What others than the receiver pay or are paid: repeated deliveries, compensation, money an authority has too much."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from agent.domain.money_entries import Account
from agent.errors import Forbidden, RuleViolation
from agent.money import charges, credits, day, remit, repairs, reversals, slips, statements
from agent.store import money
from agent.store.bank import BankLine
from agent.store.cash import Remittance
from agent.store.claims import Claim
from agent.store.dossiers import Dossier
from agent.tracking.back.claims import Complaint, open_claim, take_step
from agent.tracking.back.decide import redeliver
from agent.tracking.custody import accept, hand_over
from agent.tracking.deliver import fail_attempt
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
    SECOND,
    THU_HO,
    MoneyDesk,
    money_desk,
    pages_as,
    words_of,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MoneyDesk]:
    with money_desk(tmp_path / "data") as made:
        yield made


def failed(desk: MoneyDesk, reason: str, action: str, evidence: tuple[str, ...]) -> tuple[Dossier, str]:
    """A dossier whose item came back undelivered for this reason, and is to go out again."""
    dossier = desk.receive(paid=False, way="courier")
    number = desk.out(dossier)
    fail_attempt(desk.site, number, reason=reason, action=action, evidence=evidence, by=COURIER)
    hand_over(desk.site, [number], to=f"office:{OFFICE}", by=COURIER)
    accept(desk.site, [number], holder=f"office:{OFFICE}", by=CLERK)
    redeliver(desk.site, number, day_of_work(desk), by=CLERK)
    return dossier, number


def day_of_work(desk: MoneyDesk):  # type: ignore[no-untyped-def]
    from agent.store.calendar import Body, working_calendar
    from agent.tracking.back.own import today

    with desk.site.store.reading():
        return working_calendar(OFFICE, body=Body.OFFICE).next_working(today(desk.site))


@pytest.mark.parametrize(
    "reason, action, evidence, who",
    [
        ("wrong_address", "redeliver", ("position", "photo"), AGENCY),
        ("no_attempt", "redeliver", (), f"courier:{COURIER.username}"),
    ],
    ids=["the sender's fault", "the courier's fault"],
)
def test_a_repeat_that_the_receiver_does_not_pay_is_due_from_who_caused_it(
    desk: MoneyDesk, reason: str, action: str, evidence: tuple[str, ...], who: str
) -> None:
    site = desk.site
    failed(desk, reason, action, evidence)
    with site.store.reading():
        assert charges.due(OFFICE) == {who: 26_000}
        figures = {one.name: one.amounts for one in day.day_figures(site, OFFICE, *[desk_day(desk)] * 2)}
        (charged,) = money.entries(OFFICE, kind="charged")
    assert figures["charged"] == {CUOC: 26_000} and desk.all_of(Account.OPERATOR) == {CUOC: -26_000}
    with pytest.raises(RuleViolation, match=r"nay là 26\.000 đ"):
        charges.receive(site, who, 25_000, by=CLERK)
    with pytest.raises(Forbidden):
        charges.bear(site, who, 26_000, by=CLERK)
    charges.receive(site, who, 26_000, by=CLERK)
    with pytest.raises(RuleViolation, match="nay là 0 đ"):
        charges.receive(site, who, 26_000, by=CLERK)
    assert desk.all_of(Account.TILL) == {CUOC: 26_000}
    with pytest.raises(RuleViolation, match="đã thu rồi"):
        turn(desk, charged.uid)
    with site.store.reading():
        (paid,) = money.entries(OFFICE, kind="charge_paid")
    turn(desk, paid.uid)
    with site.store.reading():
        assert charges.due(OFFICE) == {who: 26_000}
    charges.bear(site, who, 26_000, by=CHIEF)
    with site.store.reading():
        (borne,) = money.entries(OFFICE, kind="charge_borne")
    turn(desk, borne.uid)
    assert desk.all_of(Account.DUE) == {CUOC: 26_000} and desk.sound() == []
    charges.bear(site, who, 26_000, by=CHIEF)
    assert desk.all_of(Account.DUE) == {} == desk.all_of(Account.OPERATOR) and desk.sound() == []


def desk_day(desk: MoneyDesk):  # type: ignore[no-untyped-def]
    from agent.clock import local

    return local(desk.clock.now()).date()


def turn(desk: MoneyDesk, entry) -> None:  # type: ignore[no-untyped-def]
    with desk.site.store.reading():
        asked = reversals.Reversal.get_or_none(reversals.Reversal.entry == entry)
    request = asked or reversals.ask(desk.site, entry, reason="Ghi nhầm, tính lại", by=SECOND)
    reversals.answer(desk.site, request.uid, agreed=True, by=DEPUTY)


def test_what_an_authority_transfers_for_repeats_is_found_by_its_code(desk: MoneyDesk) -> None:
    failed(desk, "wrong_address", "redeliver", ("position", "photo"))
    statements.import_statement(desk.site, BANK.name, desk.statement(("TRA CUOC PHAT LAI", 26_000)), by=CHIEF)
    with desk.site.store.reading():
        line = BankLine.get()
    for last in (False, True):
        repairs.repair(desk.site, line.uid, repairs.ASSIGN, number=AGENCY, by=CLERK)
        assert desk.all_of(Account.DUE) == {} == desk.all_of(Account.SUSPENSE)
        assert desk.all_of(Account.BANK) == {CUOC: 26_000} and desk.sound() == []
        if not last:  # it was not for that
            with desk.site.store.reading():
                (paid,) = money.entries(OFFICE, kind="charge_paid")
            turn(desk, paid.uid)
            assert desk.all_of(Account.DUE) == {CUOC: 26_000} and desk.all_of(Account.SUSPENSE) == {THU_HO: -26_000}


def test_compensation_is_owed_when_it_is_minuted_and_paid_from_where_the_money_was_taken(desk: MoneyDesk) -> None:
    site, number = desk.site, desk.at_office(desk.receive(way="courier"))
    facts = Complaint("damaged_part", "Bao bì ướt, mép rách 3 cm.", "Nguyễn Thị Hường")
    claim = open_claim(site, number, facts, by=CLERK)
    take_step(site, claim.uid, "accept", "Có lỗi của bưu cục.", by=CHIEF)
    take_step(site, claim.uid, "minutes", "", amount=50_000, by=CHIEF)
    assert desk.all_of(Account.COMPENSATION) == {CUOC: -50_000}
    at = f"/delivery/claims/{claim.uid}"
    signers, others = pages_as(desk, CHIEF.username)(at), pages_as(desk, CLERK.username)(at)
    assert "người khác mở hồ sơ và chi trả" in signers and 'name="source"' not in signers
    assert "người khác mở hồ sơ và chi trả" not in others and 'name="source"' in others
    with pytest.raises(RuleViolation, match="không đủ tiền"):
        take_step(site, claim.uid, "pay", "", source="safe", by=CLERK)
    with pytest.raises(RuleViolation, match="Chọn nơi chi"):
        take_step(site, claim.uid, "pay", "", source="VCB-KHAC", by=CLERK)
    take_step(site, claim.uid, "pay", "", source=BANK.name, by=CLERK)
    assert desk.all_of(Account.COMPENSATION) == {} and desk.all_of(Account.BANK) == {CUOC: -50_000}
    with site.store.reading():
        (paid,) = money.entries(OFFICE, kind="compensation_paid")
        figures = {one.name: one.amounts for one in day.day_figures(site, OFFICE, *[desk_day(desk)] * 2)}
    assert figures["compensated"] == {CUOC: 50_000}
    turn(desk, paid.uid)  # the bank did not carry it out
    with site.store.reading():
        assert (Claim.get().state, Claim.get().closed_at) == ("minuted", None)
    assert desk.all_of(Account.COMPENSATION) == {CUOC: -50_000}
    take_step(site, claim.uid, "pay", "", source=BANK.name, by=CLERK)
    statements.import_statement(site, BANK.name, desk.statement(("CHI BOI THUONG", -50_000)), by=CHIEF)
    assert desk.all_of(Account.SUSPENSE) == {} and desk.all_of(Account.BANK) == {CUOC: -50_000}, "told once"
    assert desk.sound() == []


def overpaid(desk: MoneyDesk, copies: int = 1) -> None:
    """An authority was handed 8.000 for each copy that the bank took back afterwards."""
    dossier, amount = desk.receive(paid=False, copies=copies), 8_000 * copies
    purpose = desk.purpose(dossier)
    statements.import_statement(desk.site, BANK.name, desk.statement((purpose, amount)), by=CHIEF)
    remit.remit(desk.site, AGENCY, "state", BANK.name, amount, by=CHIEF)
    lines = desk.statement(("NOP CO QUAN", -amount), (f"HOAN {purpose}", -amount))
    statements.import_statement(desk.site, BANK.name, lines, by=CHIEF)
    with desk.site.store.reading():
        (own, back) = BankLine.select().where(BankLine.amount < 0).order_by(BankLine.id)
        assert (own.verdict, back.verdict) == ("matched", "chargeback")
        (credit,) = credits.credits(OFFICE)
    assert (credit.authority, credit.ledger, credit.amount) == (AGENCY, PHI, amount)


def test_what_an_authority_has_too_much_is_set_off_by_the_next_slip_and_the_slip_says_so(desk: MoneyDesk) -> None:
    site = desk.site
    overpaid(desk)
    next_one = desk.receive(paid=False, copies=3)
    statements.import_statement(site, BANK.name, desk.statement((desk.purpose(next_one), 24_000)), by=CHIEF)
    with site.store.reading():
        assert credits.credits(OFFICE) == []
        (due,) = remit.due_list(site, OFFICE)
    assert (due.amount, due.set_off) == (16_000, 8_000)
    slip = remit.remit(site, AGENCY, "state", BANK.name, 16_000, by=CHIEF)
    assert sorted(part for _, part in slip.dossiers) == [-8_000, 24_000]
    words = " ".join(words_of(slips.remittance_pdf(site, slip)).split())
    assert "Đã trừ 8.000 đ cơ quan nhận thừa" in words and "−8.000 đ" in words and "16.000 đ" in words
    assert desk.all_of(Account.OWED) == {} and desk.sound() == []


def test_what_an_authority_has_too_much_is_claimed_back_by_a_paper_and_never_twice(desk: MoneyDesk) -> None:
    site = desk.site
    overpaid(desk)
    with pytest.raises(RuleViolation, match=r"giữ thừa 8\.000 đ"):
        credits.claim_back(site, AGENCY, "state", 9_000, by=CLERK)
    paper = credits.claim_back(site, AGENCY, "state", 8_000, by=CLERK)
    with pytest.raises(RuleViolation, match="giữ thừa 0 đ"):
        credits.claim_back(site, AGENCY, "state", 8_000, by=CLERK)
    with pytest.raises(RuleViolation, match="không xác nhận ở đây"):
        remit.acknowledge(site, paper.uid, reference="số 12", by=CLERK)
    words = " ".join(words_of(slips.remittance_pdf(site, paper)).split())
    assert paper.number in words and "trả lại" in words and "8.000 đ" in words and "−" not in words
    other = desk.receive(paid=False)
    statements.import_statement(site, BANK.name, desk.statement((desk.purpose(other), 8_000)), by=CHIEF)
    with site.store.reading():
        (due,) = remit.due_list(site, OFFICE)
    assert (due.amount, due.set_off) == (8_000, 0), "what is claimed is not set off too"
    statements.import_statement(site, BANK.name, desk.statement(("STC HOAN TRA", 8_000)), by=CHIEF)
    with site.store.reading():
        line = BankLine.get(BankLine.state == "open", BankLine.amount > 0)
    repairs.repair(site, line.uid, repairs.ASSIGN, number=paper.number, by=CLERK)
    with site.store.reading():
        (came,) = money.entries(OFFICE, kind="paid_back")
    turn(desk, came.uid)  # given to the wrong paper, it seemed
    with site.store.reading():
        assert (Remittance.get_by_id(paper.id).state, BankLine.get_by_id(line.id).state) == ("claimed", "open")
    repairs.repair(site, line.uid, repairs.ASSIGN, number=paper.number, by=CLERK)
    remit.remit(site, AGENCY, "state", BANK.name, 8_000, by=CHIEF)
    assert desk.all_of(Account.OWED) == {} == desk.all_of(Account.SUSPENSE) and desk.sound() == []
    with pytest.raises(RuleViolation, match="không còn chờ"):
        credits.withdraw(site, paper.uid, by=CLERK)


def test_a_paper_that_is_withdrawn_is_set_off_after_all(desk: MoneyDesk) -> None:
    overpaid(desk)
    paper = credits.claim_back(desk.site, AGENCY, "state", 8_000, by=CLERK)
    credits.withdraw(desk.site, paper.uid, by=CLERK)
    with desk.site.store.reading():
        (credit,) = credits.credits(OFFICE)
    assert credit.amount == 8_000


def test_a_payment_that_is_entered_after_its_line_was_read_is_not_told_twice(desk: MoneyDesk) -> None:
    site, dossier = desk.site, desk.receive(paid=False)
    statements.import_statement(site, BANK.name, desk.statement((desk.purpose(dossier), 8_000)), by=CHIEF)
    statements.import_statement(site, BANK.name, desk.statement(("NOP CO QUAN", -8_000)), by=CHIEF)
    with site.store.reading():
        line = BankLine.get(BankLine.amount < 0)
    with pytest.raises(RuleViolation, match="Ghi khoản chi trước"):
        repairs.repair(site, line.uid, repairs.PAID_OUT, by=CLERK)
    remit.remit(site, AGENCY, "state", BANK.name, 8_000, by=CHIEF)
    repairs.repair(site, line.uid, repairs.PAID_OUT, by=CLERK)
    assert desk.all_of(Account.BANK) == {} == desk.all_of(Account.SUSPENSE) and desk.sound() == []


def test_a_statement_with_our_own_payments_leaves_its_thread_able_to_write(desk: MoneyDesk) -> None:
    """Looking for the payment reads to the end: half a query would keep the old state of the books open."""
    site = desk.site
    for _ in range(2):
        purpose = desk.purpose(desk.receive(paid=False))
        statements.import_statement(site, BANK.name, desk.statement((purpose, 8_000)), by=CHIEF)
        remit.remit(site, AGENCY, "state", BANK.name, 8_000, by=CHIEF)
    gc.disable()
    try:
        statements.import_statement(site, BANK.name, desk.statement(("NOP CO QUAN", -8_000)), by=CHIEF)
        other = Thread(target=desk.receive)
        other.start()
        other.join()
        desk.receive()
    finally:
        gc.enable()
    with site.store.reading():
        assert Dossier.select().count() == 4
