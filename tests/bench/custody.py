"""Custody: a phone's 5,000 events in one go, an item of 200 events, who holds what of 100,000 items."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.phone_event import read_event
from agent.domain.roles import Role
from agent.domain.s10 import number_in_range
from agent.site import Site
from agent.store import rows
from agent.store.calendar import working_calendar
from agent.store.custody_chain import Chain, chain_of
from agent.store.custody_keeping import Detail, Keeper
from agent.store.custody_lookups import holdings, trail_of, who_answers
from agent.store.dossiers import Fee
from agent.store.items import Item
from agent.tracking.custody import hand_over
from agent.tracking.journal.ingest import ingest
from agent.tracking.phones.pairing import new_code
from tests.bench.figures import Figure
from tests.flow.custody_world import DESK, OFFICE, PLACE, PROOF, PhoneAtHand, S, furnish, make_site
from tests.phone_client import PhoneClient
from tests.webdesk import add_people, serving

CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
CHIEF = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")
COURIER, FEE, LIMIT = "tuyen7", 5_000, 1_000
EVENTS, DELIVERED, LONG, MANY = 5_000, 200, 200, 100_000


def measure(folder: Path, *, full: bool, url: str = "") -> list[Figure]:
    """All figures on one database; the embedded one without `url`."""
    site = make_site(folder, **({"url": url} if url else {}))
    try:
        name = "PostgreSQL" if url else "SQLite"
        made = [*_sync(site, name, EVENTS if full else 1_000), *_deliveries(site, name), *_long_item(site, name)]
        return [*made, *_who_holds_what(site, name, MANY if full else 10_000)]
    finally:
        site.store.close()


def _sync(site: Site, name: str, events: int) -> list[Figure]:
    """A phone that was away two days comes back: one request over the API, parsed, judged, hashed and committed."""
    add_people(site, COURIER)
    with serving(site) as served:
        client = PhoneClient(served.url)
        assert client.pair(new_code(site, COURIER, by=CHIEF).text).status_code == 200
        bodies = _days(site, PhoneAtHand(COURIER, wrong=timedelta(hours=3), uid=UUID(client.phone)), events)
        first, again = _sent(client, bodies), _sent(client, bodies)
    assert (first.verdicts, again.verdicts) == ({"taken"}, {"known"})
    share = sum(body["step"] == S.DELIVER.value for body in bodies) / len(bodies)
    said = f"{name}: {len(bodies):,} events of one phone in one request, {share:.0%} deliveries"
    return [*first.figures(said), *again.figures(f"{said}, sent again")]


@dataclass(frozen=True)
class _Sent:
    """One request: what the answer said, how long it took by the wall and of this process's processor time."""

    verdicts: set[str]
    events: int
    wall: float
    processor: float

    def figures(self, said: str) -> list[Figure]:
        """Events a second, both ways, and how many times the limit each is."""
        return [
            Figure(f"{said}, {how}", f"{speed:,.0f} events/s = {speed / LIMIT:.1f} x the limit", f"≥ {LIMIT:,}",
                   speed >= LIMIT)
            for how, speed in (
                ("by the wall", self.events / self.wall), ("by processor time", self.events / self.processor),
            )
        ]  # fmt: skip


def _sent(client: PhoneClient, bodies: list[dict[str, Any]]) -> _Sent:
    began, processor = time.perf_counter(), time.process_time()
    answer = client.send(bodies, timeout=600)
    taken = time.perf_counter() - began, time.process_time() - processor
    assert answer.status_code == 200, answer.text[:300]
    return _Sent({one["verdict"] for one in answer.json()["verdicts"]}, len(bodies), *taken)


def _days(site: Site, phone: PhoneAtHand, events: int) -> list[dict[str, Any]]:
    """All items taken over and out; of ten, seven are delivered, half of them for a fee; three come back."""
    count = events * 10 // 33
    numbers = furnish(site, count // 2) + furnish(site, count - count // 2, collect=FEE)
    _claim_fees(site, numbers[count // 2 :])
    hand_over(site, numbers, to=phone.holder, by=CLERK)
    phone.sees(site, *numbers)
    at = site.clock.now()
    bodies = [phone.mint(S.ACCEPT, number, at, giver=DESK, to=phone.holder) for number in numbers]
    bodies += [phone.mint(S.OUT_FOR_DELIVERY, number, at + timedelta(minutes=5)) for number in numbers]
    for place, number in enumerate(numbers):
        at += timedelta(seconds=20)
        if place % 10 < 7:
            bodies.append(_delivered(phone, number, at, FEE if place >= count // 2 else 0))
            continue
        bodies.append(
            phone.mint(
                S.ATTEMPT_FAILED, number, at, reason="absent", action="redeliver", evidence=["invitation"],
                position=PLACE,
            )
        )  # fmt: skip
        bodies.append(phone.mint(S.OFFER, number, at + timedelta(seconds=5), to=DESK))
    site.clock.forward(hours=48)  # type: ignore[attr-defined]
    return bodies


def _delivered(phone: PhoneAtHand, number: str, at: datetime, collected: int) -> dict[str, Any]:
    return phone.mint(S.DELIVER, number, at, proof={**PROOF, "collected": collected})


def _claim_fees(site: Site, numbers: list[str]) -> None:
    """What these items collect is claimed of their dossiers."""
    with site.store.writing():
        for start in range(0, len(numbers), 500):
            for item in Item.select(Item.dossier).where(Item.number.in_(numbers[start : start + 500])):
                rows.create(
                    Fee, dossier=item.dossier_id, code="F1", name="Cước chuyển trả", ledger="freight", amount=FEE,
                    stage="return",
                )  # fmt: skip


def _deliveries(site: Site, name: str) -> list[Figure]:
    """Deliveries alone: each with its proof, its money, its results, the dossier closed, a report queued."""
    phone, numbers = PhoneAtHand("hoa.bt"), furnish(site, DELIVERED, collect=FEE)
    _claim_fees(site, numbers)
    hand_over(site, numbers, to=phone.holder, by=CLERK)
    phone.takes(site, *numbers)
    events = [read_event(_delivered(phone, number, site.clock.now(), FEE)) for number in numbers]
    began, processor = time.perf_counter(), time.process_time()
    assert {one.verdict for one in ingest(site, phone, events)} == {"taken"}
    wall, processor = time.perf_counter() - began, time.process_time() - processor
    text = f"{1000 * processor / len(events):.1f} ms of processor time each, {len(events) / wall:,.0f}/s by the wall"
    return [Figure(f"{name}: deliveries that collect a fee, with all that hangs on them", text)]


def _long_item(site: Site, name: str) -> list[Figure]:
    (number,) = furnish(site, 1)
    _lengthen(site, number)

    def state() -> None:
        with site.store.reading():
            assert who_answers(number) is not None

    def refolded() -> None:
        with site.store.reading():
            assert chain_of(Item.get(Item.number == number), working_calendar()).custody is not None

    def trail() -> None:
        with site.store.reading():
            trail_of(Item.get(Item.number == number))

    ms, again, whole = _typical(state), _typical(refolded), _typical(trail)
    return [
        Figure(f"{name}: state and holder of an item with {LONG} events", f"{ms:.1f} ms", "< 5 ms", ms < 5),
        Figure(f"{name}: the same, folded again from all of them", f"{again:.1f} ms"),
        Figure(f"{name}: its whole trail", f"{whole:.1f} ms"),
    ]


def _lengthen(site: Site, number: str) -> None:
    """Let the item have 200 events: opened and damaged marks by its holder."""
    from agent.domain.custody import Entry, follow
    from agent.domain.custody_order import Link

    with site.store.writing():
        item = Item.get(Item.number == number)
        chain: Chain = chain_of(item, working_calendar())
        keeper = Keeper(at=site.clock.now(), terminal_id="T1", ids=site.ids)
        assert chain.custody is not None
        while len(chain.links) < LONG:
            entry = Entry(site.ids.uid(), S.DAMAGE, site.clock.now(), "user:lananh", item.holder)
            custody = follow(chain.custody, entry, working_calendar())
            keeper.add(chain, Link(entry, chain.links[-1].entry.uid, "T1"), len(chain.links), custody, Detail())
        keeper.save()


def _who_holds_what(site: Site, name: str, items: int) -> list[Figure]:
    """An office with so many items at the desk and in the hands of forty couriers; the cached fold is what is read."""
    have = Item.select().count()
    like = Item.select().order_by(Item.id.desc()).get().__data__
    del like["id"]
    with site.store.writing():
        for start in range(have, items, 500):
            rows.insert(Item, *(_spread(site, like, n) for n in range(start, min(start + 500, items))))

    def look() -> None:
        with site.store.reading():
            found = holdings(OFFICE)
        assert sum(one.count for one in found) >= items - have

    ms = _typical(look, times=5)
    return [Figure(f"{name}: who holds what of {items:,} items", f"{ms:.0f} ms", "< 300 ms", ms < 300)]


def _spread(site: Site, like: dict[str, Any], n: int) -> dict[str, Any]:
    where = {"holder": f"courier:bt{n % 50:02d}", "state": "out_for_delivery"} if n % 50 < 40 else {"holder": DESK}
    number = number_in_range("RB", n).text
    return {
        **like,
        "uid": site.ids.uid(),
        "number": number,
        "held_since": site.clock.now(),
        "state": "at_office",
        **where,
    }


def _typical(act: Callable[[], None], times: int = 9) -> float:
    """The median of some runs after one that does not count, in ms."""
    act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return 1000 * median(taken)
