"""What the administrator's pages list: users, API clients, item ranges, jobs, the access log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from peewee import fn

from agent.domain.jobs import JobState
from agent.store.accounts import AccessLog, ApiClient, User
from agent.store.dossiers import Dossier
from agent.store.items import ItemRange
from agent.store.outbox import Job


def users() -> list[User]:
    """All users, by office and name."""
    return list(User.select().order_by(User.office_id, User.username))


def clients() -> list[ApiClient]:
    """All API clients with their users, live ones first."""
    query = ApiClient.select(ApiClient, User).join(User)
    return list(query.order_by(ApiClient.revoked_at.is_null(False), ApiClient.id.desc()))


def item_ranges() -> list[ItemRange]:
    """All allotted ranges, newest first."""
    return list(ItemRange.select().order_by(ItemRange.id.desc()))


def job_counts(office: str | None) -> dict[JobState, int]:
    """How many jobs there are in each state; `office` None: all."""
    query: Any = Job.select(Job.state, fn.COUNT(Job.id)).group_by(Job.state)
    if office is not None:
        query = query.where(Job.office_id == office)
    return {JobState(state): int(count) for state, count in query.tuples()}


def jobs_in(state: JobState, office: str | None, *, limit: int, before: int | None = None) -> list[Job]:
    """Jobs in a state, newest first; `before` is the id to page from. Payloads stay unread."""
    query = Job.select().where(Job.state == state)
    if office is not None:
        query = query.where(Job.office_id == office)
    if before is not None:
        query = query.where(Job.id < before)
    return list(query.order_by(Job.id.desc()).limit(limit))


def looks(
    office: str | None, *, actor: str = "", dossier: UUID | None = None, limit: int, before: int | None = None
) -> list[tuple[AccessLog, str]]:
    """Entries of the access log with the number of the dossier, newest first; `before` is the id to page from."""
    query = AccessLog.select()
    if office is not None:
        query = query.where(AccessLog.office_id == office)
    if actor:
        query = query.where(AccessLog.actor == actor)
    if dossier is not None:
        query = query.where(AccessLog.dossier_uid == dossier)
    if before is not None:
        query = query.where(AccessLog.id < before)
    rows = list(query.order_by(AccessLog.id.desc()).limit(limit))
    uids = [row.dossier_uid for row in rows if row.dossier_uid is not None]
    named = Dossier.select(Dossier.uid, Dossier.provisional, Dossier.official).where(Dossier.uid.in_(uids or [None]))
    numbers = {one.uid: one.official or one.provisional for one in named}
    return [(row, numbers.get(row.dossier_uid, "")) for row in rows]
