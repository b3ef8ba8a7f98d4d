"""The alarms of custody at an office, by kind, each with the way to what it is about."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.tracking.journal.alarms import AlarmKind, alarms, courier_names, put_to_decision
from agent.web.context import acting, current_user, see_other, site
from agent.web.custody import custody, words
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


@custody.get("/alarms")
@allow(Action.MANAGE_BAGS)
def alarms_now() -> ResponseReturnValue:
    """What calls for somebody now."""
    found = alarms(site(), current_user().office_id)
    with site().store.reading():
        names = words.holder_names([holder for one in found for holder in (one.who, one.detail) if ":" in holder])
        couriers = courier_names(
            {
                one.who
                for one in found
                if one.kind in (AlarmKind.CASH, AlarmKind.PHONE, AlarmKind.CHAIN, AlarmKind.WAITING)
            }
        )
    by_kind = {kind: [one for one in found if one.kind is kind] for kind in AlarmKind}
    return render_template(
        "custody/alarms.html", by_kind=by_kind, total=len(found), names={**names, **couriers}, words=words,
        now=site().clock.now(),
    )  # fmt: skip


@custody.post("/waiting/<uuid:event>")
@allow(Action.CORRECT)
def waiting_to_decision(event: UUID) -> ResponseReturnValue:
    """Put an event that has waited too long to a person's decision."""
    try:
        put_to_decision(site(), str(event), by=acting())
    except RuleViolation as error:
        say(gettext(error.message), kind="warn")
        return see_other("custody.alarms_now")
    return see_other("custody.conflicts")
