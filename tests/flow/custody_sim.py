"""A simulated delivery season with a known truth: late, doubled and unlinked uploads, wrong clocks, real disputes."""

from __future__ import annotations

import random
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from agent.domain.actor import Actor
from agent.domain.custody_order import Decision
from agent.domain.custody_steps import CustodyStep
from agent.domain.phone_event import VerdictKind
from agent.domain.roles import Role
from agent.errors import RuleViolation
from agent.reconcile import recheck
from agent.site import Site
from agent.store.custody_chain import custody_rows
from agent.store.custody_events import CustodyConflict, DeviceEvent, PhoneChain
from agent.store.items import CustodyEvent, Item
from agent.tracking.custody import CustodyFact, accept, hand_over, record
from agent.tracking.journal.conflicts import decide
from agent.tracking.journal.ingest import ingest
from tests.flow.custody_world import DESK, OFFICE, PLACE, START, PhoneAtHand, furnish, make_site, parsed

S = CustodyStep
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
CHIEF = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")


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
    seed: int = 7


@dataclass
class Truth:
    """What really happened to an item: the ids of its events in their true order, and where it is."""

    events: list[uuid.UUID] = field(default_factory=list)
    state: str = "at_office"
    holder: str = DESK
    disputed: str = ""  # the clerk's step that a person may have to judge
    lost_wrongly: bool = False


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
    seconds: float = 0.0
    events_a_second: float = 0.0


class Season:
    """One run: two days of deliveries by couriers whose phones send when they can."""

    def __init__(self, site: Site, plan: Plan) -> None:
        self.site, self.plan, self.dice = site, plan, random.Random(plan.seed)
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
        """Deliver for two days, then look at every item, then let a person decide, then look again."""
        numbers = furnish(self.site, self.plan.items)
        with self.site.store.reading():
            for item in Item.select().where(Item.number.in_(numbers)) if len(numbers) < 900 else Item.select():
                uids = [link.entry.uid for link in custody_rows(item.id)]
                self.truth[item.number] = Truth(uids)
        began = time.perf_counter()
        spent, back = self._day(numbers, START)
        more, _ = self._day(back, START + timedelta(days=1))
        spent += more
        self.out.seconds = time.perf_counter() - began
        self.out.events_a_second = self.out.sent / max(spent, 0.001)
        self._judge(numbers)
        self._decide(numbers)
        return self.out

    def _day(self, numbers: list[str], morning: datetime) -> tuple[float, list[str]]:
        self.site.clock.at = morning  # type: ignore[attr-defined]
        by_courier: dict[int, list[str]] = defaultdict(list)
        for n, number in enumerate(numbers):
            by_courier[n % len(self.phones)].append(number)
        for n, mine in by_courier.items():
            self._office_offers(mine, self.phones[n])
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
            self._mint(n, S.DELIVER, number, at)
            self.truth[number].state, self.truth[number].holder = "delivered", "receiver"
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
        for _, n, bodies in sorted(pieces, key=lambda one: one[0]):
            began = time.perf_counter()
            ingest(self.site, self.phones[n], parsed(bodies))
            spent += time.perf_counter() - began
            self.out.sent += len(bodies)
        return spent

    # --- what it came to -----------------------------------------------------------------------
    def _judge(self, numbers: list[str]) -> None:
        out = self.out
        with self.site.store.reading():
            conflicts = list(CustodyConflict.select(CustodyConflict, Item).join(Item))
            disputed = {row.item.number for row in conflicts}
            out.conflicts = len(conflicts)
            for row in conflicts:
                out.by_kind[row.kind] = out.by_kind.get(row.kind, 0) + 1
            out.waiting = DeviceEvent.select().where(DeviceEvent.verdict == "waiting").count()
            out.owed = PhoneChain.select().where(PhoneChain.owes_since.is_null(False)).count()
            kept_back = {
                row.number for row in DeviceEvent.select().where(DeviceEvent.verdict.in_(["waiting", "refused"]))
            }
            for number in numbers:
                if number in disputed:
                    continue
                if not self._is_true(number, exactly=True):
                    out.wrong.append(number)
                if number in kept_back:
                    out.unlisted.append(number)
            self._orders(numbers)

    def _orders(self, numbers: list[str]) -> None:
        """How often arrival, and the phones' raw clocks, would have told another order than what happened."""
        for number in numbers:
            events = list(CustodyEvent.select().join(Item).where(Item.number == number))
            came = DeviceEvent.select(DeviceEvent.uid).where(DeviceEvent.number == number).order_by(DeviceEvent.id)
            arrived = [self.when[uid] for (uid,) in came.tuples()]
            self.out.arrival_wrong += arrived != sorted(arrived)
            raw = dict(DeviceEvent.select(DeviceEvent.uid, DeviceEvent.claimed_at).where(
                DeviceEvent.number == number
            ).tuples())  # fmt: skip
            said = sorted(events, key=lambda one: raw.get(one.uid) or one.occurred_at)
            by_clock = [self.when[one.uid] for one in said if one.uid in self.when]
            self.out.clocks_wrong += by_clock != sorted(by_clock)

    def _is_true(self, number: str, *, exactly: bool = False) -> bool:
        """Whether the fold says what happened: the same events in the same order, and who has the item."""
        item = Item.get(Item.number == number)
        truth = self.truth[number]
        kept = [link.entry.uid for link in custody_rows(item.id)]
        if truth.lost_wrongly:
            return kept == truth.events or set(kept) == set(truth.events)
        right = (item.state, item.holder) == (truth.state, truth.holder)
        if exactly and truth.disputed and not truth.lost_wrongly:
            return kept == self._in_time(truth)
        if truth.disputed:  # noted by somebody who was not there: the order may be one that the rules never allow
            return set(kept) == set(truth.events) and right
        return kept == self._in_time(truth) and right

    def _in_time(self, truth: Truth) -> list[uuid.UUID]:
        fixed = [uid for uid in truth.events if uid not in self.when]
        return fixed + sorted((uid for uid in truth.events if uid in self.when), key=self.when.__getitem__)

    def _decide(self, numbers: list[str]) -> None:
        """A person who knows the truth decides every conflict; then every item must be right."""
        for _ in range(4):
            with self.site.store.reading():
                open_ones = list(CustodyConflict.select().where(CustodyConflict.decided_at.is_null()))
            for row in open_ones:
                self._decide_one(row)
        with self.site.store.reading():
            for number in numbers:
                if not self.truth[number].lost_wrongly and not self._is_true(number):
                    self.out.wrong_at_last.append(number)
            left = DeviceEvent.select().where(
                DeviceEvent.verdict.in_([VerdictKind.WAITING.value, VerdictKind.CONFLICT.value])
            )
            self.out.waiting = left.count()
            self.out.doctor = recheck.item_states()

    def _decide_one(self, row: CustodyConflict) -> None:
        before = self.when[row.disputes] < self.when.get(row.stands, START)
        first, second = (Decision.BEFORE, Decision.AFTER) if before else (Decision.AFTER, Decision.BEFORE)
        for decision in (first, Decision.ASIDE) if self._lost(row) else (first, second, Decision.ASIDE):
            try:
                decide(self.site, row.uid, decision, by=CHIEF)
            except RuleViolation:
                continue
            self.out.decided += 1
            return

    def _lost(self, row: CustodyConflict) -> bool:
        number = Item.get_by_id(row.item_id).number
        return self.truth[number].lost_wrongly


def run(folder: Path, plan: Plan, **place: Any) -> Outcome:
    """One season in a folder, or in the database that `place` names."""
    site = make_site(folder, **place)
    try:
        return Season(site, plan).run()
    finally:
        site.store.close()
