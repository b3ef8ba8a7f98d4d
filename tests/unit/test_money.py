"""Fees by channel and date, ledgers that never mix, and cash that adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.canonical import FeeLedger
from agent.domain.catalogue import Channel, Fee, Way
from agent.domain.catalogue_toml import parse_catalogue
from agent.domain.deadlines import Term
from agent.domain.money import Cash, Deposit, FeeLine, deposit, dong, state_fees, totals
from agent.errors import RuleViolation

CATALOGUE = parse_catalogue(files("agent.domain").joinpath("data/catalogue_sample.toml").read_text("utf-8"))
TODAY = date(2026, 11, 21)


def due(code: str, channel: Channel, *, case: str = "", quantity: int = 1) -> list[int]:
    procedure = CATALOGUE.current(code, TODAY)
    return [line.amount for line in state_fees(procedure, channel, TODAY, case=case, quantity=quantity)]


def test_the_fee_depends_on_the_channel() -> None:
    assert due("1.004222", Channel.DIRECT) == [20_000]
    assert due("1.004222", Channel.ONLINE) == [10_000]
    assert due("1.001193", Channel.DIRECT) == []
    assert due("2.001610", Channel.DIRECT) == [50_000, 100_000]


def test_the_fee_depends_on_quantity_and_case() -> None:
    assert due("2.000635", Channel.DIRECT, quantity=3) == [24_000]
    assert due("2.000815", Channel.DIRECT, quantity=5) == [7_000]
    assert due("3.000333", Channel.POSTAL) == [200_000]
    assert due("3.000333", Channel.POSTAL, case="reduced") == [100_000]
    assert due("3.000333", Channel.POSTAL, case="standard") == [200_000]


def test_the_fee_depends_on_the_date() -> None:
    free = Fee("Lệ phí", 0, since=date(2026, 1, 1), until=date(2026, 6, 30))
    usual = Fee("Lệ phí", 50_000, since=date(2026, 7, 1))
    ways = (Way(Channel.ONLINE, Term(3), (free, usual)),)
    procedure = replace(CATALOGUE.current("1.001612", TODAY), ways=ways)
    assert state_fees(procedure, Channel.ONLINE, date(2026, 6, 30)) == ()
    assert [line.amount for line in state_fees(procedure, Channel.ONLINE, date(2026, 7, 1))] == [50_000]


def test_the_three_ledgers_never_mix_and_a_waiver_is_not_collected() -> None:
    lines = [
        FeeLine(FeeLedger.STATE, "Lệ phí", 8_000),
        FeeLine(FeeLedger.STATE, "Phí", 100_000, waived_by="Trần Bình", waived_reason="hộ nghèo"),
        FeeLine(FeeLedger.FREIGHT, "Cước", 26_000),
        FeeLine(FeeLedger.COLLECTED, "Thu hộ", 15_000),
    ]
    total = totals(lines)
    assert (total.state, total.freight, total.collected, total.waived) == (8_000, 26_000, 15_000, 100_000)
    assert total.to_collect == 49_000 and dong(total.to_collect) == "49.000 đ"


def test_a_waiver_carries_both_reason_and_name() -> None:
    for by, reason in (("Trần Bình", ""), ("", "hộ nghèo")):
        with pytest.raises(RuleViolation, match="lý do và người quyết định"):
            FeeLine(FeeLedger.STATE, "Phí", 1, waived_by=by, waived_reason=reason)
    with pytest.raises(RuleViolation, match="không hợp lệ"):
        FeeLine(FeeLedger.STATE, "Phí", -1)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.data())
def test_cash_always_adds_up(collected: int, waived: int, data: st.DataObject) -> None:
    cash = Cash(expected=collected + waived, collected=collected, waived=waived)
    assert cash.outstanding == 0
    if collected:
        amount = data.draw(st.integers(1, collected))
        after = deposit(cash, Deposit(amount, amount))
        assert after.in_hand + after.deposited == after.collected == collected


def test_a_blind_count_that_differs_freezes_the_deposit() -> None:
    cash = Cash(expected=100_000, collected=100_000)
    with pytest.raises(RuleViolation, match=r"lệch -1\.000 đ.*giải trình"):
        deposit(cash, Deposit(100_000, 99_000))
    with pytest.raises(RuleViolation, match="Kiểm đếm lại"):
        deposit(cash, Deposit(100_001, 100_001))
