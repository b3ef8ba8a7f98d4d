"""Switch users off and on, give them a new password, and revoke one API client."""

from __future__ import annotations

import unicodedata

from agent.accounts.passwords import hash_password
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.accounts import ApiClient, Session, User


def switch_user(site: Site, username: str, *, active: bool, by: str) -> None:
    """Let a user sign in or not; switched off, their sessions end at once. Nobody switches themselves off."""
    if username == by and not active:
        raise RuleViolation("Không tự khóa tài khoản đang dùng. Nhờ quản trị viên khác.")
    with site.store.writing():
        user = _user(username)
        user.active = active
        user.save()
        if not active:
            Session.delete().where(Session.user == user).execute()


def new_password(site: Site, username: str) -> str:
    """Give the user a random password (this return value is its only copy); sessions end, a lock-out is lifted."""
    password = site.ids.token(9)
    encoded = hash_password(unicodedata.normalize("NFC", password))
    with site.store.writing():
        user = _user(username)
        user.password_hash, user.failed_count, user.locked_until = encoded, 0, None
        user.save()
        Session.delete().where(Session.user == user).execute()
    return password


def revoke_client(site: Site, client_id: int) -> str:
    """Revoke one token, named by its row; the client's name. Revoking again changes nothing."""
    with site.store.writing():
        client = ApiClient.get_or_none(ApiClient.id == client_id)
        if client is None:
            raise NotFound("Không có mã truy cập này. Tải lại trang.")
        if client.revoked_at is None:
            client.revoked_at = site.clock.now()
            client.save()
    return str(client.name)


def _user(username: str) -> User:
    user = rows.first_to_change(User, username=username)
    if user is None:
        raise NotFound(f"Không có người dùng “{username}”. Tải lại danh sách.")
    return user
