"""Who may be the one to count sees nowhere what the count should come to: every page of money, every figure, paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from agent.clock import local
from agent.domain.custody_steps import CustodyStep
from agent.domain.money_entries import Account, moved
from agent.errors import Forbidden, RuleViolation
from agent.money import collect, credits, day, deposits, remit, shift
from agent.money.refunds import pay_out
from agent.store import money
from agent.store.cash import CashDeposit, CashSeen, Shift
from agent.store.dossiers import Dossier
from agent.store.money_uncounted import hidden_from
from agent.tracking.back import lists
from agent.tracking.custody import accept, courier_holder, move
from agent.tracking.deliver import deliver
from agent.web.app import create_app
from tests.builders import OFFICE
from tests.flow.counter import PROOF
from tests.flow.money_desk import (
    AGENCY,
    CHIEF,
    CLERK,
    COURIER,
    DEPUTY,
    SECOND,
    THU_HO,
    MoneyDesk,
    money_desk,
    notes,
    pages_as,
)
from tests.flow.test_money_charges import overpaid

COURIERS = {47_600, 21_700, 25_900}  # what the courier holds: all, state, freight
TOGETHER = {46_000, 54_000}  # what is owed of both; with what was counted
TILLS = {124_300, 24_300, 100_000 + 8_000}  # the clerk's till, without its float, without the further fee
OF_ONE_DOSSIER = ("dossier_fees", "dossier_qr", "transfer_slip")
"""A citizen is told what his own dossier costs; nothing adds dossiers up."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MoneyDesk]:
    """A till that is open, a till that was counted (8.000 in the safe), a courier with 47.600 in hand."""
    with money_desk(tmp_path / "data") as made:
        site = made.site
        till = shift.open_till(site, {}, by=SECOND)
        made.receive(by=SECOND)
        shift.count_till(site, till.uid, notes(8_000), by=SECOND)
        with site.store.reading():
            counted = CashDeposit.get()
        deposits.receive(site, counted.uid, notes(8_000), by=DEPUTY)
        shift.open_till(site, notes(100_000), by=CLERK)
        for amount in (8_000, 8_300):
            more = made.receive(by=CLERK)
            collect.add_fee(site, more.uid, name="Phí bản sao", ledger="state", amount=amount, by=CLERK)
            codes = [fee.code for fee in made.fees(more)]
            if amount == 8_300:
                collect.collect(site, more.uid, codes, method="cash", amount=amount, by=CLERK)
        carried = made.receive(paid=False, way="courier")
        collect.add_fee(site, carried.uid, name="Phí bản sao", ledger="state", amount=13_700, by=CLERK)
        with site.store.writing():
            fees = [fee for fee in made.fees(carried) if fee.ledger == "freight"]
            fees[0].amount = 25_900
            fees[0].save()
        assert made.deliver(carried) == 47_600
        yield made


def paths(desk: MoneyDesk) -> list[str]:
    """The address of every page and paper of money but those of one dossier, with what is there to be opened."""
    site, found = desk.site, []
    with site.store.reading():
        uids = {
            "counted": [one.uid for one in Shift.select()], "shift_slip": [one.uid for one in Shift.select()],
            "deposit": [one.uid for one in CashDeposit.select()],
            "deposit_slip": [one.uid for one in CashDeposit.select()],
            "entry": [one.uid for one in money.entries(OFFICE) if one.dossier_id is None],
            "remittance_slip": [one.uid for one in remit.remittances(CHIEF)],
        }  # fmt: skip
    for rule in create_app(site).url_map.iter_rules():
        name = rule.endpoint.removeprefix("money.")
        if not rule.endpoint.startswith("money.") or "GET" not in (rule.methods or ()) or name in OF_ONE_DOSSIER:
            continue
        if "uid" in rule.arguments:
            found += [rule.rule.replace("<uuid:uid>", str(uid)) for uid in uids[name]]  # KeyError: a page to be classed
        else:
            found.append(rule.rule)
    found += [f"/money/entries?account={account.value}" for account in Account]
    return [*found, "/money/?day=2026-11-20", "/delivery/", "/delivery/queue/arrived"]


def told(desk: MoneyDesk, who: str, secret: set[int]) -> dict[str, list[int]]:
    """The pages that tell a user one of these sums, as it stands or as two of the page's numbers together."""
    page, found = pages_as(desk, who), {}
    for path in paths(desk):
        try:
            body = page(path)
        except AssertionError as refused:
            assert "403" in str(refused) or "404" in str(refused), refused
            continue
        text = re.sub(r"<[^>]+>", " ", re.sub(r'(?s)<script.*?</script>|value="[^"]{30,}"', " ", body))
        text += " ".join(re.findall(r'value="(\d+)"', body))
        numbers = {int(one.replace(".", "")) for one in re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{3})+|\b\d{4,7}\b", text)}
        tells = {one for one in numbers if one in secret}
        tells |= {a + b for a, b in combinations(numbers, 2) if a + b in secret}
        tells |= {abs(a - b) for a, b in combinations(numbers, 2) if abs(a - b) in secret}
        if tells:
            found[path] = sorted(tells)
    return found


@pytest.mark.parametrize(
    "who", ["lananh", "hoa", "minh"], ids=["holder of a till", "clerk", "supervisor who may count"]
)
def test_no_page_tells_what_a_till_or_a_courier_holds_before_it_was_counted(desk: MoneyDesk, who: str) -> None:
    assert told(desk, who, COURIERS | TILLS | TOGETHER) == {}
    deposits.declare(desk.site, 47_600, by=COURIER)
    assert told(desk, who, COURIERS | TILLS | TOGETHER) == {}


def test_what_was_counted_is_told_and_a_second_half_is_not(desk: MoneyDesk) -> None:
    site = desk.site
    first = deposits.declare(site, 19_900, by=COURIER)
    deposits.receive(site, first.uid, notes(19_900), by=SECOND)
    assert told(desk, "hoa", COURIERS | TILLS | {27_700}) == {}
    rest = deposits.declare(site, 27_700, by=COURIER)
    assert told(desk, "hoa", COURIERS | TILLS | {27_700}) == {}
    deposits.receive(site, rest.uid, notes(27_700), by=SECOND)
    assert {"/money/", "/money/entries", "/money/deposits"} <= set(told(desk, "hoa", COURIERS | {27_700}))
    assert told(desk, "hoa", TILLS) == {}


def test_what_a_courier_took_first_is_told_once_as_much_was_counted(desk: MoneyDesk) -> None:
    desk.deliver(desk.receive(paid=False, way="courier", copies=4))  # 58.000
    first = deposits.declare(desk.site, 47_600, by=COURIER)
    deposits.receive(desk.site, first.uid, notes(47_600), by=SECOND)
    today = local(desk.clock.now()).date()
    with desk.site.store.reading():
        shown = day.day_figures(desk.site, OFFICE, today, today, without=hidden_from(SECOND))
    assert {one.name: sum(one.amounts.values()) for one in shown}["courier"] == 47_600
    assert told(desk, "hoa", {58_000, 105_600}) == {}


def test_a_supervisor_who_looked_sees_it_and_is_not_the_one_to_count(desk: MoneyDesk) -> None:
    site = desk.site
    with pytest.raises(Forbidden, match="kiểm soát viên"):
        deposits.look(site, by=SECOND)
    deposits.look(site, by=CHIEF)
    deposits.look(site, by=CHIEF)
    with site.store.reading():
        assert {one.account for one in CashSeen.select()} == {"till", "courier"}
    assert "/money/" in told(desk, "minh", COURIERS)
    waiting = deposits.declare(site, 47_600, by=COURIER)
    with pytest.raises(Forbidden, match="đã xem"):
        deposits.receive(site, waiting.uid, notes(47_600), by=CHIEF)
    assert "người khác của bưu cục đếm" in pages_as(desk, "minh")(f"/money/deposits/{waiting.uid}")
    deposits.receive(site, waiting.uid, notes(47_600), by=DEPUTY)
    desk.deliver(desk.receive(paid=False, way="courier"))
    again = deposits.declare(site, 34_000, by=COURIER)
    deposits.receive(site, again.uid, notes(34_000), by=CHIEF)  # of what came since he saw nothing


def test_a_supervisor_with_a_till_of_his_own_never_sees_that(desk: MoneyDesk) -> None:
    shift.open_till(desk.site, notes(50_000), by=CHIEF)
    desk.receive(by=CHIEF, copies=3)
    deposits.look(desk.site, by=CHIEF)
    assert told(desk, "minh", {74_000, 24_000}) == {}


def test_no_refusal_tells_how_much_is_missing_from_an_uncounted_till(desk: MoneyDesk) -> None:
    with desk.site.store.reading():
        dossier = Dossier.get()
    legs = moved({THU_HO: 900_000}, (Account.REFUND, dossier.provisional), (Account.BANK, "VCB-BC"))
    with desk.site.store.writing():
        money.post("owed", "owed_back", legs, by=CHIEF, at=desk.clock.now(), ids=desk.site.ids, dossier=dossier)
    with pytest.raises(RuleViolation, match="không đủ tiền") as refused:
        pay_out(desk.site, dossier.provisional, "till", 900_000, by=CLERK)
    assert not re.search(r"\d{3}", str(refused.value))


def test_only_counted_money_is_remitted_and_a_slip_names_no_other_dossier(tmp_path: Path) -> None:
    with money_desk(tmp_path / "data") as desk:
        site = desk.site
        shift.open_till(site, {}, by=CLERK)
        desk.receive(by=CLERK, copies=3)  # older, and not counted
        till = shift.open_till(site, {}, by=SECOND)
        counted = desk.receive(by=SECOND)
        shift.count_till(site, till.uid, notes(8_000), by=SECOND)
        with site.store.reading():
            waiting = CashDeposit.get()
        deposits.receive(site, waiting.uid, notes(8_000), by=DEPUTY)
        with pytest.raises(RuleViolation, match=r"nay là 8\.000 đ"):
            remit.remit(site, AGENCY, "state", "safe", 16_000, by=CHIEF)
        slip = remit.remit(site, AGENCY, "state", "safe", 8_000, by=CHIEF)
        assert slip.dossiers == [[counted.provisional, 8_000]] and desk.sound() == []


def test_what_an_authority_has_too_much_is_told_without_the_till(tmp_path: Path) -> None:
    with money_desk(tmp_path / "data") as desk:
        overpaid(desk, copies=3)
        shift.open_till(desk.site, {}, by=CLERK)
        desk.receive(by=CLERK)  # 8.000 that are owed, and not counted
        assert told(desk, "lananh", {16_000}) == {}
        with desk.site.store.reading():
            (whole,) = credits.credits(OFFICE)
        assert whole.amount == 16_000
        paper = credits.claim_back(desk.site, AGENCY, "state", 24_000, by=SECOND)
        assert [part for _, part in paper.dossiers] == [-24_000]


def test_the_running_months_statement_waits_for_the_count(desk: MoneyDesk) -> None:
    page = pages_as(desk, "minh")
    for path in ("/province/statements?month=2026-11", "/province/statements/file.csv?month=2026-11"):
        with pytest.raises(AssertionError, match="403"):
            page(path)
    deposits.look(desk.site, by=CHIEF)
    assert "2026" in page("/province/statements?month=2026-11")


def test_a_delivery_list_adds_nothing_up_once_it_is_out(desk: MoneyDesk) -> None:
    site, dossier = desk.site, desk.receive(paid=False, way="courier")
    number = desk.at_office(dossier)
    on = lists.open_list(site, COURIER.username, by=CLERK)
    lists.put_on(site, on.uid, number, by=CLERK)
    page, here = pages_as(desk, "hoa"), f"/delivery/lists/{on.uid}"
    assert all("34.000" in page(path) for path in ("/delivery/", here, f"{here}.pdf"))
    lists.offer(site, on.uid, by=CLERK)
    accept(site, [number], holder=courier_holder(COURIER.username), by=COURIER)
    move(site, number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
    deliver(site, number, replace(PROOF, collected=34_000), by=COURIER)
    assert not any("34.000" in page(path) for path in ("/delivery/", here, f"{here}.pdf"))
