"""Queries of delivery lists: what each line came to, what is awaited, each courier's progress; never a query a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from peewee import JOIN, Case, Value, fn

from agent.store import rows
from agent.store.accounts import User
from agent.store.base import current, require_writing
from agent.store.delivery import DeliveryList, ItemPlan, ListLine
from agent.store.items import Item

AWAITED: Final = ("offered", "taken", "out", "failed", "coming")
"""What a line can come to while something still has to happen to its item."""
SETTLED: Final = ("delivered", "back", "withdrawn", "lost", "passed")


def hold_lists(office_id: str) -> None:
    """From here to the end of the transaction nobody else begins a list at this office; before anything is locked.

    SQLite has one writer anyway.
    """
    require_writing("delivery_lists.hold_lists")
    if current().dialect == "postgresql":
        current().database.execute_sql("SELECT pg_advisory_xact_lock(7703, hashtext(%s))", (office_id,))


def outcome_of(line: ListLine, item: Item, on: DeliveryList) -> str:
    """What a line has come to: what was kept when its list was closed, else what its item says now."""
    if line.outcome:
        return str(line.outcome)
    courier, mine = f"courier:{on.courier}", f"office:{on.office_id}"
    if on.state == "open":
        return "scanned" if line.scanned else "proposed"
    if item.state in ("delivered", "lost"):
        return str(item.state)
    if item.holder == courier:
        if item.offered_to == mine:
            return "coming"
        return {"attempt_failed": "failed", "out_for_delivery": "out"}.get(item.state, "taken")
    if item.offered_to == courier:
        return "offered"
    return "back" if item.holder == mine or item.state == "returned" else "passed"


@dataclass(frozen=True)
class Entry:
    """One line of a list with its item and what it has come to."""

    line: ListLine
    item: Item
    on: DeliveryList
    outcome: str

    @property
    def awaited(self) -> bool:
        """Whether something still has to happen to the item."""
        return self.outcome in AWAITED


def entries_of(on: DeliveryList) -> list[Entry]:
    """The lines of a list in their order."""
    query: Any = ListLine.select(ListLine, Item).join(Item).where(ListLine.day_list == on)
    return [Entry(line, line.item, on, outcome_of(line, line.item, on)) for line in query.order_by(ListLine.position)]


@dataclass(frozen=True)
class Progress:
    """A list with the counts of what its lines have come to, and the courier's name."""

    on: DeliveryList
    courier_name: str
    lines: int
    delivered: int
    back: int
    awaited: int
    failed: int  # of the awaited: reported as failed, still in the courier's hands
    collect: int  # đồng

    @property
    def done(self) -> int:
        """Lines to which nothing more has to happen."""
        return self.lines - self.awaited


def progress(office_id: str, since: date) -> list[Progress]:
    """The lists since a day and all that are not closed, newest first, in one query."""
    courier = Value("courier:").concat(DeliveryList.courier)
    held = (ListLine.outcome == "") & (DeliveryList.state != "open")
    awaited = held & Item.state.not_in(["delivered", "lost", "returned"])
    awaited &= (Item.holder == courier) | (Item.offered_to == courier)
    delivered = (ListLine.outcome == "delivered") | (held & (Item.state == "delivered"))
    wanted = (DeliveryList.office_id == office_id) & ((DeliveryList.day >= since) | (DeliveryList.state != "closed"))

    def count(condition: Any) -> Any:
        return fn.COALESCE(fn.SUM(Case(None, [(condition, 1)], 0)), 0)

    rows: Any = (
        DeliveryList.select(
            DeliveryList, fn.COUNT(ListLine.id).alias("lines"), count(delivered).alias("delivered"),
            count(awaited).alias("awaited"),
            count(awaited & (Item.state == "attempt_failed") & (Item.holder == courier)).alias("failed"),
            fn.COALESCE(fn.SUM(Item.collect), 0).alias("collect"),
        )
        .join(ListLine, JOIN.LEFT_OUTER, on=(ListLine.day_list == DeliveryList.id))
        .join(Item, JOIN.LEFT_OUTER, on=(Item.id == ListLine.item))
        .where(wanted).group_by(DeliveryList.id).order_by(DeliveryList.day.desc(), DeliveryList.id)
    )  # fmt: skip
    found = list(rows.objects())
    names = names_of(row.courier for row in found)
    return [
        Progress(
            row, names.get(row.courier, row.courier), int(row.lines), int(row.delivered),
            int(row.lines) - int(row.delivered) - int(row.awaited) if row.state != "open" else 0,
            int(row.awaited), int(row.failed), int(row.collect),
        )
        for row in found
    ]  # fmt: skip


def names_of(usernames: Any) -> dict[str, str]:
    """Full names by user name."""
    wanted = sorted(set(usernames)) or [""]
    return {user.username: user.full_name for user in User.select().where(User.username.in_(wanted))}


def missing(office_id: str, today: date) -> Any:
    """The query of lines without an outcome on lists of earlier days, or that were closed with an explanation."""
    courier = Value("courier:").concat(DeliveryList.courier)
    query: Any = (
        ListLine.select(ListLine, Item, DeliveryList)
        .join(Item)
        .switch(ListLine)
        .join(DeliveryList)
    )  # fmt: skip
    over = (DeliveryList.day < today) | (DeliveryList.state == "closed")
    awaited = (ListLine.outcome == "") & (DeliveryList.state != "open") & (DeliveryList.office_id == office_id) & over
    awaited &= Item.state.not_in(["delivered", "lost", "returned"])
    return query.where(awaited & ((Item.holder == courier) | (Item.offered_to == courier)))


def missing_entries(office_id: str, today: date, *, limit: int, offset: int = 0) -> list[Entry]:
    """Those lines, oldest list first, with what they wait for."""
    query = missing(office_id, today).order_by(DeliveryList.day, ListLine.id).limit(limit).offset(offset)
    return [Entry(line, line.item, line.day_list, outcome_of(line, line.item, line.day_list)) for line in query]


def line_waiting(item: Item) -> ListLine | None:
    """The newest line of an item that has no outcome yet, with its list."""
    query: Any = ListLine.select(ListLine, DeliveryList).join(DeliveryList)
    found: ListLine | None = (
        query.where((ListLine.item == item) & (ListLine.outcome == "")).order_by(ListLine.id.desc()).first()
    )
    return found


def listed(items: Sequence[int]) -> dict[int, DeliveryList]:
    """The list that is being made (state open) on which each of these items stands."""
    query: Any = ListLine.select(ListLine, DeliveryList).join(DeliveryList)
    open_ = (DeliveryList.state == "open") & ListLine.item.in_(list(items) or [-1])
    return {line.item_id: line.day_list for line in query.where(open_)}


def decided_for(items: Sequence[int]) -> dict[int, ItemPlan]:
    """The newest word on each of these items."""
    return {plan.item_id: plan for plan in ItemPlan.select().where(ItemPlan.item.in_(list(items) or [-1]))}


def settle_all(items: Sequence[int], outcome: str, at: datetime) -> None:
    """Keep what the waiting lines of these items (by row id) came to. Inside writing()."""
    waiting = ListLine.item.in_(list(items) or [-1]) & (ListLine.outcome == "")
    ListLine.update(outcome=outcome, outcome_at=at).where(waiting).execute()


def settle_lines(item: Item, outcome: str, at: datetime, *, only: DeliveryList | None = None) -> int:
    """Keep what the waiting lines of an item came to in the end (SETTLED); how many. Inside writing().

    A failed attempt is no end: the item is in the courier's hands until the office has it back.
    """
    mine = {"item": item.id, "outcome": "", **({} if only is None else {"day_list": only.id})}
    return rows.change_where(ListLine, mine, outcome=outcome, outcome_at=at)


def unsettle_delivered(item: Item) -> None:
    """The delivery of an item was taken back: its newest list waits for it again. Inside writing()."""
    done = (ListLine.item == item) & (ListLine.outcome == "delivered")
    newest = ListLine.select().where(done).order_by(ListLine.id.desc()).first()
    if newest is not None:
        ListLine.update(outcome="", outcome_at=None).where(ListLine.id == newest.id).execute()
