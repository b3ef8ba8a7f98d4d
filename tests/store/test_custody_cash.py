"""A courier collected what was paid elsewhere meanwhile: kept, shown, decided by somebody else, booked to the đồng."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.custody_order import Decision
from agent.domain.custody_steps import CustodyStep
from agent.domain.money_entries import Account
from agent.domain.roles import Role
from agent.errors import Forbidden, RuleViolation
from agent.money import checking, deposits, refunds, reversals
from agent.reconcile import recheck
from agent.site import Site
from agent.store import journal, money, money_fees, rows
from agent.store.accounts import User
from agent.store.custody_events import CustodyConflict, DeviceEvent
from agent.store.dossiers import Dossier, Fee
from agent.store.items import Item, Proof, Result
from agent.store.money import MoneyEntry
from agent.tracking.custody import hand_over
from agent.tracking.journal.alarms import AlarmKind, alarms
from agent.tracking.journal.conflicts import decide
from agent.tracking.journal.surplus import question
from agent.tracking.phones.round import limits
from tests.flow.custody_world import OFFICE, PROOF, PhoneAtHand, furnish, make_site

S = CustodyStep
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
SECOND = Actor("hoa", "Vũ Thị Hoa", Role.CLERK, OFFICE, "T1")
CHIEF = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")
DEPUTY = Actor("quang", "Lý Quang", Role.SUPERVISOR, OFFICE, "T1")
COURIER = Actor("tuyen7", "Trần Đức Ân", Role.COURIER, OFFICE, "T1")
STATE, FREIGHT = 20_000, 6_000
BOTH = STATE + FREIGHT


@pytest.fixture
def site(place: dict[str, Any]) -> Iterator[Site]:
    made = make_site(place.pop("data"), **place)
    with made.store.writing():
        for who in (CLERK, SECOND, CHIEF, DEPUTY, COURIER):
            rows.create(
                User, username=who.username, role=who.role, office_id=OFFICE, full_name=who.full_name,
                created_at=made.clock.now(),
            )  # fmt: skip
    yield made
    with made.store.reading():
        assert recheck.item_states() == [] and checking.problems() == []
    assert journal.verify() == []
    made.store.close()


def out_with(site: Site) -> tuple[PhoneAtHand, str]:
    """A phone whose courier is out with an item on which a state fee and freight are to be collected."""
    (number,) = furnish(site, 1, collect=BOTH)
    with site.store.writing():
        for code, ledger, amount in (("LP", FeeLedger.STATE, STATE), ("CUOC", FeeLedger.FREIGHT, FREIGHT)):
            dossier = dossier_of(number)
            money_fees.claim(dossier, name=code, ledger=ledger, amount=amount, stage="return", code=code)
    phone = PhoneAtHand(COURIER.username)
    hand_over(site, [number], to=phone.holder, by=SECOND)
    phone.takes(site, number)
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    return phone, number


def item_of(number: str) -> Item:
    found: Item = Item.get(Item.number == number)
    return found


def dossier_of(number: str) -> Dossier:
    found: Dossier = Dossier.get_by_id(item_of(number).dossier_id)
    return found


def pay_at_the_counter(site: Site, number: str, code: str = "LP", by: Actor = CLERK) -> None:
    with site.store.writing():
        dossier = dossier_of(number)
        fee = Fee.get((Fee.dossier == dossier) & (Fee.code == code))
        money_fees.collect(dossier, [fee], method="cash", by=by, at=site.clock.now(), ids=site.ids)


def at_the_door(site: Site, phone: PhoneAtHand, number: str, collected: int) -> tuple[dict[str, Any], tuple[str, str]]:
    """The delivery as the phone sends it, and what it is told."""
    event = phone.mint(S.DELIVER, number, site.clock.now(), proof={**PROOF, "collected": collected})
    (said,) = phone.send(site, event)
    return event, (said.verdict.value, said.code)


def in_hand(site: Site) -> int:
    with site.store.reading():
        return money.in_hand(Account.COURIER, COURIER.username)


def owed_back(site: Site, number: str) -> int:
    with site.store.reading():
        return -money.in_hand(Account.REFUND, dossier_of(number).provisional)


def undecided(site: Site) -> list[tuple[str, int]]:
    return [(one.who, one.count) for one in alarms(site, OFFICE) if one.kind is AlarmKind.CASH]


def only_conflict() -> CustodyConflict:
    (found,) = CustodyConflict.select()
    return found  # type: ignore[no-any-return]


def test_what_was_paid_twice_waits_for_a_person_and_nothing_is_dropped(site: Site) -> None:
    phone, number = out_with(site)
    pay_at_the_counter(site, number)
    event, told = at_the_door(site, phone, number, BOTH)
    assert told == ("conflict", "amount")
    later = phone.mint(S.DAMAGE, number, site.clock.now())
    assert phone.send(site, later)[0].code == "waits-event", "what builds on it waits with it"
    assert [one.verdict for one in phone.send(site, event)] == ["conflict"], "sent again, said again"
    row = only_conflict()
    assert (row.kind, item_of(number).conflicts, item_of(number).state) == ("amount", 1, "out_for_delivery")
    assert undecided(site) == [(COURIER.username, BOTH)] and in_hand(site) == 0
    assert limits(site, COURIER.username) == {"cash_in_hand": 0, "cash_undecided": BOTH, "cash_limit": 5_000_000}
    with site.store.reading():
        asked = question(item_of(number), BOTH)
    assert (asked.collected, asked.due, asked.surplus) == (BOTH, FREIGHT, STATE)
    assert [(one.name, one.amount, one.way, one.by) for one in asked.settled] == [("LP", STATE, "till", "user:lananh")]


def test_somebody_else_says_that_it_happened_and_every_dong_is_booked(site: Site) -> None:
    phone, number = out_with(site)
    pay_at_the_counter(site, number)
    event, _ = at_the_door(site, phone, number, BOTH)
    row = only_conflict()
    for own in (Actor(COURIER.username, "", Role.CLERK, OFFICE, "T1"), CLERK):
        with pytest.raises(Forbidden, match="Vũ Thị Hoa, Đỗ Quang Minh"):
            decide(site, row.uid, Decision.AFTER, by=own)
    with pytest.raises(RuleViolation, match="số tiền"):
        decide(site, row.uid, Decision.BEFORE, by=CHIEF)
    decide(site, row.uid, Decision.AFTER, by=CHIEF, due=FREIGHT)
    item = item_of(number)
    assert (item.state, item.holder, item.conflicts) == ("delivered", "receiver", 0)
    assert (Proof.get(Proof.item == item).collected, Result.get(Result.item == item).state) == (BOTH, "delivered")
    assert (in_hand(site), owed_back(site, number), undecided(site)) == (BOTH, STATE, [])
    assert [one.verdict for one in phone.send(site, event)] == ["known"]
    assert MoneyEntry.select().where(MoneyEntry.kind == "over_collected").count() == 1
    given = deposits.declare(site, BOTH, by=COURIER)
    deposits.receive(site, given.uid, {"20000": 1, "5000": 1, "1000": 1}, by=SECOND)
    with pytest.raises(Forbidden, match=r"không tự chi\. Nhờ Trần Lan Anh, Vũ Thị Hoa, Lý Quang chi"):
        refunds.pay_out(site, dossier_of(number).provisional, "safe", STATE, by=CHIEF)
    refunds.pay_out(site, dossier_of(number).provisional, "safe", STATE, by=SECOND)
    with site.store.reading():
        safe = money.balances(Account.SAFE, OFFICE)
    assert (in_hand(site), owed_back(site, number), safe) == (0, 0, {FeeLedger.FREIGHT: FREIGHT})


def test_what_is_set_aside_books_nothing_and_the_courier_still_answers_for_the_item(site: Site) -> None:
    phone, number = out_with(site)
    pay_at_the_counter(site, number)
    event, _ = at_the_door(site, phone, number, BOTH)
    decide(site, only_conflict().uid, Decision.ASIDE, by=CHIEF)
    assert (item_of(number).state, item_of(number).holder) == ("out_for_delivery", phone.holder)
    assert (in_hand(site), owed_back(site, number), undecided(site)) == (0, 0, [])
    assert [(one.verdict, one.code) for one in phone.send(site, event)] == [("refused", "set-aside")]


def test_a_sum_that_was_only_mistyped_is_taken_off_again_by_two_people(site: Site) -> None:
    phone, number = out_with(site)
    at_the_door(site, phone, number, 10 * BOTH)
    assert only_conflict().kind == "amount"
    decide(site, only_conflict().uid, Decision.AFTER, by=CHIEF, due=BOTH)
    assert in_hand(site) == 10 * BOTH and owed_back(site, number) == 9 * BOTH
    entry = MoneyEntry.get(MoneyEntry.kind == "over_collected")
    asked = reversals.ask(site, entry.uid, reason="Bưu tá gõ thừa một số không", by=CLERK)
    reversals.answer(site, asked.uid, agreed=True, by=DEPUTY)
    assert (in_hand(site), owed_back(site, number)) == (BOTH, 0)


def test_a_surplus_that_was_given_back_already_is_not_taken_off(site: Site) -> None:
    phone, number = out_with(site)
    at_the_door(site, phone, number, BOTH + 4_000)
    decide(site, only_conflict().uid, Decision.AFTER, by=CHIEF)
    given = deposits.declare(site, BOTH + 4_000, by=COURIER)
    deposits.receive(site, given.uid, {"20000": 1, "10000": 1}, by=SECOND)
    refunds.pay_out(site, dossier_of(number).provisional, "safe", 4_000, by=SECOND)
    asked = reversals.ask(
        site, MoneyEntry.get(MoneyEntry.kind == "over_collected").uid, reason="Bưu tá nói gõ nhầm", by=CLERK
    )
    with pytest.raises(RuleViolation, match="đã hoàn cho công dân"):
        reversals.answer(site, asked.uid, agreed=True, by=DEPUTY)


def test_nobody_books_another_sum_than_he_saw(site: Site) -> None:
    phone, number = out_with(site)
    pay_at_the_counter(site, number)
    at_the_door(site, phone, number, BOTH)
    pay_at_the_counter(site, number, "CUOC")
    with pytest.raises(RuleViolation, match="đã đổi thành 0 đ"):
        decide(site, only_conflict().uid, Decision.AFTER, by=CHIEF, due=FREIGHT)
    decide(site, only_conflict().uid, Decision.AFTER, by=CHIEF, due=0)
    assert (in_hand(site), owed_back(site, number)) == (BOTH, BOTH)


def test_too_little_is_refused_with_what_to_do(site: Site) -> None:
    phone, number = out_with(site)
    event, told = at_the_door(site, phone, number, FREIGHT)
    assert told == ("refused", "amount") and CustodyConflict.select().count() == 0
    words = DeviceEvent.get(DeviceEvent.uid == event["id"]).message
    assert "còn thiếu 20.000 đ" in words and "thu cho đủ" in words


def test_one_fee_that_two_items_of_a_dossier_ask_for_is_booked_once(site: Site) -> None:
    phone, number = out_with(site)
    (other,) = furnish(site, 1)
    with site.store.writing():
        Item.update(dossier=item_of(number).dossier_id, collect=BOTH).where(Item.number == other).execute()
    hand_over(site, [other], to=phone.holder, by=SECOND)
    phone.takes(site, other)
    proof, now = {**PROOF, "collected": BOTH}, site.clock.now()
    said = phone.send(site, *(phone.mint(S.DELIVER, one, now, proof=proof) for one in (number, other)))
    assert [(one.verdict.value, one.code) for one in said] == [("taken", ""), ("conflict", "amount")]
    assert in_hand(site) == BOTH and undecided(site) == [(COURIER.username, BOTH)]
