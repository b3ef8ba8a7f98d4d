"""Decisions about one item: deliver again, hold, forward, invite, let it go back, hand it over at the office."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.roles import Action
from agent.domain.text import fold
from agent.errors import AgentError, Forbidden, NotFound, RuleViolation
from agent.store.items import Item
from agent.tracking.back import decide as use
from agent.tracking.back.day_end import come_back
from agent.tracking.back.invite import invite
from agent.tracking.back.no_attempt import say_no_attempt
from agent.tracking.back.own import own_item
from agent.tracking.back.papers import invitation_pdf
from agent.tracking.deliver import ProofInput, deliver
from agent.web.context import acting, current_user, see_other, site
from agent.web.courier.signature import typed_name
from agent.web.delivery import delivery
from agent.web.delivery.desk import day_of, money_of, pdf_answer, today
from agent.web.delivery.item_page import event_day, page_of
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


def act(field: str, do: Callable[[Item], str], number: str) -> ResponseReturnValue:
    """Do something with the office's item and say it; a refusal stands at `field` of the form, or at the top."""
    with site().store.reading():
        held = own_item(number, acting())
    try:
        words = do(held)
    except (Forbidden, NotFound):
        raise
    except AgentError as error:
        if field:
            return page_of(held.number, {field: _(error.message)}), 422
        say(_(error.message), kind="bad")
        return see_other("delivery.item", number=held.number)
    say(words)
    return see_other("delivery.item", number=held.number)


@delivery.post("/items/<number>/redeliver")
@allow(Action.MANAGE_BAGS)
def redeliver(number: str) -> ResponseReturnValue:
    """Deliver again on the agreed day."""

    def do(held: Item) -> str:
        on = day_of("on")
        if on is None:
            raise RuleViolation("Chọn ngày phát lại.")
        use.redeliver(site(), held.number, on, by=acting(), agreed=request.form.get("agreed", ""))
        return _("Hẹn phát lại ngày %(day)s.") % {"day": f"{on:%d/%m/%Y}"}

    return act("on", do, number)


@delivery.post("/items/<number>/hold")
@allow(Action.MANAGE_BAGS)
def hold(number: str) -> ResponseReturnValue:
    """Keep it at the office."""

    def do(held: Item) -> str:
        plan = use.hold(site(), held.number, by=acting(), collect=bool(request.form.get("collect")))
        return _("Lưu giữ tại bưu cục đến hết %(day)s.") % {"day": f"{plan.held_until:%d/%m/%Y}"}

    return act("", do, number)


@delivery.post("/items/<number>/address")
@allow(Action.MANAGE_BAGS)
def new_address(number: str) -> ResponseReturnValue:
    """Deliver to another address."""

    def do(held: Item) -> str:
        use.forward_to_address(site(), held.number, request.form.get("address", ""), by=acting())
        return _("Đã đổi địa chỉ; bưu gửi vào hàng “chưa lên danh sách” để đi phát.")

    return act("address", do, number)


@delivery.post("/items/<number>/office")
@allow(Action.MANAGE_BAGS)
def other_office(number: str) -> ResponseReturnValue:
    """Let another office deliver it."""

    def do(held: Item) -> str:
        use.forward_to_office(site(), held.number, request.form.get("office", ""), by=acting())
        return _("Đã giao cho bưu cục khác; bưu cục này còn giữ tới khi bên kia quét nhận.")

    return act("office", do, number)


@delivery.post("/items/<number>/addressee")
@allow(Action.MANAGE_BAGS)
def addressee_only(number: str) -> ResponseReturnValue:
    """To the addressee in person alone, or no longer."""

    def do(held: Item) -> str:
        only = request.form.get("only") == "1"
        use.addressee_only(site(), held.number, only, by=acting())
        return _("Chỉ phát tận tay chủ hồ sơ.") if only else _("Người khác được nhận thay.")

    return act("", do, number)


@delivery.post("/items/<number>/invite")
@allow(Action.MANAGE_BAGS)
def write_invitation(number: str) -> ResponseReturnValue:
    """Write the next invitation."""

    def do(held: Item) -> str:
        made = invite(site(), held.number, by=acting())
        told = _("tin nhắn đã xếp hàng") if made.notice == "queued" else _("không gửi tin: in giấy và gọi điện")
        return _("Đã lập giấy mời lần %(n)s; %(told)s.") % {"n": made.number, "told": told}

    return act("", do, number)


@delivery.get("/invitations/<uuid:uid>.pdf")
@allow(Action.MANAGE_BAGS)
def print_invitation(uid: UUID) -> ResponseReturnValue:
    """An invitation on paper."""
    pdf = invitation_pdf(site(), uid, by=acting())
    record_access(site(), current_user(), dossier=None, purpose=Purpose.DELIVERY, what="invitation on paper")
    return pdf_answer(pdf, "giay-moi")


@delivery.post("/items/<number>/return")
@allow(Action.COUNTERSIGN)
def approve_return(number: str) -> ResponseReturnValue:
    """Let it go back to the authority."""

    def do(held: Item) -> str:
        use.approve_return(site(), held.number, by=acting())
        return _("Đã duyệt chuyển hoàn; lập biên bản ở trang chuyển hoàn.")

    return act("", do, number)


@delivery.post("/items/<number>/no-attempt")
@allow(Action.COUNTERSIGN)
def no_attempt(number: str) -> ResponseReturnValue:
    """Charge the courier with a day without an attempt."""

    def do(held: Item) -> str:
        form, event = request.form, None
        day, courier = day_of("day") or today(), form.get("courier", "")
        if form.get("event"):
            try:
                event = UUID(form["event"])
            except ValueError:
                raise RuleViolation("Lần phát được chọn không còn. Tải lại trang.") from None
            with site().store.reading():
                day, courier = event_day(event, held) or (day, courier)
        say_no_attempt(
            site(), held.number, courier=courier, day=day, evidence=form.getlist("evidence"), by=acting(), event=event
        )
        return _("Đã ghi: ngày %(day)s bưu tá không đi phát. Lần phát đó không tính.") % {"day": f"{day:%d/%m/%Y}"}

    return act("evidence", do, number)


@delivery.post("/items/<number>/take-in")
@allow(Action.MANAGE_BAGS)
def take_in(number: str) -> ResponseReturnValue:
    """Accept what is offered to the office."""

    def do(held: Item) -> str:
        come_back(site(), held.number, by=acting())
        return _("Đã nhận. Từ giờ bưu cục giữ.")

    return act("", do, number)


@delivery.post("/items/<number>/give")
@allow(Action.DELIVER_AT_COUNTER)
def give(number: str) -> ResponseReturnValue:
    """Hand it over at the office, with the receiver's identity seen and the name typed in place of a signature."""

    def do(held: Item) -> str:
        deliver(site(), held.number, _proof(), by=acting())
        return _("Đã trả bưu gửi tại bưu cục.")

    return act("receiver", do, number)


def _proof() -> ProofInput:
    form = request.form
    receiver, typed = _name("receiver"), _name("typed")
    last4 = re.sub(r"\s", "", form.get("last4", "")).upper()
    if len(receiver) < 2:
        raise RuleViolation("Ghi họ tên người nhận.")
    if not re.fullmatch(r"[0-9A-Z]{4}", last4) or not form.get("matched"):
        raise RuleViolation("Xem giấy tờ, ghi đúng 4 ký tự cuối và đánh dấu ảnh khớp người nhận.")
    if not typed or fold(typed) != fold(receiver):
        raise RuleViolation("Người nhận tự gõ họ tên đúng như tên người nhận, thay cho chữ ký.")
    return ProofInput(
        receiver=receiver, relation=form.get("relation", ""), authorisation=form.get("authorisation", "")[:100],
        identity_type=form.get("identity_type", ""), identity_last4=last4, identity_matched=True,
        signature=typed_name(typed), collected=money_of("collected"), taken_back=tuple(form.getlist("paper")),
    )  # fmt: skip


def _name(field: str) -> str:
    return " ".join(unicodedata.normalize("NFC", request.form.get(field, ""))[:100].split())
