"""Find, keep alive and end the session of a request."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.accounts.principal import Principal
from agent.accounts.secret import digest
from agent.errors import StoreFull, StoreLocked
from agent.site import Site
from agent.store.accounts import Session, User

_WRITE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Visit:
    """A live session: who, since when, and the token that its forms must carry."""

    user: Principal
    csrf: str
    since: datetime


def find_session(site: Site, token: str, *, touch: bool = True) -> Visit | None:
    """The session of a cookie, or None when there is none, it idled too long, or its user was switched off.

    `touch=False` (polling, live status) does not count as activity. Writes at most once a minute.
    """
    now = site.clock.now()
    with site.store.reading():
        row = Session.select(Session, User).join(User).where(Session.token_sha256 == digest(token)).first()
    if row is None or not row.user.active or row.expires_at <= now:
        return None
    if now - row.seen_at > timedelta(minutes=site.settings.web.idle_minutes):
        return None
    if touch and now - row.seen_at >= _WRITE_EVERY:
        with suppress(StoreLocked, StoreFull), site.store.writing():  # looking must work; the next look writes
            Session.update(seen_at=now).where(Session.id == row.id).execute()
    user = row.user
    who = Principal(user.username, user.full_name, user.role, user.office_id, row.terminal_id)
    return Visit(who, row.csrf, row.created_at)


def sign_out(site: Site, token: str) -> None:
    """End the session of this cookie and close its user's signing key; nothing happens when it is already gone."""
    mine = Session.token_sha256 == digest(token)
    with site.store.writing():
        row = Session.select(Session, User).join(User).where(mine).first()
        Session.delete().where(mine).execute()
    if row is not None:
        site.signers().forget(row.user.username)
