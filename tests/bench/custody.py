"""Custody: a phone's 5,000 events in one go, an item of 200 events, who holds what of 100,000 items."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from agent.domain.actor import Actor
from agent.domain.phone_event import read_event
from agent.domain.roles import Role
from agent.site import Site
from agent.store.calendar import working_calendar
from agent.store.custody_chain import Chain, chain_of
from agent.store.custody_keeping import Detail, Keeper
from agent.store.custody_lookups import holdings, trail_of, who_answers
from agent.store.items import Item
from agent.tracking.custody import hand_over
from agent.tracking.journal.ingest import ingest
from tests.bench.figures import Figure
from tests.flow.custody_world import DESK, OFFICE, PLACE, PhoneAtHand, S, furnish, make_site

CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
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
    """A phone that was away comes back: taken over, set out, failed, offered back; parsed, hashed and committed."""
    phone, bodies = _day(site, events // 4)
    began = time.perf_counter()
    verdicts = ingest(site, phone, [read_event(body) for body in bodies])
    speed = len(bodies) / (time.perf_counter() - began)
    assert {one.verdict for one in verdicts} == {"taken"}
    began = time.perf_counter()
    again = ingest(site, phone, [read_event(body) for body in bodies])
    repeated = len(bodies) / (time.perf_counter() - began)
    assert {one.verdict for one in again} == {"known"}
    said = f"{name}: sync of {len(bodies):,} events from one phone"
    return [
        Figure(said, f"{speed:,.0f} events/s", "≥ 1,000", speed >= 1_000),
        Figure(f"{said}, sent again", f"{repeated:,.0f} events/s"),
    ]


def _day(site: Site, items: int) -> tuple[PhoneAtHand, list[dict[str, Any]]]:
    phone, numbers = PhoneAtHand("tuyen7", wrong=timedelta(hours=3)), furnish(site, items)
    for start in range(0, len(numbers), 250):
        hand_over(site, numbers[start : start + 250], to=phone.holder, by=CLERK)
    phone.sees(site, *numbers)
    at = site.clock.now()
    bodies = [phone.mint(S.ACCEPT, number, at, giver=DESK, to=phone.holder) for number in numbers]
    bodies += [phone.mint(S.OUT_FOR_DELIVERY, number, at + timedelta(minutes=5)) for number in numbers]
    for number in numbers:
        bodies.append(
            phone.mint(
                S.ATTEMPT_FAILED, number, at + timedelta(minutes=10), reason="absent", action="redeliver",
                evidence=["invitation"], position=PLACE,
            )
        )  # fmt: skip
    bodies += [phone.mint(S.OFFER, number, at + timedelta(minutes=20), to=DESK) for number in numbers]
    site.clock.forward(hours=8)  # type: ignore[attr-defined]
    return phone, bodies


def _deliveries(site: Site, name: str) -> list[Figure]:
    """Deliveries alone: each with its proof, results, the dossier closed and a report queued for the province."""
    phone, numbers = PhoneAtHand("hoa.bt"), furnish(site, DELIVERED)
    hand_over(site, numbers, to=phone.holder, by=CLERK)
    phone.takes(site, *numbers)
    bodies = [phone.mint(S.DELIVER, number, site.clock.now()) for number in numbers]
    began = time.perf_counter()
    ingest(site, phone, [read_event(body) for body in bodies])
    speed = len(bodies) / (time.perf_counter() - began)
    return [Figure(f"{name}: deliveries with all that hangs on them", f"{speed:,.0f} events/s")]


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
    have = Item.select().count()
    numbers = furnish(site, items - have)
    with site.store.writing():  # spread over forty couriers: only the cached fold is looked at here
        for n in range(40):
            Item.update(holder=f"courier:bt{n:02d}", state="out_for_delivery").where(
                (Item.id - (Item.id / 50) * 50 == n) & (Item.state == "at_office")
            ).execute()
    assert numbers

    def look() -> None:
        with site.store.reading():
            found = holdings(OFFICE)
        assert sum(one.count for one in found) >= items - DELIVERED - 1

    ms = _typical(look, times=7)
    return [Figure(f"{name}: who holds what of {items:,} items", f"{ms:.0f} ms", "< 300 ms", ms < 300)]


def _typical(act: Callable[[], None], times: int = 15) -> float:
    """The median of some runs after one that does not count, in ms."""
    act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return 1000 * median(taken)
