"""Open a session for a name and a password, with a lock-out that grows."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from agent.accounts.passwords import password_matches
from agent.accounts.secret import digest
from agent.errors import Forbidden
from agent.site import Site
from agent.store import rows
from agent.store.accounts import Session, User

FREE_TRIES = 5
LONGEST_SESSION = timedelta(hours=12)
_FIRST_LOCK = timedelta(seconds=30)
_LONGEST_LOCK = timedelta(minutes=15)


class WrongPassword(Forbidden):
    """Name or password is wrong, or the account is locked: one answer for all, so that names cannot be guessed."""

    code = "wrong-password"

    def __init__(self) -> None:
        super().__init__(
            f"Sai tên hoặc mật khẩu. Từ lần sai thứ {FREE_TRIES}, tài khoản tạm khóa ít phút: "
            "hãy chờ rồi thử lại, hoặc nhờ quản trị viên đặt lại mật khẩu."
        )


def lock_after(failures: int) -> timedelta | None:
    """How long an account stays locked after so many failures in a row.

    >>> [lock_after(n) and lock_after(n).total_seconds() for n in (4, 5, 6, 9, 50)]
    [None, 30.0, 60.0, 480.0, 900.0]
    """
    if failures < FREE_TRIES:
        return None
    pause: timedelta = _FIRST_LOCK * (1 << min(failures - FREE_TRIES, 10))
    return min(pause, _LONGEST_LOCK)


def sign_in(site: Site, username: str, password: str, *, terminal_id: str) -> str:
    """Check the password and return the new session's token (the only copy).

    The failure is counted before the password is looked at, so parallel guesses cannot outrun the lock.
    Raises WrongPassword.
    """
    now = site.clock.now()
    name = unicodedata.normalize("NFC", username).strip().lower()
    with site.store.writing():
        user = rows.first_to_change(User, username=name)
        locked = user is not None and user.locked_until is not None and user.locked_until > now
        if user is not None and not locked:
            pause = lock_after(user.failed_count + 1)
            until = now + pause if pause else None
            rows.change(User, user.id, failed_count=user.failed_count + 1, locked_until=until)
    encoded = user.password_hash if user is not None and user.active and not locked else ""
    if not password_matches(encoded, unicodedata.normalize("NFC", password)) or user is None:
        raise WrongPassword
    return _open(site, user, terminal_id)


def _open(site: Site, user: User, terminal_id: str) -> str:
    now, token = site.clock.now(), site.ids.token(32)
    with site.store.writing():
        fresh = rows.first_to_change(User, id=user.id)
        if fresh is None or not fresh.active or fresh.password_hash != user.password_hash:
            raise WrongPassword  # shut, or given another password, while this one was looked at
        Session.delete().where(Session.expires_at < now).execute()
        Session.create(
            token_sha256=digest(token), user=user, terminal_id=terminal_id, created_at=now, seen_at=now,
            expires_at=now + LONGEST_SESSION, csrf=site.ids.token(18),
        )  # fmt: skip
        rows.change(User, user.id, failed_count=0, locked_until=None)
    return token
