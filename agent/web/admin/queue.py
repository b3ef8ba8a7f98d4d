"""Jobs by state, without what they carry; hold, release and retry."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.permissions import require
from agent.domain.jobs import CLERK_LANES, JobState, JobStep, legal_steps
from agent.domain.roles import Action
from agent.store import outbox
from agent.store.administration import job_counts, jobs_in
from agent.store.outbox import Job
from agent.store.province_line import nudge
from agent.tracking.sending import line_outlooks, outlooks
from agent.web.admin import admin, scope
from agent.web.admin.words import KIND_NAME, STATE_NAME, STATE_SIGN
from agent.web.context import current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.line_words import eta, line_words
from agent.web.notices import say


@admin.get("/queue")
@allow(Action.VIEW_QUEUE)
def queue() -> ResponseReturnValue:
    """Jobs in one state, the first that has any when none is asked for."""
    office = scope.office()
    with site().store.reading():
        counts = job_counts(office)
        state = _state(counts)
        rows = jobs_in(state, office, limit=scope.PAGE + 1, before=scope.before())
        known = outlooks(site(), rows[: scope.PAGE])
        lines = [(line_words(one), one.line.paused) for one in line_outlooks(site(), office)]
    more = rows[scope.PAGE - 1].id if len(rows) > scope.PAGE else None
    return render_template(
        "admin/queue.html", rows=rows[: scope.PAGE], more=more, counts=counts, state=state, names=STATE_NAME,
        signs=STATE_SIGN, kinds=KIND_NAME, steps=_steps if current_user().may(Action.STEER_QUEUE) else lambda job: (),
        show_office=office is None, lanes=CLERK_LANES, lines=lines,
        waits={job.id: eta(known.get(job.id)) for job in rows},
    )  # fmt: skip


@admin.post("/queue/<any(hold, release, retry):verb>")
@allow(Action.STEER_QUEUE)
def steer(verb: str) -> ResponseReturnValue:
    """Hold, release or retry the job that the form names."""
    key = request.form.get("key", "")[:100]
    with site().store.reading():
        job = outbox.show(key)
    require(current_user(), Action.STEER_QUEUE, job.office_id)
    if verb not in _steps(job):
        say(_("Việc %(key)s không làm được bước đó nữa: tình trạng đã đổi.") % {"key": key}, kind="warn")
    elif verb == "hold":
        outbox.hold(key, request.form.get("reason", "").strip()[:200] or _("giữ lại từ trang hàng đợi"))
        say(_("Đã giữ lại %(key)s.") % {"key": key})
    elif verb == "release":
        _now(outbox.release, job)
        say(_("Đã thả %(key)s.") % {"key": key})
    else:
        _now(outbox.retry, job)
        say(_("Đã xếp gửi lại %(key)s: vẫn nội dung và mã cũ.") % {"key": key})
    return see_other("admin.queue", state=request.form.get("state") or None)


def _now(act: Callable[[str], Job], job: Job) -> None:
    """Do that, and have the office's lines tried at once: whoever asks may know that they are back."""
    with site().store.writing():
        act(job.key)
        nudge(job.office_id, at=site().clock.now())


def _steps(job: Job) -> tuple[str, ...]:
    """What may be done here; a label that may have come out is the clerk's to answer, a running job is let run."""
    legal = legal_steps(job.state)
    asks_clerk = job.state is JobState.NEEDS_CLERK and job.lane in CLERK_LANES
    found = []
    if JobStep.HOLD in legal and job.state is not JobState.SENDING:
        found.append("hold")
    if JobStep.RELEASE in legal:
        found.append("release")
    if JobStep.RETRY in legal and not asks_clerk:
        found.append("retry")
    return tuple(found)


def _state(counts: dict[JobState, int]) -> JobState:
    asked = request.args.get("state", "")
    if asked in [one.value for one in JobState]:
        return JobState(asked)
    return next((state for state in STATE_NAME if counts.get(state)), JobState.READY)
