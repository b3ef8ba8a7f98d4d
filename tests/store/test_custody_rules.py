"""The rules of custody hold after every event, whatever phones and desks do, on both databases."""

from __future__ import annotations

import itertools
import uuid
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from agent.domain.actor import Actor
from agent.domain.custody import Entry
from agent.domain.custody_attempts import MIN_GAP_WORKING_DAYS, RULES, Evidence, gap
from agent.domain.custody_steps import ENDED, CustodyStep
from agent.domain.phone_event import VerdictKind
from agent.domain.roles import Role
from agent.errors import AgentError
from agent.reconcile import recheck
from agent.site import Site
from agent.store.calendar import working_calendar
from agent.store.custody_chain import chain_of
from agent.store.custody_events import DeviceEvent
from agent.store.items import CustodyEvent, Item, Proof
from agent.tracking.custody import accept, hand_over
from agent.tracking.journal import corrections
from agent.tracking.journal.ingest import sweep
from tests.flow.custody_world import DESK, OFFICE, PLACE, PROOF, PhoneAtHand, furnish, make_site

S = CustodyStep
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
CHIEF = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")
phones, items = st.integers(0, 2), st.integers(0, 2)
STEPS = [S.ACCEPT, S.OUT_FOR_DELIVERY, S.ATTEMPT_FAILED, S.DELIVER, S.OFFER, S.WITHDRAW, S.DAMAGE, S.LOSE]


class Custody(RuleBasedStateMachine):
    """Three phones and a desk do whatever they like with three items; phones send late, doubled and out of turn."""

    site: Site

    def __init__(self) -> None:
        super().__init__()
        self.numbers = furnish(self.site, 3, collect=0)
        self.phones = [PhoneAtHand(f"bt{uuid.uuid4().hex[:8]}") for _ in range(3)]
        self.unsent: list[tuple[int, dict[str, Any]]] = []
        self.sent: dict[str, tuple[int, dict[str, Any]]] = {}
        self.facts: dict[str, tuple[Any, ...]] = {}

    # --- what people do ------------------------------------------------------------------------
    @rule(phone=phones, item=items)
    def the_desk_offers(self, phone: int, item: int) -> None:
        self._try(lambda: hand_over(self.site, [self.numbers[item]], to=self.phones[phone].holder, by=CLERK))

    @rule(item=items)
    def the_desk_takes_back(self, item: int) -> None:
        self._takes_back(self.numbers[item])

    def _takes_back(self, number: str) -> None:
        self._try(lambda: accept(self.site, [number], holder=DESK, by=CLERK))

    @rule(phone=phones, item=items, step=st.sampled_from(STEPS), other=phones, linked=st.booleans(),
          proven=st.booleans(), fresh=st.booleans())  # fmt: skip
    def a_phone_notes(
        self, phone: int, item: int, step: CustodyStep, other: int, linked: bool, proven: bool, fresh: bool
    ) -> None:
        mine, number = self.phones[phone], self.numbers[item]
        if fresh:
            mine.sees(self.site, number)
        values: dict[str, Any] = {} if linked else {"parent": None}
        if step is S.OFFER:
            values["to"] = self.phones[other].holder if proven else DESK
        if step is S.ACCEPT:
            values |= {"to": mine.holder, "giver": self.phones[other].holder if proven and other != phone else DESK}
        if step is S.ATTEMPT_FAILED:
            values |= {"reason": "absent", "action": "redeliver", "position": PLACE if proven else None,
                       "evidence": ["invitation"]}  # fmt: skip
        if step is S.DELIVER and not proven:
            values["proof"] = {**PROOF, "identity_matched": False}
        self.unsent.append((phone, mine.mint(step, number, self.site.clock.now(), **values)))

    @rule(phone=phones, item=items, end=st.sampled_from([S.DELIVER, S.ATTEMPT_FAILED, S.OFFER]), other=phones,
          wrong=st.sampled_from(["", "", "", "offer", "taken", "out", "proof"]))  # fmt: skip
    def a_phone_goes_its_round(self, phone: int, item: int, end: CustodyStep, other: int, wrong: str) -> None:
        """Back at the desk, offered, taken over, out, and how it ended at the door; one of these may be wrong."""
        mine, number, now = self.phones[phone], self.numbers[item], self.site.clock.now()
        self._goes_home(number)
        to = self.phones[other if wrong == "offer" else phone].holder
        self._try(lambda: hand_over(self.site, [number], to=to, by=CLERK))
        mine.sees(self.site, number)
        sent = [] if wrong == "taken" else [mine.mint(S.ACCEPT, number, now, giver=DESK, to=mine.holder)]
        sent += [] if wrong == "out" else [mine.mint(S.OUT_FOR_DELIVERY, number, now)]
        told: dict[str, Any] = {"proof": {**PROOF, "identity_matched": False}} if wrong == "proof" else {}
        if end is S.OFFER:
            told = {"to": DESK}
        if end is S.ATTEMPT_FAILED:
            told = {"reason": "absent", "action": "redeliver", "evidence": ["invitation"]}
            told["position"] = None if wrong == "proof" else PLACE
        sent.append(mine.mint(end, number, now, **told))
        mine.send(self.site, *sent)
        self.sent |= {body["id"]: (phone, body) for body in sent}

    def _goes_home(self, number: str) -> None:
        """Whoever has the item offers it to the desk, which takes it."""
        holder = Item.get(Item.number == number).holder
        for phone, mine in enumerate(self.phones):
            if mine.holder == holder:
                mine.sees(self.site, number)
                body = mine.mint(S.OFFER, number, self.site.clock.now(), to=DESK)
                mine.send(self.site, body)
                self.sent[body["id"]] = (phone, body)
        self._takes_back(number)

    @precondition(lambda self: self.unsent)
    @rule(place=st.integers(0, 50), twice=st.booleans())
    def one_is_sent(self, place: int, twice: bool) -> None:
        phone, body = self.unsent.pop(place % len(self.unsent))
        verdicts = self.phones[phone].send(self.site, *([body, body] if twice else [body]))
        assert not twice or verdicts[0].verdict is not VerdictKind.TAKEN or verdicts[1].verdict is VerdictKind.KNOWN
        self.sent[body["id"]] = (phone, body)

    @precondition(lambda self: self.unsent)
    @rule()
    def all_is_sent(self) -> None:
        for phone, mine in enumerate(self.phones):
            bodies = [body for owner, body in self.unsent if owner == phone]
            mine.send(self.site, *bodies)
            self.sent |= {body["id"]: (phone, body) for body in bodies}
        self.unsent.clear()

    @precondition(lambda self: self.sent)
    @rule(place=st.integers(0, 50))
    def an_old_one_is_sent_again(self, place: int) -> None:
        phone, body = list(self.sent.values())[place % len(self.sent)]
        before = self._counts()
        self.phones[phone].send(self.site, body)
        assert self._counts()[1:] == before[1:], "sent again: no second row, no second proof"

    @rule(hours=st.sampled_from([1, 8, 60]))
    def time_passes(self, hours: int) -> None:
        self.site.clock.forward(hours=hours)  # type: ignore[attr-defined]
        sweep(self.site)

    @rule(item=items, same=st.booleans())
    def an_end_is_corrected(self, item: int, same: bool) -> None:
        ended = Item.select(Item.number).where(Item.number.in_(self.numbers) & Item.state.in_(list(ENDED)))
        numbers = sorted(one.number for one in ended) or self.numbers
        number = numbers[item % len(numbers)]
        ends = CustodyEvent.select().join(Item).where((Item.number == number) & (CustodyEvent.step == "deliver"))
        last = ends.order_by(CustodyEvent.place.desc()).first()
        if last is None:
            return
        before = Item.get(Item.number == number).state
        self._try(lambda: corrections.ask(self.site, number, last.uid, "Giao nhầm người nhận", by=CLERK))
        now = Item.get(Item.number == number)
        assert now.state == before, "a correction that nobody countersigned changes nothing"
        if same:
            self._try(lambda: corrections.answer(self.site, number, now.last_event, agree=True, by=CLERK))
            assert Item.get(Item.number == number).state == before, "nobody countersigns his own"
        else:
            self._try(lambda: corrections.answer(self.site, number, now.last_event, agree=True, by=CHIEF))

    def _try(self, act: Any) -> None:
        try:
            act()
        except AgentError as error:
            assert error.message

    def _counts(self) -> tuple[int, int, int]:
        return CustodyEvent.select().count(), DeviceEvent.select().count(), Proof.select().count()

    # --- what always holds ---------------------------------------------------------------------
    @invariant()
    def the_rules_hold(self) -> None:
        calendar = working_calendar()
        with self.site.store.reading():
            assert recheck.item_states() == [], "every row is the fold of its events"
            for number in self.numbers:
                item = Item.get(Item.number == number)
                self._one(item, chain_of(item, calendar), calendar)
            for body_id in self.sent:
                assert DeviceEvent.select().where(DeviceEvent.uid == uuid.UUID(body_id)).count() == 1, "all is kept"

    def _one(self, item: Item, chain: Any, calendar: Any) -> None:
        custody = chain.custody
        walked = Walk()
        for entry in custody.entries:
            walked.on(entry)
        assert (walked.holder, walked.offered) == (custody.holder, custody.offered_to), "1: exactly one holder"
        told = (item.holder, item.offered_to, item.counted)
        assert told == (walked.holder, walked.offered, custody.counted_attempts), "the row says what the events say"
        corrected = {one.corrects for one in custody.entries if one.countersigned_by and not one.declined}
        ends = [entry for entry in custody.entries if entry.step in (S.DELIVER, S.RETURN)]
        standing = [entry for entry in ends if entry.uid not in corrected]
        assert len(standing) == (custody.state in ENDED), "3: an end is one and is final"
        proofs = Proof.select().where(Proof.item == item)
        assert proofs.count() == len(ends), "4: a proof for each delivery"
        assert proofs.where(Proof.voided_at.is_null()).count() == len(standing)
        assert all({Evidence.IDENTITY, Evidence.SIGNATURE} <= one.evidence for one in ends), "4: with its evidence"
        counted = [one for one in custody.attempts if one.counted]
        assert all(RULES[one.reason].evidence <= one.evidence for one in counted), "5: no attempt without its evidence"
        apart = [gap(calendar, a.at, b.at) for a, b in itertools.pairwise(counted)]
        assert all(days >= MIN_GAP_WORKING_DAYS for days in apart), "5: counted attempts are days apart"
        for link in chain.links:
            fact = (link.entry.step, link.entry.from_holder, link.entry.to_holder, link.entry.occurred_at)
            assert self.facts.setdefault(str(link.entry.uid), fact) == fact, "history is added to, never edited"
        known = {key for key in self.facts if key in {str(one) for one in chain.uids}}
        assert len(known) == len(chain.links)


class Walk:
    """Who has an item and to whom it is offered, told by the rules alone: no word of the product's own fold."""

    def __init__(self) -> None:
        self.holder = self.offered = ""
        self.before_end: tuple[str, str] | None = None  # what a correction of the end restores
        self.asked: dict[uuid.UUID | None, str] = {}  # who asked for a correction, by what it corrects
        self.steps: dict[uuid.UUID | None, CustodyStep] = {}

    def on(self, entry: Entry) -> None:
        """One more entry; it says which rule it breaks."""
        self.steps[entry.uid] = entry.step
        if entry.step is S.REVERSE:
            self._correct(entry)
        elif entry.step in (S.REGISTER, S.FIND):
            self.holder, self.offered, self.before_end = entry.to_holder, "", None
        else:
            assert self.before_end is None, "3: an end is final"
            assert entry.from_holder == self.holder, "1: whoever has an item acts on it, nobody else"
            self._move(entry)

    def _move(self, entry: Entry) -> None:
        if entry.step is S.ACCEPT:
            assert self.offered and self.offered == entry.to_holder, "1: custody moves by offer and acceptance"
            self.holder, self.offered = entry.to_holder, ""
        elif entry.step is S.OFFER:
            assert not self.offered, "1: an item is offered to one at a time"
            self.offered = entry.to_holder
        elif entry.step is S.WITHDRAW:
            self.offered = ""
        elif entry.step in (S.DELIVER, S.RETURN, S.LOSE):
            assert entry.step is S.LOSE or not self.offered, "1: what is offered is not delivered"
            self.before_end = (self.holder, self.offered)
            self.holder, self.offered = entry.to_holder or self.holder, ""

    def _correct(self, entry: Entry) -> None:
        if not entry.countersigned_by:
            self.asked[entry.corrects] = entry.actor
            return
        assert self.asked.pop(entry.corrects) != entry.countersigned_by, "3: nobody countersigns his own correction"
        if not entry.declined and self.steps[entry.corrects] in (S.DELIVER, S.RETURN, S.LOSE):
            assert self.before_end is not None
            (self.holder, self.offered), self.before_end = self.before_end, None


def test_the_rules_of_custody_hold_after_every_event(place: dict[str, Any]) -> None:
    examples = 3 if "url" in place else 8
    site = make_site(Path(place.pop("data")), **place)

    class Here(Custody):
        pass

    Here.site = site
    quick = settings(
        max_examples=examples, stateful_step_count=80, deadline=None, suppress_health_check=list(HealthCheck),
        database=None, derandomize=True,
    )  # fmt: skip
    try:
        run_state_machine_as_test(Here, settings=quick)
    finally:
        site.store.close()
