"""The desk's first page, its queues, and the one scan box."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as PageMissing

from agent.accounts.access import Purpose, record_access
from agent.domain.dossier import WORDS
from agent.domain.roles import Action
from agent.errors import AgentError, InvalidIdentifier, NotFound
from agent.intake.draft import drafts_of
from agent.intake.scans import take_scan, waits
from agent.store import desk as rows
from agent.web.context import current_user, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, here, today
from agent.web.counter.frame import QUEUES
from agent.web.counter.intake_form import draft_line
from agent.web.counter.resolve import follow, found_by, mended
from agent.web.errors import status_of
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say
from agent.web.security import at_this_machine
from labels.payload import CommandCode, read_code

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
    """Whatever was scanned or typed leads to the right next place; a scan that leads nowhere stays on the page."""
    text, event = request.form.get("scan", "").strip(), request.form.get("event", "")
    try:
        text = _event(event) or text
        led = follow(text, draft=request.values.get("draft", ""), into=request.form.get("into", ""))
    except AgentError as error:
        if event:
            say(_(error.message), kind="bad")
            return redirect(here(), code=303)
        page = render_template("counter/search.html", asked="", lines=[], problem=error.message, state_words=WORDS)
        return page, status_of(error)
    if led is not None:
        return led
    if len(text) < 2:  # Enter hit before the page's keys were ready leads nowhere
        return redirect(here(), code=303)
    lines = found_by(text)
    record_access(site(), current_user(), dossier=None, purpose=Purpose.SEARCH, what="search list")
    if len(lines) == 1:
        return redirect(url_for("counter.dossier", uid=lines[0].dossier.uid), code=303)
    return render_template("counter/search.html", asked=text, lines=lines, problem="", state_words=WORDS)


@counter.post("/scans/take")
@allow(Action.SEARCH)
def take_command() -> ResponseReturnValue:
    """Which command a card gives, so that one screen alone presses its key: by its scan, or by what a wedge typed."""
    try:
        text = _event(request.form.get("event", "")) or mended(request.form.get("scan", ""))
        code = read_code(text)
        if not isinstance(code, CommandCode):
            raise InvalidIdentifier("command card", text, "Không đọc được thẻ lệnh. Quét lại.")
    except AgentError as error:
        return jsonify(words=_(error.message)), status_of(error)
    return jsonify(command=code.command)


@counter.get("/scans/<uuid:uid>")
@allow(Action.SEARCH, quiet=True)
def scan_waits(uid: UUID) -> ResponseReturnValue:
    """Found while a scan waits for a screen: a window that is not in front asks before it acts."""
    if not at_this_machine() or not waits(site(), uid, by=actor()):
        raise NotFound("Lượt quét này không còn. Quét lại.")
    return "", 204


def _event(uid: str) -> str:
    """What the reader's scan said that a screen takes; empty when it names none."""
    if not uid:
        return ""
    if not at_this_machine():
        raise NotFound("Máy đọc ở quầy quét cho màn hình của quầy; ở máy khác hãy gõ mã.")
    with suppress(ValueError):
        return take_scan(site(), UUID(uid), by=actor())
    raise NotFound("Lượt quét này không còn. Quét lại.")


@counter.get("/keys")
@allow()
def keys() -> ResponseReturnValue:
    """The keys of the desk, on one page."""
    return render_template("counter/keys.html")
