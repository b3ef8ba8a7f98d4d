"""The port by which a message reaches a citizen's phone, with three outcomes and a fourth: nothing was sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class NoticeResult(StrEnum):
    """What became of a message."""

    SENT = "sent"  # the gateway has taken it over
    REFUSED = "refused"  # it will never take this one: a number that is none, a receiver who blocked us
    NOT_SENT = "not_sent"  # nothing left, or it was turned away unread: try later
    UNKNOWN = "unknown"  # it may have arrived


@dataclass(frozen=True)
class Notice:
    """One message; `key` is opaque and the same at each try, `to` is E.164."""

    key: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    kind: str
    office: str


@dataclass(frozen=True)
class NoticeOutcome:
    """What is known, why (Vietnamese, without personal data), and the gateway's own number."""

    result: NoticeResult
    reason: str = ""
    reference: str = ""
    wait: float | None = None  # seconds after which it wants to be tried again; None: it did not say


class Notifier(Protocol):
    """A channel; used by one thread only, raises nothing on purpose."""

    @property
    def repeats(self) -> bool:
        """Whether the same key again can never make a second message, so that a doubtful one may be sent again."""

    def obstacle(self) -> str:
        """What stands in the way of sending now, in Vietnamese with what to do; empty: nothing. Sends no message."""

    def send(self, notice: Notice) -> NoticeOutcome:
        """Send one message and say what is known of it."""

    def ask(self, key: str) -> NoticeOutcome | None:
        """What became of the message with this key; NOT_SENT: it never came. None where nobody can be asked."""
