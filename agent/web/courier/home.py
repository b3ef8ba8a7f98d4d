"""The courier's round: what is next, what is offered, what is done; and the scan box that finds an item."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.custody_attempts import ACTION_NAME, REASON_NAME
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.store.rounds import delivered_stops, held_stops
from agent.tracking.custody import accept
from agent.web.context import acting, current_user, see_other, site
from agent.web.courier import courier, hands
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@courier.get("/")
@allow(Action.VIEW_ROUND)
def home() -> ResponseReturnValue:
    """The round, its next item as a card."""
    since = hands.day_start()
    with site().store.reading():
        stops = held_stops(hands.me(), since=since) + delivered_stops(hands.me(), since=since)
        cards = [hands.card_of(stop) for stop in stops]
    parts = {
        name: [card for card in cards if card.part == name]
        for name in (hands.TO_DO, hands.OFFERED, hands.FAILED, hands.DONE, hands.WAITING)
    }
    parts[hands.TO_DO].sort(key=lambda card: not card.out)
    settled = sorted(parts[hands.DONE] + parts[hands.FAILED], key=lambda card: card.stop.settled.occurred_at)  # type: ignore[union-attr]
    if cards:
        record_access(site(), current_user(), dossier=None, purpose=Purpose.DELIVERY, what="round")
    to_do = parts[hands.TO_DO]
    return render_template(
        "courier/home.html", next=to_do[0] if to_do else None, rest=to_do[1:], offered=parts[hands.OFFERED],
        waiting=parts[hands.WAITING], settled=settled, all=len(to_do) + len(settled) + len(parts[hands.WAITING]),
        to_take_out=[card for card in to_do if not card.out], reasons=REASON_NAME, actions=ACTION_NAME,
    )  # fmt: skip


@courier.post("/scan")
@allow(Action.VIEW_ROUND)
def scan() -> ResponseReturnValue:
    """Lead to the item whose number was scanned or typed; what is wrong with it is said on the round."""
    text = request.form.get("scan", "")[:100]
    if not text.strip():
        say(_("Quét mã trên bưu gửi, hoặc gõ số hiệu rồi bấm “mở”."), kind="warn")
        return see_other("courier.home")
    try:
        card = hands.my_card(text)
    except RuleViolation as error:
        say(error.message, kind="bad")
        return see_other("courier.home")
    return see_other("courier.item", number=card.item.number)


@courier.post("/accept")
@allow(Action.CARRY)
def accept_offered() -> ResponseReturnValue:
    """Take over the items that are named in the form; from then on the courier answers for them."""
    numbers = [hands.my_card(number).item.number for number in request.form.getlist("number")[:200]]
    done = accept(site(), numbers, holder=hands.me(), by=acting())
    say(_("Đã nhận %(n)s bưu gửi. Từ giờ bạn giữ.") % {"n": len(done)})
    return see_other("courier.home")
