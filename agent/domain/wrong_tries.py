"""How often a guess may be wrong: buckets of tries that come back with time, by who asks and by what is asked for."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

NEWCOMER_AFTER: Final = 3600  # seconds without a wrong try, and one counts as a newcomer again
SLOTS: Final = 1 << 18  # places of one rule: the table stays bounded, and no row names an address
_MS: Final = 1000


@dataclass(frozen=True)
class Rule:
    """`tries` at once, then one in `seconds`; newcomers have `newcomers` more of the bucket, None: always one.

    What is kept for newcomers can be used up by somebody with many addresses alone: whoever mistypes, or attacks from
    one place, never shuts others out.
    """

    number: int  # in the stored key: never given to another rule
    tries: int
    seconds: float
    newcomers: int | None = 0
    slots: int = SLOTS


# Asking by number and the last four digits of a phone
FIND_ADDRESS: Final = Rule(1, tries=5, seconds=60)
FIND_NETWORK: Final = Rule(2, tries=20, seconds=10)  # IPv6 alone: one who has a /48 has 65,536 addresses
FIND_NUMBER: Final = Rule(3, tries=5, seconds=300, newcomers=5)
FIND_DIGITS: Final = Rule(4, tries=10, seconds=60, newcomers=10)
FIND_ALL: Final = Rule(5, tries=60, seconds=1, newcomers=None, slots=1)
# Tokens of receipts: 128 bits, which nobody guesses; wrong ones are slowed all the same
TOKEN_ADDRESS: Final = Rule(6, tries=30, seconds=2)
# What a citizen writes, by token: each is counted, right or wrong
WORDS: Final = Rule(7, tries=10, seconds=60)
# Codes that let a courier's phone in
PAIR_ADDRESS: Final = Rule(8, tries=10, seconds=10)
PAIR_ALL: Final = Rule(9, tries=100, seconds=1, newcomers=None, slots=1)
# Names and passwords of one address; each account has a lock of its own besides
SIGN_IN_ADDRESS: Final = Rule(10, tries=30, seconds=20)

Asked = Sequence[tuple[Rule, str]]
"""What one try touches; the first says who asks."""


@dataclass(frozen=True)
class Bucket:
    """A bucket: full again at `full_at`, last tried at `tried_at`, in milliseconds since 1970."""

    full_at: int
    tried_at: int


def key_of(rule: Rule, about: str) -> int:
    """Where a bucket is kept: the rule and one of its places; what was asked for cannot be read back from it.

    >>> key_of(FIND_ALL, "anything") == 5 << 32
    True
    """
    place = int.from_bytes(hashlib.sha256(f"{rule.number} {about}".encode()).digest()[:8]) % rule.slots
    return (rule.number << 32) + place


def seconds_to_wait(asked: Asked, held: Mapping[int, Bucket], now: int) -> int:
    """Whole seconds until each of the buckets has a try for this asker; 0: all have one.

    >>> rule, now = Rule(99, tries=2, seconds=10, newcomers=1), 1_000_000
    >>> held = after([(rule, "a")], {}, now); held = after([(rule, "a")], held, now)
    >>> seconds_to_wait([(rule, "a")], held, now), seconds_to_wait([(rule, "a")], held, now + 10_000)
    (10, 0)
    >>> seconds_to_wait([(FIND_ADDRESS, "new"), (rule, "a")], held, now)
    0
    """
    new = _is_new(asked, held, now)
    return max((_wait(rule, _usable(held.get(key_of(rule, about)), now), now, new) for rule, about in asked), default=0)


def after(asked: Asked, held: Mapping[int, Bucket], now: int) -> dict[int, Bucket]:
    """The buckets once a try was spent in each.

    What has no try left and is asked by a newcomer all the same is not emptied any further: the wait of others stays
    what it is.
    """
    spent: dict[int, Bucket] = {}
    for rule, about in asked:
        key = key_of(rule, about)
        found = _usable(held.get(key), now)
        before = found or Bucket(0, 0)
        most = now + round((rule.tries + (rule.newcomers or 0)) * rule.seconds * _MS)
        full_at = min(max(before.full_at, now) + round(rule.seconds * _MS), most)
        spent[key] = Bucket(max(full_at, before.full_at), max(now, before.tried_at))
    return spent


def is_over(bucket: Bucket, now: int) -> bool:
    """Whether a bucket says nothing any more: full, long since tried, or of a clock that was ahead."""
    return _usable(bucket, now) is None or (bucket.full_at <= now and bucket.tried_at <= now - NEWCOMER_AFTER * _MS)


def _usable(bucket: Bucket | None, now: int) -> Bucket | None:
    """The bucket, unless a clock that has been set back since wrote it."""
    return bucket if bucket is not None and bucket.tried_at <= now + NEWCOMER_AFTER * _MS else None


def _is_new(asked: Asked, held: Mapping[int, Bucket], now: int) -> bool:
    if not asked:
        return True
    who = _usable(held.get(key_of(*asked[0])), now)
    return who is None or who.tried_at <= now - NEWCOMER_AFTER * _MS


def _wait(rule: Rule, bucket: Bucket | None, now: int, new: bool) -> int:
    if bucket is None or (new and rule.newcomers is None):
        return 0
    most = rule.tries + ((rule.newcomers or 0) if new else 0)
    late = bucket.full_at - now - round((most - 1) * rule.seconds * _MS)
    return max(0, math.ceil(late / _MS))
