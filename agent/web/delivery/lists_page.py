"""The day's delivery lists: proposed by routes, made by scanning, printed, offered to the courier's phone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.errors import InvalidIdentifier, NotFound
from agent.store import desk as rows
from agent.store.delivery import DeliveryList, Route
from agent.store.delivery_lists import entries_of, names_of, progress
from agent.store.delivery_view import with_plans
from agent.tracking.back import lists as use
from agent.tracking.back.day_end import AFTER, NEXT_STEP
from agent.tracking.back.papers import list_pdf
from agent.web.context import acting, current_user, see_other, site
from agent.web.counter.resolve import mended
from agent.web.delivery import delivery
from agent.web.delivery.desk import pdf_answer, said_back, said_of_scan, scanned, to_back, today
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say

BACK = timedelta(days=7)


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


OUTCOME = {
    "proposed": ("untouched", _("đề nghị, chưa quét")),
    "scanned": ("complete", _("đã quét")),
    "offered": ("partial", _("chờ bưu tá nhận")),
    "taken": ("partial", _("bưu tá đã nhận")),
    "out": ("partial", _("đang đi phát")),
    "failed": ("decide", _("phát chưa được, còn ở bưu tá")),
    "coming": ("decide", _("bưu tá trả, chờ quét nhận")),
    "delivered": ("complete", _("đã phát")),
    "back": ("complete", _("đã về bưu cục")),
    "withdrawn": ("untouched", _("đã rút lại")),
    "lost": ("refused", _("thất lạc")),
    "passed": ("unknown", _("người khác giữ")),
}
"""What a line has come to: its sign and words."""
LIST_STATE = {"open": _("đang lập"), "offered": _("đã giao bưu tá"), "closed": _("đã khép")}


@delivery.get("/lists/")
@allow(Action.MANAGE_BAGS)
def lists() -> ResponseReturnValue:
    """The lists of the last days, and those that are not closed."""
    office = current_user().office_id
    with site().store.reading():
        found = progress(office, today() - BACK)
        couriers = [(user.username, user.full_name) for user in rows.couriers(office)]
    return render_template(
        "delivery/lists.html", lists=found, couriers=couriers, states=LIST_STATE, day=today(),
        routes=bool(_routes(office)),
    )  # fmt: skip


def _routes(office: str) -> int:
    with site().store.reading():
        return int(Route.select().where((Route.office_id == office) & Route.active & (Route.courier != "")).count())


@delivery.post("/lists/propose")
@allow(Action.MANAGE_BAGS)
@said_back
def propose() -> ResponseReturnValue:
    """Put what arrived on the lists of the couriers whose routes it is on."""
    said = use.propose(site(), by=acting())
    words = gettext("Đã đề nghị %(items)s bưu gửi vào %(lists)s danh sách; %(left)s chưa có tuyến.")
    say(words % {"items": said.items, "lists": said.lists, "left": said.left}, kind="warn" if said.left else "done")
    return see_other("delivery.lists")


@delivery.post("/lists/")
@allow(Action.MANAGE_BAGS)
@said_back
def open_list() -> ResponseReturnValue:
    """A courier's list of today."""
    made = use.open_list(site(), request.form.get("courier", ""), by=acting())
    return see_other("delivery.day_list", uid=made.uid)


@delivery.get("/lists/number/<number>")
@allow(Action.MANAGE_BAGS)
def list_by_number(number: str) -> ResponseReturnValue:
    """The list whose paper was scanned."""
    with site().store.reading():
        mine = (DeliveryList.number == number) & (DeliveryList.office_id == current_user().office_id)
        found = DeliveryList.get_or_none(mine)
    if found is None:
        raise NotFound(f"Không có danh sách phát {number} ở bưu cục này. Quét lại.")
    return see_other("delivery.day_list", uid=found.uid)


@delivery.get("/lists/<uuid:uid>")
@allow(Action.MANAGE_BAGS)
def day_list(uid: UUID) -> ResponseReturnValue:
    """One list: scanned into while it is made, followed once it is out, closed when the courier is back."""
    with site().store.reading():
        on = use.list_by_uid(uid, current_user().office_id)
        entries = entries_of(on)
        people = {row.item.id: row for row in with_plans([entry.item for entry in entries])}
        names = names_of([on.courier, on.made_by])
    record_access(site(), current_user(), dossier=None, purpose=Purpose.DELIVERY, what="delivery list")
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.outcome] = counts.get(entry.outcome, 0) + 1
    return render_template(
        "delivery/list.html", on=on, entries=entries, people=people, names=names, outcome=OUTCOME, counts=counts,
        state=LIST_STATE[on.state], after=AFTER, explanations=NEXT_STEP,
        waiting=sum(entry.awaited for entry in entries), collect=sum(entry.item.collect for entry in entries),
    )  # fmt: skip


@delivery.post("/lists/<uuid:uid>/scan")
@allow(Action.MANAGE_BAGS)
def scan_into(uid: UUID) -> ResponseReturnValue:
    """A scan on a list's page: onto the list while it is made, back from the courier afterwards."""
    with site().store.reading():
        on = use.list_by_uid(uid, current_user().office_id)
    return _scan_into(uid, on)


@said_of_scan
def _scan_into(uid: UUID, on: DeliveryList) -> ResponseReturnValue:
    from agent.web.delivery.home import other_code, take_in

    text = mended(scanned())
    if not text:
        return see_other("delivery.day_list", uid=uid)
    try:
        S10.parse(text)
    except InvalidIdentifier:
        return other_code(text)
    if on.state != "open":
        return take_in(text)
    line = use.put_on(site(), uid, text, by=acting())
    say(gettext("Dòng %(n)s: đã quét %(item)s.") % {"n": line.position, "item": line.item.number})
    return see_other("delivery.day_list", uid=uid)


@delivery.post("/lists/<uuid:uid>/take-off")
@allow(Action.MANAGE_BAGS)
@said_back
def take_off(uid: UUID) -> ResponseReturnValue:
    """Take one item off the list."""
    item = use.take_off(site(), uid, request.form.get("item", ""), by=acting())
    say(gettext("Đã bỏ %(item)s khỏi danh sách.") % {"item": item.number})
    return to_back()


@delivery.post("/lists/<uuid:uid>/drop")
@allow(Action.MANAGE_BAGS)
@said_back
def drop_unscanned(uid: UUID) -> ResponseReturnValue:
    """Take off what was proposed and not scanned."""
    gone = use.drop_unscanned(site(), uid, by=acting())
    say(gettext("Đã bỏ %(n)s bưu gửi chưa quét; vẫn ở hàng “chưa lên danh sách”.") % {"n": gone})
    return see_other("delivery.day_list", uid=uid)


@delivery.post("/lists/<uuid:uid>/offer")
@allow(Action.MANAGE_BAGS)
@said_back
def offer(uid: UUID) -> ResponseReturnValue:
    """Offer the list to its courier."""
    on = use.offer(site(), uid, by=acting())
    say(gettext("Đã giao danh sách %(number)s; chờ bưu tá nhận trên máy.") % {"number": on.number})
    return see_other("delivery.day_list", uid=uid)


@delivery.post("/lists/<uuid:uid>/withdraw")
@allow(Action.MANAGE_BAGS)
@said_back
def withdraw(uid: UUID) -> ResponseReturnValue:
    """Take back what the courier has not accepted."""
    gone = use.withdraw(site(), uid, by=acting())
    say(gettext("Đã rút lại %(n)s bưu gửi; bưu cục vẫn giữ.") % {"n": gone})
    return see_other("delivery.day_list", uid=uid)


@delivery.get("/lists/<uuid:uid>.pdf")
@allow(Action.MANAGE_BAGS)
def print_list(uid: UUID) -> ResponseReturnValue:
    """The list on paper."""
    with site().store.reading():
        on = use.list_by_uid(uid, current_user().office_id)
    pdf = list_pdf(site(), uid, by=acting())
    record_access(site(), current_user(), dossier=None, purpose=Purpose.DELIVERY, what="delivery list on paper")
    return pdf_answer(pdf, f"danh-sach-phat-{on.number}")
