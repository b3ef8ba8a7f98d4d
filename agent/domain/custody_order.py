"""Where a late event belongs among an item's: by parent links, the phone's own sequence, then corrected clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from agent.clock import local
from agent.domain.calendar_vn import Calendar
from agent.domain.custody import Custody, Entry, fold, follow
from agent.domain.custody_steps import ENDED, CustodyStep, said
from agent.errors import RuleViolation


class ConflictKind(StrEnum):
    """Why a person has to decide (loại xung đột)."""

    CLOCKS = "clocks"  # two events follow the same one, and their clocks are too close to tell which came first
    FORK = "fork"  # the clocks tell an order that the rules do not allow
    SEQUENCE = "sequence"  # the phone's own sequence contradicts its links
    TWICE = "twice"  # the phone has two events of the same number
    CLAIM = "claim"  # what it waits for did not come
    AMOUNT = "amount"  # more was collected at the door than is due: the fee was settled elsewhere meanwhile


class Decision(StrEnum):
    """What a person decided about an event in conflict."""

    BEFORE = "before"  # it happened, before the one that stands
    AFTER = "after"  # it happened, after the one that stands
    ASIDE = "aside"  # it has no effect


@dataclass(frozen=True, slots=True)
class Link:
    """An entry with what orders it: the event it names as parent, its device and number there, its clock's doubt."""

    entry: Entry
    parent: UUID | None = None
    device: str = ""
    seq: int | None = None
    doubt: timedelta = timedelta()

    @property
    def at(self) -> datetime:
        return self.entry.occurred_at


@dataclass(frozen=True, slots=True)
class Here:
    """It belongs at this index; the fold with it."""

    index: int
    custody: Custody


@dataclass(frozen=True, slots=True)
class Disputed:
    """A person decides: it contradicts the event `stands`."""

    kind: ConflictKind
    stands: UUID | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """It breaks a rule at the place where it says it belongs."""

    error: RuleViolation


@dataclass(frozen=True, slots=True)
class Awaits:
    """Something that has not come yet must come before it: an offer, or whatever made its sender the holder."""

    what: str
    words: str


Place = Here | Disputed | Refused | Awaits


def place(chain: Sequence[Link], custody: Custody, new: Link, calendar: Calendar) -> Place:
    """Where `new` belongs in the chain, whose fold is `custody`; a parent that it names must be in the chain.

    Nothing is guessed: where neither links nor sequence nor clocks tell one legal place, the answer is a person's.
    """
    low, linked = _after_what(chain, new)
    high = _before_what(chain, new)
    if new.entry.step is CustodyStep.ACCEPT:
        offer = _offer_of(chain, new)
        if offer is None:
            return _without_offer(chain, custody, new, calendar, low)
        low, linked = max(low, offer + 1), True
    if low > high:
        return Disputed(ConflictKind.SEQUENCE, chain[low - 1].entry.uid)
    if low == high == len(chain):
        return _at_the_end(custody, new, calendar, linked=linked)
    return _among(chain, custody, new, calendar, low, high, linked=linked)


def insert(chain: Sequence[Link], new: Link, index: int, calendar: Calendar) -> Custody:
    """The fold with `new` at this index; RuleViolation when it, or what comes after it, is not allowed there."""
    entries = [link.entry for link in chain]
    made = fold([*entries[:index], new.entry, *entries[index:]], calendar)
    assert made is not None
    return made


def _after_what(chain: Sequence[Link], new: Link) -> tuple[int, bool]:
    """The first index that it may have, and whether a link or its phone's sequence says so."""
    low, linked = 1, False
    for index, link in enumerate(chain):
        earlier = _same_device(link, new) and link.seq is not None and new.seq is not None and link.seq < new.seq
        if link.entry.uid == new.parent or earlier:
            low, linked = max(low, index + 1), True
    return low, linked


def _before_what(chain: Sequence[Link], new: Link) -> int:
    for index, link in enumerate(chain):
        later = _same_device(link, new) and link.seq is not None and new.seq is not None and link.seq > new.seq
        if link.parent == new.entry.uid or later:
            return index
    return len(chain)


def _same_device(one: Link, other: Link) -> bool:
    return bool(one.device) and one.device == other.device


def _offer_of(chain: Sequence[Link], new: Link) -> int | None:
    """The index of the last offer of this giver to this receiver that nobody took up yet."""
    found = None
    for index, link in enumerate(chain):
        entry = link.entry
        pair = (entry.from_holder, entry.to_holder) == (new.entry.from_holder, new.entry.to_holder)
        if entry.step is CustodyStep.OFFER and pair:
            found = index
        elif entry.step is CustodyStep.ACCEPT and pair:
            found = None
    return found


def _without_offer(chain: Sequence[Link], custody: Custody, new: Link, calendar: Calendar, low: int) -> Place:
    """An acceptance without an open offer: it was taken up already, the way is over, or the offer is still to come."""
    taken = next((link for link in chain[low:] if _accepts_the_same(chain, link, new)), None)
    if taken is not None:
        return Refused(
            RuleViolation(f"Việc giao này đã được nhận lúc {local(taken.at):%H:%M %d/%m}. Không cần làm gì.")
        )
    if custody.state in ENDED and low == len(chain):
        return _at_the_end(custody, new, calendar, linked=True)
    return Awaits(
        "offer", f"Chưa có việc giao của “{said(new.entry.from_holder)}”. Đã giữ; sẽ ghi khi bên giao đồng bộ."
    )


def _accepts_the_same(chain: Sequence[Link], link: Link, new: Link) -> bool:
    """Whether `link` took up the offer that `new` was made for: the one it names, or one made after what it names."""
    entry = link.entry
    pair = (entry.from_holder, entry.to_holder) == (new.entry.from_holder, new.entry.to_holder)
    if entry.step is not CustodyStep.ACCEPT or not pair or new.parent is None:
        return False
    return any(one.entry.step is CustodyStep.OFFER and new.parent in (one.entry.uid, one.parent) for one in chain)


def _at_the_end(custody: Custody, new: Link, calendar: Calendar, *, linked: bool) -> Place:
    try:
        return Here(len(custody.entries), follow(custody, new.entry, calendar))
    except RuleViolation as error:
        stranger = new.entry.from_holder != custody.holder and custody.state not in ENDED
        if not linked and stranger:
            return Awaits("place", _wants_hand_over(custody))
        return Refused(error)


def _wants_hand_over(custody: Custody) -> str:
    return f"Theo sổ, “{said(custody.holder)}” đang giữ. Đã lưu sự kiện; sẽ ghi khi việc giao nhận còn thiếu đồng bộ."


def _among(
    chain: Sequence[Link], custody: Custody, new: Link, calendar: Calendar, low: int, high: int, *, linked: bool
) -> Place:
    """A place between others: the one that the clocks tell, or with no link the only one that the rules allow."""
    places = [index for index in range(low, high + 1) if _clocks_allow(chain, new, low, high, index)]
    legal = {index: made for index in places if (made := _try(chain, new, index, calendar)) is not None}
    stands = chain[min(low, len(chain) - 1)].entry.uid
    if len(places) == 1 and legal:
        return Here(places[0], legal[places[0]])
    if linked:
        kind = ConflictKind.CLOCKS if len(places) > 1 else ConflictKind.FORK
        return Disputed(kind, stands, _why_not(chain, new, places, calendar))
    if len(legal) == 1:
        index, made = next(iter(legal.items()))
        return Here(index, made)
    if legal:
        same = {_outcome(made) for made in legal.values()}
        nearest = min(legal, key=lambda index: (sum(link.at > new.at for link in chain[:index]), index))
        return Here(nearest, legal[nearest]) if len(same) == 1 else Disputed(ConflictKind.CLOCKS, stands)
    if places == [len(chain)]:
        return _at_the_end(custody, new, calendar, linked=False)
    if custody.state in ENDED:
        return Disputed(ConflictKind.FORK, stands, _why_not(chain, new, places, calendar))
    return Awaits("place", _wants_hand_over(custody))


def _clocks_allow(chain: Sequence[Link], new: Link, low: int, high: int, index: int) -> bool:
    """Whether no clock says for certain that it is not at this index."""
    for position in range(low, high):
        link = chain[position]
        gap, doubt = link.at - new.at, link.doubt + new.doubt
        if (position < index and gap > doubt) or (position >= index and -gap > doubt):
            return False
    return True


def _try(chain: Sequence[Link], new: Link, index: int, calendar: Calendar) -> Custody | None:
    try:
        return insert(chain, new, index, calendar)
    except RuleViolation:
        return None


def _why_not(chain: Sequence[Link], new: Link, places: Sequence[int], calendar: Calendar) -> str:
    for index in places:
        try:
            insert(chain, new, index, calendar)
        except RuleViolation as error:
            return error.message
    return ""


def _outcome(custody: Custody) -> tuple[object, ...]:
    attempts = tuple((one.at, one.reason, one.action, one.counted) for one in custody.attempts)
    return custody.state, custody.holder, custody.offered_to, custody.bag, attempts, custody.damaged, custody.opened
