"""Acts on a feed and on its pages: answer, accept, turn, move, count, scan again, file the whole, take it back."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.feed import As, Target
from agent.domain.roles import Action
from agent.errors import AgentError, NotFound, RuleViolation
from agent.intake.camera import choose_waiting
from agent.intake.feed_answers import accept, answer, ask_again, count, move, replace, turn
from agent.intake.inbox import discard
from agent.intake.one_pass import feed, file_feed, return_feed
from agent.store import inbox as store
from agent.web.context import current_user, see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor
from agent.web.counter.inbox_feed_view import feed_page
from agent.web.counter.inbox_page import ACCEPTED, REASONS, inbox_page, places, reason_words, scan_with
from agent.web.counter.inbox_view import inbox_view, setting_words, source_words
from agent.web.errors import status_of
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

TURNS = {"90": 90, "180": 180, "270": 270, "upright": None}
STEPS = {"up": -1, "down": 1}


# --- a whole feed ------------------------------------------------------------------------------
@counter.post("/inbox/feeds/<uuid:stack>/file")
@allow(Action.DIGITISE)
def file_stack(stack: UUID) -> ResponseReturnValue:
    """File the whole feed as the screen showed it."""
    try:
        done = file_feed(site(), stack, mark=request.form.get("mark", ""), by=actor(), only=_only())
    except AgentError as error:
        return inbox_page(problem=error)
    words = _("Đã xếp %(pages)s trang vào %(components)s thành phần của %(dossiers)s hồ sơ.") % {
        "pages": done.pages, "components": done.components, "dossiers": len(done.dossiers),
    }  # fmt: skip
    undo = see_other("counter.return_stack", stack=stack).location
    say(words, undo_url=undo, undo_words=_("trả về hộp trang"))
    return _back()


@counter.post("/inbox/feeds/<uuid:stack>/return")
@allow(Action.DIGITISE)
def return_stack(stack: UUID) -> ResponseReturnValue:
    """Undo: the feed that was filed waits again."""
    try:
        pages = return_feed(site(), stack, by=actor())
    except AgentError as error:
        return inbox_page(problem=error)
    say(_("Đã trả %(count)s trang về hộp trang.") % {"count": pages})
    return _back()


@counter.post("/inbox/feeds/<uuid:stack>/answer")
@allow(Action.DIGITISE)
def answer_stack(stack: UUID) -> ResponseReturnValue:
    """Answer one question about a feed, or several pages' at once."""
    try:
        _answer(stack)
    except AgentError as error:
        return inbox_page(problem=error)
    return _back()


def _answer(stack: UUID) -> None:
    pages, act, form = _pages(), request.form.get("act", ""), request.form
    if act == "count":
        text = form.get("counted", "").strip()
        if text and not (text.isascii() and text.isdigit()):
            raise RuleViolation("Số trang đếm được không hợp lệ. Nhập một số từ 0.")
        count(site(), stack, int(text) if text else None, difference=form.get("difference", ""), by=actor())
    elif act == "accept":
        done = accept(site(), pages, reason=form.get("reason", ""), by=actor())
        say(_("Đã nhận %(count)s trang với lý do đã ghi.") % {"count": done})
    elif act == "upright":
        turn(site(), [page.uid for page in feed(site(), stack, by=actor()).pages], None, by=actor())
    elif act == "place":
        answer(site(), pages, decided=None, to=_place(), by=actor())
    elif act == "cover":
        answer(site(), pages[:1], decided=As.COVER, to=_place() if form.get("place") else None, by=actor())
    elif act == "follow":
        answer(site(), pages[:1], decided=As.COVER, by=actor())
    elif act in (As.PAGE, As.BACK):
        answer(site(), pages[:1], decided=As(act), by=actor())
    elif act in (As.PAIR, As.TWO):
        answer(site(), pages[-1:], decided=As(act), by=actor())
    elif act == "drop":
        discard(site(), pages[-1:] if form.get("last") else pages, why=form.get("why") or "quét trùng", by=actor())
    else:
        raise RuleViolation("Chưa chọn câu trả lời. Bấm một nút của câu hỏi.")


# --- one page ----------------------------------------------------------------------------------
@counter.get("/inbox/pages/<uuid:page>")
@allow(Action.DIGITISE)
def inbox_look(page: UUID) -> ResponseReturnValue:
    """One page as large as it is to be read, with what is said of it and what can be done."""
    return _look(page)


@counter.post("/inbox/pages/<uuid:page>")
@allow(Action.DIGITISE)
def inbox_act(page: UUID) -> ResponseReturnValue:
    """Turn, move, accept, scan again, put elsewhere, throw away."""
    try:
        act = request.form.get("act", "")
        if act in ("flat", "raw"):
            choose_waiting(site(), page, flat=act == "flat", by=actor())
        gone = act not in ("flat", "raw") and _act(page, act)
    except NotFound:
        raise
    except AgentError as error:
        return _look(page, problem=error)
    return _back() if gone else see_other("counter.inbox_look", page=page, held=_only() or None)


def _act(page: UUID, act: str) -> bool:
    """Do it; whether the page is gone from the screen then."""
    form, by = request.form, actor()
    if act in TURNS:
        turn(site(), [page], TURNS[act], by=by)
    elif act in STEPS:
        move(site(), page, STEPS[act], by=by)
    elif act == "accept":
        accept(site(), [page], reason=form.get("reason", ""), by=by)
    elif act == "again":
        ask_again(site(), page, by=by)
        if form.get("device"):
            scan_with(form["device"])
        else:
            say(_("Đặt trang này vào máy quét hoặc chụp lại. Trang mới đến sẽ hiện ra để thay."))
    elif act == "instead":
        replace(site(), page, _uid(form.get("new", "")), by=by)
        say(_("Đã thay trang; ảnh cũ đã xóa."))
        return True
    elif act == "place":
        answer(site(), [page], decided=None, to=_place(), by=by)
    elif act in set(As):
        answer(site(), [page], decided=As(act), to=_place() if act == As.COVER and form.get("place") else None, by=by)
    elif act == "forget":
        answer(site(), [page], decided=None, by=by)
    elif act == "drop":
        discard(site(), [page], why=form.get("why", ""), by=by)
        say(_("Đã bỏ %(count)s trang; ảnh không nơi nào dùng nữa đã được xóa.") % {"count": 1}, kind="warn")
        return True
    else:
        raise RuleViolation("Chưa chọn việc cần làm với trang này.")
    return False


def _look(page: UUID, *, problem: AgentError | None = None) -> ResponseReturnValue:
    user = current_user()
    with site().store.reading():
        row = store.one(user.office_id, user.terminal_id, page)
    if row is None:
        raise NotFound("Trang này không còn chờ trong hộp. Xem lại hộp trang.")
    seen = feed_page(feed(site(), row.stack, by=actor(), only=_only()))
    at = next(number for number, card in enumerate(seen.cards) if card.row.uid == page)
    where = next(group for group in seen.groups if seen.cards[at] in group.cards)
    newer = [one for one in inbox_view().pages if row.again_at and one.arrived_at >= row.again_at and one.uid != page]
    record_access(site(), user, dossier=None, purpose=Purpose.INTAKE, what="page inbox")
    shown = render_template(
        "counter/inbox_look.html",
        feed=seen, card=seen.cards[at], where=where, only=_only(), box=inbox_view(),
        before=seen.cards[at - 1] if at else None,
        after=seen.cards[at + 1] if at + 1 < len(seen.cards) else None,
        asked=[one for one in seen.asked if seen.cards[at] in one.cards],
        newer=newer[0] if newer else None, near="zoom" in request.args,
        places=places([seen.view]), accepted=ACCEPTED, reasons=list(zip(REASONS, reason_words(), strict=True)),
        problem=problem.message if problem else "", setting_words=setting_words, source_words=source_words,
    )  # fmt: skip
    return (shown, status_of(problem)) if problem else shown


# --- the parts ---------------------------------------------------------------------------------
def _only() -> str:
    """The dossier that is being digitised, by its provisional number; empty for any."""
    return request.values.get("held", "")[:48]


def _back() -> ResponseReturnValue:
    return see_other("counter.inbox", held=_only() or None)


def _pages() -> list[UUID]:
    return [_uid(one) for one in request.form.getlist("page")]


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RuleViolation("Danh sách trang không đúng. Tải lại trang rồi chọn lại.") from None


def _place() -> Target:
    number, slash, component = request.form.get("place", "").partition("/")
    if not slash:
        raise RuleViolation("Chưa chọn thành phần. Chọn nơi xếp trang rồi làm lại.")
    return Target(number, str(_uid(component)))
