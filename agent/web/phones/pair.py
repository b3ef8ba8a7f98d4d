"""Pairing a phone: a code on the screen that counts down, and says by itself when a phone has used it."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.store.phones import phone_by_uid
from agent.tracking.phones.overview import couriers
from agent.tracking.phones.pairing import cancel_code, code_state, new_code
from agent.web.context import acting, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say
from agent.web.phones import phones
from agent.web.phones.home import own_office
from agent.web.phones.view import ca_fingerprint, grouped, pairing_url, phone_origin, qr, trust_url


@phones.post("/phones/codes")
@allow(Action.MANAGE_PHONES)
def make() -> ResponseReturnValue:
    """Show a fresh code for a courier; the page is the code's only copy."""
    settings, courier = site().settings, request.form.get("courier", "")
    if not phone_origin(settings.web):
        say(_("Điện thoại chưa gọi tới máy chủ này được: máy chủ phải chạy TLS trên mạng bưu cục."), kind="bad")
        return see_other("phones.home")
    made = new_code(site(), courier, by=acting())
    name = dict(couriers(site(), own_office())).get(courier, courier)
    address, trust, fingerprint = pairing_url(settings, made.text), trust_url(settings.web), ca_fingerprint(settings)
    return render_template(
        "phones/pair.html", code=made, name=name, courier=courier, picture=qr(address, _("Mã ghép điện thoại")),
        origin=phone_origin(settings.web), fingerprint=grouped(fingerprint), trust=trust,
        trust_picture=qr(trust, trust) if fingerprint else "", state="waiting",
        left=int((made.expires_at - site().clock.now()).total_seconds()),
    )  # fmt: skip


@phones.get("/phones/codes/<uuid:uid>")
@allow(Action.MANAGE_PHONES, quiet=True)
def watch(uid: UUID) -> ResponseReturnValue:
    """What became of a code: the part of the page that renews itself."""
    found = code_state(site(), uid, by=acting())
    phone = None
    if found.phone_uid is not None:
        with site().store.reading():
            phone = phone_by_uid(found.phone_uid)
    left = int((found.expires_at - site().clock.now()).total_seconds())
    state = "used" if phone else "void" if found.cancelled_at else "waiting" if left > 0 else "over"
    facts = {"code_id": uid, "state": state, "phone": phone, "left": left, "courier": found.courier}
    return render_template("phones/watch.html", **facts)


@phones.post("/phones/codes/<uuid:uid>/cancel")
@allow(Action.MANAGE_PHONES)
def cancel(uid: UUID) -> ResponseReturnValue:
    """Make a code void before anybody uses it."""
    cancel_code(site(), uid, by=acting())
    say(_("Đã hủy mã ghép."))
    return see_other("phones.home")
