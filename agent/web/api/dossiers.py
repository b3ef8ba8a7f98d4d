"""Dossiers over the API: receive, find, label, copy, sign, send, supplement, results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from agent.accounts.access import Purpose, record_access
from agent.accounts.permissions import require
from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.domain.roles import Action
from agent.intake import digitise, forms, label, receive, sign, submit, supplement
from agent.intake.request import STRICT, ComponentInput, Intake
from agent.store import outbox, pages
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.sending import LANE
from agent.web.api import api
from agent.web.api.operation import NO_INSTANT, BadRequest, Call, is_instant, operation, uid_of
from agent.web.api.paging import PAGING, asked, cut, member, offices
from agent.web.api.replay import reference
from agent.web.api.shapes import (
    DossierOut,
    DossierPage,
    JobOut,
    PaperOut,
    dossier_out,
    job_out,
    line_out,
    paper_out,
)
from agent.web.context import site

FORMS = {
    "receipt": forms.receipt_pdf,
    "handed-in": forms.handed_in_pdf,
    "payment": forms.payment_pdf,
    "supplement": forms.supplement_pdf,
}


@dataclass(frozen=True)
class LabelRequest:
    """Ask for the label; `again` is the reason for a further one than that of the key `after`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    again: str = ""
    after: str = ""


@dataclass(frozen=True)
class LabelAnswer:
    """Whether the uncertain label with the key `job` came out."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    job: str
    came_out: bool


@dataclass(frozen=True)
class Scan:
    """What a reader sent."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    scanned: str


@dataclass(frozen=True)
class SignRequest:
    """The clerk's explicit act; `pin` where the key asks for one."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    pin: str = ""


@dataclass(frozen=True)
class SupplementRequest:
    """Papers that arrived for the open round."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    papers: tuple[ComponentInput, ...]


def open_dossier(call: Call, uid: str, action: Action) -> Dossier:
    """The dossier of the path, if the caller may do `action` on it."""
    found = dossier_by_uid(uid_of(uid))
    require(call.user, action, found.office_id)
    return found


@operation(
    api, "post", "/dossiers", Action.RECEIVE, takes=Intake, gives=DossierOut, status=201, needs_key=True
)  # fmt: skip
def create_dossier(call: Call) -> DossierOut:
    """Receive a dossier; one durable commit, the same key gives the same dossier."""
    postmark = call.body.postmark_at
    if postmark is not None and not is_instant(postmark):
        raise BadRequest(NO_INSTANT, {"postmark_at": "date-time"})
    dossier = receive.receive(
        site(), call.body, by=call.actor, record=lambda made: call.remember(reference("dossier", made.uid))
    )
    require(call.user, Action.RECEIVE, dossier.office_id)  # a draft of another office may have been received before
    with site().store.reading():
        return dossier_out(dossier)


@operation(api, "get", "/dossiers", Action.SEARCH, gives=DossierPage, query=("q", "state", *PAGING))
def list_dossiers(call: Call) -> DossierPage:
    """Dossiers, newest first, by `state` or by `q` (code, name without marks, telephone tail)."""
    wanted, state = asked(), member(State, "state")
    with site().store.reading():
        query = request.args.get("q", "").strip()
        found = pages.dossiers(wanted, office_id=offices(call.user), query=query, state=state)
    shown, following = cut(found, wanted, lambda dossier: int(dossier.id))
    return DossierPage([line_out(dossier) for dossier in shown], following)


@operation(api, "get", "/dossiers/<uid>", Action.VIEW_DOSSIER, gives=DossierOut)
def get_dossier(call: Call, uid: str) -> DossierOut:
    """One dossier; the look is written into the access log."""
    with site().store.reading():
        found = dossier_out(open_dossier(call, uid, Action.VIEW_DOSSIER))
    record_access(site(), call.user, dossier=UUID(found.id), purpose=Purpose.FOLLOW_UP, what="api dossier")
    return found


@operation(api, "post", "/dossiers/<uid>/label", Action.LABEL, takes=LabelRequest, gives=JobOut, status=202)
def request_label(call: Call, uid: str) -> JobOut:
    """Queue the dossier's label for this terminal's printer; a further one needs a reason and the key of the last."""
    dossier, asked_for, seen = open_dossier(call, uid, Action.LABEL), call.body, None
    if asked_for.again and dossier.label_attempt:
        last = label.find_label_job(site(), dossier)
        if last.key != asked_for.after:
            if asked_for.after:
                return job_out(last)  # the answer to the first try was lost; a newer label is queued already
            raise BadRequest("In lại cần `after`: khóa của nhãn in gần nhất (key).", {"after": "required"})
        seen = label.attempt_of(last.key)
    return job_out(label.request_label(site(), dossier.uid, by=call.actor, again=asked_for.again, seen=seen))


@operation(api, "get", "/dossiers/<uid>/label", Action.LABEL, gives=JobOut)
def get_label(call: Call, uid: str) -> JobOut:
    """What became of the newest label."""
    return job_out(label.find_label_job(site(), open_dossier(call, uid, Action.LABEL)))


@operation(api, "post", "/dossiers/<uid>/label/answer", Action.LABEL, takes=LabelAnswer, gives=JobOut)
def answer_label(call: Call, uid: str) -> JobOut:
    """Say whether the uncertain label of that key came out; a label that did not is queued anew."""
    dossier, answer = open_dossier(call, uid, Action.LABEL), call.body
    last = label.find_label_job(site(), dossier)
    if last.key != answer.job or last.state is JobState.ACKED:
        return job_out(last)  # answered before: what became of it, or the label that was queued instead
    if last.state is JobState.CANCELLED:  # answered before, but the power went before the new one was queued
        again, seen = "nhãn trước không ra", label.attempt_of(last.key)
        return job_out(label.request_label(site(), dossier.uid, by=call.actor, again=again, seen=seen))
    return job_out(label.answer_label(site(), dossier.uid, came_out=answer.came_out, by=call.actor))


@operation(api, "post", "/dossiers/<uid>/label/scan", Action.LABEL, takes=Scan, gives=DossierOut)
def scan_label(call: Call, uid: str) -> DossierOut:
    """Complete the label step: the code on the label was scanned back."""
    dossier = open_dossier(call, uid, Action.LABEL)
    return dossier_out(label.confirm_label(site(), dossier.uid, call.body.scanned, by=call.actor))


@operation(api, "post", "/dossiers/<uid>/copies", Action.DIGITISE, gives=list[PaperOut], status=201)
def make_copies(call: Call, uid: str) -> list[PaperOut]:
    """Make the PDF/A copy of every component that has pages."""
    dossier = open_dossier(call, uid, Action.DIGITISE)
    return [paper_out(paper) for paper in digitise.make_copies(site(), dossier.uid, by=call.actor)]


@operation(api, "post", "/dossiers/<uid>/signatures", Action.SIGN, takes=SignRequest, gives=list[PaperOut], status=201)
def sign_copies(call: Call, uid: str) -> list[PaperOut]:
    """Sign every copy with the clerk's own key: one explicit act for one dossier."""
    dossier = open_dossier(call, uid, Action.SIGN)
    return [paper_out(p) for p in sign.sign_copies(site(), dossier.uid, by=call.actor, pin=call.body.pin)]


@operation(api, "post", "/dossiers/<uid>/submission", Action.HAND_OFF, gives=JobOut, status=202)
def submit_dossier(call: Call, uid: str) -> JobOut:
    """Freeze the dossier and queue it for the province."""
    return job_out(submit.submit(site(), open_dossier(call, uid, Action.HAND_OFF).uid, by=call.actor))


@operation(api, "get", "/dossiers/<uid>/submission", Action.HAND_OFF, gives=list[JobOut])
def get_submission(call: Call, uid: str) -> list[JobOut]:
    """The dossier's jobs of the hand-off and what became of them."""
    dossier = open_dossier(call, uid, Action.HAND_OFF)
    with site().store.reading():
        jobs = outbox.of_dossier(dossier.id)
    return [job_out(job) for job in jobs if job.lane == LANE]


@operation(api, "post", "/dossiers/<uid>/supplement", Action.SUPPLEMENT, takes=SupplementRequest, gives=DossierOut)
def take_supplement(call: Call, uid: str) -> DossierOut:
    """Enter the papers that the citizen brought for the open supplement round."""
    dossier = open_dossier(call, uid, Action.SUPPLEMENT)
    supplement.take_papers(site(), dossier.uid, call.body.papers, by=call.actor)
    with site().store.reading():
        return dossier_out(dossier_by_uid(dossier.uid))


@operation(api, "post", "/dossiers/<uid>/supplement/submission", Action.SUPPLEMENT, gives=JobOut, status=202)
def send_supplement(call: Call, uid: str) -> JobOut:
    """Queue the supplement round for the province; asking again gives the job that is there."""
    dossier = open_dossier(call, uid, Action.SUPPLEMENT)
    if dossier.state is State.SUPPLEMENT_SENT:
        with site().store.reading():
            jobs = outbox.of_dossier(dossier.id)
        return job_out(max((job for job in jobs if job.kind == "supplement"), key=lambda job: int(job.id)))
    return job_out(supplement.send_supplement(site(), dossier.uid, by=call.actor))


@operation(api, "get", "/dossiers/<uid>/forms/<name>.pdf", Action.VIEW_DOSSIER, gives=bytes)
def get_form(call: Call, uid: str, name: str) -> Response:
    """A form as PDF: receipt, handed-in, payment, supplement."""
    if name not in FORMS:
        raise BadRequest(f"Không có mẫu “{name}”. Các mẫu: {', '.join(FORMS)}.", {"name": "unknown"})
    dossier = open_dossier(call, uid, Action.VIEW_DOSSIER)
    record_access(site(), call.user, dossier=dossier.uid, purpose=Purpose.INTAKE, what=f"form {name}")
    return Response(FORMS[name](site(), dossier.uid), mimetype="application/pdf")
