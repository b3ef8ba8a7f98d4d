"""The list of phones, with what each owes; shutting one out with a reason; the sheet for the wall."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import EVERYWHERE, Action
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.store.phone_chain import standing
from agent.store.phones import acts_of
from agent.tracking.phones.overview import Trouble, couriers, overview
from agent.tracking.phones.pairing import revoke
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say
from agent.web.phones import phones
from agent.web.phones.view import ca_fingerprint, grouped, offset_words, phone_origin, qr, trust_url


def _n(words: str) -> str:
    return words  # marks for translation; the template speaks it


REASONS = (_n("mất máy"), _n("đổi máy"), _n("nghỉ việc"), _n("máy hỏng"), _n("nghi lộ mã"))
ACT_NAME = {"paired": _n("ghép"), "restored": _n("ghép lại"), "revoked": _n("thu hồi")}
TROUBLE_NAME = {
    Trouble.OWES: _n("còn thiếu sự kiện"),
    Trouble.UNSENT: _n("còn việc chưa gửi"),
    Trouble.SILENT: _n("lâu chưa liên lạc"),
    Trouble.CLOCK: _n("đồng hồ sai"),
}


def own_office() -> str | None:
    """The office whose phones are shown; None: of every office."""
    user = current_user()
    return None if user.role in EVERYWHERE else user.office_id


@phones.get("/phones/")
@allow(Action.MANAGE_PHONES)
def home() -> ResponseReturnValue:
    """All phones, those that need a look first."""
    lines = overview(site(), own_office())
    live = [line for line in lines if line.phone.revoked_at is None]
    people = couriers(site(), own_office())
    return render_template(
        "phones/home.html", live=sorted(live, key=lambda line: not line.troubles),
        revoked=[line for line in lines if line.phone.revoked_at is not None], couriers=people,
        courier_choices=[(name, f"{full_name} ({name})") for name, full_name in people],
        reachable=bool(phone_origin(site().settings.web)), troubles=TROUBLE_NAME, offset=offset_words,
    )  # fmt: skip


@phones.get("/phones/<uuid:uid>/")
@allow(Action.MANAGE_PHONES)
def one(uid: UUID) -> ResponseReturnValue:
    """One phone: what it owes, what was done with it, and shutting it out."""
    line = next((line for line in overview(site(), own_office()) if line.phone.uid == uid), None)
    if line is None:
        raise NotFound("Không có điện thoại này ở bưu cục của bạn. Tải lại danh sách.")
    with site().store.reading():
        missing, acts = standing(uid).missing, acts_of(uid)
    return render_template(
        "phones/one.html", line=line, missing=missing[:20], acts=acts, names=ACT_NAME, offset=offset_words,
        reasons=[(words, _(words)) for words in REASONS],
    )  # fmt: skip


@phones.post("/phones/<uuid:uid>/revoke")
@allow(Action.MANAGE_PHONES)
def shut_out(uid: UUID) -> ResponseReturnValue:
    """Shut a phone out; it keeps what it has not sent."""
    chosen, more = request.form.get("reason", ""), request.form.get("words", "").strip()
    try:
        phone = revoke(site(), uid, reason=": ".join(part for part in (chosen, more) if part), by=acting())
    except (NotFound, Forbidden):
        raise  # a phone that is not there or another office's is no form to fill again
    except RuleViolation as error:
        say(error.message, kind="bad")
        return see_other("phones.home")
    words = _("Đã thu hồi %(name)s. Việc chưa gửi vẫn còn trong máy; ghép lại máy đó thì gửi tiếp được.")
    say(words % {"name": phone.name})
    return see_other("phones.home")


@phones.get("/phones/sheet")
@allow(Action.MANAGE_PHONES)
def sheet() -> ResponseReturnValue:
    """The steps on one A4 page, for the wall of the couriers' room."""
    settings = site().settings
    address, fingerprint = trust_url(settings.web), ca_fingerprint(settings)
    return render_template(
        "phones/sheet.html", address=address, origin=phone_origin(settings.web), picture=qr(address, address),
        fingerprint=grouped(fingerprint),
    )  # fmt: skip
