"""One filed page as large as it is to be read: turned, moved, put elsewhere, scanned again, accepted, taken out."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import AgentError, NotFound, RuleViolation
from agent.intake.arrange import move_page, place_page, replace_by_waiting, replace_page, turn_page
from agent.intake.inbox import file_name
from agent.store.dossiers import Dossier
from agent.store.inbox import InboxPage
from agent.store.papers import Page
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, is_over, log_look, own_dossier
from agent.web.counter.dossier_page import view
from agent.web.counter.inbox_page import ACCEPTED, reason_words, scan_with
from agent.web.counter.inbox_view import inbox_view, setting_words, source_words
from agent.web.counter.paper_acts import LARGEST, decide
from agent.web.errors import status_of
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

TURNS: dict[str, int | None] = {"90": 90, "180": 180, "270": 270, "upright": None}
STEPS = {"up": -1, "down": 1}


@counter.get("/dossiers/<uuid:uid>/pages/<uuid:page>")
@allow(Action.DIGITISE)
def page_look(uid: UUID, page: UUID) -> ResponseReturnValue:
    """The page, what is said of it, and what can be done with it."""
    held = own_dossier(uid, Action.DIGITISE)
    log_look(held, "page")
    return _look(held, page)


@counter.post("/dossiers/<uuid:uid>/pages/<uuid:page>/act")
@allow(Action.DIGITISE, body=LARGEST)
def page_act(uid: UUID, page: UUID) -> ResponseReturnValue:
    """Do one thing with the page; what is refused is said beside it."""
    held = own_dossier(uid, Action.DIGITISE)
    try:
        then = _act(held, page, request.form.get("act", ""))
    except NotFound:
        raise
    except AgentError as error:
        log_look(held, "page")
        return _look(held, page, problem=error)
    return then or see_other("counter.page_look", uid=uid, page=page)


def _act(held: Dossier, page: UUID, act: str) -> ResponseReturnValue | None:
    """Do it; where to go then, None for the same page."""
    here, form, by, home = site(), request.form, actor(), see_other("counter.dossier", uid=held.uid)
    if act in TURNS:
        turn_page(here, held.uid, page, TURNS[act], by=by)
    elif act in STEPS:
        move_page(here, held.uid, page, STEPS[act], by=by)
    elif act == "place":
        place_page(here, held.uid, page, _uid(form.get("component", "")), by=by)
        say(_("Đã chuyển trang sang thành phần khác."))
    elif act == "accept":
        decide(held, page, act, form.get("reason", ""))
    elif act == "again":
        scan_with(form.get("device", ""))
        return see_other("counter.page_look", uid=held.uid, page=page, again=1)
    elif act == "instead":
        replace_by_waiting(here, held.uid, page, _uid(form.get("new", "")), by=by)
        say(_("Đã thay trang."))
        return home
    elif act == "upload":
        return _uploaded(held, page)
    elif act == "remove":
        decide(held, page, act, form.get("reason", ""))
        return home
    else:
        raise RuleViolation("Chưa chọn việc cần làm với trang này.")
    return None


def _uploaded(held: Dossier, page: UUID) -> ResponseReturnValue:
    file = request.files.get("pages")
    if file is None or not file.filename:
        raise RuleViolation("Chưa chọn tệp nào. Chọn tệp ảnh hoặc PDF của giấy tờ rồi nộp.")
    images = site().digitiser().read_bytes(file_name(str(file.filename)), file.read())
    origin = {"kind": "upload", "device": "browser"}
    filed = replace_page(site(), held.uid, page, images, by=actor(), origin=origin)
    say(_("Đã thay trang."))
    return see_other("counter.page_look", uid=held.uid, page=filed[0].uid)


def _look(held: Dossier, page: UUID, *, problem: AgentError | None = None) -> ResponseReturnValue:
    seen = view(held.uid)
    pages = [(one, row, at) for one in seen.components for at, row in enumerate(one.pages, start=1)]
    at = next((number for number, (_one, row, _at) in enumerate(pages) if row.uid == page), None)
    if at is None:
        raise NotFound("Trang này không còn trong hồ sơ. Tải lại trang.")
    one, row, number = pages[at]
    box = inbox_view()
    shown = render_template(
        "counter/page_look.html",
        dossier=seen.dossier, view=seen, component=one, page=row, number=number, box=box,
        gone=is_over(seen.dossier, row.sha256),
        before=pages[at - 1][1] if at else None, after=pages[at + 1][1] if at + 1 < len(pages) else None,
        others=[other for other in seen.components if other.open and other.row.id != one.row.id],
        newer=_newer(row, box.pages) if "again" in request.args else None, waits="again" in request.args,
        near="zoom" in request.args, accepted=ACCEPTED, reasons=reason_words(),
        problem=problem.message if problem else "", setting_words=setting_words, source_words=source_words,
    )  # fmt: skip
    return (shown, status_of(problem)) if problem else shown


def _newer(page: Page, waiting: Sequence[InboxPage]) -> InboxPage | None:
    """The newest page that came to the inbox after this one was filed."""
    came = [one for one in waiting if one.arrived_at >= page.created_at]
    return came[-1] if came else None


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RuleViolation("Chưa chọn nơi chuyển hoặc ảnh thay. Chọn rồi làm lại.") from None
