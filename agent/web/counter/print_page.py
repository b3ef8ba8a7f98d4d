"""What of a dossier goes to the printers: labels, slip, cover sheets; what became of each, and printing it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.jobs import JobState
from agent.domain.media import parse_media
from agent.domain.roles import Action
from agent.errors import AgentError, ConfigError, Forbidden, NotFound
from agent.intake.print_jobs import printer_line
from agent.intake.prints import (
    COMPONENT,
    ITEM,
    LABEL,
    SLIP,
    Print,
    answer_print,
    cancel_print,
    covers_pdf,
    find_print,
    print_pdf,
    prints_of,
    request_print,
)
from agent.store import desk as rows
from agent.store.dossiers import Dossier
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, log_look, own_dossier
from agent.web.counter.document_pages import pdf_answer
from agent.web.errors import status_of
from agent.web.filters import clock_time, s10, short_day
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.i18n import gettext as _
from agent.web.notices import say

PERSONAL = {SLIP: "receipt slip", ITEM: "return label"}  # what the access log calls a print with a person's name on it
ALL_COMPONENTS = "components"


@dataclass(frozen=True)
class Row:
    """One line of the page: what it is, and in a word and a sign what became of it."""

    print: Print
    what: str
    sign: str
    words: str

    @property
    def asks(self) -> bool:
        """Whether only the clerk knows if it came out."""
        return self.print.job is not None and self.print.job.state is JobState.NEEDS_CLERK

    @property
    def may_cancel(self) -> bool:
        """Whether it waits and has not been sent."""
        return self.print.job is not None and self.print.job.state in (JobState.READY, JobState.HELD)


@counter.get("/dossiers/<uuid:uid>/print")
@allow(Action.LABEL)
def print_page(uid: UUID) -> ResponseReturnValue:
    """The page; no personal data on it."""
    return _page(own_dossier(uid, Action.LABEL))


@counter.post("/dossiers/<uuid:uid>/print")
@allow(Action.LABEL)
def print_now(uid: UUID) -> ResponseReturnValue:
    """Queue what the form names, or every component's label."""
    held, name = own_dossier(uid, Action.LABEL), request.form.get("print", "")
    reason, seen = request.form.get("reason", "")[:200], request.form.get("seen", type=int)

    def act() -> None:
        if name == ALL_COMPONENTS:
            _print_components(held, seen)
            return
        one = find_print(site(), held.uid, name)
        job = request_print(site(), held.uid, name, by=actor(), reason=reason, seen=seen)
        if one.kind in PERSONAL:
            log_look(held, PERSONAL[one.kind])
        say(_("Đã có một bản đang in.") if one.job and one.job.key == job.key else _("Đã gửi in."))

    return _done(held, act)


@counter.post("/dossiers/<uuid:uid>/print/answer")
@allow(Action.LABEL)
def print_answer(uid: UUID) -> ResponseReturnValue:
    """Say whether the uncertain print came out."""
    held, name = own_dossier(uid, Action.LABEL), request.form.get("print", "")
    came_out = request.form.get("came_out") == "yes"

    def act() -> None:
        answer_print(site(), held.uid, name, came_out=came_out, by=actor())
        say(_("Đã ghi: bản in đã ra.") if came_out else _("Đã ghi: không ra; đang in bản mới."))

    return _done(held, act)


@counter.post("/dossiers/<uuid:uid>/print/cancel")
@allow(Action.LABEL)
def print_cancel(uid: UUID) -> ResponseReturnValue:
    """Give up what waits for the printer."""
    held = own_dossier(uid, Action.LABEL)

    def act() -> None:
        cancel_print(site(), held.uid, request.form.get("print", ""), by=actor())
        say(_("Đã bỏ bản in đang chờ. Chưa có gì ra máy in."))

    return _done(held, act)


@counter.get("/dossiers/<uuid:uid>/print/<name>.pdf")
@allow(Action.LABEL)
def print_file(uid: UUID, name: str) -> ResponseReturnValue:
    """A print as PDF, for the office's own printer; `covers` and `components` are whole sets."""
    held = own_dossier(uid, Action.LABEL)
    if name == "covers":
        return pdf_answer(covers_pdf(site(), uid), f"to-phan-cach-{held.provisional}")
    if name == ALL_COMPONENTS:
        names = [one.name for one in prints_of(site(), uid) if one.kind == COMPONENT]
        return pdf_answer(print_pdf(site(), uid, *names), f"nhan-thanh-phan-{held.provisional}")
    one = find_print(site(), uid, name)
    if one.kind in PERSONAL:
        log_look(held, PERSONAL[one.kind])
    return pdf_answer(print_pdf(site(), uid, name), f"{name}-{held.provisional}".replace(".", "-"))


def _print_components(held: Dossier, seen: int | None) -> None:
    """Those without a label yet; when each has one, all of them again, unless more were made than the page showed."""
    every = [one for one in prints_of(site(), held.uid) if one.kind == COMPONENT]
    if seen is not None and seen < sum(len(one.jobs) for one in every):
        say(_("Đã có một bản đang in."))
        return
    found = [one for one in every if not one.waits]
    fresh = [one for one in found if one.job is None or one.job.state is not JobState.ACKED]
    for one in fresh or found:
        request_print(site(), held.uid, one.name, by=actor(), seen=len(one.jobs))
    say(_("Đã gửi in %(n)s nhãn thành phần.") % {"n": len(fresh or found)})


def _done(held: Dossier, act: Callable[[], None]) -> ResponseReturnValue:
    """Back to the page; what the act refuses stands at its top."""
    try:
        act()
    except (NotFound, Forbidden):
        raise
    except AgentError as error:
        return _page(held, problem=error.message), status_of(error)
    return see_other("counter.print_page", uid=held.uid)


def _page(held: Dossier, *, problem: str = "") -> str:
    lines = [_row(one) for one in prints_of(site(), held.uid)]
    by_kind = {kind: [line for line in lines if line.print.kind == kind] for kind in (LABEL, SLIP, COMPONENT, ITEM)}
    printers = (("label", _("máy in nhãn")), ("receipt", _("máy in cuộn")))
    with site().store.reading():
        mark = rows.mark_of(held)
    return render_template(
        "counter/print.html",
        dossier=held,
        rows=by_kind,
        questions=[line for line in lines if line.asks],
        due=next((line for line in by_kind[ITEM] if line.print.job is None), None),
        printers=[(words, _printer(role)) for role, words in printers],
        mark=mark,
        problem=problem,
    )


def _row(one: Print) -> Row:
    names = {LABEL: _("nhãn hồ sơ"), SLIP: _("giấy tiếp nhận, bản cuộn"), ITEM: f"{_('nhãn bưu gửi')} {s10(one.of)}"}
    what = names.get(one.kind, one.of)
    job = one.job
    if job is None:
        return Row(one, what, "untouched", _("chưa in"))
    match job.state:
        case JobState.ACKED:
            at = f"{clock_time(job.settled_at)} {short_day(job.settled_at)}"
            return Row(one, what, "complete", _("đã in %(at)s") % {"at": at})
        case JobState.NEEDS_CLERK:
            return Row(one, what, "unknown", _("chưa rõ đã ra hay chưa"))
        case JobState.REJECTED:
            return Row(one, what, "refused", gettext(job.error))
        case JobState.CANCELLED:
            return Row(one, what, "untouched", _("chưa in, bản trước đã bỏ"))
        case JobState.HELD:
            return Row(one, what, "decide", _("đang giữ lại"))
    if job.state is JobState.READY and job.error:
        return Row(one, what, "decide", gettext(job.error))
    return Row(one, what, "partial", _("đang in") if job.state is JobState.SENDING else _("đang chờ in"))


def _printer(role: str) -> str:
    """The printer of a role in a few words; empty when there is none."""
    line = printer_line(site(), role)
    if not line.name:
        return ""
    try:
        media = parse_media(line.media, device=line.name)
    except ConfigError as error:
        return error.message
    paper = ""
    if media is not None:
        width, height = (f"{side:g}" for side in media)
        paper = _("cuộn %(width)s mm") % {"width": width} if height == "0" else f"{width}×{height} mm"
    return " · ".join(part for part in (line.name, line.language, f"{line.dpi} dpi", paper) if part)
