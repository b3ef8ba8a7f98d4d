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
from agent.domain.roles import Action, Role, sees_office
from agent.intake import digitise, forms, label, receive, sign, submit, supplement
from agent.intake.request import STRICT, ComponentInput, Intake
from agent.store import outbox, search
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.web.api import api
from agent.web.api.operation import BadRequest, Call, limit_of, operation, uid_of
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
    """Ask for the label; `again` is the reason for a further one."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    again: str = ""


@dataclass(frozen=True)
class LabelAnswer:
    """Whether an uncertain label came out."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
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
    made: list[DossierOut] = []

    def record(dossier: Dossier) -> None:
        made.append(dossier_out(dossier))
        call.remember(made[0])

    dossier = receive.receive(site(), call.body, by=call.actor, record=record)
    return made[0] if made else dossier_out(dossier)


@operation(api, "get", "/dossiers", Action.SEARCH, gives=DossierPage, query=("q", "state", "cursor", "limit"))
def list_dossiers(call: Call) -> DossierPage:
    """Dossiers, newest first, by `state` or by `q` (code, name without marks, telephone tail)."""
    limit, query = limit_of(), request.args.get("q", "").strip()
    with site().store.reading():
        chosen = Dossier.select()
        if not sees_everything(call):
            chosen = chosen.where(Dossier.office_id == call.user.office_id)
        if query:
            office = None if sees_everything(call) else call.user.office_id
            chosen = chosen.where(Dossier.id.in_(search.find(query, office_id=office, limit=limit) or [-1]))
        if request.args.get("state"):
            chosen = chosen.where(Dossier.state == _state(request.args["state"]))
        if request.args.get("cursor"):
            chosen = chosen.where(Dossier.id < _cursor(request.args["cursor"]))
        found = list(chosen.order_by(Dossier.id.desc()).limit(limit + 1))
    following = str(found[limit - 1].id) if len(found) > limit else None
    return DossierPage([line_out(dossier) for dossier in found[:limit]], following)


@operation(api, "get", "/dossiers/<uid>", Action.VIEW_DOSSIER, gives=DossierOut)
def get_dossier(call: Call, uid: str) -> DossierOut:
    """One dossier; the look is written into the access log."""
    with site().store.reading():
        found = dossier_out(open_dossier(call, uid, Action.VIEW_DOSSIER))
    record_access(site(), call.user, dossier=UUID(found.id), purpose=Purpose.FOLLOW_UP, what="api dossier")
    return found


@operation(api, "post", "/dossiers/<uid>/label", Action.LABEL, takes=LabelRequest, gives=JobOut, status=202)
def request_label(call: Call, uid: str) -> JobOut:
    """Queue the dossier's label for this terminal's printer."""
    dossier = open_dossier(call, uid, Action.LABEL)
    return job_out(label.request_label(site(), dossier.uid, by=call.actor, again=call.body.again))


@operation(api, "get", "/dossiers/<uid>/label", Action.LABEL, gives=JobOut)
def get_label(call: Call, uid: str) -> JobOut:
    """What became of the newest label."""
    return job_out(label.find_label_job(site(), open_dossier(call, uid, Action.LABEL)))


@operation(api, "post", "/dossiers/<uid>/label/answer", Action.LABEL, takes=LabelAnswer, gives=JobOut)
def answer_label(call: Call, uid: str) -> JobOut:
    """Say whether an uncertain label came out."""
    dossier = open_dossier(call, uid, Action.LABEL)
    return job_out(label.answer_label(site(), dossier.uid, came_out=call.body.came_out, by=call.actor))


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
    return [job_out(job) for job in jobs if job.lane == submit.HANDOFF_LANE]


@operation(api, "post", "/dossiers/<uid>/supplement", Action.SUPPLEMENT, takes=SupplementRequest, gives=DossierOut)
def take_supplement(call: Call, uid: str) -> DossierOut:
    """Enter the papers that the citizen brought for the open supplement round."""
    dossier = open_dossier(call, uid, Action.SUPPLEMENT)
    supplement.take_papers(site(), dossier.uid, call.body.papers, by=call.actor)
    with site().store.reading():
        return dossier_out(dossier_by_uid(dossier.uid))


@operation(api, "post", "/dossiers/<uid>/supplement/submission", Action.SUPPLEMENT, gives=JobOut, status=202)
def send_supplement(call: Call, uid: str) -> JobOut:
    """Queue the supplement round for the province."""
    dossier = open_dossier(call, uid, Action.SUPPLEMENT)
    return job_out(supplement.send_supplement(site(), dossier.uid, by=call.actor))


@operation(api, "get", "/dossiers/<uid>/forms/<name>.pdf", Action.VIEW_DOSSIER, gives=bytes)
def get_form(call: Call, uid: str, name: str) -> Response:
    """A form as PDF: receipt, handed-in, payment, supplement."""
    if name not in FORMS:
        raise BadRequest(f"Không có mẫu “{name}”. Các mẫu: {', '.join(FORMS)}.", {"name": "unknown"})
    dossier = open_dossier(call, uid, Action.VIEW_DOSSIER)
    record_access(site(), call.user, dossier=dossier.uid, purpose=Purpose.INTAKE, what=f"form {name}")
    return Response(FORMS[name](site(), dossier.uid), mimetype="application/pdf")


def sees_everything(call: Call) -> bool:
    """Whether the caller's role sees every office."""
    return call.user.role is Role.PROVINCE or sees_office(call.user.role, call.user.office_id, "")


def _state(text: str) -> State:
    try:
        return State(text)
    except ValueError:
        raise BadRequest(f"Không có trạng thái “{text}”.", {"state": "unknown"}) from None


def _cursor(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest("cursor phải là giá trị `next` của trang trước.", {"cursor": "unknown"})
    return int(text)
