"""Who a phone's token speaks for, and what is known of the phone's last contact."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from agent.errors import Forbidden, StoreFull, StoreLocked
from agent.site import Site
from agent.store import rows
from agent.store.accounts import User
from agent.store.phones import Phone
from agent.tracking.phones.pairing import hashed

_WRITE_EVERY = timedelta(minutes=1)


class PhoneRevoked(Forbidden):
    """The phone was shut out: it stops, keeps what it has not sent, and says so."""

    code = "phone-revoked"


@dataclass(frozen=True)
class Bearer:
    """A phone that may speak, and its courier's row."""

    phone: Phone
    user: User


def bearer_of(site: Site, token: str) -> Bearer | None:
    """The phone of a token, None for an unknown one; PhoneRevoked when it, or its courier, was shut out."""
    with site.store.reading():
        phone = rows.first(Phone, token_sha256=hashed(token))
        user = rows.first(User, username=phone.courier) if phone else None
    if phone is None:
        return None
    if phone.revoked_at is not None:
        raise PhoneRevoked(
            f"Điện thoại này đã bị thu hồi ({phone.revoked_reason}). Việc chưa gửi vẫn còn trong máy: "
            "mang máy về bưu cục để ghép lại."
        )
    if user is None or not user.active:
        raise PhoneRevoked("Tài khoản bưu tá đang bị khóa. Việc chưa gửi vẫn còn trong máy: mang máy về bưu cục.")
    return Bearer(phone, user)


def heard(site: Site, phone: Phone, *, unsent: int | None = None, offset_ms: int | None = None, app: str = "") -> None:
    """Note that the phone was heard and what it said of itself; at most once a minute while nothing changes."""
    now = site.clock.now()
    said = {"unsent": unsent, "clock_offset_ms": offset_ms, "app_version": app[:20] or None}
    changed = {name: value for name, value in said.items() if value is not None and getattr(phone, name) != value}
    if not changed and phone.last_seen_at is not None and now - phone.last_seen_at < _WRITE_EVERY:
        return
    with suppress(StoreLocked, StoreFull), site.store.writing():  # what the phone came for goes on; the next word notes
        rows.change(Phone, phone.id, last_seen_at=now, **changed)
