"""What the citizen says: how satisfied, in words if wanted; feedback and recommendations."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from agent.citizen import feedback as feedback_cases
from agent.citizen.survey import answer, survey_of
from agent.errors import RuleViolation
from agent.store.dossiers import Dossier
from agent.web.context import site
from agent.web.guard import by_link
from agent.web.guard import public as open_to_all
from agent.web.public import frame, public


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


FACES = (
    (1, _("Rất không hài lòng")), (2, _("Không hài lòng")), (3, _("Bình thường")), (4, _("Hài lòng")),
    (5, _("Rất hài lòng")),
)  # fmt: skip
FEW_WORDS = 64 * 1024  # bytes of a form


@public.get("/<token>/survey")
@open_to_all
def survey(token: str) -> Response:
    """The five faces, and room for words once one was tapped."""
    dossier = frame.dossier_of(token)
    return frame.wrong() if dossier is None else _survey_page(dossier, token)


@public.post("/<token>/survey")
@by_link
def rate(token: str) -> Response:
    """Keep the tap, or the words."""
    dossier, refused = _writer(token)
    if refused is not None or dossier is None:
        return refused or frame.not_found()
    score, words = request.form.get("score", ""), request.form.get("words")
    try:
        answer(site(), dossier.id, int(score) if score.isascii() and score.isdecimal() else 0, words)
    except RuleViolation as error:
        return _survey_page(dossier, token, problem=error.message, status=422)
    return _back("public.survey", token, saved="words" if words and words.strip() else "score")


@public.get("/<token>/feedback")
@open_to_all
def feedback(token: str) -> Response:
    """The form, and how what was said before stands."""
    dossier = frame.dossier_of(token)
    return frame.wrong() if dossier is None else _feedback_page(dossier, token)


@public.post("/<token>/feedback")
@by_link
def say(token: str) -> Response:
    """Take it, with the day by which the office answers."""
    dossier, refused = _writer(token)
    if refused is not None or dossier is None:
        return refused or frame.not_found()
    kind, words = request.form.get("kind", ""), request.form.get("words", "")
    try:
        feedback_cases.give(site(), dossier.id, kind, words)
    except RuleViolation as error:
        return _feedback_page(dossier, token, problem=error.message, kind=kind, typed=words, status=422)
    return _back("public.feedback", token, saved="1")


def _writer(token: str) -> tuple[Dossier | None, Response | None]:
    """The dossier that is written about, or the answer to who writes too often or about nothing."""
    dossier = frame.dossier_of(token)
    if dossier is None:
        return None, frame.wrong()
    return dossier, frame.hushed(token)


def _survey_page(dossier: Dossier, token: str, *, problem: str = "", status: int = 200) -> Response:
    with site().store.reading():
        found = survey_of(site(), dossier)
    saved = request.args.get("saved", "")
    return frame.page("public/survey.html", status, survey=found, faces=FACES, token=token, problem=problem,
                      saved=saved)  # fmt: skip


def _feedback_page(
    dossier: Dossier, token: str, *, problem: str = "", kind: str = "", typed: str = "", status: int = 200
) -> Response:
    with site().store.reading():
        said = feedback_cases.of_dossier(dossier)
    return frame.page(
        "public/feedback.html", status, said=said, token=token, problem=problem, kind=kind, typed=typed,
        saved=request.args.get("saved", ""), days=site().settings.citizen.feedback_days,
        most=feedback_cases.LONGEST,
    )  # fmt: skip


def _back(endpoint: str, token: str, **values: str) -> Response:
    asked = {"token": token, "lang": request.args.get("lang"), **values}
    return frame.quiet(redirect(url_for(endpoint, **asked), code=303))  # type: ignore[arg-type]
