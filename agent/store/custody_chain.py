"""An item's events in their order, folded: read for many items in one query."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from agent.domain.calendar_vn import Calendar
from agent.domain.custody import Custody, Entry, fold
from agent.domain.custody_attempts import Action, Evidence, Reason
from agent.domain.custody_order import Link
from agent.domain.custody_steps import CustodyStep
from agent.store.base import current
from agent.store.fields import utc_instant
from agent.store.items import Item

_COLUMNS: Final = (
    "id, item_id, uid, step, occurred_at, actor, from_holder, to_holder, bag, reason, action, evidence, corrects, "
    "countersigned_by, declined, parent, device, device_seq, uncertain_ms"
)
_AT_ONCE: Final = 500
_STEP: Final = {step.value: step for step in CustodyStep}
_REASON: Final[dict[str, Reason | None]] = {"": None, **{reason.value: reason for reason in Reason}}
_ACTION: Final[dict[str, Action | None]] = {"": None, **{action.value: action for action in Action}}


@dataclass
class Chain:
    """An item's row with its events in order and what they come to; `row_ids` are the rows of `links`."""

    item: Item
    links: list[Link] = field(default_factory=list)
    row_ids: list[int | None] = field(default_factory=list)
    custody: Custody | None = None

    @property
    def uids(self) -> set[uuid.UUID]:
        """The events that it has."""
        return {link.entry.uid for link in self.links}


def chain_of(item: Item, calendar: Calendar) -> Chain:
    """The chain of one item."""
    return chains_of([item], calendar)[item.id]


def chains_of(items: Iterable[Item], calendar: Calendar) -> dict[int, Chain]:
    """The chains of these items by their ids."""
    found = unfolded(items)
    for chain in found.values():
        chain.custody = fold((link.entry for link in chain.links), calendar)
    return found


def unfolded(items: Iterable[Item]) -> dict[int, Chain]:
    """The chains of these items by their ids, as they lie there: nothing says that they can be folded."""
    found = {item.id: Chain(item) for item in items}
    for row in _rows(list(found)):
        chain = found[row[1]]
        chain.links.append(_link(row))
        chain.row_ids.append(row[0])
    return found


def _rows(ids: list[int]) -> Iterable[Any]:
    store = current()
    mark = "?" if store.dialect == "sqlite" else "%s"
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        marks = ", ".join([mark] * len(some))
        sql = f"SELECT {_COLUMNS} FROM custody_event WHERE item_id IN ({marks}) ORDER BY item_id, place, id"  # noqa: S608
        yield from store.database.execute_sql(sql, some).fetchall()


def _link(row: Any) -> Link:
    (_, _, uid, step, at, actor, giver, taker, bag, reason, action, evidence, corrects, second, declined, parent,
     device, seq, doubt) = row  # fmt: skip
    entry = Entry(
        _uid(uid), _STEP[step], _instant(at), actor, giver, taker, bag, _REASON[reason], _ACTION[action],
        _evidence(evidence), None if corrects is None else _uid(corrects), second, bool(declined),
    )  # fmt: skip
    return Link(
        entry, None if parent is None else _uid(parent), device, seq,
        timedelta(milliseconds=doubt) if doubt else _NONE,
    )  # fmt: skip


_NONE: Final = timedelta()
_NO_EVIDENCE: Final[frozenset[Evidence]] = frozenset()


def _uid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(bytes=bytes(value))


def _instant(value: Any) -> datetime:
    return utc_instant(value) if isinstance(value, str) else value.astimezone(UTC)


def _evidence(text: str) -> frozenset[Evidence]:
    return _NO_EVIDENCE if text == "[]" else frozenset(Evidence(one) for one in json.loads(text))


def summary(custody: Custody) -> dict[str, Any]:
    """What an item's row keeps of its fold."""
    held = custody.holding
    return {
        "state": custody.state.value,
        "holder": custody.holder,
        "offered_to": custody.offered_to,
        "offered_at": custody.offered_at,
        "attempts": len(custody.attempts),
        "counted": custody.counted_attempts,
        "bag": custody.bag,
        "held_since": held.occurred_at,
        "held_by": held.uid,
        "last_event": custody.entries[-1].uid,
        "events": len(custody.entries),
        "pending": len(custody.pending),
    }


def differences(item: Item, custody: Custody | None) -> list[str]:
    """The fields of an item's row that are not what its events come to."""
    if custody is None:
        return ["events"]
    return [name for name, value in summary(custody).items() if getattr(item, name) != value]


def items_by_number(numbers: Collection[str]) -> dict[str, Item]:
    """Items by their numbers, those that there are."""
    wanted, found = list(numbers), dict[str, Item]()
    for start in range(0, len(wanted), _AT_ONCE):
        query = Item.select().where(Item.number.in_(wanted[start : start + _AT_ONCE]))
        found.update({item.number: item for item in query})
    return found
