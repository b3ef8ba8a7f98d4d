"""One-time codes of receivers: kept as salted hashes, good for one item, one use and a few tries."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from agent.clock import Ids
from agent.store import rows
from agent.store.base import locked, require_writing
from agent.store.phones import ReceiverCode

DIGITS: Final = 6
LIFE: Final = timedelta(hours=24)
MOST_TRIES: Final = 5  # wrong ones, then a new code must be sent
SLACK: Final = timedelta(minutes=10)  # that a phone's corrected clock may be off


def make(number: str, *, by: str, at: datetime, ids: Ids) -> str:
    """A fresh code for an item, in place of earlier ones; this return value is its only copy. Inside writing()."""
    require_writing("receiver_codes.make")
    code = f"{int.from_bytes(ids.salt()) % 10**DIGITS:0{DIGITS}}"
    salt = ids.token(12)
    live = (ReceiverCode.item_number == number) & ReceiverCode.used_at.is_null()
    ReceiverCode.update(withdrawn=True).where(live).execute()
    rows.create(
        ReceiverCode, item_number=number, salt=salt, code_sha256=_hash(salt, code), created_at=at, created_by=by,
        expires_at=at + LIFE,
    )  # fmt: skip
    return code


def is_right(number: str, code: str, *, at: datetime) -> bool:
    """Whether this is the item's code at the instant `at`; wrong ones are counted, five end it. Inside writing().

    A phone that was offline is judged by when its delivery happened, not by when it was heard.
    """
    require_writing("receiver_codes.is_right")
    held = _live(number)
    if held is None or not held.created_at - SLACK <= at <= held.expires_at + SLACK or held.tries >= MOST_TRIES:
        return False
    if hmac.compare_digest(_hash(held.salt, code.strip()), held.code_sha256):
        return True
    rows.change(ReceiverCode, held.id, tries=held.tries + 1)
    return False


def use_up(number: str, *, event: UUID, at: datetime) -> None:
    """The item was handed over by its code, which is good for nothing from now on. Inside writing()."""
    require_writing("receiver_codes.use_up")
    held = _live(number)
    if held is not None:
        rows.change(ReceiverCode, held.id, used_at=at, used_by_event=event)


def _live(number: str) -> ReceiverCode | None:
    """The item's newest code, locked, if it was neither used nor replaced."""
    mine = (ReceiverCode.item_number == number) & ReceiverCode.used_at.is_null() & ~ReceiverCode.withdrawn
    query: Any = ReceiverCode.select().where(mine).order_by(ReceiverCode.id.desc()).limit(1)
    return next(iter(list(locked(query))), None)


def tries_left(number: str) -> int:
    """Wrong tries that the item's newest code still bears; 0 without a live one."""
    query: Any = ReceiverCode.select().where(ReceiverCode.item_number == number).order_by(ReceiverCode.id.desc())
    held = query.first()
    if held is None or held.withdrawn or held.used_at is not None:
        return 0
    return max(0, MOST_TRIES - int(held.tries))


def _hash(salt: str, code: str) -> str:
    return hashlib.sha256(f"receiver {salt} {code}".encode()).hexdigest()
