"""Injected time and identifiers: nobody else calls now() or makes a uuid."""

from __future__ import annotations

import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """The present instant as an aware UTC datetime."""

    def now(self) -> datetime: ...


class Ids(Protocol):
    """New identifiers and secrets."""

    def uid(self) -> uuid.UUID: ...
    def token(self, size: int = 24) -> str: ...
    def salt(self) -> bytes: ...


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """UUIDv7 (RFC 9562: 48-bit Unix milliseconds, then random) and url-safe tokens."""

    def uid(self) -> uuid.UUID:
        milliseconds = time.time_ns() // 1_000_000
        value = milliseconds << 80 | secrets.randbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return uuid.UUID(int=value)

    def token(self, size: int = 24) -> str:
        """A url-safe secret of `size` random bytes."""
        return secrets.token_urlsafe(size)

    def salt(self) -> bytes:
        """16 random bytes that make a commitment unguessable."""
        return secrets.token_bytes(16)


def local(instant: datetime) -> datetime:
    """The instant on the wall clock of Vietnam, as paper and screen show it."""
    return instant.astimezone(LOCAL)
