"""The desk's first page, its queues, and the one scan box."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as PageMissing

from agent.accounts.access import Purpose, record_access
from agent.domain.dossier import WORDS
from agent.domain.roles import Action
from agent.errors import AgentError
from agent.intake.draft import drafts_of
from agent.store import desk as rows
from agent.web.context import current_user, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, today
from agent.web.counter.frame import QUEUES
from agent.web.counter.intake_form import draft_line
from agent.web.counter.resolve import follow, found_by
from agent.web.errors import status_of
from agent.web.guard import allow

PAGE = 24  # a screen of rows at 1366x768: more are one key away


@counter.get("/")
@allow(Action.RECEIVE)
def home() -> ResponseReturnValue:
    """The desk: what is being worked on."""
    return queue("working")


@counter.get("/queue/<name>")
@allow(Action.SEARCH)
def queue(name: str) -> ResponseReturnValue:
    """One work queue, newest first."""
    if name not in QUEUES:
        raise PageMissing
    user, before = current_user(), request.args.get("before", type=int)
    with site().store.reading():
        lines = rows.queue_lines(user.office_id, name, today(), limit=PAGE + 1, before=before)
    if lines:
        record_access(site(), user, dossier=None, purpose=Purpose.FOLLOW_UP, what=f"queue {name}")
    drafts = drafts_of(site(), by=actor()) if name == "working" and before is None else []
    return render_template(
        "counter/queue.html",
        state_words=WORDS,
        name=name,
        lines=lines[:PAGE],
        drafts=[draft_line(draft) for draft in drafts],
        more=lines[PAGE - 1].dossier.id if len(lines) > PAGE else None,
        before=before,
    )


@counter.post("/")
@allow(Action.SEARCH)
def scan() -> ResponseReturnValue:
    """Whatever was scanned or typed leads to the right next place."""
    text = request.form.get("scan", "").strip()
    try:
        led = follow(text, draft=request.values.get("draft", ""))
    except AgentError as error:
        page = render_template("counter/search.html", asked="", lines=[], problem=error.message, state_words=WORDS)
        return page, status_of(error)
    if led is not None:
        return led
    if len(text) < 2:
        return redirect(_here(), code=303)
    lines = found_by(text)
    record_access(site(), current_user(), dossier=None, purpose=Purpose.SEARCH, what="search list")
    if len(lines) == 1:
        return redirect(url_for("counter.dossier", uid=lines[0].dossier.uid), code=303)
    return render_template("counter/search.html", asked=text, lines=lines, problem="", state_words=WORDS)


def _here() -> str:
    """The counter's page from which an empty scan came: Enter hit before the page's keys were ready leads nowhere."""
    path = urlsplit(request.referrer or "").path
    return path if path.startswith("/counter/") else url_for("counter.home")


@counter.get("/keys")
@allow()
def keys() -> ResponseReturnValue:
    """The keys of the desk, on one page."""
    return render_template("counter/keys.html")
