"""Results taken over at the authority against the list, bagged, announced, and counted where they arrive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import ReturnWay
from agent.domain.forward import Seal
from agent.domain.roles import Role
from agent.errors import NotFound, RuleViolation
from agent.store import journal
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item, Result
from agent.store.minutes import (
    Manifest,
    lines_of_minutes,
    manifest_by_number,
    manifests_not_arrived,
    open_manifests,
    shortages,
)
from agent.store.ready import agencies_with_results
from agent.tracking.custody import custody_of
from agent.tracking.forward.arrivals import finish_arrival, scan_arrival, seal_at_arrival, start_arrival
from agent.tracking.forward.bagging import close_bag, move_bag, open_bag, put
from agent.tracking.forward.collecting import (
    bag_collected,
    scan_collection,
    sign_collection,
    start_collection,
)
from agent.tracking.forward.counting import tally
from agent.tracking.items import allot_range
from tests.builders import CLERK, COURIER, OFFICE
from tests.flow.counter import Counter

AGENCY = "H26.019.02"
DESK = f"office:{OFFICE}"
OTHER = Actor("hoa.bt", "Vũ Thị Hoa", Role.COURIER, OFFICE, "T2")


def results(desk: Counter, count: int) -> list[Dossier]:
    """Dossiers with one paper result each at the authority, as the feed tells of them."""
    allot_range(desk.site, OFFICE, "RD", 1000, 1999)
    dossiers = [desk.receive() for _ in range(count)]
    with desk.site.store.writing():
        for number, dossier in enumerate(dossiers):
            Dossier.update(state="result_ready").where(Dossier.id == dossier.id).execute()
            Result.create(
                uid=desk.site.ids.uid(), dossier=dossier, province_id=f"R{number}", name="Giấy", form="paper",
                way=dossier.return_way, state="ready", ready_at=desk.clock.now(),
            )  # fmt: skip
    return dossiers


def counted(desk: Counter, dossiers: list[Dossier]) -> str:
    minutes = start_collection(desk.site, AGENCY, by=CLERK, place="UBND phường")
    for dossier in dossiers:
        assert scan_collection(desk.site, minutes.number, f"PA1|{dossier.provisional}|", by=CLERK).good
    return str(minutes.number)


def test_results_are_taken_over_one_by_one_bagged_announced_and_counted_at_the_office(either: Counter) -> None:
    site = either.site
    dossiers = results(either, 4)
    there, (missing,) = dossiers[:3], dossiers[3:]
    with site.store.reading():
        assert [len(held) for held in agencies_with_results(OFFICE).values()] == [4]
    number = counted(either, there)
    assert start_collection(site, AGENCY, by=CLERK).number == number
    assert scan_collection(site, number, there[0].provisional, by=CLERK).kind == "again"
    assert scan_collection(site, number, either.receive().provisional, by=CLERK).kind == "elsewhere"
    assert scan_collection(site, number, "RR123456785CN", by=CLERK).kind == "unknown"
    minutes = sign_collection(site, number, "Nguyễn Văn Bình", by=CLERK)
    sign_collection(site, number, "Nguyễn Văn Bình", by=CLERK)
    with site.store.reading():
        stand = tally(lines_of_minutes(minutes))
        lines = {line.dossier_id: line for line in lines_of_minutes(minutes) if line.expected}
        assert [len(held) for held in agencies_with_results(OFFICE).values()] == [1], "what was not there stays listed"
        items = list(Item.select().order_by(Item.id))
        assert [item.holder for item in items] == [DESK] * 3
        assert all(custody_of(item).state.value == item.state for item in items)  # type: ignore[union-attr]
    assert (stand.expected, stand.present, stand.others) == (4, 3, 2)
    assert lines[missing.id].verdict == "short" and lines[missing.id].follow == "next_trip"
    assert "result_collected" in either.kinds(there[0]) and "result_collected" not in either.kinds(missing)

    bag, manifest = bag_collected(site, number, "TUI00077", by=CLERK)
    assert (manifest.things, manifest.to_holder, bag.seal) == (3, DESK, "TUI00077")
    with site.store.reading():
        assert manifests_not_arrived(OFFICE, now=either.clock.now()) == []
        late = manifests_not_arrived(OFFICE, now=either.clock.now() + timedelta(days=1))
        assert [one.number for one in late] == [manifest.number], "an alarm when it does not arrive"
    arrival = start_arrival(site, f"PA1T|{bag.number}", by=CLERK)
    with site.store.reading():
        held = manifest_by_number(manifest.number)
        assert held is not None and held.acknowledged_at is not None
    with pytest.raises(RuleViolation, match="niêm phong"):
        scan_arrival(site, arrival.number, items[0].number, by=CLERK)
    assert scan_arrival(site, arrival.number, "TUI00077", by=CLERK).kind == "opened"
    assert scan_arrival(site, arrival.number, items[0].number, by=CLERK).good
    assert scan_arrival(site, arrival.number, there[1].provisional, by=CLERK).good, "by the dossier's code too"
    assert scan_arrival(site, arrival.number, items[0].number, by=CLERK).kind == "again"
    finish_arrival(site, arrival.number, by=CLERK)
    finish_arrival(site, arrival.number, by=CLERK)
    with site.store.reading():
        assert [item.state for item in Item.select().order_by(Item.id)] == ["at_office", "at_office", "accepted"]
        assert [line.number for line in shortages(OFFICE) if line.verdict == "short"] == [items[2].number]
        assert open_manifests(OFFICE, "back") == []
        codes = {(one.step, one.upu_code, one.bag) for one in CustodyEvent.select()}
        assert journal.verify() == []
    assert codes == {
        ("register", "", ""), ("offer", "", ""), ("accept", "EMA", ""), ("into_bag", "EDE", bag.number),
        ("out_of_bag", "EDD", bag.number), ("arrive", "EMG", ""),
    }  # fmt: skip


def test_a_result_for_the_counter_comes_in_the_same_bag_and_waits_there(desk: Counter) -> None:
    site = desk.site
    courier, counter = results(desk, 2)
    with site.store.writing():
        Result.update(way=ReturnWay.COUNTER).where(Result.dossier == counter).execute()
    number = counted(desk, [courier, counter])
    sign_collection(site, number, "Nguyễn Văn Bình", by=CLERK)
    bag, manifest = bag_collected(site, number, "TUI00078", by=CLERK)
    assert (manifest.things, manifest.dossiers) == (2, 2)
    arrival = start_arrival(site, bag.number, by=CLERK)
    assert scan_arrival(site, arrival.number, "TUI00078", by=CLERK).good
    for dossier in (courier, counter):
        assert scan_arrival(site, arrival.number, dossier.provisional, by=CLERK).good
    finish_arrival(site, arrival.number, by=CLERK)
    with site.store.reading():
        assert shortages(OFFICE) == [] and agencies_with_results(OFFICE) == {}
        assert Result.get(Result.dossier == counter).state == "ready", "until it is picked up"


def test_a_bag_moves_with_all_that_is_in_it_and_only_to_whom_it_was_given(desk: Counter) -> None:
    site = desk.site
    number = counted(desk, dossiers := results(desk, 2))
    sign_collection(site, number, "Nguyễn Văn Bình", by=CLERK)
    mine = f"courier:{COURIER.username}"
    bag = open_bag(site, "back", AGENCY, by=CLERK)
    for dossier in dossiers:
        put(site, bag.number, dossier.provisional, by=CLERK)
    with pytest.raises(RuleViolation, match="chưa đóng"):
        move_bag(site, bag.number, CustodyStep.OFFER, by=CLERK, to=mine)
    close_bag(site, bag.number, "TUI00079", by=CLERK)
    move_bag(site, bag.number, CustodyStep.OFFER, by=CLERK, to=mine)
    for other in (CLERK, OTHER):
        with pytest.raises(RuleViolation, match=r"Chỉ bưu tá|không phải"):
            move_bag(site, bag.number, CustodyStep.ACCEPT, by=other, to=mine)
    uid = site.ids.uid()
    for _ in range(2):
        move_bag(site, bag.number, CustodyStep.ACCEPT, by=COURIER, to=mine, uid=uid)
    with site.store.reading():
        assert {item.holder for item in Item.select()} == {mine}, "the bag's holder holds what is in it"
    with pytest.raises(RuleViolation, match="chưa giao cho bưu cục"):
        start_arrival(site, bag.number, by=CLERK)
    move_bag(site, bag.number, CustodyStep.OFFER, by=COURIER, to=DESK)
    arrival = start_arrival(site, bag.number, by=CLERK)
    with site.store.reading():
        assert {item.holder for item in Item.select()} == {DESK}
    assert seal_at_arrival(site, arrival.number, Seal.OTHER, by=CLERK, seen="TUI99999").kind == "opened"
    for dossier in dossiers:
        scan_arrival(site, arrival.number, dossier.provisional, by=CLERK)
    finish_arrival(site, arrival.number, by=CLERK)
    with pytest.raises(RuleViolation, match="trước đây"):
        start_arrival(site, bag.number, by=CLERK)
    with pytest.raises(NotFound, match="túi lạ"):
        start_arrival(site, "KHONGCO1", by=CLERK)
    with site.store.reading():
        assert Manifest.select().count() == 0
