"""What the counter's views share: who acts, which dossier, what day, how an error stands on its page."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from flask import request, url_for

from agent.accounts.access import Purpose, looked_lately, record_access
from agent.accounts.permissions import require
from agent.clock import LOCAL, local
from agent.domain.actor import Actor
from agent.domain.dossier import State
from agent.domain.roles import Action
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.retention import over_among
from agent.web.context import current_user, site

PURPOSES = {
    State.RECEIVED: Purpose.INTAKE,
    State.LABELLED: Purpose.INTAKE,
    State.DIGITISED: Purpose.INTAKE,
    State.SIGNED: Purpose.HAND_OFF,
    State.SUBMITTED: Purpose.HAND_OFF,
    State.REJECTED: Purpose.HAND_OFF,
    State.SUPPLEMENT_ASKED: Purpose.SUPPLEMENT,
    State.SUPPLEMENT_SENT: Purpose.SUPPLEMENT,
    State.RESULT_READY: Purpose.DELIVERY,
}

PAGE_LOOKS = ("page", "values of papers", "page picture")  # looks that show pages as large as they are to be read
VISIT = timedelta(minutes=15)  # so long a picture belongs to the page that was opened


def actor() -> Actor:
    """The signed-in user as the one who answers for an act."""
    user = current_user()
    return Actor(user.username, user.full_name, user.role, user.office_id, user.terminal_id)


def here() -> str:
    """The page with a scan box from which a form came, as it was asked for; the desk for one from elsewhere."""
    parts = urlsplit(request.referrer or "")
    asked = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return asked if parts.path.startswith(("/counter/", "/devices/")) else url_for("counter.home")


def own_dossier(uid: UUID, action: Action) -> Dossier:
    """The dossier, when this user may do `action` on it; NotFound or Forbidden else."""
    with site().store.reading():
        dossier = dossier_by_uid(uid)
    require(current_user(), action, dossier.office_id)
    return dossier


def log_look(dossier: Dossier, what: str) -> None:
    """Write down that this user looked; why follows from where the dossier stands."""
    purpose = PURPOSES.get(dossier.state, Purpose.FOLLOW_UP)
    record_access(site(), current_user(), dossier=dossier.uid, purpose=purpose, what=what)


def log_picture(dossier: Dossier) -> None:
    """Write down that this user was given a readable page, once for a visit: its page's own look counts."""
    if not looked_lately(site(), current_user(), dossier=dossier.uid, whats=PAGE_LOOKS, within=VISIT):
        log_look(dossier, "page picture")


def is_over(dossier: Dossier, sha256: str) -> bool:
    """Whether this object may not be read any more in this dossier: its time is over, or it was erased."""
    with site().store.reading():
        return (sha256, dossier.id) in over_among([sha256])


def today() -> tuple[datetime, datetime]:
    """The first instants of this local day and of the next."""
    start = datetime.combine(local(site().clock.now()).date(), time.min, LOCAL)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)
