"""Which items a phone's events can move: those that they name, that wait for them, that lie in their bags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from agent.store.bags import lines_of, parcel_of
from agent.store.base import current
from agent.store.custody_events import DeviceEvent
from agent.store.lookup import items_to_change
from agent.tracking.journal.held import Held, compact

_AT_ONCE: Final = 500


class Reach:
    """The items that one transaction may move, locked all at once and before anything is written.

    Whoever took some of them later, with the journal already his, could wait for who waits for him.
    """

    def __init__(self) -> None:
        self._locked: set[str] = set()

    def lock(self, held: Collection[Held]) -> None:
        """Lock what these events reach; nothing twice. SQLite has one writer anyway."""
        if current().dialect != "postgresql":
            return
        wanted = numbers_of(held) | _in_bags({one.event.bag for one in held if one.event.bag and not one.event.item})
        for some in awaiting([one.event.uid for one in held]).values():
            wanted |= some
        if wanted - self._locked:
            items_to_change(wanted - self._locked)
            self._locked |= wanted


def numbers_of(held: Collection[Held]) -> set[str]:
    """The numbers of items that events name."""
    return {number for one in held if (number := compact(one.event.item))}


def awaiting(uids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """The numbers of the items that have events which wait for these, by what they wait for."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for start in range(0, len(uids), _AT_ONCE):
        some = [f"event:{uid}" for uid in uids[start : start + _AT_ONCE]]
        query: Any = DeviceEvent.select(DeviceEvent.awaits, DeviceEvent.number).where(DeviceEvent.awaits.in_(some))
        for awaits, number in query.tuples():
            if compact(number):
                found[UUID(awaits.removeprefix("event:"))].add(compact(number))
    return found


def _in_bags(bags: Collection[str]) -> set[str]:
    found = [bag for number in sorted(bags) if (bag := parcel_of(number)) is not None]
    return {line.number for bag in found for line in lines_of(bag) if line.item_id is not None}
