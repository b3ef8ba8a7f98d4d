"""A simulated season before a judge who knows the truth: is every item what happened, and where not, who was asked?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.custody_order import Decision
from agent.domain.money_entries import Account
from agent.domain.phone_event import VerdictKind
from agent.domain.roles import Role
from agent.errors import RuleViolation
from agent.money import checking
from agent.reconcile import recheck
from agent.store import money
from agent.store.custody_events import CustodyConflict, DeviceEvent, PhoneChain
from agent.store.items import CustodyEvent, Item
from agent.store.money_surplus import undecided_cash
from agent.tracking.journal.conflicts import decide
from tests.flow.custody_sim import Outcome, Plan, Season, Truth, uids_in_order
from tests.flow.custody_world import OFFICE, START, make_site

CHIEF = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")
KEPT_BACK = (VerdictKind.WAITING.value, VerdictKind.REFUSED.value)


class Judge:
    """Looks at every item, lets a person who knows the truth decide every conflict, and looks again."""

    def __init__(self, season: Season) -> None:
        self.site, self.truth, self.when = season.site, season.truth, season.when
        self.out, self.say = season.out, season.say
        self._kept: dict[str, list[UUID]] = {}
        self._items: dict[str, Item] = {}

    def run(self) -> Outcome:
        """The season's outcome, complete."""
        self.say("looking at every item")
        with self.site.store.reading():
            self._read()
            self._look()
            self._orders()
        self.say(f"deciding {self.out.conflicts:,} conflicts")
        self._decide()
        self.say("looking again, and folding all items anew")
        with self.site.store.reading():
            self._read()
            self._look_again()
        return self.out

    def _read(self) -> None:
        self._kept = uids_in_order()
        self._items = {item.number: item for item in Item.select()}

    def _look(self) -> None:
        out = self.out
        conflicts = list(CustodyConflict.select(CustodyConflict, Item).join(Item))
        disputed = {row.item.number for row in conflicts}
        out.conflicts = len(conflicts)
        out.cash = sum(one.cash for one in self.truth.values())
        out.undecided = sum(one.amount for one in undecided_cash(office_id=OFFICE))
        for row in conflicts:
            out.by_kind[row.kind] = out.by_kind.get(row.kind, 0) + 1
        out.waiting = DeviceEvent.select().where(DeviceEvent.verdict == "waiting").count()
        out.owed = PhoneChain.select().where(PhoneChain.owes_since.is_null(False)).count()
        held: Any = DeviceEvent.select(DeviceEvent.number).where(DeviceEvent.verdict.in_(KEPT_BACK))
        kept_back = {number for (number,) in held.tuples()}
        unasked = [number for number in self.truth if number not in disputed]
        out.wrong += [number for number in unasked if not self._is_true(number, exactly=True)]
        out.unlisted += [number for number in unasked if number in kept_back]

    def _orders(self) -> None:
        """How often arrival, and the phones' raw clocks, would have told another order than what happened."""
        arrived: dict[str, list[datetime]] = defaultdict(list)
        said: dict[UUID, datetime] = {}
        came: Any = DeviceEvent.select(DeviceEvent.number, DeviceEvent.uid, DeviceEvent.claimed_at)
        for number, uid, claimed in came.order_by(DeviceEvent.id).tuples():
            arrived[number].append(self.when[uid])
            said[uid] = claimed
        by_office: Any = CustodyEvent.select(CustodyEvent.uid, CustodyEvent.occurred_at)
        said = dict(by_office.tuples()) | said
        for number, uids in self._kept.items():
            by_clock = [self.when[uid] for uid in sorted(uids, key=said.__getitem__) if uid in self.when]
            self.out.arrival_wrong += arrived[number] != sorted(arrived[number])
            self.out.clocks_wrong += by_clock != sorted(by_clock)

    def _is_true(self, number: str, *, exactly: bool = False) -> bool:
        """Whether the fold says what happened: the same events in the same order, and who has the item."""
        item, truth, kept = self._items[number], self.truth[number], self._kept[number]
        if truth.lost_wrongly:
            return set(kept) == set(truth.events)
        right = (item.state, item.holder) == (truth.state, truth.holder)
        if exactly and truth.disputed:
            return kept == self._in_time(truth)
        if truth.disputed:  # noted by somebody who was not there: the order may be one that the rules never allow
            return set(kept) == set(truth.events) and right
        return kept == self._in_time(truth) and right

    def _in_time(self, truth: Truth) -> list[UUID]:
        fixed = [uid for uid in truth.events if uid not in self.when]
        return fixed + sorted((uid for uid in truth.events if uid in self.when), key=self.when.__getitem__)

    def _decide(self) -> None:
        """A person who knows the truth decides every conflict."""
        for _ in range(4):
            with self.site.store.reading():
                open_ones = list(CustodyConflict.select().where(CustodyConflict.decided_at.is_null()))
            for row in open_ones:
                self._decide_one(row)

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
        return self.truth[Item.get_by_id(row.item_id).number].lost_wrongly

    def _look_again(self) -> None:
        """Every item must be right now."""
        self.out.wrong_at_last += [
            number for number, truth in self.truth.items() if not truth.lost_wrongly and not self._is_true(number)
        ]
        open_ones = DeviceEvent.verdict.in_([VerdictKind.WAITING.value, VerdictKind.CONFLICT.value])
        self.out.waiting = DeviceEvent.select().where(open_ones).count()
        self.out.doctor = recheck.item_states()
        self.out.cash_wrong = checking.problems() + self._cash_wrong()

    def _cash_wrong(self) -> list[str]:
        """What couriers have in hand, and citizens are owed, by the books of money: all that was taken, to the đồng."""
        taken = sum(one.cash for number, one in self.truth.items() if self._delivered(number))
        hands, owed = (money.holders(account, OFFICE) for account in (Account.COURIER, Account.REFUND))
        held, back = (sum(sum(one.values()) for one in found.values()) for found in (hands, owed))
        wrong = [] if (held, -back) == (taken, taken) else [f"taken {taken}; in hand {held}, owed back {-back}"]
        open_ones = {one.item for one in undecided_cash(office_id=OFFICE)}  # of an item that is lost it stays in sight
        return wrong + [f"{one} is delivered and its cash undecided" for one in open_ones if self._delivered(one)]

    def _delivered(self, number: str) -> bool:
        return bool(self._items[number].state == "delivered")


def run(folder: Path, plan: Plan, say: Callable[[str], None] = lambda _: None, **place: Any) -> Outcome:
    """One season in a folder, or in the database that `place` names, and what the judge finds."""
    site = make_site(folder, **place)
    try:
        season = Season(site, plan, say)
        season.run()
        return Judge(season).run()
    finally:
        site.store.close()
