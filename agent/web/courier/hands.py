"""What is in a courier's own hands: his items only, and the words for what they need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from flask import request

from agent.clock import LOCAL, local
from agent.domain.custody_attempts import MIN_ATTEMPTS
from agent.domain.custody_steps import STATE_NAME, CustodyStep, ItemState, allowed
from agent.domain.s10 import S10
from agent.errors import NotFound
from agent.store.items import Item
from agent.store.rounds import Stop, stop_of
from agent.tracking.custody import courier_holder, custody_of
from agent.web.context import current_user, site
from agent.web.i18n import gettext

TO_DO, OFFERED, FAILED, DONE, WAITING = "to_do", "offered", "failed", "done", "waiting"


@dataclass(frozen=True)
class Card:
    """One stop as the round shows it; `part` says in which part of the list."""

    stop: Stop
    part: str
    counted: int  # failed attempts that count

    @property
    def item(self) -> Item:
        return self.stop.item

    @property
    def out(self) -> bool:
        """Whether the item is out for delivery: it can be handed over now."""
        return bool(self.item.state == ItemState.OUT_FOR_DELIVERY)

    @property
    def can_go_out(self) -> bool:
        """Whether it can be taken out for delivery."""
        return CustodyStep.OUT_FOR_DELIVERY in allowed(ItemState(self.item.state))

    @property
    def attempt_words(self) -> str:
        """`lần 2/2`: the attempt that comes now, of those that are owed to the addressee."""
        if self.counted >= MIN_ATTEMPTS:
            return gettext("đã đủ %(most)s lần") % {"most": MIN_ATTEMPTS}
        return gettext("lần %(now)s/%(most)s") % {"now": self.counted + 1, "most": MIN_ATTEMPTS}

    @property
    def phone_words(self) -> str:
        """The telephone number as people here read it: 0912 345 678."""
        number = self.stop.phone.replace(" ", "")
        number = f"0{number[3:]}" if number.startswith("+84") else number
        return f"{number[:4]} {number[4:7]} {number[7:]}" if len(number) == 10 else number

    @property
    def state_words(self) -> str:
        """The item's state in words."""
        return gettext(STATE_NAME[ItemState(self.item.state)])


def me() -> str:
    """The signed-in courier as a holder."""
    return courier_holder(current_user().username)


def day_start() -> datetime:
    """The first instant of today in Vietnam."""
    return datetime.combine(local(site().clock.now()).date(), time(), LOCAL)


def card_of(stop: Stop) -> Card:
    """The card of a stop, inside reading()."""
    custody = custody_of(stop.item) if stop.item.attempts else None
    return Card(stop, _part(stop), custody.counted_attempts if custody else 0)


def my_card(number: str) -> Card:
    """The card of one of the courier's own items; any other number is answered in the same way, held or not."""
    text = S10.parse(number).text
    with site().store.reading():
        item = Item.get_or_none(Item.number == text)
        if item is None or me() not in (item.holder, item.offered_to):
            raise NotFound(
                f"Bưu gửi {text} không do bạn giữ và không giao cho bạn. Quét lại, hoặc nhờ bưu cục giao cho bạn trước."
            )
        return card_of(stop_of(item))


def event_uid() -> UUID | None:
    """The uid that the form minted for its fact; None when it was tampered with."""
    try:
        return UUID(request.form.get("event", ""))
    except ValueError:
        return None


def _part(stop: Stop) -> str:
    if stop.item.offered_to == me() and stop.item.holder != me():
        return OFFERED
    if stop.item.state == ItemState.DELIVERED:
        return DONE
    if stop.item.offered_to:
        return WAITING
    if stop.settled is not None and stop.item.state != ItemState.OUT_FOR_DELIVERY:
        return FAILED
    return TO_DO
