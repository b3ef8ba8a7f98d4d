"""The intake: one page over one draft, kept at every change, received by Enter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agent.accounts.access import Purpose, record_access
from agent.clock import local
from agent.domain.catalogue import CHANNEL_NAME, HANDLING_NAME, Case
from agent.domain.roles import Action
from agent.errors import AgentError, InvalidIntake, NotFound
from agent.intake.draft import discard_draft, keep_draft, read_draft
from agent.intake.guide import catalogue
from agent.intake.guide import today as local_day
from agent.intake.paper_reuse import Offer, offers
from agent.intake.province_papers import province_offers
from agent.intake.receive import receive
from agent.intake.request import checked
from agent.store import desk as rows
from agent.store.dossiers import Draft
from agent.web.context import current_user, see_other, site
from agent.web.counter import counter, intake_form
from agent.web.counter.desk import actor
from agent.web.counter.intake_form import Body
from agent.web.counter.look_up_view import answer_of, asks, lines_of
from agent.web.errors import status_of
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@counter.get("/drafts/<uuid:uid>")
@allow(Action.RECEIVE)
def draft(uid: UUID) -> ResponseReturnValue:
    """The intake as far as it was typed; a draft that became a dossier leads there."""
    held = _held(uid)
    if isinstance(held, Response):
        return held
    if not held.body.get("procedure"):
        return see_other("counter.new", uid=uid)
    return _page(held, dict(held.body))


@counter.post("/drafts/<uuid:uid>/keep")
@allow(Action.RECEIVE)
def keep(uid: UUID) -> ResponseReturnValue:
    """Keep what is on the form as it is; answers the parts of the page that follow from it."""
    body = intake_form.body_of(request.form)
    before = read_draft(site(), uid, by=actor()).body
    held = keep_draft(site(), uid, body, by=actor())
    if not request.headers.get("HX-Request"):
        return see_other("counter.draft", uid=uid)
    other = intake_form.owner_number(body) != intake_form.owner_number(before)
    whole = bool(request.args.get("list")) or (other and _may_be_number(intake_form.owner_number(body)))
    return render_template("counter/draft_parts.html", whole=whole, **facts_of(held, body, {}, offered=whole))


@counter.post("/drafts/<uuid:uid>")
@allow(Action.RECEIVE)
def take(uid: UUID) -> ResponseReturnValue:
    """Receive the dossier; twice gives the same one, and a fault leaves everything as typed."""
    held = _held(uid)
    if isinstance(held, Response):
        return held
    body = intake_form.body_of(request.form)
    just_scanned = intake_form.new_card(body, held.body)
    if body != held.body:
        held = keep_draft(site(), uid, body, by=actor())
    if request.form.get("act") == "reuse":
        case = _case(body)
        keep_draft(site(), uid, intake_form.take_all(case, body, _offers(uid, body)), by=actor())
        return see_other("counter.draft", uid=uid)
    if request.form.get("act") == "keep" or just_scanned:  # a reader ends with Enter: show what was read first
        return see_other("counter.draft", uid=uid)
    case = _case(body)
    intake, unread = intake_form.intake_of(body, case, held)
    try:
        if unread:
            raise InvalidIntake({**_faults_of(intake), **unread})
        dossier = receive(site(), intake, by=actor())
    except InvalidIntake as error:
        return _page(held, body, faults=error.fields), 422
    except AgentError as error:
        return _page(held, body, problem=error.message), status_of(error)
    number = dossier.provisional
    say(_("Đã nhận hồ sơ %(number)s. Tiếp theo: in nhãn.") % {"number": number})
    return see_other("counter.dossier", uid=dossier.uid)


@counter.post("/drafts/<uuid:uid>/discard")
@allow(Action.RECEIVE)
def discard(uid: UUID) -> ResponseReturnValue:
    """Throw the intake away."""
    discard_draft(site(), uid, by=actor())
    say(_("Đã bỏ bản nháp; chưa nhận hồ sơ nào."))
    return see_other("counter.home")


def _held(uid: UUID) -> Draft | Response:
    try:
        return read_draft(site(), uid, by=actor())
    except NotFound:
        with site().store.reading():
            became = rows.received_from(uid)
        if became is None or became.office_id != current_user().office_id:
            raise
        return see_other("counter.dossier", uid=became.uid)


def _faults_of(intake: Any) -> dict[str, str]:
    """Every fault that the rules find, although some field could not be read."""
    try:
        checked(intake, catalogue(site()), on=local_day(site()), by=actor().full_name)
    except InvalidIntake as error:
        return error.fields
    return {}


def _case(body: Body) -> Case:
    return catalogue(site()).current(body.get("procedure", ""), local_day(site())).case(body.get("case", ""))


def _may_be_number(text: str) -> bool:
    return text.isascii() and len(text) in (9, 10, 12, 13)


def _offers(uid: UUID, body: Body) -> list[Offer]:
    """The owner's papers that are here already, then the province's as far as it was asked.

    That somebody looked is written down when there are any of ours; the province's were when it was asked.
    """
    number = intake_form.owner_number(body)
    if not _may_be_number(number):
        return []
    found = offers(site(), number, procedure=body.get("procedure", ""), agency="", on=local_day(site()), by=actor())
    if found:
        record_access(site(), current_user(), dossier=None, purpose=Purpose.INTAKE, what="reusable papers")
    answer = answer_of(uid, body)
    return [*found, *province_offers(answer.papers if answer else (), found, on=local_day(site()))]


def _page(held: Draft, body: Body, *, faults: dict[str, str] | None = None, problem: str = "") -> str:
    return render_template("counter/draft.html", problem=problem, **facts_of(held, body, faults or {}))


def facts_of(held: Draft, body: Body, faults: dict[str, str] | None = None, *, offered: bool = True) -> dict[str, Any]:
    """What the page and its parts show; the owner's papers are looked up only where they are `offered`."""
    on = local_day(site())
    procedure = catalogue(site()).current(body.get("procedure", ""), on)
    case = procedure.case(body.get("case", ""))
    fees = intake_form.fee_lines(procedure, case, body, on, site().settings.office.return_freight)
    return {
        "draft": held,
        "body": body,
        "errors": faults or {},
        "looked": lines_of(answer_of(held.uid, body)),
        "asks": asks(held.uid, body),
        "procedure": procedure,
        "case": case,
        "listed": intake_form.listed_as(procedure.code, case.code),
        "lines": intake_form.checklist(case, body, _offers(held.uid, body) if offered else ()),
        "fees": fees,
        "total": sum(amount for _name, amount in fees),
        "cards": {party: intake_form.card_of(body.get(f"{party}_chip", "")) for party in intake_form.PARTIES},
        "channels": [(way.channel.value, CHANNEL_NAME[way.channel]) for way in procedure.ways],
        "handlings": [(handling.value, words) for handling, words in HANDLING_NAME.items()],
        "kept_at": local(held.updated_at),
    }
