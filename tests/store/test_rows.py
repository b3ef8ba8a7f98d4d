"""Rows written and read by prepared statements are the rows that the models describe."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785

from agent.domain.jobs import JobState
from agent.domain.json_text import canonical_text
from agent.store import rows
from agent.store.database import Store
from agent.store.outbox import Job, Payload
from agent.store.requests import Idempotency

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def job(number: int) -> dict[str, object]:
    return {
        "uid": uuid.UUID(int=number), "lane": "print", "kind": "label", "key": f"k{number}", "digest": "a" * 64,
        "state": JobState.READY, "not_before": AT + timedelta(seconds=number), "office_id": "BC", "created_at": AT,
        "result": {"vẽ": [1, None]},
    }  # fmt: skip


def test_a_row_written_at_once_reads_as_one_written_field_by_field(store: Store) -> None:
    with store.writing():
        made = rows.create(Job, **job(1))
        plain = Job.create(**job(2))
        rows.insert(Job, job(3), job(4))
        assert rows.create_unless_there(Job, **job(3)) is None
        rows.change(Job, made.id, attempts=7, state=JobState.HELD)

    with store.reading():
        read = rows.first(Job, key="k1")
        assert read is not None
        assert read.__data__ == Job.get(Job.key == "k1").__data__
        assert (read.attempts, read.state, read.doubt) == (7, JobState.HELD, False)
        assert rows.first(Job, key="k2", lane="print") == plain
        assert [one.key for one in rows.every(Job, lane="print")] == ["k1", "k2", "k3", "k4"]
        assert rows.first(Job, key="none") is None


def test_rows_are_changed_by_what_they_hold_and_saved_as_a_whole(store: Store) -> None:
    with store.writing():
        rows.insert(Job, job(1), job(2), {**job(3), "lane": "handoff"})
        assert rows.change_where(Job, {"lane": "print", "settled_at": None}, settled_at=AT, error="x") == 2
        assert rows.change_where(Job, {"lane": "print", "settled_at": None}, error="y") == 0
        held = rows.first_to_change(Job, key="k3")
        assert held is not None
        held.attempts, held.result = 3, None
        rows.save(held)

    with store.reading():
        assert [(one.settled_at, one.error) for one in rows.every(Job, lane="print")] == [(AT, "x"), (AT, "x")]
        read = Job.get(Job.key == "k3")
        assert (read.attempts, read.result, read.settled_at, read.error) == (3, None, None, "")


def test_whole_rows_read_the_same_alone_in_a_join_and_in_a_subquery(store: Store) -> None:
    with store.writing():
        made = rows.create(Job, **job(1))
        rows.insert(Payload, {"job": made.id, "body": b"x"})

    with store.reading():
        (plain,) = Job.select(*Job._meta.sorted_fields)
        (whole,) = Job.select().order_by(Job.id)
        assert whole.__data__ == plain.__data__
        (joined,) = Job.select().join(Payload).where(Payload.job.in_(Job.select()))
        assert joined.__data__ == plain.__data__
        assert Job.select().count() == 1 and Job.select().exists()


def test_a_row_cannot_slip_in_outside_a_transaction(store: Store) -> None:
    values = {"client": "c", "key": "k", "request_sha256": "a" * 64, "status": 201, "body": {}, "created_at": AT}
    for count in (1, 9):
        with pytest.raises(RuntimeError, match=r"outside Store\.writing"):
            rows.insert(Idempotency, *[values] * count)


def test_canonical_text_is_rfc_8785_byte_for_byte() -> None:
    rng = random.Random(8785)
    letters = 'abcĐồ"\\\n\x00\x1f\x7f é,:[]{}0123456789.eE-+\u2028\ue000\U0001f600'

    def text() -> str:
        return "".join(rng.choice(letters) for _ in range(rng.randrange(9)))

    def value(depth: int) -> object:
        kind = rng.randrange(9 if depth < 4 else 6)
        if kind == 0:
            return rng.choice([None, True, False])
        if kind == 1:
            return rng.choice([0, -1, rng.randrange(-(2**53) + 1, 2**53), 10**15, 10**16 % 2**53])
        if kind == 2:
            return rng.choice(
                [
                    0.1,
                    1e16,
                    1.5e-7,
                    -0.0,
                    123.0,
                    1e21,
                    5e-324,
                    rng.random(),
                    rng.uniform(-180, 180),
                    round(rng.uniform(-180, 180), 5),
                ]
            )
        if kind < 6:
            return text()
        if kind < 8:
            return [value(depth + 1) for _ in range(rng.randrange(4))]
        return {text(): value(depth + 1) for _ in range(rng.randrange(4))}

    for _ in range(5000):
        one = value(0)
        assert canonical_text(one) == rfc8785.dumps(one).decode()
    for bad in (float("nan"), 2**53, "\ud800", {"a": [2**60]}):
        with pytest.raises(rfc8785.CanonicalizationError):
            canonical_text(bad)
