"""The page of one dossier, why it is due when it is due, and whether it changed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.citizen_news import News
from agent.domain.dossier import WORDS, State
from agent.domain.identifiers_person import display_phone
from agent.domain.promise import LEG_NAME, WHOSE
from agent.domain.roles import Action
from agent.errors import AgentError
from agent.intake.guide import procedure_of
from agent.store import desk as rows
from agent.store.citizen_tasks import newest
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.promise_moves import moves_of
from agent.store.promises import promise_of
from agent.tracking.sending import outlooks
from agent.web.context import current_user, site
from agent.web.counter import counter
from agent.web.counter.desk import log_look, own_dossier
from agent.web.counter.dossier_view import ROLES, TAKES_PAGES, DossierView, overdue, view_of
from agent.web.counter.flight_view import flight_of
from agent.web.counter.inbox_view import inbox_view, mark_here, sign_of, source_words
from agent.web.counter.news_view import WAYS, messages_of, news_of
from agent.web.counter.promise_words import LEG_WORDS
from agent.web.counter.reading_view import reading_view
from agent.web.counter.wish_view import SCORES, wishes_of
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
    with site().store.reading():
        moved = newest(held, News.EXTENSION)
        made = promise_of(held, settings=site().settings, now=site().clock.now())
        changes = moves_of(held)
    was = datetime.fromisoformat(moved.facts["was"]) if moved else None
    return render_template(
        "counter/why.html", dossier=held, days=days, was=was, promise=made, changes=changes, legs=LEG_NAME, whose=WHOSE,
        leg_words=LEG_WORDS,
    )  # fmt: skip


@counter.get("/dossiers/<uuid:uid>/mark")
@allow(Action.VIEW_DOSSIER, quiet=True)
def mark(uid: UUID) -> Response:
    """A text that differs once anything happened to the dossier; no personal data."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    with site().store.reading():
        return jsonify(mark=rows.mark_of(held) + (_mark_of_pages(held) if _takes_pages(held) else ""))


def view(uid: UUID) -> DossierView:
    """The dossier's view, with the component that the address names."""
    with site().store.reading():
        held = rows.gather(dossier_by_uid(uid))
        couriers = {one.holder.partition(":")[2] for one in held.items.values()}
        couriers |= {one.offered_to.partition(":")[2] for one in held.items.values()}
        names = rows.user_names(usernames(held.journal) | couriers)
        waits = outlooks(site(), held.jobs)
        return view_of(held, chosen=request.values.get("component", ""), names=names, waits=waits)


def dossier_html(uid: UUID, *, revealed: bool = False, problem: str = "") -> str:
    """The page; `problem` stands at the top, and what was typed is still in its field."""
    seen = view(uid)
    here = site()
    with here.store.reading():
        couriers = rows.couriers(seen.dossier.office_id) if seen.held.results else []
        flight = flight_of(seen.dossier, seen.next, seen.round.round if seen.round else 0)
        wishes = wishes_of(seen.held)
        news = news_of(seen.held.tasks, messages_of(seen.held.tasks))
    box = inbox_view() if _takes_pages(seen.dossier) else None
    if box and box.pages and seen.takes_pages:
        record_access(here, current_user(), dossier=None, purpose=Purpose.INTAKE, what="page inbox")
    reading = reading_view(seen.dossier)
    asked = procedure_of(here, seen.dossier).case(seen.dossier.case).requirements if seen.round else ()
    return render_template(
        "counter/dossier.html",
        view=seen,
        flight=flight,
        news=news,
        wishes=wishes,
        scores=SCORES,
        moved=any(entry.kind == "extended" for entry in seen.held.journal),
        ways=WAYS,
        box=box,
        mark=seen.mark + (box.mark + reading.mark if box else ""),
        reading=reading,
        source_words=source_words,
        sign_of=sign_of,
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


def _takes_pages(held: Dossier) -> bool:
    """Whether the inbox matters on the dossier's page."""
    return held.state in TAKES_PAGES and current_user().may(Action.DIGITISE)


def _mark_of_pages(held: Dossier) -> str:
    """Of the inbox, and of the reading of the dossier's pages."""
    return mark_here() + reading_view(held).mark


def stay(held: Dossier, error: AgentError) -> ResponseReturnValue:
    """The dossier's page again, with what went wrong at its top and nothing typed lost."""
    log_look(held, "dossier page")
    return dossier_html(held.uid, problem=error.message), status_of(error)
