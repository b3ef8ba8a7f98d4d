"""What couriers' phones send: kept, ordered, applied or refused with a reason; conflicts and corrections by people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from agent.domain.actor import Actor
from agent.domain.custody_order import Decision
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import State
from agent.domain.phone_event import VerdictKind
from agent.domain.roles import Role
from agent.errors import Forbidden, IllegalStep, RuleViolation
from agent.reconcile import recheck
from agent.site import Site
from agent.store import custody_lookups as look
from agent.store import journal, rows
from agent.store.bags import BAG
from agent.store.calendar import working_calendar
from agent.store.custody_chain import chain_of
from agent.store.custody_events import CustodyConflict, DeviceEvent, PhoneChain
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item, Proof, Result
from agent.store.phone_chain import standing
from agent.store.phones import PhoneBlob
from agent.tracking.custody import CustodyFact, accept, hand_over, record
from agent.tracking.forward.bagging import put_in
from agent.tracking.forward.parcels import register_parcel, with_contents
from agent.tracking.journal import corrections
from agent.tracking.journal.alarms import AlarmKind, alarms, put_to_decision
from agent.tracking.journal.conflicts import decide
from agent.tracking.journal.ingest import resume, sweep
from tests.flow.custody_world import DESK, OFFICE, PLACE, PROOF, PhoneAtHand, furnish, make_site

S, V = CustodyStep, VerdictKind
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
CHIEF = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")
SOON = timedelta(minutes=5)


@pytest.fixture
def site(place: dict[str, Any]) -> Iterator[Site]:
    made = make_site(place.pop("data"), **place)
    yield made
    with made.store.reading():
        assert recheck.item_states() == [], "each item's row is the fold of its events"
    assert journal.verify() == []
    made.store.close()


def out_with(site: Site, count: int = 1, courier: str = "tuyen7") -> tuple[PhoneAtHand, list[str]]:
    """A phone whose courier is out with items."""
    phone, numbers = PhoneAtHand(courier, wrong=timedelta(hours=3)), furnish(site, count)
    hand_over(site, numbers, to=phone.holder, by=CLERK)
    phone.takes(site, *numbers)
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    return phone, numbers


def item_of(number: str) -> Item:
    found: Item = Item.get(Item.number == number)
    return found


def steps_of(number: str) -> list[str]:
    return [link.entry.step.value for link in chain_of(item_of(number), working_calendar()).links]


def said(verdicts: list[Any]) -> list[tuple[str, str]]:
    return [(one.verdict.value, one.code) for one in verdicts]


def test_a_day_is_taken_once_however_often_it_is_sent(site: Site) -> None:
    phone, (number,) = out_with(site)
    now = site.clock.now()
    failed = phone.mint(
        S.ATTEMPT_FAILED, number, now, reason="absent", action="redeliver", evidence=["invitation"], position=PLACE
    )
    again = phone.mint(S.OUT_FOR_DELIVERY, number, now + SOON)
    done = phone.mint(S.DELIVER, number, now + 2 * SOON)
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    assert said(phone.send(site, failed, again, again, done)) == [
        ("taken", ""), ("taken", ""), ("known", ""), ("taken", ""),
    ]  # fmt: skip
    before = (CustodyEvent.select().count(), DeviceEvent.select().count(), Proof.select().count())
    assert said(phone.send(site, done, failed, again)) == [("known", "")] * 3
    assert (CustodyEvent.select().count(), DeviceEvent.select().count(), Proof.select().count()) == before
    item = item_of(number)
    assert (item.state, item.holder, item.attempts, item.counted) == ("delivered", "receiver", 1, 1)
    assert Result.get(Result.item == item).state == "delivered"
    assert Dossier.get_by_id(item.dossier_id).state is State.CLOSED
    kept = CustodyEvent.get(CustodyEvent.uid == done["id"])
    assert kept.occurred_at == now + 2 * SOON, "the corrected clock, not the phone's, which is three hours off"
    assert DeviceEvent.get(DeviceEvent.uid == done["id"]).claimed_at == now + 2 * SOON + timedelta(hours=3)


def test_events_wait_for_what_comes_before_and_a_phone_that_owes_is_known(site: Site) -> None:
    phone, (number,) = out_with(site)
    now = site.clock.now()
    first = phone.mint(S.ATTEMPT_FAILED, number, now, reason="absent", action="redeliver", position=PLACE)
    second = phone.mint(S.OUT_FOR_DELIVERY, number, now + SOON)
    third = phone.mint(S.DELIVER, number, now + 2 * SOON, parent=None)
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    assert said(phone.send(site, third)) == [("waiting", "waits-gap")]
    assert said(phone.send(site, second)) == [("waiting", "waits-event")]
    assert item_of(number).state == "out_for_delivery"
    with site.store.reading():
        stand = standing(phone.uid)
    assert (stand.missing, stand.owed) == ([[3, 3]], 1)
    site.clock.forward(hours=5)  # type: ignore[attr-defined]
    kinds = [(one.kind, one.count) for one in alarms(site, OFFICE) if one.kind is not AlarmKind.PROMISE]
    assert kinds == [(AlarmKind.PHONE, 1), (AlarmKind.WAITING, 0), (AlarmKind.WAITING, 0)]
    assert said(phone.send(site, first)) == [("taken", "")]
    assert item_of(number).state == "delivered", "what waited was applied with it, in its own order"
    steps = [
        one.step
        for one in CustodyEvent.select().where(CustodyEvent.item == item_of(number)).order_by(CustodyEvent.place)
    ]
    assert steps[-3:] == ["attempt_failed", "out_for_delivery", "deliver"]
    assert said(phone.send(site, second, third)) == [("known", ""), ("known", "")]
    assert PhoneChain.get(PhoneChain.phone_uid == phone.uid).owes_since is None


def test_an_event_without_a_parent_overtakes_nothing_when_the_gap_before_it_closes(site: Site) -> None:
    phone, (number,) = PhoneAtHand("tuyen7"), furnish(site, 1)
    hand_over(site, [number], to=phone.holder, by=CLERK)
    phone.sees(site, number)
    now = site.clock.now()
    took = phone.mint(S.ACCEPT, number, now, giver=DESK, to=phone.holder)
    out = phone.mint(S.OUT_FOR_DELIVERY, number, now + SOON)
    done = phone.mint(S.DELIVER, number, now + 2 * SOON, parent=None)
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    assert said(phone.send(site, done)) == [("waiting", "waits-gap")]
    assert said(phone.send(site, took, out)) == [("taken", ""), ("taken", "")]
    assert steps_of(number)[-3:] == ["accept", "out_for_delivery", "deliver"]


@pytest.mark.parametrize("offer_first", [True, False])
def test_two_phones_hand_over_in_the_street_in_whatever_order_they_speak(site: Site, offer_first: bool) -> None:
    giver, (number,) = out_with(site)
    taker = PhoneAtHand("hoa.bt", wrong=-timedelta(hours=5))
    now = site.clock.now()
    taker.last[number] = giver.last[number]  # the code on the giver's screen names what he believed was last
    offer = giver.mint(S.OFFER, number, now, to=taker.holder)
    took = taker.mint(S.ACCEPT, number, now + timedelta(seconds=3), giver=giver.holder, to=taker.holder)
    out = taker.mint(S.OUT_FOR_DELIVERY, number, now + timedelta(seconds=9))
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    if offer_first:
        assert said(giver.send(site, offer) + taker.send(site, took, out)) == [("taken", "")] * 3
    else:
        assert said(taker.send(site, took, out)) == [("waiting", "waits-offer"), ("waiting", "waits-event")]
        assert item_of(number).holder == giver.holder
        assert said(giver.send(site, offer)) == [("taken", "")]
    item = item_of(number)
    assert (item.holder, item.state, str(item.held_by)) == (taker.holder, "out_for_delivery", took["id"])
    with site.store.reading():
        answer = look.who_answers(number)
    assert answer is not None and answer.device is not None
    assert (answer.holder, answer.since, answer.device.seq) == (taker.holder, now + timedelta(seconds=3), 1)


def test_bad_events_are_refused_with_what_to_do_and_the_rest_goes_on(site: Site) -> None:
    phone, numbers = out_with(site, 9)
    now = site.clock.now()
    (elsewhere,) = furnish(site, 1, office="BC-SONTAY")
    done = phone.mint(S.DELIVER, numbers[0], now)
    bad = [
        phone.mint(S.DELIVER, "RR123456785VN", now),
        phone.mint(S.DELIVER, numbers[1][:10] + str((int(numbers[1][10]) + 1) % 10) + "VN", now),
        phone.mint(S.OUT_FOR_DELIVERY, elsewhere, now, parent=None),
        phone.mint(S.DELIVER, numbers[2], now, proof=None),
        phone.mint(S.DELIVER, numbers[3], now, proof={**PROOF, "signature": ""}),
        phone.mint(S.DELIVER, numbers[4], now, proof={**PROOF, "collected": -26_000}),
        phone.mint(S.DELIVER, numbers[4], now, proof={**PROOF, "collected": 10**30}),
        phone.mint(S.DELIVER, numbers[5], now + timedelta(hours=9)),
        phone.mint(S.ATTEMPT_FAILED, numbers[0], now + SOON, reason="absent", action="redeliver"),
        phone.mint(S.HOLD, numbers[6], now),
        phone.mint(S.OFFER, numbers[6], now, giver="courier:somebody", to=DESK),
        phone.mint(S.ATTEMPT_FAILED, numbers[7], now, reason="hungry", action="redeliver"),
        phone.mint(S.ATTEMPT_FAILED, numbers[7], now, reason="absent", action="return"),
        {**phone.mint(S.DELIVER, numbers[7], now), "at": "yesterday"},
    ]
    last = phone.mint(S.DELIVER, numbers[8], now + SOON)
    site.clock.forward(minutes=30)  # type: ignore[attr-defined]
    verdicts = phone.send(site, done, *bad, last)
    codes = [one.code for one in verdicts]
    assert codes == [
        "", "unknown-item", "invalid-identifier", "foreign-item", "no-proof", "rule", "amount", "amount", "future",
        "illegal-step", "office-step", "not-yours", "event-field", "rule", "event-time", "chain-broken",
    ]  # fmt: skip
    assert {one.verdict for one in verdicts[1:-1]} == {V.REFUSED}
    assert all(one.message and one.message.rstrip().endswith(".") for one in verdicts[1:-1])
    assert DeviceEvent.select().where(DeviceEvent.phone_uid == phone.uid).count() == phone.seq, "all of it is kept"
    assert item_of(numbers[8]).state == "delivered"
    assert [said(phone.send(site, one))[0][0] for one in bad] == ["refused"] * len(bad), "asked again, said again"


def test_other_content_under_a_known_id_and_two_events_of_one_number_change_nothing(site: Site) -> None:
    phone, (number,) = out_with(site)
    first = phone.mint(S.DAMAGE, number, site.clock.now())
    assert said(phone.send(site, first)) == [("taken", "")]
    assert said(phone.send(site, {**first, "note": "khác"})) == [("refused", "duplicate")]
    twin = {**phone.mint(S.OPEN, number, site.clock.now()), "seq": first["seq"]}
    assert said(phone.send(site, twin)) == [("conflict", "twice")]
    thief = PhoneAtHand("hoa.bt")
    assert said(thief.send(site, phone.mint(S.OFFER, number, site.clock.now(), to="courier:hoa.bt"))) == [
        ("refused", "foreign-phone")
    ]
    assert item_of(number).holder == phone.holder


def test_a_broken_chain_is_named_and_its_events_are_kept(site: Site) -> None:
    phone, (number,) = out_with(site)
    phone.previous = "e" * 64
    assert said(phone.send(site, phone.mint(S.DAMAGE, number, site.clock.now()))) == [("taken", "chain-broken")]
    assert [one.count for one in alarms(site, OFFICE) if one.kind is AlarmKind.CHAIN] == [3]


def test_a_delivery_waits_for_its_signature_and_follows_when_it_comes(site: Site) -> None:
    phone, (number,) = out_with(site)
    event = phone.mint(S.DELIVER, number, site.clock.now(), proof={**PROOF, "signature": "7" * 64})
    assert said(phone.send(site, event)) == [("waiting", "picture-missing")]
    with site.store.writing():
        rows.create(
            PhoneBlob, sha256="7" * 64, terminal_id="T1", phone_uid=phone.uid, media="image/png", size=9,
            received_at=site.clock.now(),
        )  # fmt: skip
    assert resume(site, phone) == 1
    assert item_of(number).state == "delivered"
    assert Proof.get(Proof.item == item_of(number)).signature_sha256 == "7" * 64


def note_at_desk(site: Site, number: str, step: CustodyStep) -> None:
    with site.store.writing():
        item = item_of(number)
        record(site, item, CustodyFact(site.ids.uid(), step, site.clock.now(), from_holder=item.holder), by=CLERK)


def test_a_fork_is_ordered_by_the_clocks_only_where_they_are_sure(site: Site) -> None:
    phone, (sure, close) = out_with(site, 2)
    earlier = phone.mint(S.DAMAGE, sure, site.clock.now())
    site.clock.forward(minutes=3)  # type: ignore[attr-defined]
    doubtful = phone.mint(S.DAMAGE, close, site.clock.now() + timedelta(seconds=20))
    note_at_desk(site, sure, S.OPEN)
    note_at_desk(site, close, S.OPEN)
    site.clock.forward(minutes=3)  # type: ignore[attr-defined]
    assert said(phone.send(site, earlier, doubtful)) == [("taken", ""), ("conflict", "clocks")]
    order = [
        one.step for one in CustodyEvent.select().where(CustodyEvent.item == item_of(sure)).order_by(CustodyEvent.place)
    ]
    assert order[-2:] == ["damage", "open"], "it was sent later and happened earlier"
    assert (item_of(close).conflicts, [one.kind for one in alarms(site, OFFICE)][:1]) == (1, [AlarmKind.CONFLICT])
    row = CustodyConflict.get()
    with pytest.raises(Forbidden):
        decide(site, row.uid, Decision.AFTER, by=Actor("tuyen7", "", Role.CLERK, OFFICE, "T1"))
    decide(site, row.uid, Decision.AFTER, by=CHIEF)
    with pytest.raises(RuleViolation, match="đã được minh"):
        decide(site, row.uid, Decision.ASIDE, by=CHIEF)
    item = item_of(close)
    assert (item.conflicts, item.last_event) == (0, row.disputes)
    assert said(phone.send(site, doubtful)) == [("known", "")]


def test_what_contradicts_the_books_waits_for_a_person_with_all_that_follows(site: Site) -> None:
    phone, (number,) = out_with(site)
    done = phone.mint(S.DELIVER, number, site.clock.now())
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    note_at_desk(site, number, S.LOSE)
    assert said(phone.send(site, done)) == [("conflict", "fork")]
    row = CustodyConflict.get()
    with pytest.raises(RuleViolation, match="Không đặt được"):
        decide(site, row.uid, Decision.AFTER, by=CHIEF)
    lost = CustodyEvent.get((CustodyEvent.item == item_of(number)) & (CustodyEvent.step == "lose"))
    corrections.ask(site, number, lost.uid, "Bưu tá đã phát, quầy báo mất nhầm", by=CLERK)
    with pytest.raises(RuleViolation, match="người thứ hai"):
        corrections.answer(site, number, item_of(number).last_event, agree=True, by=CLERK)
    corrections.answer(site, number, item_of(number).last_event, agree=True, by=CHIEF)
    decide(site, row.uid, Decision.AFTER, by=CHIEF)
    assert item_of(number).state == "delivered"


def test_a_wrong_delivery_is_taken_back_only_by_two_people_and_can_then_happen(site: Site) -> None:
    phone, (number,) = out_with(site)
    done = phone.mint(S.DELIVER, number, site.clock.now())
    phone.send(site, done)
    with pytest.raises(RuleViolation, match="lý do"):
        corrections.ask(site, number, CustodyEvent.get(CustodyEvent.uid == done["id"]).uid, " ", by=CLERK)
    wrong = CustodyEvent.get(CustodyEvent.uid == done["id"]).uid
    corrections.ask(site, number, wrong, "Giao nhầm nhà bên cạnh", by=CLERK)
    item = item_of(number)
    assert (item.state, item.pending) == ("delivered", 1), "pending changes nothing"
    with site.store.reading():
        assert look.trail_of(item).pending == {item.last_event}
    corrections.answer(site, number, item.last_event, agree=True, by=CHIEF)
    item = item_of(number)
    assert (item.state, item.holder, item.pending) == ("out_for_delivery", phone.holder, 0)
    assert Result.get(Result.item == item).state == "on_the_way"
    assert Dossier.get_by_id(item.dossier_id).state is State.RESULT_READY
    phone.sees(site, number)
    site.clock.forward(minutes=20)  # type: ignore[attr-defined]
    assert said(phone.send(site, phone.mint(S.DELIVER, number, site.clock.now()))) == [("taken", "")]
    assert (item_of(number).state, Proof.select().count()) == ("delivered", 2)
    assert Proof.select().where(Proof.voided_at.is_null()).count() == 1
    with pytest.raises(IllegalStep):
        phone2 = PhoneAtHand("hoa.bt")
        hand_over(site, [number], to=phone2.holder, by=CLERK)


def test_a_declined_correction_leaves_the_event_standing(site: Site) -> None:
    phone, (number,) = out_with(site)
    failed = phone.mint(S.ATTEMPT_FAILED, number, site.clock.now(), reason="absent", action="redeliver",
                        evidence=["invitation"], position=PLACE)  # fmt: skip
    phone.send(site, failed)
    wrong = CustodyEvent.get(CustodyEvent.uid == failed["id"]).uid
    corrections.ask(site, number, wrong, "Người nhận nói không ai đến", by=CLERK)
    with pytest.raises(RuleViolation, match="đang có đính chính"):
        corrections.ask(site, number, wrong, "Một lần nữa cho chắc", by=CHIEF)
    corrections.answer(site, number, item_of(number).last_event, agree=False, by=CHIEF)
    assert (item_of(number).pending, item_of(number).counted) == (0, 1)
    corrections.ask(site, number, wrong, "Có camera: bưu tá không đến", by=CLERK)
    corrections.answer(site, number, item_of(number).last_event, agree=True, by=CHIEF)
    assert (item_of(number).attempts, item_of(number).counted) == (1, 0), "it stands as a fact and counts no more"


def test_a_bag_s_holder_is_its_contents_holder(site: Site) -> None:
    phone, numbers = PhoneAtHand("tuyen7"), furnish(site, 3)
    with site.store.writing():
        bag = register_parcel(site, number="TUI-1", kind=BAG, way="back", agency="G01", holder=DESK, by=CLERK)
        for number in numbers[:2]:
            put_in(site, bag, item_of(number), by=CLERK)
    assert {item_of(number).bag for number in numbers} == {"TUI-1", ""}
    with site.store.writing():
        other = register_parcel(site, number="TUI-2", kind=BAG, way="back", agency="G01", holder=DESK, by=CLERK)
    with pytest.raises(RuleViolation), site.store.writing():
        put_in(site, other, item_of(numbers[0]), by=CLERK)
    now = site.clock.now()
    take = phone.mint(S.ACCEPT, "", now, bag="TUI-1", giver=DESK, to=phone.holder)
    assert said(phone.send(site, take)) == [("waiting", "waits-offer")]
    with site.store.writing():
        bag = type(bag).get_by_id(bag.id)
        with_contents(site, bag, S.OFFER, by=CLERK, to=phone.holder)
    assert sweep(site) == 1, "what the desk recorded since is what it waited for"
    unknown = phone.mint(S.ACCEPT, "", now, bag="TUI-9", giver=DESK, to=phone.holder)
    assert said(phone.send(site, unknown)) == [("refused", "unknown-bag")]
    back = phone.mint(S.OFFER, "", now + SOON, bag="TUI-1", to=DESK)
    assert said(phone.send(site, back)) == [("taken", "")]
    assert [item_of(number).holder for number in numbers] == [phone.holder, phone.holder, DESK]
    assert [item_of(number).offered_to for number in numbers] == [DESK, DESK, ""]
    assert type(bag).get_by_id(bag.id).holder == phone.holder


def test_a_bag_that_cannot_be_taken_as_a_whole_moves_nothing_of_what_lies_in_it(site: Site) -> None:
    late, (number,) = PhoneAtHand("tuyen7", wrong=-timedelta(minutes=50), offset=False), furnish(site, 1)
    with site.store.writing():
        bag = register_parcel(site, number="TUI-1", kind=BAG, way="back", agency="G01", holder=DESK, by=CLERK)
        put_in(site, bag, item_of(number), by=CLERK)
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    with site.store.writing():
        inside = register_parcel(site, number="D1/V1", kind="envelope", way="back", agency="G01", holder=DESK, by=CLERK)
        put_in(site, bag, inside, by=CLERK)
        with_contents(site, bag, S.OFFER, by=CLERK, to=late.holder)
    take = late.mint(S.ACCEPT, "", site.clock.now(), bag="TUI-1", giver=DESK, to=late.holder)
    (answer,) = late.send(site, take)  # by the phone's clock the envelope was not yet made
    assert answer.verdict == "refused" and "trước lúc" in answer.message
    assert (type(bag).get_by_id(bag.id).holder, item_of(number).holder, item_of(number).offered_to) == (
        DESK, DESK, late.holder,
    ), "the bag's holder is its contents' holder"  # fmt: skip


def test_an_event_that_waits_too_long_can_be_put_to_a_person(site: Site) -> None:
    phone, (number,) = out_with(site)
    gone = phone.mint(S.DAMAGE, number, site.clock.now())
    done = phone.mint(S.DELIVER, number, site.clock.now() + SOON)
    assert gone["id"] == done["parent"]
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    phone.send(site, done)  # the phone was lost in the rain before it sent the one before
    put_to_decision(site, done["id"], by=CLERK)
    decide(site, CustodyConflict.get().uid, Decision.AFTER, by=CHIEF)
    assert item_of(number).state == "delivered"


def test_an_offer_that_nobody_takes_raises_an_alarm(site: Site) -> None:
    (number,) = furnish(site, 1)
    hand_over(site, [number], to="courier:tuyen7", by=CLERK)
    assert [one for one in alarms(site, OFFICE) if one.kind is AlarmKind.OFFER] == []
    site.clock.forward(hours=3)  # type: ignore[attr-defined]
    assert [one.subject for one in alarms(site, OFFICE) if one.kind is AlarmKind.OFFER] == [number]
    with pytest.raises(RuleViolation):
        accept(site, [number], holder="courier:tuyen7", by=CLERK)


def test_doctor_names_the_field_that_is_not_what_the_events_say(site: Site) -> None:
    _, (number,) = out_with(site)
    with site.store.writing():
        Item.update(counted=7).where(Item.number == number).execute()
    with site.store.reading():
        problems = recheck.item_states()
    assert len(problems) == 1 and number in problems[0] and "counted" in problems[0]
    with site.store.writing():
        Item.update(counted=0).where(Item.number == number).execute()
