"""Drilling down asks for no more than differs, falls back for an older province, and believes no answer beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

import pytest

from agent.domain.buckets import EVERYONE, by_week, level
from agent.errors import HandoffRejected
from agent.ports import BucketDigest
from agent.reconcile.drill import differing

DAYS = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(120)]
OURS = {f"BC-{office}|{day}": (3, f"{n:064x}") for office in "AB" for n, day in enumerate(DAYS, start=1)}


class Province:
    """Answers as the contract says, from its own sums; `old` knows no weeks, `odd` answers beside the question."""

    def __init__(self, sums: dict[str, tuple[int, str]], *, old: bool = False, odd: str = "") -> None:
        self.sums, self.old, self.odd = sums, old, odd
        self.asked: list[str] = []

    def compare_digests(self, *, scope: str, digests: Sequence[BucketDigest]) -> list[BucketDigest]:
        self.asked.append(scope)
        if self.old and scope.endswith("|W"):
            raise HandoffRejected("Tỉnh không nhận.", error_code="SCHEMA_INVALID", field="scope")
        if self.odd:
            return [BucketDigest(self.odd, 1, "0" * 64)]
        held = level(((name, *one) for name, one in self.sums.items()), scope)
        sent = {one.bucket: (one.count, one.digest) for one in digests}
        names = [name for name in sorted({*held, *sent}) if held.get(name) != sent.get(name)]
        return [BucketDigest(name, *held.get(name, (0, "0" * 64))) for name in names]


def drill(province: Province, scope: str, ours: dict[str, tuple[int, str]] = OURS) -> Any:
    return differing(cast(Any, province), ours, scope)


def of(office: str) -> dict[str, tuple[int, str]]:
    return {name: one for name, one in OURS.items() if name.startswith(office)}


def test_books_that_agree_cost_one_question() -> None:
    for scope, ours in ((EVERYONE, OURS), ("BC-A", of("BC-A"))):
        found = drill(Province(dict(ours)), scope, ours)
        assert (found.buckets, found.trips) == ([], 1)


def test_a_day_that_moved_to_another_office_is_seen_from_above() -> None:
    theirs = dict(OURS)
    theirs["BC-C|2026-02-03"] = theirs.pop("BC-A|2026-02-03")
    found = drill(Province(theirs), EVERYONE)
    assert found.buckets == ["BC-A|2026-02-03", "BC-C|2026-02-03"] and found.trips <= 5


def test_an_older_province_is_asked_for_all_days_at_once() -> None:
    theirs = {**of("BC-A"), "BC-A|2026-02-03": (4, "f" * 64)}
    province = Province(theirs, old=True)
    found = drill(province, "BC-A", of("BC-A"))
    assert found.buckets == ["BC-A|2026-02-03"] and province.asked == [by_week("BC-A"), "BC-A"] and found.trips == 2


@pytest.mark.parametrize("odd", ["BC-A|2026-02-03", "*|2026-01-01", "*"])
def test_an_answer_beside_the_question_is_refused_and_not_followed(odd: str) -> None:
    province = Province({}, odd=odd)
    with pytest.raises(HandoffRejected, match="không thuộc phạm vi"):
        drill(province, EVERYONE)
    assert len(province.asked) == 1
