"""One-time codes for delivery: sent to the receiver's own telephone, checked for the courier who is online."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from agent.domain.actor import Actor
from agent.domain.notices import NoticeKind
from agent.domain.s10 import S10
from agent.errors import Forbidden, RuleViolation
from agent.site import Site
from agent.store import receiver_codes
from agent.store.items import Item
from agent.store.lookup import dossier_of, item_by_number
from agent.store.notices import queue_notice, why_not
from agent.store.phones import ReceiverCode
from agent.tracking.custody import courier_holder

PAUSE: Final = timedelta(minutes=1)  # between two codes for one item
MOST_A_DAY: Final = 5


def send_code(site: Site, number: str, *, by: Actor) -> None:
    """Make a code for an item in this courier's hands and queue it as a message to its receiver, in one transaction.

    RuleViolation when no message can go (no channel, no telephone), or codes were asked for too often.
    """
    now = site.clock.now()
    with site.store.writing():
        item = _mine(number, by)
        dossier = dossier_of(item.dossier_id)
        if reason := why_not(dossier, NoticeKind.CODE, site.settings):
            raise RuleViolation(f"Không gửi được mã cho người nhận {item.number}: {reason} Lấy chữ ký thay mã.")
        _not_too_often(item, now - timedelta(days=1), now - PAUSE)
        code = receiver_codes.make(item.number, by=by.username, at=now, ids=site.ids)
        once = f"{item.number}/{now:%Y%m%d%H%M%S}"
        queue_notice(dossier, NoticeKind.CODE, settings=site.settings, at=now, ids=site.ids, once=once, code=code)


def check_code(site: Site, number: str, code: str, *, by: Actor) -> tuple[bool, int]:
    """Whether a code is the item's, and how many wrong tries are left; the delivery itself uses it up later."""
    with site.store.writing():
        item = _mine(number, by)
        right = receiver_codes.is_right(item.number, code, at=site.clock.now())
        return right, receiver_codes.tries_left(item.number)


def _mine(number: str, by: Actor) -> Item:
    item = item_by_number(S10.parse(number).text)
    if item.holder != courier_holder(by.username):
        raise Forbidden(f"Bưu gửi {item.number} không do bạn giữ. Nhận bưu gửi trước rồi gửi mã.")
    return item


def _not_too_often(item: Item, a_day_ago: object, just_now: object) -> None:
    mine = ReceiverCode.item_number == item.number
    if ReceiverCode.select().where(mine & (ReceiverCode.created_at > just_now)).exists():
        raise RuleViolation(f"Vừa gửi mã cho {item.number}. Chờ một phút; người nhận xem lại tin nhắn.")
    if ReceiverCode.select().where(mine & (ReceiverCode.created_at > a_day_ago)).count() >= MOST_A_DAY:
        raise RuleViolation(f"Hôm nay đã gửi {MOST_A_DAY} mã cho {item.number}. Lấy chữ ký thay mã.")
