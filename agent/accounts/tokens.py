"""Make, check and revoke the bearer tokens of API clients."""

from __future__ import annotations

from collections.abc import Iterable

from agent.accounts.principal import Principal
from agent.accounts.secret import digest
from agent.domain.roles import SCOPES
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.accounts import ApiClient, User


def make_token(site: Site, username: str, scopes: Iterable[str], *, name: str = "") -> str:
    """A new token that acts for `username` within `scopes`; this return value is its only copy.

    Raises NotFound for an unknown user, RuleViolation for an unknown scope.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise RuleViolation(f"Không có phạm vi “{' '.join(unknown)}”. Các phạm vi có: {', '.join(SCOPES)}.")
    token = site.ids.token(32)
    with site.store.writing():
        user = User.get_or_none(User.username == username, User.active)
        if user is None:
            raise NotFound(f"Không có người dùng “{username}”. Thêm bằng lệnh: postal-agent users add {username} …")
        ApiClient.create(
            name=name or username, token_sha256=digest(token), scopes=" ".join(wanted), office_id=user.office_id,
            user=user, created_at=site.clock.now(),
        )  # fmt: skip
    return token


def verify_token(site: Site, token: str) -> Principal | None:
    """Who a bearer token acts for, or None when it is unknown, revoked or its user switched off."""
    with site.store.reading():
        client = rows.first(ApiClient, token_sha256=digest(token))
        user = rows.first(User, id=client.user_id) if client else None
    if client is None or client.revoked_at is not None or user is None or not user.active:
        return None
    scopes = frozenset(client.scopes.split())
    return Principal(
        user.username, user.full_name, user.role, client.office_id, site.settings.terminal.id, scopes, client.name
    )


def revoke_tokens(site: Site, name: str) -> int:
    """Revoke every live token of the client or user `name`; the number revoked."""
    with site.store.writing():
        owners = User.select(User.id).where(User.username == name)
        query = ApiClient.update(revoked_at=site.clock.now()).where(
            ApiClient.revoked_at.is_null(), (ApiClient.name == name) | ApiClient.user.in_(owners)
        )
        return int(query.execute())
