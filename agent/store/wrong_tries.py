"""Buckets of wrong tries in the database, so that all processes of an office share them and a restart forgets none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from peewee import BigIntegerField

from agent.domain import wrong_tries
from agent.domain.wrong_tries import NEWCOMER_AFTER, Asked, Bucket
from agent.store.base import Model, current, locked, require_writing

_Found = TypeVar("_Found")


class TryBucket(Model):
    """One bucket: milliseconds since 1970; a bucket without a row is full."""

    key = BigIntegerField(primary_key=True)
    full_at = BigIntegerField()
    tried_at = BigIntegerField()


class _Undo(Exception):
    """Ends the transaction without a trace."""


def wait(asked: Asked, now: datetime) -> int:
    """Seconds until this may be asked; 0: now. Changes nothing. Inside reading() or writing()."""
    at = _ms(now)
    return wrong_tries.seconds_to_wait(asked, _held(TryBucket.select().where(TryBucket.key.in_(_keys(asked)))), at)


def take(asked: Asked, now: datetime) -> int:
    """Spend a try in each bucket and return 0, or the seconds to wait, and nothing is spent. Inside writing().

    Buckets are locked in the order of their keys, so two processes never spend the same try.
    """
    require_writing("wrong_tries.take")
    at, keys = _ms(now), _keys(asked)
    blank = [{"key": key, "full_at": 0, "tried_at": 0} for key in keys]
    TryBucket.insert_many(blank).on_conflict_ignore().execute()
    held = _held(locked(TryBucket.select().where(TryBucket.key.in_(keys)).order_by(TryBucket.key)))
    seconds = wrong_tries.seconds_to_wait(asked, held, at)
    if not seconds:
        for key, bucket in sorted(wrong_tries.after(asked, held, at).items()):
            change: Any = TryBucket.update(full_at=bucket.full_at, tried_at=bucket.tried_at)
            change.where(TryBucket.key == key).execute()
    return seconds


def guess(asked: Asked, now: datetime, look: Callable[[], _Found | None]) -> tuple[int, _Found | None]:
    """Let `look` answer once each bucket has a try for it: (seconds to wait, what it found).

    The try is spent before it is looked, so guesses at the same time cannot outrun the buckets; what is found, and who
    has to wait, leaves no change. A transaction of its own.
    """
    seconds, found = 0, None
    try:
        with current().writing():
            seconds = take(asked, now)
            found = None if seconds else look()
            if seconds or found is not None:
                raise _Undo
    except _Undo:
        pass
    return seconds, found


def sweep(now: datetime) -> int:
    """Delete buckets that say nothing any more; how many. Inside writing()."""
    require_writing("wrong_tries.sweep")
    at, hour = _ms(now), NEWCOMER_AFTER * 1000
    over: Any = (TryBucket.full_at <= at) & (TryBucket.tried_at <= at - hour) | (TryBucket.tried_at > at + hour)
    return int(TryBucket.delete().where(over).execute())


def _keys(asked: Asked) -> list[int]:
    return sorted({wrong_tries.key_of(rule, about) for rule, about in asked})


def _held(query: Any) -> dict[int, Bucket]:
    return {row.key: Bucket(row.full_at, row.tried_at) for row in query}


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)
