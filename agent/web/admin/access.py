"""The access log: who looked at whose dossier, when and why; never the data itself."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import NotFound
from agent.store.administration import looks
from agent.store.lookup import dossier_by_number
from agent.web.admin import admin, scope
from agent.web.admin.words import PURPOSE_NAME, WHAT_NAME
from agent.web.context import site
from agent.web.guard import allow


@admin.get("/access")
@allow(Action.VIEW_ACCESS_LOG)
def access() -> ResponseReturnValue:
    """Entries by user or dossier, newest first."""
    office = scope.office()
    who, number = request.args.get("user", "").strip()[:40].lower(), request.args.get("dossier", "").strip()[:40]
    actor = f"user:{who}" if who and who not in ("system", "province") else who
    with site().store.reading():
        uid, missing = None, False
        if number:
            try:
                uid = dossier_by_number(number).uid
            except NotFound:
                missing = True
        rows = [] if missing else looks(office, actor=actor, dossier=uid, limit=scope.PAGE + 1, before=scope.before())
    more = rows[scope.PAGE - 1][0].id if len(rows) > scope.PAGE else None
    return render_template(
        "admin/access.html", rows=rows[: scope.PAGE], more=more, who=who, number=number, purposes=PURPOSE_NAME,
        whats=WHAT_NAME, show_office=office is None,
    )  # fmt: skip
