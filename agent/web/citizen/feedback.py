"""The queue of feedback with its deadlines, the surveys' words, and their export for the province."""

from __future__ import annotations

from uuid import UUID

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.citizen import feedback, surveys
from agent.domain.roles import Action
from agent.web.citizen import citizen
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@citizen.get("/feedback")
@allow(Action.ANSWER_CITIZENS)
def queue() -> ResponseReturnValue:
    """What waits for an answer, the most urgent first, and what was answered."""
    office = current_user().office_id
    with site().store.reading():
        waiting, answered = feedback.waiting(office), feedback.answered(office)
    if waiting or answered:
        record_access(site(), current_user(), dossier=None, purpose=Purpose.COMPLAINT, what="feedback")
    return render_template("citizen/feedback.html", waiting=waiting, answered=answered, kinds=feedback.KINDS,
                           now=site().clock.now(), longest=feedback.LONGEST)  # fmt: skip


@citizen.post("/feedback/<uuid:uid>")
@allow(Action.ANSWER_CITIZENS)
def answer(uid: UUID) -> ResponseReturnValue:
    """Keep what the citizen was told."""
    feedback.settle(site(), uid, request.form.get("answer", ""), by=acting())
    say(_("Đã ghi câu trả lời. Công dân thấy trên trang tra cứu là bưu cục đã trả lời."))
    return see_other("citizen.queue")


@citizen.get("/feedback.csv")
@allow(Action.RUN_OFFICE)
def feedback_file() -> ResponseReturnValue:
    """All feedback of the office, for the province."""
    data = feedback.export(site(), current_user().office_id, by=acting())
    record_access(site(), current_user(), dossier=None, purpose=Purpose.COMPLAINT, what="feedback export")
    return _csv(data, "phan-anh-kien-nghi.csv")


@citizen.get("/surveys")
@allow(Action.ANSWER_CITIZENS)
def survey_sums() -> ResponseReturnValue:
    """How satisfied citizens are, by score, and what they said."""
    office = current_user().office_id
    with site().store.reading():
        sums, said = surveys.sums(office), surveys.newest_words(office)
    if said:
        record_access(site(), current_user(), dossier=None, purpose=Purpose.COMPLAINT, what="surveys")
    return render_template("citizen/surveys.html", sums=sums, said=said, names=surveys.SCORE_NAME)


@citizen.get("/surveys.csv")
@allow(Action.RUN_OFFICE)
def survey_file() -> ResponseReturnValue:
    """All answers of the office, those that the province's system takes none of among them."""
    data = surveys.export(site(), current_user().office_id)
    record_access(site(), current_user(), dossier=None, purpose=Purpose.COMPLAINT, what="survey export")
    return _csv(data, "muc-do-hai-long.csv")


def _csv(data: bytes, name: str) -> ResponseReturnValue:
    file = make_response(data)
    file.headers["Content-Type"] = "text/csv; charset=utf-8"
    file.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return file
