"""Errors at the edge: which HTTP status, which words, and a page or a problem document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, json, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from agent import errors as e
from agent import log
from agent.web.context import site
from agent.web.error_words import HEADLINES, HTTP_WORDS, NEXT_STEPS
from agent.web.i18n import gettext, language

STATUS: dict[type[e.AgentError], int] = {
    e.NotFound: 404, e.Forbidden: 403, e.Duplicate: 409, e.IllegalStep: 409, e.RuleViolation: 422,
    e.DeviceUnavailable: 503, e.DeviceError: 502, e.IntegrityError: 500, e.DocumentError: 422, e.SigningError: 422,
    e.HandoffUnavailable: 503, e.HandoffRejected: 422, e.HandoffOutcomeUnknown: 504, e.HandoffError: 502,
    e.StoreFull: 507, e.StoreLocked: 503, e.StoreError: 500, e.ConfigError: 500, e.AgentError: 500,
}  # fmt: skip
_BY_CODE = {
    "wrong-password": 403,
    "idempotency": 422,
    "bad-request": 400,
    "withdrawal-too-late": 409,
    "phone-revoked": 401,
    "pictures-busy": 503,
}


def status_of(error: e.AgentError) -> int:
    """The HTTP status of an error: its code's, else that of the nearest class in the table."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def install(app: Flask) -> None:
    """Answer errors as pages, or as application/problem+json under /api/."""
    app.register_error_handler(e.AgentError, _agent_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)


def _agent_error(error: e.AgentError) -> Response:
    status = status_of(error)
    reference = _log(error, status) if status >= 500 else ""
    return _answer(status, error.code, error.message, reference=reference, more=_details(error))


def _http_error(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    if status == 500:  # the error page itself failed
        words = f"Phần mềm gặp lỗi. Mã tham chiếu / Reference: {_log(error, 500)}\n"
        return Response(words, status=500, mimetype="text/plain")
    code, words = HTTP_WORDS.get(status, (f"http-{status}", "Máy chủ không làm được yêu cầu này."))
    answer = _answer(status, code, gettext(words))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            answer.headers[name] = value
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _crash(error: Exception) -> Response:
    reference = _log(error, 500)
    words = gettext("Phần mềm gặp lỗi không lường trước khi làm yêu cầu này.")
    return _answer(500, "internal", words, reference=reference)


def _log(error: BaseException | None, status: int) -> str:
    """Log ids and places only: an exception's own words may quote a citizen's data."""
    from traceback import extract_tb

    reference = site().ids.token(6)
    code = getattr(error, "code", type(error).__name__)
    trace = extract_tb(error.__traceback__ if error else None)
    frames = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(trace[-6:]))
    log.get("agent.web").error(
        "request failed: reference %s, status %d, code %s, endpoint %s, at %s",
        reference, status, code, request.endpoint, frames, extra={"outcome": code, "key": reference},
    )  # fmt: skip
    return reference


def _details(error: e.AgentError) -> dict[str, Any]:
    names = ("fields", "gaps", "allowed", "state", "step", "error_code", "field")
    return {name: value for name in names if (value := getattr(error, name, None))}


def _answer(status: int, code: str, words: str, *, reference: str = "", more: dict[str, Any] | None = None) -> Response:
    if request.path.startswith("/api/"):
        return problem(status, code, words, reference=reference, more=more)
    key = code if code in HEADLINES else f"{status // 100}xx"
    next_step = NEXT_STEPS.get(code, NEXT_STEPS[f"{status // 100}xx"])
    facts = {
        "status": status, "code": code, "words": words, "reference": reference, "gaps": (more or {}).get("gaps", ()),
        "headline": gettext(HEADLINES[key]), "next_step": gettext(next_step),
    }  # fmt: skip
    part = bool(request.headers.get("HX-Request"))
    html = render_template("error_part.html" if part else "error.html", **facts)
    answer = Response(html, status=status, mimetype="text/html")
    if part:
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#said", "innerHTML"
    return answer


def problem(
    status: int, code: str, words: str, *, reference: str = "", more: dict[str, Any] | None = None
) -> Response:  # fmt: skip
    """A problem document (RFC 9457); `code` is stable, `detail` is for people."""
    key = code if code in HEADLINES else f"{status // 100}xx"
    body = {
        "type": f"/api/v1/problems/{code}", "title": gettext(HEADLINES[key]), "status": status, "detail": words,
        "code": code, "lang": language(), **(more or {}),
    }  # fmt: skip
    if reference:
        body["reference"] = reference
    return Response(json.dumps(body), status=status, mimetype="application/problem+json")
