"""A proxy's authorisation and the papers that the authority wants back, from the item's page."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.store.items import Item
from agent.tracking.back import proxy as use
from agent.web.context import acting, site
from agent.web.delivery import delivery
from agent.web.delivery.desk import day_of, said_back, to_back
from agent.web.delivery.item_acts import act
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

PICTURE = 5 << 20  # bytes
PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@delivery.post("/items/<number>/proxy")
@allow(Action.MANAGE_BAGS, body=PICTURE + (1 << 20))
def authorise(number: str) -> ResponseReturnValue:
    """Keep the authorisation that a proxy shows."""

    def do(held: Item) -> str:
        form, signed = request.form, day_of("signed_on")
        if signed is None:
            raise RuleViolation("Ghi ngày ký trên giấy ủy quyền.")
        given = use.AuthorisationInput(
            kind=form.get("kind", ""), proxy=form.get("proxy", ""), signed_on=signed, number=form.get("number", ""),
            valid_until=day_of("valid_until"), identity_last4=form.get("last4", "")[-4:], photo=_picture(),
        )  # fmt: skip
        use.authorise(site(), held.number, given, by=acting())
        return _("Đã ghi giấy ủy quyền; bưu tá thấy trên máy.")

    return act("proxy", do, number)


@delivery.post("/proxies/<uuid:uid>/withdraw")
@allow(Action.MANAGE_BAGS)
@said_back
def withdraw_proxy(uid: UUID) -> ResponseReturnValue:
    """An authorisation holds no more."""
    kept = use.withdraw(site(), uid, request.form.get("reason", ""), by=acting())
    say(_("Đã rút giấy ủy quyền của %(name)s; bưu tá thấy trên máy ở lần gửi tới.") % {"name": kept.proxy})
    return to_back()


@delivery.post("/items/<number>/papers")
@allow(Action.MANAGE_BAGS)
def want_back(number: str) -> ResponseReturnValue:
    """Add a paper that has to be taken back at the hand-over."""

    def do(held: Item) -> str:
        form = request.form
        quantity = form.get("quantity", 1, type=int) or 1
        use.want_back(
            site(), held.number, form.get("name", ""), by=acting(), quantity=quantity,
            required=bool(form.get("required")),
        )  # fmt: skip
        return _("Đã ghi giấy phải thu lại khi giao.")

    return act("name", do, number)


@delivery.post("/papers/<uuid:uid>/excuse")
@allow(Action.MANAGE_BAGS)
@said_back
def excuse(uid: UUID) -> ResponseReturnValue:
    """Say why a paper cannot be taken back."""
    paper = use.excuse(site(), uid, request.form.get("reason", ""), by=acting())
    say(_("Đã ghi lý do không thu lại “%(name)s”.") % {"name": paper.name})
    return to_back()


@delivery.post("/papers/<uuid:uid>/receive")
@allow(Action.MANAGE_BAGS)
@said_back
def receive(uid: UUID) -> ResponseReturnValue:
    """The office has the paper from the courier."""
    paper = use.receive_paper(site(), uid, by=acting())
    say(_("Bưu cục đã nhận “%(name)s”; trả cơ quan kèm biên bản.") % {"name": paper.name})
    return to_back()


def _picture() -> bytes:
    file = request.files.get("photo")
    data = file.read(PICTURE + 1) if file else b""
    if len(data) > PICTURE:
        raise RuleViolation("Ảnh lớn hơn 5 MB. Chụp lại ở cỡ nhỏ hơn.")
    if data and not data.startswith(PICTURE_STARTS):
        raise RuleViolation("Tệp này không phải ảnh JPEG hoặc PNG. Chọn lại ảnh chụp giấy ủy quyền.")
    return data
