"""The province's statuses: a late message never moves a dossier backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.tracking_status import NEXT, STATUS_NAME, ProvinceStatus, moves_forward

P = ProvinceStatus
NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)


def test_there_are_ten_statuses_with_names_in_both_languages() -> None:
    assert [int(status) for status in P] == list(range(1, 11))
    assert set(STATUS_NAME) == set(NEXT) == set(P)
    assert STATUS_NAME[P.RETURNED] == ("Đã trả kết quả", "result returned")


@pytest.mark.parametrize(("old", "steps"), [(1, {2, 3, 5, 7}), (2, {4, 5, 6, 7}), (4, {5, 6, 7, 8, 9}), (9, {10})])
def test_the_legal_steps(old: int, steps: set[int]) -> None:
    assert {int(new) for new in P if new in NEXT[P(old)]} == steps


def test_the_ends_are_ends() -> None:
    for end in (P.NOT_ACCEPTED, P.STOPPED, P.RETURNED):
        assert not any(moves_forward(end, new) for new in P)


def test_a_missed_message_may_be_jumped_over_but_a_late_one_changes_nothing() -> None:
    assert moves_forward(None, P.IN_PROCESS)
    assert moves_forward(P.REGISTERED, P.PROCESSED)
    assert not moves_forward(P.PROCESSED, P.IN_PROCESS)
    assert not moves_forward(P.RETURNED, P.PROCESSED)
    assert not moves_forward(P.IN_PROCESS, P.IN_PROCESS)


def test_between_statuses_that_may_alternate_the_time_decides() -> None:
    earlier = NOON - timedelta(minutes=5)
    assert moves_forward(P.SUPPLEMENT_ASKED, P.IN_PROCESS, old_at=earlier, new_at=NOON)
    assert not moves_forward(P.SUPPLEMENT_ASKED, P.IN_PROCESS, old_at=NOON, new_at=earlier)
