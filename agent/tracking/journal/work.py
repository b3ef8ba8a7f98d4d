"""What one write transaction works on: items with their chains, and the events of phones that may have an effect."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.custody_order import ConflictKind
from agent.domain.phone_event import VerdictKind
from agent.domain.roles import Role
from agent.site import Site
from agent.store import rows
from agent.store.calendar import working_calendar
from agent.store.custody_chain import Chain, chains_of, items_by_number
from agent.store.custody_events import CustodyConflict, DeviceEvent
from agent.store.custody_keeping import Keeper
from agent.store.items import Item
from agent.store.phones import blobs_here
from agent.tracking.journal.held import PENDING, Held, compact, of_row
from agent.tracking.journal.reach import Reach, awaiting, numbers_of

_AT_ONCE: Final = 500


class Work(ABC):
    """Read in a handful of queries; whoever decides on an event is asked again through `consider` and `again`."""

    def __init__(self, site: Site, *, at: datetime) -> None:
        self.site, self.at, self.calendar = site, at, working_calendar()
        self.terminal = site.settings.terminal.id
        self.keeper = Keeper(at=at, terminal_id=self.terminal, ids=site.ids)
        self.items: dict[str, Item] = {}
        self.of_dossier: dict[int, list[Item]] = defaultdict(list)
        self.chains: dict[int, Chain] = {}
        self.pending: dict[int, list[Held]] = defaultdict(list)  # by item, those that wait or are in conflict
        self.coming: dict[int, list[Held]] = defaultdict(list)  # by item, those whose turn has not come yet
        self.known: dict[UUID, Held] = {}  # by the event's id
        self.pictures: set[str] = set()
        self.next_seq: dict[UUID, int] = {}  # by phone: up to here nothing is missing
        self.left: list[tuple[Held, Chain]] = []  # attempts that stand, with what they left at the door
        self._touched: dict[int, Held] = {}
        self.reach = Reach()
        self._awaiting: dict[UUID, set[str]] = defaultdict(set)  # numbers of items, by the event that they wait for

    @abstractmethod
    def consider(self, one: Held) -> None:
        """Say what becomes of one event, and then of those that waited for it."""

    @abstractmethod
    def again(self, item: Item) -> None:
        """Try the waiting events of an item again, until none of them moves."""

    def load(self, held: Collection[Held], *, next_seq: dict[UUID, int]) -> None:
        """Read what these events are about, in a handful of queries."""
        self.next_seq |= next_seq
        self.reach.lock(held)
        for one in held:
            self.known.setdefault(one.event.uid, one)
        for uid, numbers in awaiting([one.event.uid for one in held]).items():
            self._awaiting[uid] |= numbers
        self._load_items(items_by_number(numbers_of(held).union(*self._awaiting.values())))
        for one in held:
            item = self.items.get(compact(one.event.item))
            if item is not None and one.verdict is VerdictKind.WAITING:
                self.coming[item.id].append(one)
        named = {one.event.parent for one in held if one.event.parent} - self.known.keys()
        if named:  # most parents stand in their items' chains already
            named -= {link.entry.uid for chain in self.chains.values() for link in chain.links}
        self._load_named(named)
        self.pictures |= blobs_here([sha for one in self._all(held) for sha in one.event.pictures()], self.terminal)

    def _all(self, held: Collection[Held]) -> Iterable[Held]:
        yield from held
        for some in self.pending.values():
            yield from some

    def _load_items(self, items: dict[str, Item]) -> None:
        fresh = {number: item for number, item in items.items() if number not in self.items}
        self.items |= fresh
        for item in fresh.values():
            self.of_dossier[item.dossier_id].append(item)
        self.chains |= chains_of(fresh.values(), self.calendar)
        self.keeper.know_dossiers(sorted({item.dossier_id for item in fresh.values()}))
        ids = [item.id for item in fresh.values()]
        for start in range(0, len(ids), _AT_ONCE):
            open_ones = DeviceEvent.verdict.in_([kind.value for kind in PENDING])
            query = DeviceEvent.select().where(DeviceEvent.item.in_(ids[start : start + _AT_ONCE]) & open_ones)
            for row in query.order_by(DeviceEvent.phone_uid, DeviceEvent.seq):
                self._remember(of_row(row))

    def _load_named(self, uids: set[UUID]) -> None:
        some = list(uids)
        for start in range(0, len(some), _AT_ONCE):
            for row in DeviceEvent.select().where(DeviceEvent.uid.in_(some[start : start + _AT_ONCE])):
                self.known.setdefault(row.uid, of_row(row))

    def _remember(self, one: Held) -> None:
        known = self.known.setdefault(one.event.uid, one)
        if known is one and one.item_id is not None:
            self.pending[one.item_id].append(one)

    def chain(self, item: Item) -> Chain:
        """The chain of an item that may not have been read yet."""
        if item.id not in self.chains:
            self._load_items({item.number: item})
        return self.chains[item.id]

    def conflict(self, item: Item, kind: ConflictKind, stands: UUID | None, disputes: UUID, words: str) -> None:
        """Write down what a person has to decide about an item."""
        rows.create(
            CustodyConflict, uid=self.site.ids.uid(), office_id=item.office_id, item=item.id, kind=kind.value,
            stands=stands, disputes=disputes, words=words, raised_at=self.at,
        )  # fmt: skip
        Item.update(conflicts=Item.conflicts + 1).where(Item.id == item.id).execute()

    def actor(self, one: Held) -> Actor:
        """The courier as the one who answers for his event."""
        return Actor(one.courier, "", Role.COURIER, one.office_id, self.terminal)
