"""People and phones that move the same items at the same moment on PostgreSQL: nothing is lost or doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import Role
from agent.errors import AgentError, RuleViolation
from agent.reconcile import recheck
from agent.settings import Money
from agent.site import Site
from agent.store import journal, rows
from agent.store.accounts import User
from agent.store.custody_events import DeviceEvent
from agent.store.delivery import DeliveryList, ListLine, Route
from agent.store.dossiers import Contact
from agent.store.items import Item
from agent.tracking.back import lists
from agent.tracking.custody import accept, hand_over
from agent.tracking.journal.alarms import put_to_decision
from agent.tracking.journal.ingest import resume, sweep
from tests import postgres
from tests.flow.custody_world import DESK, OFFICE, PhoneAtHand, furnish, make_site
from tests.races import LIMIT, free, meanwhile, race

S = CustodyStep
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
THERE = Actor("hoa", "Vũ Thị Hoa", Role.CLERK, OFFICE, "T2")  # the same office, at the next terminal
COURIERS = ("tuyen7", "hoa.bt")
ROUNDS = 5


@pytest.fixture(scope="module")
def url(postgres_server: str) -> Iterator[str]:
    with postgres.migrated(postgres_server) as made:
        yield made


@pytest.fixture(scope="module")
def site(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("writers") / "data"
    bare = make_site(folder, url=url)
    made = replace(bare, settings=replace(bare.settings, money=Money(courier_limit=50_000)))
    with made.store.writing():
        for name in COURIERS:
            rows.create(
                User, username=name, role=Role.COURIER, office_id=OFFICE, full_name=name, created_at=made.clock.now()
            )
    yield made
    with made.store.reading():
        assert recheck.item_states() == []
    assert journal.verify() == []
    made.store.close()


def test_two_clerks_cannot_give_one_courier_more_than_his_limit(site: Site, url: str) -> None:
    first, second, third = furnish(site, 3, collect=30_000)

    def give(number: str, by: Actor) -> Callable[[], Any]:
        return lambda: hand_over(site, [number], to="courier:tuyen7", by=by)

    assert race(site, url, "custody_event", give(first, CLERK), give(second, THERE)) == ["done", "rule"]
    with site.store.reading():
        offered = Item.select().where(Item.offered_to == "courier:tuyen7").count()
    assert offered == 1, "what is offered counts before it is taken"
    with pytest.raises(RuleViolation, match="hạn mức"):
        hand_over(site, [third], to="courier:tuyen7", by=CLERK)


def test_two_clerks_who_open_one_courier_s_list_at_once_get_one_list(site: Site, url: str) -> None:
    found: list[Any] = []

    def begin(by: Actor) -> Callable[[], Any]:
        return lambda: found.append(lists.open_list(site, "tuyen7", by=by).uid)

    assert race(site, url, "delivery_list", begin(CLERK), begin(THERE)) == ["done", "done"]
    with site.store.reading():
        assert DeliveryList.select().count() == 1
    assert len(found) == 2 and found[0] == found[1]


def test_two_clerks_who_propose_at_once_put_each_item_on_one_list(site: Site, url: str) -> None:
    numbers = furnish(site, 3)
    with site.store.writing():
        rows.create(
            Route, uid=site.ids.uid(), office_id=OFFICE, code="T7", name="Tuyến 7", courier="tuyen7",
            areas=[{"commune": "Phường Tây Hồ", "place": ""}], changed_by="minh", changed_at=site.clock.now(),
        )  # fmt: skip
        for item in Item.select().where(Item.number.in_(numbers)):
            rows.create(Contact, dossier=item.dossier_id, address="12 Lạc Long Quân, Phường Tây Hồ")

    def propose(by: Actor) -> Callable[[], Any]:
        return lambda: lists.propose(site, by=by)

    assert race(site, url, "delivery_list", propose(CLERK), propose(THERE)) == ["done", "done"]
    with site.store.reading():
        items = [line.item.number for line in ListLine.select()]
    assert len(items) == len(set(items)) and set(items) >= set(numbers)


def test_a_hand_over_beside_phones_that_send_meets_no_deadlock_and_loses_nothing(site: Site) -> None:
    """Each round: a clerk gives and takes back items in one order, two phones send about them in others."""
    mine, other = PhoneAtHand("tuyen7"), PhoneAtHand("hoa.bt")
    said: list[str] = []

    for _ in range(ROUNDS):
        ours, theirs = furnish(site, 4), furnish(site, 4)
        hand_over(site, ours, to=mine.holder, by=CLERK)
        hand_over(site, theirs, to=other.holder, by=CLERK)
        mine.takes(site, *ours)
        other.takes(site, *theirs)
        site.clock.forward(minutes=5)  # type: ignore[attr-defined]
        now = site.clock.now()
        done = [mine.mint(S.DELIVER, number, now) for number in ours[:2]]
        back = [mine.mint(S.OFFER, number, now, to=other.holder) for number in reversed(ours[2:])]
        took = [
            other.mint(S.ACCEPT, number, now, giver=mine.holder, to=other.holder, parent=None) for number in ours[2:]
        ]
        given = [other.mint(S.DELIVER, number, now) for number in theirs[:2]]
        gone = [other.mint(S.OFFER, number, now, to=DESK) for number in reversed(theirs[2:])]
        fresh = furnish(site, 2)
        assert {one.code for one in other.send(site, *took)} == {"waits-offer"}
        together(
            site, said,
            partial(mine.send, site, *done, *back),
            partial(other.send, site, *given, *gone),  # and what waits of this phone is tried again
            partial(hand_over, site, [*reversed(fresh), theirs[3], ours[2]], to=mine.holder, by=THERE),
            partial(hand_over, site, fresh, to=other.holder, by=CLERK),
        )  # fmt: skip
        site.clock.forward(minutes=1)  # type: ignore[attr-defined]
        sweep(site)
        again = [*mine.send(site, *done, *back), *other.send(site, *took, *given, *gone)]
        assert {one.verdict.value for one in again} == {"known"}, "all of it has its effect, once"
        with site.store.reading():
            stands = {item.number: (item.state, item.holder) for item in Item.select()}
        assert [stands[number] for number in (*ours[:2], *theirs[:2])] == [("delivered", "receiver")] * 4
        assert [stands[number][1] for number in ours[2:]] == [other.holder] * 2
        accept(site, theirs[2:], holder=DESK, by=CLERK)
    assert set(said) <= {"done", "rule", "illegal-step"}, said


def test_whoever_waits_for_a_phone_s_chain_holds_no_item(site: Site, url: str) -> None:
    """A phone that sends has its chain and then takes items; what tries its events again must not come from behind."""
    phone, (number,) = PhoneAtHand("tuyen7"), furnish(site, 1)
    phone.mint(S.OUT_FOR_DELIVERY, number, site.clock.now())
    late = phone.mint(S.OUT_FOR_DELIVERY, number, site.clock.now(), parent=None)
    hand_over(site, [number], to=phone.holder, by=CLERK)
    assert [one.code for one in phone.send(site, late)] == ["waits-gap"]
    chain = f"SELECT id FROM phone_chain WHERE phone_uid = '{phone.uid}'"
    item = f"SELECT id FROM item WHERE number = '{number}'"
    assert meanwhile(site, url, chain, lambda: resume(site, phone), free(item)) == (True, "done")


def test_a_break_of_the_chain_is_marked_once_its_item_is_locked(site: Site, url: str) -> None:
    """Who decides on the other item at this moment has it, and changes the same row at the end."""
    phone, (first, second), now = PhoneAtHand("tuyen7"), furnish(site, 2), site.clock.now()
    hand_over(site, [first, second], to=phone.holder, by=CLERK)
    phone.sees(site, first, second)
    took = phone.mint(S.ACCEPT, first, now, giver=DESK, to=phone.holder)
    above = phone.mint(S.ACCEPT, second, now, giver=DESK, to=phone.holder, previous="9" * 64)
    assert [one.verdict.value for one in phone.send(site, above)] == ["taken"]
    item = f"SELECT id FROM item WHERE number = '{first}'"
    row = f"SELECT id FROM device_event WHERE uid = '{above['id']}'"
    assert meanwhile(site, url, item, lambda: phone.send(site, took), free(row)) == (True, "done")
    with site.store.reading():
        assert DeviceEvent.get(DeviceEvent.uid == above["id"]).broken


def test_an_event_that_was_taken_in_meanwhile_is_put_to_nobody_s_decision(site: Site, url: str) -> None:
    phone, (number,) = PhoneAtHand("tuyen7"), furnish(site, 1)
    event = phone.mint(S.ACCEPT, number, site.clock.now(), giver=DESK, to=phone.holder)
    assert [one.code for one in phone.send(site, event)] == ["waits-offer"]
    item = f"SELECT id FROM item WHERE number = '{number}'"
    taken = f"UPDATE device_event SET verdict = 'taken' WHERE uid = '{event['id']}'"
    put = partial(put_to_decision, site, event["id"], by=CLERK)
    assert meanwhile(site, url, item, put, lambda gate: gate.execute(taken).rowcount) == (1, "not-found")
    with site.store.reading():
        assert DeviceEvent.get(DeviceEvent.uid == event["id"]).verdict == "taken"
        assert Item.get(Item.number == number).conflicts == 0


def together(site: Site, said: list[str], *acts: Callable[[], Any]) -> None:
    """All acts let go at once, each on its own connection."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            ready.wait(LIMIT)
            act()
            said.append("done")
        except AgentError as error:
            said.append(error.code)
        except Exception as error:  # noqa: BLE001 named, so that the test says it
            said.append(repr(error))
        finally:
            site.store.database.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
