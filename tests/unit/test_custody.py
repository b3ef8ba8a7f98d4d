"""Custody: one holder at any second, attempts that count, corrections that two people sign."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.calendar_vn import parse_calendar
from agent.domain.custody import Custody, Entry, apply, fold
from agent.domain.custody_attempts import ACTION_NAME, EVIDENCE_NAME, REASON_NAME, RULES, Action, Evidence, Reason
from agent.domain.custody_steps import ENDED, STATE_NAME, STEP_NAME, STEPS, CustodyStep, ItemState, allowed, upu_code
from agent.domain.recount import recount
from agent.errors import AgentError, Duplicate, IllegalStep, RuleViolation

CALENDAR = parse_calendar(files("agent.domain").joinpath("data/calendar_vn.toml").read_text("utf-8"))
MONDAY = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)
SIGNED = frozenset({Evidence.IDENTITY, Evidence.SIGNATURE})
INVITED = frozenset({Evidence.POSITION, Evidence.INVITATION})
S = CustodyStep


class Way:
    """An item on its way: each step is written by whoever holds it, an hour after the one before."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.custody: Custody | None = None
        self.now = MONDAY
        self.do(S.REGISTER, to_holder="office")

    def do(self, step: CustodyStep, **values: object) -> Custody:
        holder = self.custody.holder if self.custody else ""
        uid = UUID(int=len(self.entries) + 1)
        entry = Entry(uid, step, self.now, "user:an", **{"from_holder": holder, **values})  # type: ignore[arg-type]
        self.custody = apply(self.custody, entry, CALENDAR)
        self.entries.append(entry)
        self.now += timedelta(hours=1)
        return self.custody

    def hand_to(self, holder: str) -> Custody:
        self.do(S.OFFER, to_holder=holder)
        return self.do(S.ACCEPT, to_holder=holder)

    def out(self) -> Custody:
        self.hand_to("courier")
        return self.do(S.OUT_FOR_DELIVERY)

    def fail(self, reason: Reason = Reason.ABSENT, action: Action = Action.REDELIVER,
             evidence: frozenset[Evidence] = INVITED) -> Custody:  # fmt: skip
        return self.do(S.ATTEMPT_FAILED, reason=reason, action=action, evidence=evidence)


def test_a_delivery_that_fails_once_and_then_succeeds() -> None:
    way = Way()
    way.out()
    failed = way.fail()
    assert failed.state is ItemState.ATTEMPT_FAILED and failed.counted_attempts == 1
    way.now += timedelta(days=2)
    way.do(S.OUT_FOR_DELIVERY)
    done = way.do(S.DELIVER, to_holder="addressee", evidence=SIGNED)
    assert (done.state, done.holder) == (ItemState.DELIVERED, "addressee")
    assert fold(way.entries, CALENDAR) == done


def test_custody_moves_on_accept_and_not_before() -> None:
    way = Way()
    offered = way.do(S.OFFER, to_holder="courier")
    assert offered.holder == "office" and offered.offered_to == "courier"
    with pytest.raises(RuleViolation, match="“courier”, không phải “other”"):
        way.do(S.ACCEPT, to_holder="other")
    with pytest.raises(RuleViolation, match="Rút lại trước"):
        way.do(S.OFFER, to_holder="other")
    accepted = way.do(S.ACCEPT, to_holder="courier")
    assert accepted.holder == "courier" and not accepted.offered_to


def test_nobody_can_be_made_the_holder_without_having_been_offered() -> None:
    way = Way()
    with pytest.raises(RuleViolation, match="“office” phải giao"):
        way.do(S.ACCEPT, to_holder="courier")
    with pytest.raises(RuleViolation, match="chính người đang giữ"):
        way.do(S.OFFER, to_holder="office")


def test_only_the_holder_can_act() -> None:
    way = Way()
    way.out()
    with pytest.raises(RuleViolation, match="do “courier” giữ, không phải “office”"):
        way.do(S.DELIVER, from_holder="office", to_holder="addressee", evidence=SIGNED)


def test_an_offer_can_be_withdrawn() -> None:
    way = Way()
    offered = way.do(S.OFFER, to_holder="courier")
    assert offered.offered_to == "courier"
    assert not way.do(S.WITHDRAW).offered_to
    assert way.hand_to("other").holder == "other"


def test_what_lies_in_a_bag_moves_with_the_bag_only() -> None:
    way = Way()
    way.do(S.INTO_BAG, bag="T01")
    with pytest.raises(RuleViolation, match="túi T01"):
        way.do(S.INTO_BAG, bag="T02")
    with pytest.raises(RuleViolation, match="giao nhận cả túi"):
        way.do(S.OFFER, to_holder="courier")
    way.do(S.OFFER, to_holder="courier", bag="T01")
    moved = way.do(S.ACCEPT, to_holder="courier", bag="T01")
    assert (moved.holder, moved.bag) == ("courier", "T01")
    with pytest.raises(RuleViolation, match="Lấy khỏi túi"):
        way.do(S.OUT_FOR_DELIVERY)
    with pytest.raises(RuleViolation, match="không nằm trong túi T02"):
        way.do(S.OUT_OF_BAG, bag="T02")
    way.do(S.OUT_OF_BAG, bag="T01")
    assert way.do(S.OUT_FOR_DELIVERY).state is ItemState.OUT_FOR_DELIVERY


def test_an_illegal_step_names_the_possible_ones() -> None:
    way = Way()
    with pytest.raises(IllegalStep) as refusal:
        way.do(S.DELIVER, to_holder="addressee", evidence=SIGNED)
    assert "đã cấp số hiệu" in refusal.value.message and "giao" in refusal.value.allowed
    with pytest.raises(IllegalStep, match="cấp số hiệu"):
        apply(None, Entry(UUID(int=9), S.OFFER, MONDAY, "user:an"), CALENDAR)


@pytest.mark.parametrize(
    ("days", "evidence", "reason", "counts", "why_not"),
    [
        (2, INVITED, Reason.ABSENT, 2, ""),
        (1, INVITED, Reason.ABSENT, 1, "chưa đủ 2 ngày làm việc"),
        (2, frozenset({Evidence.POSITION}), Reason.ABSENT, 1, "thiếu giấy mời"),
        (2, INVITED, Reason.NO_ATTEMPT, 1, "không tính"),
    ],
)
def test_an_attempt_counts_only_with_its_evidence_and_two_working_days_apart(
    days: int, evidence: frozenset[Evidence], reason: Reason, counts: int, why_not: str
) -> None:
    way = Way()
    way.out()
    way.fail()
    way.now += timedelta(days=days)
    way.do(S.OUT_FOR_DELIVERY)
    failed = way.fail(reason=reason, evidence=evidence)
    assert failed.counted_attempts == counts and why_not in failed.attempts[-1].why_not
    if counts == 2:
        way.do(S.APPROVE_RETURN)
        way.hand_to("office")
        assert way.do(S.RETURN, to_holder="authority").state is ItemState.RETURNED
    else:
        with pytest.raises(RuleViolation, match="mới có 1 lần"):
            way.do(S.APPROVE_RETURN)


@pytest.mark.parametrize("delivered", [False, True])
def test_an_attempt_that_was_never_made_counts_no_more_and_bars_no_other(delivered: bool) -> None:
    way = Way()
    way.out()
    never = way.fail().entries[-1].uid
    way.now += timedelta(days=1)
    way.do(S.OUT_FOR_DELIVERY)
    assert [one.counted for one in way.fail().attempts] == [True, False], "one working day is no gap"
    if delivered:
        way.do(S.OUT_FOR_DELIVERY)
        wrong = way.do(S.DELIVER, to_holder="addressee", evidence=SIGNED).entries[-1].uid
    found = way.do(S.STRIKE, corrects=never)
    assert [(one.counted, one.void) for one in found.attempts] == [(False, True), (True, False)]
    if delivered:
        way.do(S.REVERSE, corrects=wrong)
        found = way.do(S.REVERSE, corrects=wrong, countersigned_by="user:minh")
        assert [one.counted for one in found.attempts] == [False, True], "also after the delivery was taken back"
    assert fold(way.entries, CALENDAR) == found
    with pytest.raises(RuleViolation, match="không có lần phát này"):
        way.do(S.STRIKE, corrects=way.entries[0].uid)


def test_a_weekend_is_no_gap() -> None:
    way = Way()
    way.now = MONDAY - timedelta(days=3)  # Friday
    way.out()
    way.fail()
    way.now = MONDAY
    way.do(S.OUT_FOR_DELIVERY)
    assert way.fail().counted_attempts == 1


def test_a_refusal_goes_back_at_once_when_it_is_supported() -> None:
    way = Way()
    way.out()
    way.fail(Reason.REFUSED, Action.RETURN, frozenset({Evidence.POSITION, Evidence.STATEMENT}))
    assert way.do(S.APPROVE_RETURN).state is ItemState.RETURN_APPROVED


def test_a_reason_allows_its_actions_only_and_both_must_be_given() -> None:
    way = Way()
    way.out()
    with pytest.raises(RuleViolation, match="Chọn một trong: phát lại, lưu giữ"):
        way.fail(Reason.ABSENT, Action.RETURN)
    with pytest.raises(RuleViolation, match="cả lý do và hướng xử lý"):
        way.do(S.ATTEMPT_FAILED, reason=Reason.ABSENT)
    for reason, rule in RULES.items():
        for action in Action:
            if action in rule.actions:
                assert apply(way.custody, _failure(way, reason, action), CALENDAR).attempts
            else:
                with pytest.raises(RuleViolation):
                    apply(way.custody, _failure(way, reason, action), CALENDAR)


def _failure(way: Way, reason: Reason, action: Action) -> Entry:
    return Entry(
        UUID(int=99), S.ATTEMPT_FAILED, way.now, "user:an", "courier", reason=reason, action=action, evidence=INVITED
    )


@pytest.mark.parametrize("evidence", [frozenset(), frozenset({Evidence.IDENTITY}), frozenset({Evidence.SIGNATURE})])
def test_nothing_is_delivered_without_identity_and_signature(evidence: frozenset[Evidence]) -> None:
    way = Way()
    way.out()
    with pytest.raises(RuleViolation, match="người nhận"):
        way.do(S.DELIVER, to_holder="addressee", evidence=evidence)


def test_a_wrong_delivery_is_undone_only_when_a_second_person_signs() -> None:
    way = Way()
    way.out()
    way.do(S.DELIVER, to_holder="addressee", evidence=SIGNED)
    wrong = way.entries[-1].uid
    with pytest.raises(RuleViolation, match="chỉ đúng"):
        way.do(S.REVERSE, corrects=UUID(int=1), countersigned_by="user:binh")
    pending = way.do(S.REVERSE, corrects=wrong)
    assert pending.state is ItemState.DELIVERED and len(pending.pending) == 1
    with pytest.raises(RuleViolation, match="người thứ hai"):
        way.do(S.REVERSE, corrects=wrong, countersigned_by="user:an")
    undone = way.do(S.REVERSE, corrects=wrong, countersigned_by="user:binh")
    assert (undone.state, undone.holder, undone.pending) == (ItemState.OUT_FOR_DELIVERY, "courier", ())
    assert way.do(S.DELIVER, to_holder="addressee", evidence=SIGNED).state is ItemState.DELIVERED


def test_delivered_and_returned_are_the_end() -> None:
    for state in ENDED:
        assert allowed(state) == [S.REVERSE]


def test_a_lost_item_is_found_again_and_marks_of_damage_stay() -> None:
    way = Way()
    way.do(S.DAMAGE)
    assert way.do(S.LOSE).state is ItemState.LOST
    found = way.do(S.FIND, to_holder="office-2")
    assert (found.state, found.holder, found.damaged) == (ItemState.AT_OFFICE, "office-2", True)


def test_the_same_event_again_is_acknowledged_silently_but_not_with_other_content() -> None:
    way = Way()
    way.out()
    again = apply(way.custody, way.entries[1], CALENDAR)
    assert again is way.custody
    with pytest.raises(Duplicate):
        apply(way.custody, replace(way.entries[1], to_holder="thief"), CALENDAR)


steps = st.tuples(st.sampled_from([step for step in S if step is not S.REGISTER]), st.sampled_from("ABC"))


@given(st.lists(steps, max_size=25))
def test_whatever_is_tried_there_is_one_holder_and_refolding_agrees(tries: list[tuple[CustodyStep, str]]) -> None:
    way = Way()
    for step, other in tries:
        before = way.custody
        try:
            way.do(step, to_holder=other, reason=Reason.ABSENT, action=Action.REDELIVER, evidence=SIGNED | INVITED)
        except AgentError:
            assert way.custody is before, "a refused step changes nothing"
        assert way.custody is not None and way.custody.holder
        if before is not None and way.custody.holder != before.holder:
            assert step in (S.ACCEPT, S.DELIVER, S.RETURN, S.FIND)
    assert fold(way.entries, CALENDAR) == way.custody
    assert fold(itertools.chain(way.entries, way.entries), CALENDAR) == way.custody, "sent twice"


def test_every_state_but_the_ends_can_reach_an_end_and_every_word_is_there() -> None:
    for start in ItemState:
        reached, frontier = {start}, [start]
        while frontier:
            at = frontier.pop()
            new = {to for (state, _), to in STEPS.items() if state is at} - reached
            reached |= new
            frontier += new
        assert reached & set(ENDED)
    assert set(STATE_NAME) == set(ItemState) and set(STEP_NAME) == set(CustodyStep)
    assert set(REASON_NAME) == set(RULES) == set(Reason)
    assert set(ACTION_NAME) == set(Action) and set(EVIDENCE_NAME) == set(Evidence)


def test_the_union_hears_of_posting_delivery_attempts_and_delivery() -> None:
    assert upu_code(S.ACCEPT, ItemState.REGISTERED) == "EMA"
    steps = (S.ARRIVE, S.OUT_FOR_DELIVERY, S.ATTEMPT_FAILED, S.DELIVER)
    assert [upu_code(step, ItemState.AT_OFFICE) for step in steps] == ["EMG", "EDG", "EMH", "EMI"]
    assert upu_code(S.OFFER, ItemState.REGISTERED) is None


def test_a_recount_names_what_is_short_and_what_is_over() -> None:
    result = recount(["A", "B", "C"], ["B", "D", "B"])
    assert (result.missing, result.unexpected) == (("A", "C"), ("D",))
    assert recount(["A"], ["A"]).agrees and not result.agrees
