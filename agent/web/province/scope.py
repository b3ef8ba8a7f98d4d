"""Which offices a user of the reconciliation desk sees, and the difference that an address names."""

from __future__ import annotations

from uuid import UUID

from flask import request

from agent.accounts.permissions import require
from agent.domain.roles import EVERYWHERE, Action
from agent.errors import NotFound
from agent.store import differences_view as view
from agent.store.reconciliation import Difference
from agent.web.context import current_user, site


def office_asked() -> str | None:
    """The office to show: one's own, or for those who see all, the one asked for (None: all)."""
    user = current_user()
    if user.role not in EVERYWHERE:
        return user.office_id
    return request.values.get("office", "")[:60] or None


def offices() -> list[str]:
    """The offices that may be compared, inside reading(): own, or all that have dossiers here."""
    user = current_user()
    return view.offices() if user.role in EVERYWHERE else [user.office_id]


def own_difference(uid: UUID, action: Action) -> Difference:
    """The difference, when this user may do `action` on its office's work."""
    with site().store.reading():
        found = view.difference_by_uid(uid)
    if found is None:
        raise NotFound("Không có khác biệt này. Tải lại trang đối soát.")
    require(current_user(), action, found.office_id)
    return found


def office_name(office_id: str) -> str:
    """How an office is named: this agent's own by its name, others by their code."""
    own = site().settings.office
    return own.name if office_id == own.id else office_id
