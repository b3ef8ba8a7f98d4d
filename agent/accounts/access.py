"""Write down each look at a citizen's data, with its purpose."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from agent.accounts.principal import Principal
from agent.site import Site
from agent.store.accounts import AccessLog


class Purpose(StrEnum):
    """Why somebody looked, derived from the task at hand, never asked for."""

    INTAKE = "intake"
    SUPPLEMENT = "supplement"
    HAND_OFF = "hand-off"
    FOLLOW_UP = "follow-up"
    DELIVERY = "delivery"
    SEARCH = "search"
    RECONCILIATION = "reconciliation"
    COMPLAINT = "complaint"


def record_access(site: Site, user: Principal, *, dossier: UUID | None, purpose: Purpose, what: str) -> None:
    """Add one entry; `what` names the kind of data ("dossier page", "search list"), never the data.

    Joins the caller's write transaction when there is one.
    """
    with site.store.joined():
        AccessLog.create(
            at=site.clock.now(), actor=user.actor, office_id=user.office_id, dossier_uid=dossier,
            purpose=purpose.value, what=what,
        )  # fmt: skip


def looked_lately(site: Site, user: Principal, *, dossier: UUID, whats: Collection[str], within: timedelta) -> bool:
    """Whether such a look of this user at this dossier was written down within this time."""
    mine = (AccessLog.dossier_uid == dossier) & (AccessLog.actor == user.actor) & AccessLog.what.in_(list(whats))
    with site.store.reading():
        return bool(AccessLog.select().where(mine, AccessLog.at >= site.clock.now() - within).exists())
