"""Apply events of phones to their items: each finds its place, waits, is refused with a reason, or goes to a person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from agent.domain import custody_order
from agent.domain.custody import Custody, Entry, require_possible_time
from agent.domain.custody_order import Awaits, ConflictKind, Disputed, Refused
from agent.domain.custody_steps import COURIER_STEPS, STEP_NAME, CustodyStep, said
from agent.domain.phone_event import VerdictKind
from agent.domain.s10 import S10
from agent.errors import AgentError, RuleViolation
from agent.store.custody_keeping import Detail
from agent.store.items import Item
from agent.tracking.custody import courier_holder
from agent.tracking.journal import bag_steps, delivering, leaving, surplus
from agent.tracking.journal.held import Held, compact, save
from agent.tracking.journal.work import Work

PLACE, OFFER, GAP = "place", "offer", "gap"
_WHY: Final = {
    ConflictKind.CLOCKS: "Hai sự kiện cùng nối sau một sự kiện và giờ quá sát để biết việc nào trước. Bưu cục sẽ xem.",
    ConflictKind.FORK: "Sự kiện này trái với việc khác đã ghi của bưu gửi. Đã giữ cả hai; bưu cục sẽ xem.",
    ConflictKind.SEQUENCE: "Thứ tự của điện thoại trái với liên kết của sự kiện. Đã giữ; bưu cục sẽ xem.",
}


class Applying(Work):
    """Decides, in one write transaction, what becomes of each event."""

    def load(self, held: Collection[Held], *, next_seq: dict[UUID, int]) -> None:
        """Read what these events are about, in a handful of queries."""
        super().load(held, next_seq=next_seq)
        named = {compact(one.event.item) for one in held if one.event.step is CustodyStep.DELIVER}
        delivering.look_ahead(held, [self.items[number] for number in named & self.items.keys()])

    def consider(self, one: Held) -> None:
        """Say what becomes of one event, and then of those that waited for it."""
        self._touched[id(one)] = one
        if one.verdict in (VerdictKind.REFUSED, VerdictKind.CONFLICT):
            self._belongs(one)
            return
        try:
            item = self._item(one)
        except AgentError as error:
            one.refuse_for(error)
            self._belongs(one)
            return
        if item is None:
            bag_steps.apply_bag(self, one)
            return
        one.item_id = item.id
        self._try(one, item)
        self.coming[item.id] = [other for other in self.coming[item.id] if other is not one]
        if one.pending:
            if all(other is not one for other in self.pending[item.id]):
                self.pending[item.id].append(one)
            return
        self.decided(one, item)

    def decided(self, one: Held, item: Item) -> None:
        """Try again what waited for an event whose standing is final now."""
        self._touched[id(one)] = one
        self.pending[item.id] = [other for other in self.pending[item.id] if other.pending]
        self.again(item)
        for number in self._awaiting.pop(one.event.uid, set()) & self.items.keys():
            self.again(self.items[number])

    def save(self) -> None:
        """Write down what became of everything that was touched."""
        self.keeper.save()
        for one, chain in self.left:
            leaving.keep(self.site, one, chain, by=self.actor(one))
        save(self._touched.values(), at=self.at)

    def _belongs(self, one: Held) -> None:
        """Let an event without effect be found under its item."""
        item = self.items.get(compact(one.event.item))
        if item is not None:
            one.item_id = item.id
            if one.verdict is VerdictKind.CONFLICT:
                self._raise(one, item, ConflictKind.TWICE, None, one.message)
            else:
                self.decided(one, item)

    def again(self, item: Item) -> None:
        """Try the waiting events of an item again, until none of them moves."""
        moved = True
        while moved:
            moved = False
            waiting = [one for one in self.pending[item.id] if one.verdict is VerdictKind.WAITING]
            for one in sorted(waiting, key=lambda held: (held.corrected or held.received_at, held.event.seq)):
                self._try(one, item)
                self._touched[id(one)] = one
                moved |= one.verdict is not VerdictKind.WAITING
            self.pending[item.id] = [one for one in self.pending[item.id] if one.pending]

    def _item(self, one: Held) -> Item | None:
        """The item that an event is about; None for one about a bag. InvalidIdentifier, RuleViolation otherwise."""
        event = one.event
        if event.bag and not event.item:
            return None
        item = self.items.get(S10.parse(event.item).text)
        if item is None:
            raise RuleViolation(
                f"Không có bưu gửi {event.item} trong sổ. Không phát bưu gửi này; mang về bưu cục để kiểm tra.",
                code="unknown-item",
            )
        self._require_allowed(one, item)
        return item

    def _require_allowed(self, one: Held, item: Item) -> None:
        event, mine = one.event, courier_holder(one.courier)
        step = event.step
        assert step is not None
        if step not in COURIER_STEPS and step is not CustodyStep.REVERSE:  # that only asks: a second person decides
            raise RuleViolation(
                f"Bước “{STEP_NAME[step]}” do bưu cục quyết định. Giao bưu gửi lại cho bưu cục.", code="office-step"
            )
        holder = event.to_holder if step is CustodyStep.ACCEPT else event.from_holder
        if holder != mine:
            raise RuleViolation(
                f"Sự kiện ghi cho “{said(holder)}”, không phải bạn. Nhờ người giữ giao cho bạn trước.",
                code="not-yours",
            )
        if item.office_id != one.office_id and mine not in self._hands(item):
            raise RuleViolation(
                f"Bưu gửi {item.number} của bưu cục khác và chưa ai giao cho bạn. Mang về bưu cục để kiểm tra.",
                code="foreign-item",
            )

    def _hands(self, item: Item) -> set[str]:
        entries = [link.entry for link in self.chains[item.id].links]
        return {holder for entry in entries for holder in (entry.from_holder, entry.to_holder)}

    def _try(self, one: Held, item: Item) -> None:
        try:
            if not self._ready(one, item):
                return
            delivering.judge_code(one, item)
            outcome = self._place(one, item)
        except AgentError as error:
            one.refuse_for(error)
            return
        if isinstance(outcome, Refused):
            one.refuse_for(outcome.error)
        elif isinstance(outcome, Awaits):
            one.wait(outcome.what, f"waits-{outcome.what}", outcome.words)
        elif isinstance(outcome, Disputed):
            self._raise(one, item, outcome.kind, outcome.stands, outcome.words)
        elif surplus.of_event(one.event, item):
            self._raise(one, item, ConflictKind.AMOUNT, None, surplus.words(one.event, item))
        else:
            self.put(one, item, outcome.index, outcome.custody)

    def _ready(self, one: Held, item: Item) -> bool:
        """Whether all that it builds on is here; sets the applied event that it follows."""
        event = one.event
        missing = [sha for sha in event.pictures() if sha not in self.pictures]
        if missing:
            one.wait(f"blob:{missing[0]}", "picture-missing", "Ảnh hoặc chữ ký chưa tới. Giữ ứng dụng mở để gửi tiếp.")
            return False
        delivering.require_complete(event, item)
        leaving.require_possible(one, item, self.left)
        awaited = self.follow(one, item)
        if awaited is not None:
            one.wait(f"event:{awaited}", "waits-event", "Sự kiện trước của bưu gửi này chưa tới. Đã giữ, sẽ tự ghi.")
            return False
        if one.parent is None and event.seq > self.next_seq.get(event.phone, 1 << 60):
            one.wait(GAP, "waits-gap", "Điện thoại còn thiếu sự kiện trước đó. Đã giữ, sẽ tự ghi khi gửi đủ.")
            return False
        ahead = (*self.pending[item.id], *self.coming[item.id])
        earlier = next((other for other in ahead if _before(other, one)), None)
        if earlier is not None:
            one.wait(f"event:{earlier.event.uid}", "waits-event", "Việc trước của bạn với bưu gửi này còn chờ. Đã giữ.")
        return earlier is None

    def follow(self, one: Held, item: Item) -> UUID | None:
        """Set the applied event that it follows; the id of an event that has to come, or be decided on, first."""
        named, uids, seen = one.event.parent, self.chains[item.id].uids, set[UUID]()
        one.parent = None
        while named is not None and named not in seen:
            seen.add(named)
            if named in uids:
                one.parent = named
                return None
            before = self.known.get(named)
            if before is None:
                self._load_named({named})
                before = self.known.get(named)
            if before is None or before.pending:
                return named
            if before.verdict is VerdictKind.TAKEN:
                return None  # of a bag, or of another item: it says nothing of the order here
            named = before.event.parent
        return None

    def entry(self, one: Held) -> Entry:
        """The custody entry of an event."""
        event = one.event
        assert event.step is not None and one.corrected is not None
        return Entry(
            event.uid, event.step, one.corrected, f"user:{one.courier}", event.from_holder,
            "receiver" if event.step is CustodyStep.DELIVER else event.to_holder, event.bag, event.reason,
            event.action, delivering.evidence_of(event, code_right=one.code_right), event.corrects,
        )  # fmt: skip

    def _place(self, one: Held, item: Item) -> custody_order.Place:
        chain = self.chains[item.id]
        if chain.custody is None or one.corrected is None:
            raise RuleViolation(f"Bưu gửi {item.number} chưa có sự kiện nào trong sổ. Hỏi bưu cục rồi ghi lại.")
        if one.event.offset_ms is not None:
            require_possible_time(chain.custody, one.corrected, max(one.corrected, self.at))
        return custody_order.place(chain.links, chain.custody, one.link(self.entry(one)), self.calendar)

    def put(self, one: Held, item: Item, index: int, custody: Custody) -> None:
        """Give an event its effect at this place of its item's chain."""
        event, chain = one.event, self.chains[item.id]
        if event.step is CustodyStep.DELIVER:
            if not delivering.deliver(self, one, item):
                return
        else:
            detail = Detail(event.capture, event.note, journal=_seen_by(one))
            self.keeper.add(chain, one.link(self.entry(one)), index, custody, detail)
            if event.redelivery is not None or event.invitation:
                self.left.append((one, chain))
        code = "chain-broken" if one.broken else ""
        words = "Chuỗi sự kiện của điện thoại bị đứt ở đây. Đã ghi; bưu cục sẽ kiểm tra máy." if one.broken else ""
        one.take(code, words)

    def _raise(self, one: Held, item: Item, kind: ConflictKind, stands: UUID | None, words: str) -> None:
        """Keep a conflict for a person."""
        one.dispute(kind.value, _WHY.get(kind, words))
        self.conflict(item, kind, stands, one.event.uid, words)


def _before(other: Held, one: Held) -> bool:
    """Whether the same phone wrote `other` earlier."""
    mine = other is not one and other.event.phone == one.event.phone and other.event.seq < one.event.seq
    return mine and other.pending


def _seen_by(one: Held) -> dict[str, Any]:
    return {"phone": str(one.event.phone), "seq": one.event.seq, "hash": one.event.hash}
