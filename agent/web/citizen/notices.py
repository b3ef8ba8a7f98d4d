"""The messages of one dossier: what went, what waits, why none goes, and whether the citizen wants any."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.permissions import require
from agent.citizen.switches import say_wish, told_by_phone
from agent.domain.jobs import STATE_WORDS, JobState
from agent.domain.notices import KIND_NAME, NoticeKind
from agent.domain.roles import Action
from agent.store.citizen import wish_of
from agent.store.lookup import dossier_by_uid
from agent.store.notices import notices_of, why_not
from agent.web.citizen import citizen
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

SIGNS = {
    JobState.ACKED: "complete", JobState.REJECTED: "refused", JobState.UNKNOWN: "unknown",
    JobState.NEEDS_CLERK: "decide", JobState.HELD: "decide", JobState.CANCELLED: "untouched",
}  # fmt: skip


@citizen.get("/dossiers/<uuid:uid>/notices")
@allow(Action.VIEW_DOSSIER)
def notices(uid: UUID) -> ResponseReturnValue:
    """The list, newest first; neither words nor number."""
    with site().store.reading():
        dossier = dossier_by_uid(uid)
        require(current_user(), Action.VIEW_DOSSIER, dossier.office_id)
        sent, wish = notices_of(dossier), wish_of(dossier)
        why = why_not(dossier, NoticeKind.NEWS, site().settings)
    return render_template("citizen/notices.html", dossier=dossier, sent=sent, wish=wish, why=why, signs=SIGNS,
                           kinds=KIND_NAME, states=STATE_WORDS)  # fmt: skip


@citizen.post("/dossiers/<uuid:uid>/notices")
@allow(Action.RECEIVE, Action.DELIVER_AT_COUNTER)
def wish(uid: UUID) -> ResponseReturnValue:
    """Keep what the citizen wants, or that a doubtful message was told by phone."""
    with site().store.reading():
        dossier = dossier_by_uid(uid)
    require(current_user(), Action.VIEW_DOSSIER, dossier.office_id)
    key = request.form.get("told", "")[:120]
    if key:
        told_by_phone(site(), uid, key, by=acting())
    else:
        say_wish(site(), uid, request.form.get("wanted") == "1", by=acting())
    say(_("Đã ghi."))
    return see_other("citizen.notices", uid=uid)
