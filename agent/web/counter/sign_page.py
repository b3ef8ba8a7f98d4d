"""Signing: what is signed and with which certificate, then the clerk's one explicit act."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.dossier import State
from agent.domain.roles import Action
from agent.errors import AgentError, ConfigError
from agent.intake.digitise import make_copies
from agent.intake.electronic import originals
from agent.intake.extraction import parties_of
from agent.intake.extraction_rules import rules_of
from agent.intake.sign import sign_copies, signing_outlook, unsigned
from agent.intake.submit import submit
from agent.intake.supplement import send_supplement
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.web.context import current_user, see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, log_look, own_dossier
from agent.web.counter.dossier_page import stay
from agent.web.counter.reading_page import to_be_read
from agent.web.counter.reading_view import lacking_words
from agent.web.counter.values_view import ValuesView, values_view
from agent.web.errors import status_of
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@counter.get("/dossiers/<uuid:uid>/sign")
@allow(Action.SIGN)
def sign(uid: UUID) -> ResponseReturnValue:
    """Show what the signature will cover."""
    held = own_dossier(uid, Action.SIGN)
    log_look(held, "copies to sign")
    return _page(held, "")


@counter.post("/dossiers/<uuid:uid>/sign-and-send")
@allow(Action.SIGN)
def prepare(uid: UUID) -> ResponseReturnValue:
    """F10: make the copies that are still to be made, and ask for the signature."""
    held = own_dossier(uid, Action.SIGN)
    try:
        if held.state in (State.LABELLED, State.SUPPLEMENT_ASKED, State.DIGITISED):
            if waits := to_be_read(held, "sign"):
                return waits
            if lacks := lacking_words(make_copies(site(), uid, by=actor(), wait=0)):
                say(lacks, kind="warn")
        if held.state in (State.SIGNED, State.REJECTED):
            submit(site(), uid, by=actor())
            say(_("Đã xếp hàng gửi tỉnh. Cứ làm tiếp, phần mềm tự gửi và tự hỏi lại."))
            return see_other("counter.dossier", uid=uid)
    except AgentError as error:
        return stay(held, error)
    return see_other("counter.sign", uid=uid)


@counter.post("/dossiers/<uuid:uid>/sign")
@allow(Action.SIGN)
def sign_now(uid: UUID) -> ResponseReturnValue:
    """Sign every copy with the clerk's key and, unless only the signature was wanted, queue the dossier."""
    held, by = own_dossier(uid, Action.SIGN), actor()
    sending = request.form.get("act") != "sign" and current_user().may(Action.HAND_OFF)
    try:
        signed = sign_copies(site(), uid, by=by, pin=request.form.get("pin", ""))
        if sending and held.state is State.SUPPLEMENT_ASKED:
            send_supplement(site(), uid, by=by)
        elif sending:
            submit(site(), uid, by=by)
    except AgentError as error:
        return _page(held, error.message), status_of(error)
    if not signed and sending:
        say(_("Đã xếp hàng gửi tỉnh các bản điện tử, nguyên như người nộp đưa."))
        return see_other("counter.dossier", uid=uid)
    count = {"count": len(signed)}
    say(_("Đã ký %(count)s bản và xếp hàng gửi tỉnh.") % count if sending else _("Đã ký %(count)s bản.") % count)
    return see_other("counter.dossier", uid=uid)


def _page(held: Dossier, problem: str) -> str:
    here = site()
    with here.store.reading():
        held = dossier_by_uid(held.uid)
        papers, kept = unsigned(held), originals(held)
        taken = _taken(held)
    standing = signing_outlook(here, actor())
    shown = {"papers": papers, "originals": kept, "values": taken, "standing": standing}
    return render_template("counter/sign.html", dossier=held, problem=problem, **shown)


def _taken(held: Dossier) -> ValuesView:
    """What was taken from the papers; nothing when the rules cannot be read: signing does not wait for that."""
    try:
        return values_view(held, rules_of(site()), parties_of(held))
    except ConfigError:
        return ValuesView([])
