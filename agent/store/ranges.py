"""Allotted ranges of item numbers: what crosses what, the next number, how much is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from agent.domain.s10 import S10, number_in_range
from agent.errors import InvalidIdentifier, NotFound
from agent.store.base import locked
from agent.store.items import Item, ItemRange

REUSE_AFTER: Final = timedelta(days=366)
"""A number is not given again within 12 months of its last use."""
LOW_LEAST: Final = 50
"""Fewer numbers than these, or than a tenth of what was allotted, and the operator should be asked for more."""


@dataclass(frozen=True)
class Stock:
    """What an office has left of its ranges that are not used up."""

    left: int
    size: int

    @property
    def low(self) -> bool:
        """Whether it is time to ask for a new range."""
        return self.left < max(LOW_LEAST, self.size // 10)


def in_the_way(prefix: str, country: str, first: int, last: int, *, at: datetime) -> ItemRange | None:
    """The range that forbids allotting these numbers: it crosses them and still gives, or gave within 12 months."""
    crossing = (ItemRange.prefix == prefix) & (ItemRange.country == country)
    crossing &= (ItemRange.first <= last) & (ItemRange.last >= first)
    for held in ItemRange.select().where(crossing).order_by(ItemRange.id.desc()):
        if not spent(held) or held.given_at is None or free_from(held) > at:
            return held
    return None


def spent(held: ItemRange) -> bool:
    """Whether each number of the range was given."""
    return bool(held.next > held.last)


def free_from(held: ItemRange) -> datetime:
    """When the numbers of a used-up range may be allotted again."""
    given: datetime = held.given_at
    return given + REUSE_AFTER


def take_number(office_id: str, *, at: datetime) -> S10:
    """The next number of the office's oldest range that is not used up, inside the caller's transaction.

    A number that an item of our books bears is passed over: there it means that item for ever. NotFound when the
    ranges are used up.
    """
    free = (ItemRange.office_id == office_id) & (ItemRange.next <= ItemRange.last)
    ranges = list(locked(ItemRange.select().where(free).order_by(ItemRange.id)))  # an open cursor keeps its snapshot
    for held in ranges:
        while held.next <= held.last:
            number = number_in_range(held.prefix, held.next, held.country)
            held.next += 1
            if not Item.select(Item.id).where(Item.number == number.text).exists():
                ItemRange.update(next=held.next, given_at=at).where(ItemRange.id == held.id).execute()
                return number
        ItemRange.update(next=held.next).where(ItemRange.id == held.id).execute()
    raise NotFound(f"Bưu cục {office_id} hết dải số bưu gửi. Xin cấp dải mới rồi khai báo trong quản trị.")


def stock_of(office_id: str) -> Stock:
    """How many numbers the office has left."""
    free = (ItemRange.office_id == office_id) & (ItemRange.next <= ItemRange.last)
    held = list(ItemRange.select().where(free))
    return Stock(sum(one.last - one.next + 1 for one in held), sum(one.last - one.first + 1 for one in held))


def allotted(text: str) -> bool:
    """Whether an item number lies in a range that was allotted to an office whose books are here."""
    try:
        number = S10.parse(text)
    except InvalidIdentifier:
        return False
    inside: Any = (ItemRange.prefix == number.prefix) & (ItemRange.country == number.country)
    serial = int(number.serial)
    inside &= (ItemRange.first <= serial) & (ItemRange.last >= serial)
    return bool(ItemRange.select(ItemRange.id).where(inside).exists())
