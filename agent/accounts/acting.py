"""Who a command line acts for: a user named on it, at this terminal."""

from __future__ import annotations

from agent.accounts.principal import Principal
from agent.domain.actor import Actor
from agent.errors import NotFound
from agent.site import Site
from agent.store.accounts import User


def actor_of(site: Site, username: str) -> Actor:
    """The active user of that name as an actor; NotFound otherwise."""
    with site.store.reading():
        user = User.get_or_none(User.username == username, User.active)
    if user is None:
        raise NotFound(f"Không có người dùng “{username}”. Thêm bằng lệnh: postal-agent users add {username} …")
    return Actor(user.username, user.full_name, user.role, user.office_id, site.settings.terminal.id)


def principal_of(site: Site, username: str) -> Principal:
    """The same user as whoever opens a page: for what is allowed and for the access log."""
    actor = actor_of(site, username)
    assert actor.role is not None  # every user has one
    return Principal(actor.username, actor.full_name, actor.role, actor.office_id, actor.terminal_id)
