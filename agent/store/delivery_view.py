"""The delivery office's queues: each a query, its count, and its rows with the person and the newest word on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from peewee import JOIN, fn

from agent.domain.dossier import ReturnWay, Role
from agent.store.claims import Claim
from agent.store.delivery import DeliveryList, ItemPlan, ListLine
from agent.store.delivery_lists import decided_for, missing
from agent.store.dossiers import Dossier, Party, Subject
from agent.store.items import Item, Result
from agent.store.rounds import Stop, stops_of

OVER: Final = ("delivered", "returned", "lost", "return_approved")


def _office(office_id: str) -> Any:
    """Items in the office's own hands and offered to nobody."""
    return (Item.office_id == office_id) & (Item.holder == f"office:{office_id}") & (Item.offered_to == "")


def _with_plan() -> Any:
    query: Any = Item.select(Item, ItemPlan).join(ItemPlan, JOIN.LEFT_OUTER, on=(ItemPlan.item == Item.id))
    return query


def _undecided() -> Any:
    return Item.attempts > fn.COALESCE(ItemPlan.decided, 0)


def arrived(office_id: str, today: date) -> Any:
    """Items at the office that are on no list and wait for nothing: they go out today."""
    on_a_list = (
        ListLine.select(ListLine.item).join(DeliveryList)
        .where((ListLine.outcome == "") & (DeliveryList.state == "open") & (DeliveryList.office_id == office_id))
    )  # fmt: skip
    due = ItemPlan.redeliver_on.is_null() | (ItemPlan.redeliver_on <= today)
    held = (Item.state == "held") & (ItemPlan.redeliver_on <= today)
    free = _office(office_id) & ((Item.state == "at_office") | held) & ~_undecided() & due
    return _with_plan().where(free & Item.id.not_in(on_a_list)).order_by(Item.id)


def undecided(office_id: str, _today: date) -> Any:
    """Items with a failed attempt that no decision answers yet, wherever they are."""
    open_ = (Item.office_id == office_id) & Item.state.not_in(list(OVER)) & (Item.attempts > 0)
    return _with_plan().where(open_ & _undecided()).order_by(Item.updated_at)


def held(office_id: str, _today: date) -> Any:
    """Items that wait at the office for their addressee, the first to expire first."""
    waiting = _office(office_id) & (Item.state == "held")
    return _with_plan().where(waiting).order_by(ItemPlan.held_until, Item.id)


def redeliver(office_id: str, today: date) -> Any:
    """Items whose agreed day is today or past and that are still at the office."""
    due = _office(office_id) & Item.state.not_in(list(OVER)) & (ItemPlan.redeliver_on <= today) & ~_undecided()
    return _with_plan().where(due).order_by(ItemPlan.redeliver_on, Item.id)


def to_return(office_id: str, _today: date) -> Any:
    """Items that were approved to go back to the authority."""
    going = (Item.office_id == office_id) & (Item.state == "return_approved")
    return _with_plan().where(going).order_by(Item.updated_at)


def offered_here(office_id: str, _today: date) -> Any:
    """Items that somebody offers to the office: couriers who are back, and items forwarded from elsewhere."""
    return _with_plan().where(Item.offered_to == f"office:{office_id}").order_by(Item.updated_at)


QUEUES: Final[dict[str, Callable[[str, date], Any]]] = {
    "arrived": arrived,
    "undecided": undecided,
    "redeliver": redeliver,
    "held": held,
    "coming": offered_here,
    "to_return": to_return,
}
"""Queues of items; what their names mean is said by the page."""


@dataclass(frozen=True)
class Row:
    """One item of a queue."""

    stop: Stop
    plan: ItemPlan | None

    @property
    def item(self) -> Item:
        return self.stop.item


def counts(office_id: str, today: date) -> dict[str, int]:
    """How many wait in each queue of an office: one query each, whatever their number."""
    found = {name: int(query(office_id, today).order_by().count()) for name, query in QUEUES.items()}
    found["missing"] = int(missing(office_id, today).count())
    found["authority"] = int(at_authority(office_id).count())
    found["counter"] = int(at_counter(office_id).count())
    open_claims = (Claim.office_id == office_id) & Claim.closed_at.is_null()
    found["claims"] = int(Claim.select().where(open_claims).count())
    return found


def rows_of(name: str, office_id: str, today: date, *, limit: int, offset: int = 0) -> list[Row]:
    """A page of a queue, with the persons in a few queries."""
    items = list(QUEUES[name](office_id, today).limit(limit).offset(offset))
    return with_plans(items)


def with_plans(items: list[Item]) -> list[Row]:
    """Items with their persons and the newest word on each."""
    plans = decided_for([item.id for item in items])
    return [Row(stop, plans.get(stop.item.id)) for stop in stops_of(items)]


def at_authority(office_id: str) -> Any:
    """Paper results that the authority has ready and that go by courier: not collected yet."""
    query: Any = Result.select(Result, Dossier, Item).join(Dossier).switch(Result).join(Item, JOIN.LEFT_OUTER)
    waiting = (Result.form == "paper") & (Result.way == ReturnWay.COURIER) & (Dossier.office_id == office_id)
    still_there = (Result.item.is_null() & (Result.state == "ready")) | (Item.state == "registered")
    return query.where(waiting & still_there).order_by(Result.ready_at)


def at_counter(office_id: str) -> Any:
    """Results that are fetched at the counter or given electronically, and were not given yet."""
    query: Any = Result.select(Result, Dossier).join(Dossier)
    ways = Result.way.in_([ReturnWay.COUNTER, ReturnWay.ELECTRONIC])
    return query.where((Dossier.office_id == office_id) & (Result.state == "ready") & ways).order_by(Result.ready_at)


@dataclass(frozen=True)
class CounterRow:
    """A result that waits at the counter, with whom to give it to."""

    result: Result
    owner: str
    phone: str


def counter_rows(office_id: str, *, limit: int, offset: int = 0) -> list[CounterRow]:
    """A page of what waits at the counter, the longest wait first, with the owners in one query."""
    results = list(at_counter(office_id).order_by(Result.ready_at, Result.id).limit(limit).offset(offset))
    ids = [one.dossier.id for one in results] or [-1]
    parties: Any = Party.select(Party, Subject).join(Subject)
    owners = {one.dossier_id: one.subject for one in parties.where(Party.dossier.in_(ids) & (Party.role == Role.OWNER))}
    found = [(one, owners.get(one.dossier.id)) for one in results]
    return [CounterRow(one, who.name if who else "", who.phone if who else "") for one, who in found]


def claims_closed(office_id: str, *, limit: int) -> list[Claim]:
    """The claim files that were closed last."""
    query: Any = Claim.select(Claim, Item).join(Item)
    mine = (Claim.office_id == office_id) & Claim.closed_at.is_null(False)
    return list(query.where(mine).order_by(Claim.closed_at.desc(), Claim.id.desc()).limit(limit))


def claims_open(office_id: str, *, limit: int) -> list[Claim]:
    """Open claim files, the one whose term ends first at the top."""
    query: Any = Claim.select(Claim, Item).join(Item)
    mine = (Claim.office_id == office_id) & Claim.closed_at.is_null()
    return list(query.where(mine).order_by(Claim.next_by, Claim.id).limit(limit))
