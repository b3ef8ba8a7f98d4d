"""The delivery office's day: its queues with their counts, their rows, and the scan box that leads to the next step."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as PageMissing

from agent.accounts.access import Purpose, record_access
from agent.domain.custody_steps import STATE_NAME, ItemState
from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.errors import InvalidIdentifier, NotFound, RuleViolation
from agent.store import delivery_view as view
from agent.store.delivery_lists import progress
from agent.store.items import Item
from agent.tracking.back.day_end import come_back
from agent.tracking.back.own import plan_of
from agent.tracking.journal.alarms import alarms
from agent.web.context import acting, current_user, see_other, site
from agent.web.counter.resolve import follow, mended
from agent.web.delivery import delivery
from agent.web.delivery.desk import holder_words, said_of_scan, scanned, to_back, today
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say
from labels.payload import ManifestCode, read_code

PAGE = 22  # rows of a screen at 1366x768


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


QUEUES = {
    "coming": (_("Chờ bưu cục nhận"), "amber"),
    "arrived": (_("Chưa lên danh sách"), ""),
    "undecided": (_("Chờ quyết định"), "red"),
    "redeliver": (_("Hẹn phát hôm nay"), "amber"),
    "held": (_("Lưu giữ tại bưu cục"), ""),
    "to_return": (_("Chờ chuyển hoàn"), "amber"),
}
"""Queues of items in the order of the day, with their words and colour."""
OTHERS = (
    ("authority", _("Kết quả chờ ở cơ quan"), "/bags/", ""),
    ("counter", _("Tại quầy, điện tử"), "/delivery/counter", ""),
    ("missing", _("Thiếu lượt quét"), "/delivery/missing", "red"),
    ("claims", _("Khiếu nại đang mở"), "/delivery/claims/", "red"),
)
"""Counts that lead elsewhere."""


@delivery.get("/")
@allow(Action.MANAGE_BAGS)
def home() -> ResponseReturnValue:
    """The day: each courier's list with its progress, and what must be decided first."""
    return _queue("")


@delivery.get("/queue/<name>")
@allow(Action.MANAGE_BAGS)
def queue(name: str) -> ResponseReturnValue:
    """The items of one queue."""
    if name not in QUEUES:
        raise PageMissing
    return _queue(name)


def _queue(name: str) -> str:
    user, page = current_user(), max(0, request.args.get("page", 0, type=int))
    with site().store.reading():
        counts = view.counts(user.office_id, today())
        lists = progress(user.office_id, today()) if not name else []
        first = name or next((one for one in ("coming", "undecided", "redeliver") if counts[one]), "arrived")
        size = PAGE if name else max(6, PAGE - 5 - len(lists))
        rows = view.rows_of(first, user.office_id, today(), limit=size + 1, offset=page * size)
        holders = holder_words([row.item.holder for row in rows] + [row.item.offered_to for row in rows])
    if rows:
        record_access(site(), user, dossier=None, purpose=Purpose.DELIVERY, what=f"delivery queue {first}")
    return render_template(
        "delivery/home.html", name=name, shown=first, rows=rows[:size], more=len(rows) > size, page=page, lists=lists,
        counts=counts, queues=QUEUES, holders=holders, states=STATE_NAME, others=OTHERS, day=today(),
    )  # fmt: skip


@delivery.get("/alarms")
@allow(Action.MANAGE_BAGS, quiet=True)
def alarm_count() -> ResponseReturnValue:
    """How many alarms the office has, for the link on the first page: reckoned after the page is there."""
    return render_template("delivery/alarm_link.html", count=len(alarms(site(), current_user().office_id)))


@delivery.post("/scan")
@allow(Action.MANAGE_BAGS)
@said_of_scan
def scan() -> ResponseReturnValue:
    """What was scanned leads on: an item that a courier brings is taken in, any other item or paper is opened."""
    text = mended(scanned())
    if not text:
        return see_other("delivery.home")
    try:
        number = S10.parse(text).text
    except InvalidIdentifier:
        return other_code(text)
    with site().store.reading():
        item = Item.get_or_none(Item.number == number)
    mine = f"office:{current_user().office_id}"
    if item is None:
        raise NotFound(gettext("Không có bưu gửi %(item)s trong sổ. Quét lại.") % {"item": number})
    if item.offered_to == mine or item.holder.startswith("courier:"):
        return take_in(number)
    return see_other("delivery.item", number=number)


def take_in(number: str) -> ResponseReturnValue:
    """Take in what a courier laid on the counter; what must be decided of it is opened at once."""
    try:
        came = come_back(site(), number, by=acting())
    except (NotFound, InvalidIdentifier):
        raise
    except RuleViolation as error:
        say(gettext(error.message), kind="warn")
        return see_other("delivery.item", number=number)
    if not came.taken:
        words = gettext("Đã thấy %(item)s ở quầy. Bưu tá còn giữ: nhờ bưu tá bấm trả trên máy, rồi quét lại.")
        say(words % {"item": came.item.number}, kind="warn")
        return to_back()
    with site().store.reading():
        item = Item.get_by_id(came.item.id)
        plan = plan_of(item)
    say(gettext("Đã nhận lại %(item)s. Từ giờ bưu cục giữ.") % {"item": item.number})
    if item.attempts > (plan.decided if plan else 0):
        return see_other("delivery.item", number=item.number)
    return to_back()


def other_code(text: str) -> ResponseReturnValue:
    """A paper of ours opens its page; other codes lead where the counter's box leads."""
    code = read_code(text)
    number = code.number if isinstance(code, ManifestCode) else text.upper()
    where = {"DS": "delivery.list_by_number", "CH": "delivery.return_by_number", "KN": "delivery.claim_by_number"}
    if number[:2] in where and number[2:3].isdigit():
        return see_other(where[number[:2]], number=number)
    led = follow(text)
    if led is not None:
        return led
    say(gettext("Không thấy bưu gửi, danh sách hay hồ sơ nào mang mã này. Quét lại."), kind="warn")
    return see_other("delivery.home")


def state_words(item: Item) -> str:
    """An item's state in words."""
    return gettext(STATE_NAME[ItemState(item.state)])


@delivery.app_template_filter("item_state")
def _item_state(item: Item) -> str:
    return state_words(item)


@delivery.app_template_filter("local_phone")
def local_phone(phone: str) -> str:
    """A telephone number as people here read it.

    >>> local_phone("+84912345678")
    '0912 345 678'
    """
    number = phone.replace(" ", "")
    number = f"0{number[3:]}" if number.startswith("+84") else number
    return f"{number[:4]} {number[4:7]} {number[7:]}" if len(number) == 10 else number


@delivery.app_context_processor
def _counts() -> dict[str, Any]:
    return {"delivery_counts": _read_counts, "delivery_queues": QUEUES, "delivery_others": OTHERS}


def _read_counts() -> dict[str, int]:
    if "delivery_counts" not in g:
        with site().store.reading():
            g.delivery_counts = view.counts(current_user().office_id, today())
    found: dict[str, int] = g.delivery_counts
    return found
