"""One item in the courier's hands: where it goes, and the steps that need no form."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.custody_attempts import ACTION_NAME, REASON_NAME
from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import Action
from agent.tracking.custody import accept, custody_of, hand_over, move, office_holder
from agent.web.context import acting, current_user, see_other, site
from agent.web.courier import courier, hands
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@courier.get("/items/<number>")
@allow(Action.VIEW_ROUND)
def item(number: str) -> ResponseReturnValue:
    """The item with its receiver; the look is logged."""
    card = hands.my_card(number)
    with site().store.reading():
        custody = custody_of(card.item)
    what = "item with receiver"
    record_access(site(), current_user(), dossier=card.stop.dossier, purpose=Purpose.DELIVERY, what=what)
    return render_template(
        "courier/item.html", card=card, attempts=custody.attempts if custody else (), reasons=REASON_NAME,
        actions=ACTION_NAME,
    )  # fmt: skip


@courier.post("/items/<number>/accept")
@allow(Action.CARRY)
def accept_item(number: str) -> ResponseReturnValue:
    """Take the offered item over."""
    card = hands.my_card(number)
    accept(site(), [card.item.number], holder=hands.me(), by=acting())
    say(_("Đã nhận bưu gửi. Từ giờ bạn giữ."))
    return see_other("courier.item", number=card.item.number)


@courier.post("/items/<number>/out")
@allow(Action.CARRY)
def take_out(number: str) -> ResponseReturnValue:
    """The courier sets out with the item."""
    card = hands.my_card(number)
    move(site(), card.item.number, CustodyStep.OUT_FOR_DELIVERY, by=acting())
    return see_other("courier.item", number=card.item.number)


@courier.post("/out")
@allow(Action.CARRY)
def take_all_out() -> ResponseReturnValue:
    """The courier sets out with all that he holds and that is not out yet."""
    from agent.store.rounds import held_stops

    with site().store.reading():
        cards = [hands.card_of(stop) for stop in held_stops(hands.me(), since=hands.day_start())]
    ready = [card for card in cards if card.part == hands.TO_DO and card.can_go_out]
    for card in ready:
        move(site(), card.item.number, CustodyStep.OUT_FOR_DELIVERY, by=acting())
    say(_("%(n)s bưu gửi đang đi phát.") % {"n": len(ready)})
    return see_other("courier.home")


@courier.post("/items/<number>/back")
@allow(Action.CARRY)
def give_back(number: str) -> ResponseReturnValue:
    """Offer the item back to the office; it stays the courier's until a clerk accepts it."""
    card = hands.my_card(number)
    hand_over(site(), [card.item.number], to=office_holder(card.item.office_id), by=acting())
    say(_("Đã báo trả bưu cục. Bạn còn giữ tới khi giao dịch viên nhận."))
    return see_other("courier.item", number=card.item.number)


@courier.post("/items/<number>/keep")
@allow(Action.CARRY)
def keep(number: str) -> ResponseReturnValue:
    """Take the offer to the office back."""
    card = hands.my_card(number)
    move(site(), card.item.number, CustodyStep.WITHDRAW, by=acting())
    say(_("Đã rút lại. Bạn vẫn giữ bưu gửi này."))
    return see_other("courier.item", number=card.item.number)
