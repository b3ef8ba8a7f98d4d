"""Papers that must go to the authority: what is late first, sealed one by one by scanning label and seal."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.forward import SEAL_NAME, Seal
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.store.bags import envelopes_of, seals_of
from agent.store.lookup import dossier_by_uid
from agent.tracking.forward.control_slip import control_pdf
from agent.tracking.forward.envelopes import papers_to_carry, seal_again, seal_envelope, see_seal
from agent.tracking.forward.scanned import Kind, dossier_scanned, read_scan
from agent.web.bags import bags
from agent.web.bags.desk import SEALS, own_here, said_back
from agent.web.context import acting, current_user, see_other, site
from agent.web.counter.desk import log_look
from agent.web.delivery.desk import pdf_answer, scanned
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say

PAGE = 40


@bags.get("/papers")
@allow(Action.MANAGE_BAGS)
def papers() -> ResponseReturnValue:
    """The queue of papers to carry, what is late first."""
    found = papers_to_carry(site(), current_user().office_id)
    return render_template("bags/papers.html", papers=found[:PAGE], more=max(0, len(found) - PAGE), all=len(found))


@bags.post("/papers/scan")
@allow(Action.MANAGE_BAGS)
@said_back
def scan_papers() -> ResponseReturnValue:
    """A dossier's label opens its sealing."""
    code = read_scan(scanned())
    with site().store.reading():
        dossier = dossier_scanned(code.number) if code.kind is Kind.DOSSIER else None
    if dossier is None:
        raise RuleViolation(code.words or "Quét nhãn hồ sơ dán trên phong bì để niêm phong.")
    return see_other("bags.sealing", uid=dossier.uid)


@bags.get("/papers/<uuid:uid>")
@allow(Action.SEAL)
def sealing(uid: UUID) -> ResponseReturnValue:
    """One dossier's papers: its envelopes with their seals, and the box that waits for a seal's number."""
    dossier = own_here(uid)
    with site().store.reading():
        envelopes = [(one, seals_of(one)) for one in envelopes_of(dossier)]
    return render_template(
        "bags/sealing.html", dossier=dossier, envelopes=envelopes,
        seal_names={one.value: SEAL_NAME[one] for one in Seal},
        open_one=next((one for one, _facts in envelopes if one.done_at is None), None),
    )  # fmt: skip


@bags.post("/papers/<uuid:uid>/seal")
@allow(Action.SEAL)
@said_back
def seal(uid: UUID) -> ResponseReturnValue:
    """The seal that was scanned is on the envelope now; another label leads to its own dossier."""
    text = scanned()
    code = read_scan(text)
    if code.kind is Kind.DOSSIER:
        with site().store.reading():
            other = dossier_scanned(code.number)
        if other is not None:
            return see_other("bags.sealing", uid=other.uid)
    own_here(uid)
    with site().store.reading():
        dossier = dossier_by_uid(uid)
        mine = next((one for one in envelopes_of(dossier) if one.done_at is None), None)
    if mine is not None and mine.seal_state in (Seal.BROKEN, Seal.MISSING, Seal.OTHER):
        seal_again(site(), mine.number, text, by=acting())
        say(gettext("Đã niêm phong lại %(number)s.") % {"number": mine.number})
        return see_other("bags.papers")
    made = seal_envelope(site(), uid, text, by=acting())
    say(gettext("Đã niêm phong %(number)s bằng %(seal)s.") % {"number": made.number, "seal": made.seal})
    return see_other("bags.papers")


@bags.post("/papers/<uuid:uid>/seen")
@allow(Action.SEAL)
@said_back
def seal_seen(uid: UUID) -> ResponseReturnValue:
    """What somebody sees of the envelope's seal while it is in the office."""
    own_here(uid)
    with site().store.reading():
        mine = next((one for one in envelopes_of(dossier_by_uid(uid)) if one.done_at is None), None)
    if mine is None:
        raise RuleViolation("Hồ sơ chưa có phong bì niêm phong.")
    fact = SEALS.get(request.form.get("fact", ""), Seal.APPLIED)
    see_seal(site(), mine.number, fact, by=acting())
    say(gettext("Đã ghi niêm phong của %(number)s: %(state)s.") % {"number": mine.number, "state": SEAL_NAME[fact]})
    return see_other("bags.sealing", uid=uid)


@bags.get("/papers/<uuid:uid>/control.pdf")
@allow(Action.VIEW_DOSSIER)
def control_slip(uid: UUID) -> ResponseReturnValue:
    """Form 06, its rows from the custody events."""
    log_look(own_here(uid), "control slip")
    return pdf_answer(control_pdf(site(), uid), "phieu-kiem-soat")
