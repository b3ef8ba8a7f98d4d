"""The page of one dossier, why it is due when it is due, and whether it changed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.dossier import WORDS, State
from agent.domain.identifiers_person import display_phone
from agent.domain.roles import Action
from agent.errors import AgentError
from agent.intake.guide import procedure_of
from agent.store import desk as rows
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.web.context import site
from agent.web.counter import counter
from agent.web.counter.desk import log_look, own_dossier
from agent.web.counter.dossier_view import ROLES, DossierView, overdue, view_of
from agent.web.counter.words import holder_words, timeline, usernames
from agent.web.errors import status_of
from agent.web.guard import allow

PAGES_NEXT = (State.RECEIVED, State.LABELLED)  # states in which page images come next: their process gets ready


@counter.get("/dossiers/<uuid:uid>")
@allow(Action.VIEW_DOSSIER)
def dossier(uid: UUID) -> ResponseReturnValue:
    """The dossier; personal data masked, and the look written down."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    log_look(held, "dossier page")
    if held.state in PAGES_NEXT:
        site().digitiser().warm()
    elif held.state is State.DIGITISED:
        site().signers().warm()
    return dossier_html(uid)


@counter.post("/dossiers/<uuid:uid>/reveal")
@allow(Action.VIEW_DOSSIER)
def reveal(uid: UUID) -> ResponseReturnValue:
    """The same page with the parties' numbers, telephones and addresses in full."""
    log_look(own_dossier(uid, Action.VIEW_DOSSIER), "full identity and contact")
    return dossier_html(uid, revealed=True)


@counter.get("/dossiers/<uuid:uid>/why")
@allow(Action.VIEW_DOSSIER)
def why(uid: UUID) -> ResponseReturnValue:
    """How the promised day was counted, day by day."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    days = [(date.fromisoformat(on), counted, words) for on, counted, words in held.due_calculation.get("days", [])]
    return render_template("counter/why.html", dossier=held, days=days)


@counter.get("/dossiers/<uuid:uid>/mark")
@allow(Action.VIEW_DOSSIER, quiet=True)
def mark(uid: UUID) -> Response:
    """A text that differs once anything happened to the dossier; no personal data."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    with site().store.reading():
        return jsonify(mark=rows.mark_of(held))


def view(uid: UUID) -> DossierView:
    """The dossier's view, with the component that the address names."""
    with site().store.reading():
        held = rows.gather(dossier_by_uid(uid))
        couriers = {one.holder.partition(":")[2] for one in held.items.values()}
        couriers |= {one.offered_to.partition(":")[2] for one in held.items.values()}
        names = rows.user_names(usernames(held.journal) | couriers)
        return view_of(held, chosen=request.values.get("component", ""), names=names)


def dossier_html(uid: UUID, *, revealed: bool = False, problem: str = "") -> str:
    """The page; `problem` stands at the top, and what was typed is still in its field."""
    seen = view(uid)
    here = site()
    with here.store.reading():
        couriers = rows.couriers(seen.dossier.office_id) if seen.held.results else []
    asked = procedure_of(here, seen.dossier).case(seen.dossier.case).requirements if seen.round else ()
    return render_template(
        "counter/dossier.html",
        view=seen,
        dossier=seen.dossier,
        held=seen.held,
        revealed=revealed,
        problem=problem,
        typed=request.form if problem else {},
        told=timeline(seen.held.journal, seen.names),
        roles=ROLES,
        state_name=WORDS[seen.dossier.state],
        late=overdue(seen, here.clock.now()),
        couriers=couriers,
        requirements=asked,
        holder_words=holder_words,
        display_phone=display_phone,
    )


def stay(held: Dossier, error: AgentError) -> ResponseReturnValue:
    """The dossier's page again, with what went wrong at its top and nothing typed lost."""
    log_look(held, "dossier page")
    return dossier_html(held.uid, problem=error.message), status_of(error)
