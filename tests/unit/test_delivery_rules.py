"""Rules of delivery and claims: attempts that stand, invitations apart, terms and the least that is paid."""

from __future__ import annotations

import doctest
import itertools
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clock import LOCAL
from agent.domain import claims, delivery
from agent.domain.claims import Kind, State, Step
from agent.domain.custody_attempts import Action, Evidence, Reason, judge_attempt
from agent.domain.delivery import Area, fit, parse_rules, require_may_go_back, require_may_invite, rules_on, standing
from agent.errors import ConfigError, IllegalStep, RuleViolation
from agent.store.calendar import frozen_calendar

CALENDAR, RULES = frozen_calendar(), delivery.shipped_rules()[0]
LEFT = frozenset({Evidence.POSITION, Evidence.INVITATION})
MONDAY = datetime(2026, 11, 16, 9, tzinfo=LOCAL)


def attempts(*days: int, reason: Reason = Reason.ABSENT, evidence: frozenset[Evidence] = LEFT):
    made = []
    for day in days:
        made.append(
            judge_attempt(CALENDAR, made, at=MONDAY + timedelta(days=day), reason=reason,
                          action=Action.REDELIVER, evidence=evidence)
        )  # fmt: skip
    return tuple(made)


def test_striking_an_attempt_lets_the_next_one_count_in_its_place():
    made = attempts(0, 1, 3)  # Monday counts, Tuesday is too soon, Thursday counts
    assert [one.counted for one in made] == [True, False, True]
    assert [one.counted for one in standing(CALENDAR, made, {1})] == [True, True]
    assert standing(CALENDAR, made, {1, 2, 3}) == ()


def test_a_second_invitation_waits_two_working_days_over_weekends_and_holidays():
    friday = date(2026, 11, 20)
    with pytest.raises(RuleViolation, match="từ 25/11/2026"):  # Monday, then the 24th is a holiday
        require_may_invite(CALENDAR, [friday], date(2026, 11, 23))
    require_may_invite(CALENDAR, [friday], date(2026, 11, 25))
    require_may_invite(CALENDAR, [], friday)


def test_an_item_goes_back_after_two_attempts_and_two_invitations_or_a_refusal_never_before():
    twice, days = attempts(0, 3), [date(2026, 11, 16), date(2026, 11, 19)]
    require_may_go_back(CALENDAR, twice, days)
    for few, invited in ((attempts(0), days), (attempts(0, 1), days), (twice, days[:1]), (twice, [days[0]] * 2)):
        with pytest.raises(RuleViolation, match="Chưa được chuyển hoàn"):
            require_may_go_back(CALENDAR, few, invited)
    refused = judge_attempt(
        CALENDAR, (), at=MONDAY, reason=Reason.REFUSED, action=Action.RETURN,
        evidence=frozenset({Evidence.POSITION, Evidence.STATEMENT}),
    )  # fmt: skip
    require_may_go_back(CALENDAR, (refused,), [])


@given(st.lists(st.integers(0, 40), max_size=8).map(sorted), st.sets(st.integers(1, 8)))
def test_attempts_that_stand_are_never_more_than_were_made_and_keep_their_distance(days, struck):
    kept = standing(CALENDAR, attempts(*days), struck)
    assert len(kept) == len(days) - len({n for n in struck if n <= len(days)})
    counted = [one.at.date() for one in kept if one.counted]
    for first, second in itertools.pairwise(counted):
        assert CALENDAR.working_days_between(first, second) >= 2


def test_the_route_with_the_street_wins_over_the_one_with_the_commune_only():
    address = "Số 5 ngõ 2 Lạc Long Quân, phường Tây Hồ, TP Hà Nội"
    assert fit(address, Area("Tây Hồ", "Lạc Long Quân")) > fit(address, Area("tay ho")) > 0
    assert fit(address, Area("Tây Hồ", "Thụy Khuê")) == fit(address, Area("Ba Đình")) == fit(address, Area("")) == 0
    assert fit("12 Tây Hồng", Area("Tây Hồ")) == 0, "whole words only"


def test_a_complaint_is_taken_for_six_months_and_answered_in_five_or_seven_working_days():
    ended = date(2026, 8, 31)
    late = date(2027, 3, 1)
    with pytest.raises(RuleViolation, match="28/02/2027"):
        claims.terms(RULES, CALENDAR, complained_on=late, transit_ended_on=ended, in_province=True)
    friday = date(2026, 11, 20)
    near = claims.terms(RULES, CALENDAR, complained_on=friday, transit_ended_on=ended, in_province=True)
    far = claims.terms(RULES, CALENDAR, complained_on=friday, transit_ended_on=ended, in_province=False)
    assert (near.answer_by, far.answer_by) == (date(2026, 11, 30), date(2026, 12, 2))
    assert claims.pay_by(RULES, friday) == date(2026, 12, 20)


@pytest.mark.parametrize(
    ("kind", "owed"),
    [(Kind.LOST, 104_000), (Kind.SUBSTITUTED, 104_000), (Kind.DAMAGED, 104_000), (Kind.LATE, 26_000),
     (Kind.DAMAGED_PART, 16_000), (Kind.OPENED, 16_000)],
)  # fmt: skip
def test_the_least_that_is_paid_is_four_times_the_freight_the_damage_or_the_freight(kind, owed):
    assert claims.liability(RULES, kind, freight=26_000, damage=16_000) == owed
    assert claims.liability(RULES, kind, freight=26_000, damage=16_000, has_receipt=False) == 0


def test_partial_damage_stops_at_the_limit_and_re_issue_is_paid_whole():
    assert claims.liability(RULES, Kind.OPENED, freight=26_000, damage=5_000_000, reissue=8_000) == 112_000
    assert claims.liability(RULES, Kind.LOST, freight=26_000, reissue=8_000) == 112_000
    with pytest.raises(RuleViolation):
        claims.liability(RULES, Kind.LOST, freight=-1)


def test_a_claim_goes_its_one_way():
    assert claims.advance(State.OPEN, Step.ACCEPT) is State.ACCEPTED
    assert claims.advance(State.ACCEPTED, Step.MINUTES) is State.MINUTED
    for state, step in ((State.OPEN, Step.PAY), (State.PAID, Step.REJECT), (State.REJECTED, Step.ACCEPT)):
        with pytest.raises(IllegalStep):
            claims.advance(state, step)


def test_rules_change_on_their_day_and_a_bad_file_is_refused():
    text = (
        "[[editions]]\nname='{n}'\nfrom={d}\nsource='s'\nhold_days=10\ncollect_days=5\nrepeat_percent=100\n"
        "complain_months=6\nanswer_days_in_province=5\nanswer_days_elsewhere=7\npay_calendar_days=30\n"
        "liability_times_freight=4\n"
    )
    two = parse_rules(text.format(n="b", d="2027-01-01") + text.format(n="a", d="2017-01-01"))
    assert [rules_on(day, two).name for day in (date(2016, 1, 1), date(2026, 12, 31), date(2027, 1, 1))] == [
        "a",
        "a",
        "b",
    ]
    for bad in ("", "[[editions]]\nname='x'", "x ="):
        with pytest.raises(ConfigError):
            parse_rules(bad)


@pytest.mark.parametrize("module", [delivery, claims])
def test_examples_in_the_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0
