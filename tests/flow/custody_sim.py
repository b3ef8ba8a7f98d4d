"""A simulated delivery season with a known truth: late, doubled and unlinked uploads, wrong clocks, real disputes."""

from __future__ import annotations

import random
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import Role
from agent.site import Site
from agent.store.items import CustodyEvent, Item
from agent.tracking.custody import CustodyFact, accept, hand_over, record
from agent.tracking.journal.ingest import ingest
from tests.flow.custody_world import DESK, OFFICE, PLACE, PROOF, START, PhoneAtHand, furnish, parsed

S = CustodyStep
OVER = 26_000  # đồng
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")


@dataclass(frozen=True)
class Plan:
    """How hard it is: shares of all uploads or events, and hours by which clocks are off."""

    items: int
    couriers: int = 30
    doubled: float = 0.15
    delayed: float = 0.60
    unlinked: float = 0.10
    clock_hours: float = 6
    passed_on: float = 0.15  # handed to another courier in the street, without a network
    disputed: float = 0.02  # a clerk notes something of the item that the courier's phone does not know of
    overpaid: float = 0.03  # of deliveries: cash was taken that the books do not ask for
    seed: int = 7


@dataclass
class Truth:
    """What really happened to an item: the ids of its events in their true order, and where it is."""

    events: list[uuid.UUID] = field(default_factory=list)
    state: str = "at_office"
    holder: str = DESK
    disputed: str = ""  # the clerk's step that a person may have to judge
    lost_wrongly: bool = False
    cash: int = 0  # đồng that the courier took at the door


@dataclass
class Outcome:
    """What a run came to."""

    items: int = 0
    phone_events: int = 0
    sent: int = 0
    late: int = 0
    unlinked: int = 0
    arrival_wrong: int = 0
    clocks_wrong: int = 0
    conflicts: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)  # disputes that nobody was told of
    wrong: list[str] = field(default_factory=list)  # items whose fold is not the truth, with no conflict that says so
    decided: int = 0
    wrong_at_last: list[str] = field(default_factory=list)  # and after a person decided
    waiting: int = 0
    owed: int = 0
    doctor: list[str] = field(default_factory=list)
    cash: int = 0  # đồng that couriers took at doors
    undecided: int = 0  # of it, shown as waiting for a decision before anybody decided
    cash_wrong: list[str] = field(default_factory=list)  # what the books of money say that is not so, at last
    seconds: float = 0.0
    events_a_second: float = 0.0


class Season:
    """One run: two days of deliveries by couriers whose phones send when they can."""

    def __init__(self, site: Site, plan: Plan, say: Callable[[str], None]) -> None:
        self.site, self.plan, self.dice, self.say = site, plan, random.Random(plan.seed), say
        self.truth: dict[str, Truth] = {}
        self.when: dict[uuid.UUID, datetime] = {}  # the true instant of each event
        self.phones = [self._phone(n) for n in range(plan.couriers)]
        self.outbox: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.out = Outcome(items=plan.items)

    def _phone(self, n: int) -> PhoneAtHand:
        hours = self.dice.uniform(-self.plan.clock_hours, self.plan.clock_hours)
        phone = PhoneAtHand(f"bt{n:02d}", wrong=timedelta(hours=hours))
        phone.uid = uuid.UUID(int=self.dice.getrandbits(128), version=4)
        return phone

    # --- what happens --------------------------------------------------------------------------
    def run(self) -> Outcome:
        """Deliver for two days."""
        numbers = furnish(self.site, self.plan.items)
        with self.site.store.reading():
            for number, uids in uids_in_order().items():
                self.truth[number] = Truth(uids)
        self.say(f"{len(numbers):,} items lie at the office")
        began = time.perf_counter()
        spent, back = self._day(numbers, START)
        more, _ = self._day(back, START + timedelta(days=1))
        spent += more
        self.out.seconds = time.perf_counter() - began
        self.out.events_a_second = self.out.sent / max(spent, 0.001)
        return self.out

    def _day(self, numbers: list[str], morning: datetime) -> tuple[float, list[str]]:
        self.site.clock.at = morning  # type: ignore[attr-defined]
        by_courier: dict[int, list[str]] = defaultdict(list)
        for n, number in enumerate(numbers):
            by_courier[n % len(self.phones)].append(number)
        for n, mine in by_courier.items():
            self._office_offers(mine, self.phones[n])
        self.say(f"{local(morning):%d/%m}: {len(numbers):,} items offered to {len(by_courier)} couriers")
        for n, mine in by_courier.items():
            self._round(n, mine, morning + timedelta(minutes=20))
        self.site.clock.at = morning + timedelta(hours=11)  # type: ignore[attr-defined]
        spent = self._upload()
        self.site.clock.at = morning + timedelta(hours=12)  # type: ignore[attr-defined]
        return spent, self._office_takes_back()

    def _office_offers(self, numbers: list[str], phone: PhoneAtHand) -> None:
        hand_over(self.site, numbers, to=phone.holder, by=CLERK)
        phone.sees(self.site, *numbers)
        for number in numbers:
            self._happened(number, phone.last[number])

    def _round(self, n: int, numbers: list[str], at: datetime) -> None:
        """A courier's day: take over, set out, deliver, fail, hand some to a colleague, offer the rest back."""
        phone = self.phones[n]
        if self.dice.random() < 0.3:  # somebody sets the phone's clock in the middle of a run of the app
            phone.jitter = timedelta(minutes=self.dice.uniform(-90, 90))
        for number in numbers:
            at += timedelta(seconds=self.dice.uniform(3, 20))
            self._mint(n, S.ACCEPT, number, at, giver=DESK, to=phone.holder)
            self.truth[number].holder = phone.holder
        for number in numbers:
            at += timedelta(seconds=self.dice.uniform(1, 10))
            self._mint(n, S.OUT_FOR_DELIVERY, number, at)
        gone = set()
        for number in numbers:
            at += timedelta(seconds=self.dice.uniform(20, 90))
            if self.dice.random() < self.plan.passed_on:
                self._pass_on(n, number, at)
                gone.add(number)
                continue
            if self.dice.random() < self.plan.disputed and not self.truth[number].disputed:
                self._clerk_notes(number, at)
            self._visit(n, number, at)
        for number in numbers:
            truth = self.truth[number]
            if number not in gone and truth.state == "attempt_failed":
                at += timedelta(seconds=5)
                self._mint(n, S.OFFER, number, at, to=DESK)

    def _visit(self, n: int, number: str, at: datetime) -> None:
        if self.dice.random() < 0.7:
            over = {"proof": {**PROOF, "collected": OVER}} if self.dice.random() < self.plan.overpaid else {}
            self._mint(n, S.DELIVER, number, at, **over)
            self.truth[number].state, self.truth[number].holder = "delivered", "receiver"
            self.truth[number].cash = OVER if over else 0
            return
        self._mint(
            n, S.ATTEMPT_FAILED, number, at, reason="absent", action="redeliver", evidence=["invitation"],
            position=PLACE,
        )  # fmt: skip
        self.truth[number].state = "attempt_failed"

    def _pass_on(self, n: int, number: str, at: datetime) -> None:
        """Two phones in the street: one offers, the other accepts what it saw on the first one's screen."""
        other = self.dice.choice([k for k in range(len(self.phones)) if k != n])
        giver, taker = self.phones[n], self.phones[other]
        offered_after = giver.last[number]
        self._mint(n, S.OFFER, number, at, to=taker.holder)
        seen = giver.last[number] if self.dice.random() < 0.5 else offered_after
        taker.last[number] = seen
        self._mint(other, S.ACCEPT, number, at + timedelta(seconds=4), giver=giver.holder, to=taker.holder)
        self._mint(other, S.OUT_FOR_DELIVERY, number, at + timedelta(seconds=9))
        self.truth[number].holder = taker.holder
        self._visit(other, number, at + timedelta(minutes=self.dice.uniform(3, 40)))
        if self.truth[number].state == "attempt_failed":
            self._mint(other, S.OFFER, number, at + timedelta(hours=1), to=DESK)

    def _clerk_notes(self, number: str, at: datetime) -> None:
        """The office writes something down that the courier's phone will never have seen when it speaks."""
        truth = self.truth[number]
        step = self.dice.choice([S.DAMAGE, S.LOSE])
        gap = self.dice.choice([timedelta(hours=-2), timedelta(seconds=8), timedelta(hours=2)])
        at = max(at + gap, at.replace(hour=0, minute=31, second=0))  # not before the morning's offer
        self.site.clock.at = at  # type: ignore[attr-defined]
        with self.site.store.writing():
            item = Item.get(Item.number == number)
            uid = self.site.ids.uid()
            record(self.site, item, CustodyFact(uid, step, at, from_holder=item.holder), by=CLERK)
        truth.disputed, truth.lost_wrongly = step.value, step is S.LOSE
        self._happened(number, uid, at)

    def _office_takes_back(self) -> list[str]:
        with self.site.store.reading():
            ready = Item.select().where((Item.offered_to == DESK) & (Item.state != "lost"))
            known = [item.number for item in ready]
        for start in range(0, len(known), 100):
            accept(self.site, known[start : start + 100], holder=DESK, by=CLERK)
        with self.site.store.reading():
            last = dict(Item.select(Item.number, Item.last_event).where(Item.number.in_(known[:30000])).tuples())
        for number in known:
            truth = self.truth[number]
            self._happened(number, last[number])
            truth.state, truth.holder = "accepted", DESK
        return known

    def _mint(self, n: int, step: CustodyStep, number: str, at: datetime, **values: Any) -> None:
        phone = self.phones[n]
        if self.dice.random() < self.plan.unlinked:
            values["parent"] = None
            self.out.unlinked += 1
        body = phone.mint(step, number, at, **values)
        self.outbox[n].append(body)
        self._happened(number, uuid.UUID(body["id"]), at)

    def _happened(self, number: str, uid: uuid.UUID, at: datetime | None = None) -> None:
        self.truth[number].events.append(uid)
        self.when[uid] = at or self.site.clock.now()

    # --- what arrives --------------------------------------------------------------------------
    def _upload(self) -> float:
        """Send all outboxes in pieces: 60 % late and out of turn, 15 % twice; returns the seconds that it took."""
        pieces = []
        for n, bodies in self.outbox.items():
            start = 0
            while start < len(bodies):
                size = self.dice.randint(1, 20)
                late = self.dice.random() < self.plan.delayed
                self.out.late += late * len(bodies[start : start + size])
                piece = (self.dice.random() + 10 * late, n, bodies[start : start + size])
                pieces.append(piece)
                if self.dice.random() < self.plan.doubled:
                    pieces.append((self.dice.random() * 12, n, piece[2]))
                start += size
        self.out.phone_events += sum(map(len, self.outbox.values()))
        self.outbox.clear()
        spent = 0.0
        for done, (_, n, bodies) in enumerate(sorted(pieces, key=lambda one: one[0])):
            if done % 250 == 0:
                self.say(f"upload {done:,} of {len(pieces):,}; {self.out.sent:,} events sent, {spent:.0f} s")
            began = time.perf_counter()
            ingest(self.site, self.phones[n], parsed(bodies))
            spent += time.perf_counter() - began
            self.out.sent += len(bodies)
        return spent


def uids_in_order() -> dict[str, list[uuid.UUID]]:
    """The ids of all items' events as the books order them, by the item's number. Inside reading()."""
    found: dict[str, list[uuid.UUID]] = defaultdict(list)
    query: Any = CustodyEvent.select(Item.number, CustodyEvent.uid).join(Item)
    for number, uid in query.order_by(CustodyEvent.item, CustodyEvent.place, CustodyEvent.id).tuples():
        found[number].append(uid)
    return found
