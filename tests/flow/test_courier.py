"""The way back: one holder at any second, attempts with evidence, money once, nothing stuck."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import State
from agent.domain.roles import Role
from agent.errors import IllegalStep, InvalidIdentifier, NotFound, RuleViolation
from agent.store import journal
from agent.store.dossiers import Dossier, Fee
from agent.store.items import CustodyEvent, Item
from agent.store.lookup import item_by_number
from agent.tracking.custody import (
    CustodyFact,
    accept,
    courier_holder,
    custody_of,
    hand_over,
    move,
    office_holder,
    record,
)
from agent.tracking.deliver import FactContext, ProofInput, deliver, fail_attempt, pick_up
from agent.tracking.items import allot_range, register_item
from tests.builders import CLERK, COURIER, OFFICE
from tests.flow.counter import PROOF, Counter

OTHER = Actor("hoa.bt", "Vũ Thị Hoa", Role.COURIER, OFFICE, "T2")
MINE, THEIRS, DESK = courier_holder(COURIER.username), courier_holder(OTHER.username), office_holder(OFFICE)


def kept(desk: Counter, number: str) -> Item:
    with desk.site.store.reading():
        item = item_by_number(number)
        custody = custody_of(item)
    assert custody and (item.state, item.holder, item.offered_to) == (
        custody.state.value, custody.holder, custody.offered_to,
    ), "the cached state is the fold"  # fmt: skip
    return item


def test_an_item_moves_only_by_offer_and_acceptance_and_has_one_holder(desk: Counter) -> None:
    number = str(desk.item(desk.with_result()).number)
    with pytest.raises(RuleViolation, match="phải giao trước"):
        accept(desk.site, [number], holder=MINE, by=COURIER)
    with pytest.raises(RuleViolation, match="Chưa chọn"):
        hand_over(desk.site, [], to=MINE, by=CLERK)
    hand_over(desk.site, [number], to=MINE, by=CLERK)
    assert kept(desk, number).holder == DESK, "an offer moves nothing"
    with pytest.raises(RuleViolation, match="được giao cho"):
        accept(desk.site, [number], holder=THEIRS, by=OTHER)
    with pytest.raises(RuleViolation, match="đang chờ"):
        deliver(desk.site, number, PROOF, by=CLERK)
    accept(desk.site, [number], holder=MINE, by=COURIER)
    assert kept(desk, number).holder == MINE
    with pytest.raises(RuleViolation):
        accept(desk.site, [number], holder=MINE, by=COURIER)


def test_nobody_accepts_for_a_courier_or_gives_away_what_one_holds(desk: Counter) -> None:
    number = str(desk.item(desk.with_result()).number)
    hand_over(desk.site, [number], to=MINE, by=CLERK)
    for other in (CLERK, OTHER):
        with pytest.raises(RuleViolation, match=r"Chỉ bưu tá|không phải bạn"):
            accept(desk.site, [number], holder=MINE, by=other)
    accept(desk.site, [number], holder=MINE, by=COURIER)
    for other in (CLERK, OTHER):
        with pytest.raises(RuleViolation, match=r"Chỉ bưu tá|không phải bạn"):
            hand_over(desk.site, [number], to=THEIRS, by=other)
    with pytest.raises(RuleViolation, match="không phải bạn"):
        move(desk.site, number, CustodyStep.OUT_FOR_DELIVERY, by=OTHER)
    move(desk.site, number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
    with pytest.raises(RuleViolation, match="không phải bạn"):
        deliver(desk.site, number, PROOF, by=OTHER)
    item = kept(desk, number)
    assert (item.holder, item.state) == (MINE, "out_for_delivery")


def test_one_bad_number_in_a_hand_over_moves_nothing(desk: Counter) -> None:
    number = str(desk.item(desk.with_result()).number)
    wrong = number[:10] + str((int(number[10]) + 1) % 10) + "VN"
    with pytest.raises(InvalidIdentifier, match="sai chữ số kiểm tra"):
        hand_over(desk.site, [number, wrong], to=MINE, by=CLERK)
    with pytest.raises(NotFound, match="Không có bưu gửi"):
        hand_over(desk.site, [number, "RR123456785VN"], to=MINE, by=CLERK)
    assert kept(desk, number).offered_to == ""


def test_a_failed_attempt_needs_its_evidence_to_count_and_two_days_between(desk: Counter) -> None:
    number = desk.out(desk.with_result())

    def attempt(*evidence: str, reason: str = "absent", action: str = "redeliver") -> tuple[int, int]:
        context = FactContext(uuid.uuid4(), desk.clock.now())
        done = fail_attempt(
            desk.site, number, reason=reason, action=action, evidence=evidence, by=COURIER, context=context
        )
        return len(done.attempts), done.counted_attempts

    with pytest.raises(RuleViolation, match="không đi với"):
        attempt("position", reason="absent", action="return")
    with pytest.raises(RuleViolation, match="danh mục"):
        attempt("hearsay")
    assert attempt("position") == (1, 0)
    move(desk.site, number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
    assert attempt("position", "invitation") == (2, 1)
    move(desk.site, number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
    assert attempt("position", "invitation") == (3, 1), "the same day does not count again"
    with pytest.raises(RuleViolation, match="Chưa được chuyển hoàn"):
        move(desk.site, number, CustodyStep.APPROVE_RETURN, by=COURIER)
    assert kept(desk, number).attempts == 3


def give_back(desk: Counter, dossier: Dossier) -> str:
    """The item of a dossier goes back to the authority after the addressee refused it."""
    number = desk.out(dossier)
    fail_attempt(
        desk.site, number, reason="refused", action="return", evidence=("position", "statement"), by=COURIER
    )  # fmt: skip
    move(desk.site, number, CustodyStep.APPROVE_RETURN, by=COURIER)
    with desk.site.store.writing():
        item = item_by_number(number)
        back = CustodyFact(
            uuid.uuid4(), CustodyStep.RETURN, desk.clock.now(), from_holder=item.holder,
            to_holder=f"authority:{dossier.agency}",
        )  # fmt: skip
        record(desk.site, item, back, by=COURIER)
    assert kept(desk, number).state == "returned"
    return number


def test_a_result_that_went_back_can_be_sent_again_under_a_new_number(desk: Counter) -> None:
    dossier = desk.with_result()
    first = give_back(desk, dossier)
    again = register_item(desk.site, dossier.uid, by=CLERK)
    assert again.number != first and kept(desk, again.number).state == "registered"


def test_a_result_that_went_back_can_be_picked_up_at_the_counter(desk: Counter) -> None:
    dossier = desk.with_result()
    give_back(desk, dossier)
    (result,) = desk.results(dossier)
    pick_up(desk.site, dossier.uid, result.uid, PROOF, by=CLERK)
    desk.send()
    assert desk.now(dossier).state is State.CLOSED


def test_a_result_is_picked_up_at_the_counter_only_once_what_is_unpaid_was_collected(desk: Counter) -> None:
    dossier = desk.with_result("paper", "paper", fees_paid=False)
    first, second = desk.results(dossier)
    with pytest.raises(RuleViolation, match="còn phải thu 8000 đ"):
        pick_up(desk.site, dossier.uid, first.uid, PROOF, by=CLERK)
    assert not desk.kinds(dossier, "money")[2:], "nothing was paid"

    pick_up(desk.site, dossier.uid, first.uid, replace(PROOF, collected=8_000), by=CLERK)
    with desk.site.store.reading():
        paid = {fee.ledger: fee.paid_at is not None for fee in Fee.select().where(Fee.dossier == dossier)}
    assert paid == {"state": True, "freight": False}, "what no courier carried costs no freight"
    pick_up(desk.site, dossier.uid, second.uid, PROOF, by=CLERK)
    assert desk.now(dossier).state is State.CLOSED


def test_a_device_whose_clock_is_wrong_is_told_and_nothing_is_recorded(desk: Counter) -> None:
    number = desk.out(desk.with_result())
    for wrong, words in ((timedelta(days=400), "ở sau giờ hiện tại"), (timedelta(days=-400), "ở trước lúc bưu gửi")):
        fact = FactContext(uuid.uuid4(), desk.clock.now() + wrong)
        with pytest.raises(RuleViolation, match=words):
            deliver(desk.site, number, PROOF, by=COURIER, context=fact)
    assert kept(desk, number).state == "out_for_delivery"

    a_little_fast = FactContext(uuid.uuid4(), desk.clock.now() + timedelta(minutes=3))
    deliver(desk.site, number, PROOF, by=COURIER, context=a_little_fast)
    assert kept(desk, number).state == "delivered"


def test_a_delivery_without_identity_or_signature_leaves_the_item_with_the_courier(desk: Counter) -> None:
    number = desk.out(desk.with_result())
    for proof in (
        ProofInput("Ai đó"),
        replace(PROOF, identity_matched=False),
        replace(PROOF, signature=b""),
    ):
        with pytest.raises(RuleViolation):
            deliver(desk.site, number, proof, by=COURIER)
    assert kept(desk, number).state == "out_for_delivery"


def test_money_due_on_delivery_is_collected_once_whatever_the_number_of_items(desk: Counter) -> None:
    dossier = desk.with_result("paper", "paper", fees_paid=False)
    allot_range(desk.site, OFFICE, "RD", 0, 9)
    first, second = (
        register_item(desk.site, dossier.uid, by=CLERK, results=[result.uid]) for result in desk.results(dossier)
    )
    assert (first.collect, second.collect) == (34_000, 0)
    from agent.tracking.items import collect_from_authority

    for item in (first, second):
        collect_from_authority(desk.site, item.number, by=CLERK)
    with pytest.raises(RuleViolation, match=r"Phải thu 34\.000"):
        deliver(desk.site, first.number, PROOF, by=CLERK)
    deliver(desk.site, first.number, replace(PROOF, collected=34_000), by=CLERK)
    deliver(desk.site, second.number, PROOF, by=CLERK)
    with desk.site.store.reading():
        assert not Fee.select().where((Fee.dossier == dossier) & Fee.paid_at.is_null()).exists()
    assert desk.now(dossier).state is State.CLOSED


def test_numbers_come_from_allotted_ranges_only_and_run_out_in_words(desk: Counter) -> None:
    one, two = desk.with_result(), desk.with_result()
    with pytest.raises(NotFound, match="hết dải số"):
        register_item(desk.site, one.uid, by=CLERK)
    allot_range(desk.site, OFFICE, "RD", 47_312_482, 47_312_482)
    assert register_item(desk.site, one.uid, by=CLERK).number == "RD473124829VN"
    assert register_item(desk.site, one.uid, by=CLERK).number == "RD473124829VN"
    with pytest.raises(NotFound, match="hết dải số"):
        register_item(desk.site, two.uid, by=CLERK)
    with pytest.raises(RuleViolation, match="trùng dải"):
        allot_range(desk.site, OFFICE, "RD", 47_312_400, 47_312_500)


def test_a_fact_sent_twice_is_one_fact_and_another_under_its_id_is_refused(desk: Counter) -> None:
    number = desk.out(desk.with_result())
    context = FactContext(uuid.uuid4(), desk.clock.now() - timedelta(minutes=3), device="pixel-7", device_seq=4)
    for _ in range(2):
        fail_attempt(
            desk.site, number, reason="absent", action="redeliver", evidence=("position", "invitation"), by=COURIER,
            context=context,
        )  # fmt: skip
    with desk.site.store.reading():
        assert CustodyEvent.select().where(CustodyEvent.step == "attempt_failed").count() == 1
    with pytest.raises(RuleViolation, match="đã dùng"):
        deliver(desk.site, number, PROOF, by=COURIER, context=context)
    assert kept(desk, number).state == "attempt_failed"
    assert journal.verify() == []


def test_a_delivered_item_takes_no_further_step(desk: Counter) -> None:
    number = desk.out(desk.with_result())
    deliver(desk.site, number, PROOF, by=COURIER)
    for step in (CustodyStep.OUT_FOR_DELIVERY, CustodyStep.HOLD, CustodyStep.ARRIVE):
        with pytest.raises(IllegalStep, match="đã phát"):
            move(desk.site, number, step, by=COURIER)
