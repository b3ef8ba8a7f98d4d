"""Drill down from the digest of a year to the days on which two ledgers differ, asking for no more than that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.domain.buckets import EVERYONE, by_week, in_scope, is_leaf, level, may_be_child, week_of
from agent.errors import HandoffRejected
from agent.ports import BucketDigest, ProvinceGateway

FEW_DAYS: Final = 31
"""An office with no more days than this is asked for at once; its weeks would cost more than they save."""
NOT_KNOWN: Final = ("SCHEMA_INVALID", "CONTENT_INVALID")  # how a province answers that has no such scope


@dataclass(frozen=True)
class Differing:
    """Buckets (office|day) in which the ledgers differ, and how many questions that took."""

    buckets: list[str]
    trips: int


def differing(province: ProvinceGateway, ours: Mapping[str, tuple[int, str]], scope: str) -> Differing:
    """The buckets below `scope` on which the province disagrees with `ours` (count and digest by office|day).

    `scope` is an office, one of its days, or EVERYONE. Raises the gateway's HandoffError.
    """
    found: list[str] = []
    trips = 0
    todo, mine = [_first(ours, scope)], _Ours(ours)
    while todo:
        here = todo.pop()
        try:
            answered = province.compare_digests(scope=here, digests=mine.digests(here))
        except HandoffRejected as error:
            if here != by_week(scope) or error.error_code not in NOT_KNOWN:
                raise
            todo.append(scope)  # an older province: all days at once
            continue
        finally:
            trips += 1
        names = [one.bucket for one in answered if may_be_child(one.bucket, here)]
        if len(names) < len(answered):
            raise HandoffRejected("Tỉnh trả lời nhóm đối soát không thuộc phạm vi đã hỏi. Báo tỉnh, rồi so lại.")
        found += [name for name in names if is_leaf(name)]
        todo += [name for name in names if not is_leaf(name)]
    return Differing(sorted(found), trips)


def _first(ours: Iterable[str], scope: str) -> str:
    if scope == EVERYONE or "|" in scope:
        return scope
    return by_week(scope) if sum(in_scope(bucket, scope) for bucket in ours) > FEW_DAYS else scope


class _Ours:
    """Our buckets, found by day, so that a step down looks at no more than its own."""

    def __init__(self, sums: Mapping[str, tuple[int, str]]) -> None:
        self._all = sums
        self._days: dict[str, list[str]] = {}
        for bucket in sums:
            self._days.setdefault(bucket.partition("|")[2], []).append(bucket)
        self._weeks: dict[str, list[str]] = {}
        for day in self._days:
            self._weeks.setdefault(week_of(day), []).append(day)

    def digests(self, scope: str) -> list[BucketDigest]:
        """Our buckets one step below `scope`."""
        held = level(((bucket, *self._all[bucket]) for bucket in self._near(scope)), scope)
        return [BucketDigest(name, *one) for name, one in sorted(held.items())]

    def _near(self, scope: str) -> Iterable[str]:
        when = scope.partition("|")[2]
        if not scope.startswith(EVERYONE) or not when:
            return self._all
        days = self._weeks.get(when, []) if "W" in when else [when]
        return [bucket for day in days for bucket in self._days.get(day, [])]
