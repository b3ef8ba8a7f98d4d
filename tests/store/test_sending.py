"""What goes next to the province, what stands before it, and how the line is, on either database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.domain.jobs import JobState
from agent.domain.pace import Backlog
from agent.store import claiming, outbox, sending
from agent.store.outbox import Job
from agent.store.province_line import line_of, lines_of, nudge, write_line
from tests.store.build import LEASE, NOW, queue

LATER = NOW + timedelta(hours=1)


def take(limit=10, **how):
    return claiming.claim(
        lanes=["handoff"], worker="w1", at=NOW, lease=LEASE, terminal_id="T1", limit=limit, up=how.pop("up", ()), **how
    )


def keys(jobs):
    return [job.key for job in jobs]


def test_files_go_by_urgency_and_their_message_when_they_are_up(store):
    with store.writing():
        late, soon = queue("LATE", priority=9, size=500), queue("SOON", priority=1, size=300)
        queue("SMALL", priority=5)
    assert keys(take()) == ["SMALL"]
    first = sending.next_files("T1", NOW, done=(), passing=())
    assert first is not None and first.key == "SOON"
    assert sending.next_files("T1", NOW, done={soon.id, late.id}, passing=()) is None
    assert sending.next_files("T1", NOW, done=(), passing=["submit"]) is None
    (taken,) = take(up={soon.id})
    assert (taken.key, taken.sent_bytes) == ("SOON", 300)


def test_a_message_whose_files_are_gone_at_the_province_waits_for_them_again(store):
    with store.writing():
        job = queue("K1", size=300)
    (taken,) = take(up={job.id})
    claiming.settle(taken, JobState.READY, at=NOW, retry_at=NOW, files_again=True)
    assert take() == [] and outbox.show("K1").sent_bytes == 0


def test_what_stands_before_a_message_is_counted_where_it_goes_from(store):
    with store.writing():
        first, second = queue("A", priority=1, size=700), queue("B", priority=2, size=200)
        queue("SMALL", priority=1), queue("ELSEWHERE", priority=0, size=10_000, terminal_id="T2")
        third = queue("C", priority=3, size=50, terminal_id="T1")
    sending.keep_progress({first.id: 600})
    known = sending.backlogs([outbox.show(key) for key in ("A", "B", "C")])
    assert known[third.id] == Backlog(bytes_ahead=300, own_bytes=50, ready_ahead=1)
    held = sending.waiting("BC-TAYHO", "T1")
    assert (held.jobs, held.bytes_left, held.ready) == (4, 350, 1)
    assert sending.waiting(None).jobs == 5 and second.id in known


def test_two_messages_of_one_dossier_are_not_on_the_line_at_once(store):
    with store.writing():
        queue("NUMBER", dossier_id=7), queue("SUBMIT", dossier_id=7), queue("OTHER", dossier_id=8)
    assert keys(take(limit=1)) == ["NUMBER"]
    assert keys(take()) == ["OTHER"]


def test_what_was_claimed_and_not_touched_goes_back_as_it_was(store):
    with store.writing():
        queue("K1"), queue("K2")
    one, two = take()
    claiming.settle(two, JobState.UNKNOWN, at=NOW, retry_at=NOW)
    (two,) = take()
    sending.give_back([one, two])
    assert [(outbox.show(key).state, outbox.show(key).attempts) for key in ("K1", "K2")] == [
        (JobState.READY, 0),
        (JobState.UNKNOWN, 1),
    ]


def test_of_a_paused_kind_only_what_is_in_doubt_is_taken(store):
    with store.writing():
        queue("NEW"), queue("ASKED")
    for job in take():
        claiming.settle(job, JobState.UNKNOWN if job.key == "ASKED" else JobState.READY, at=NOW, retry_at=NOW)
    assert keys(take(passing=["submit"])) == ["ASKED"]


def test_a_message_that_is_not_over_is_the_predecessor_of_the_next(store):
    with store.writing():
        assert sending.predecessor(7) is None
        job = queue("SUBMIT", dossier_id=7)
        assert sending.predecessor(7) == job.id
    (taken,) = take()
    claiming.settle(taken, JobState.ACKED, at=NOW)
    assert sending.predecessor(7) is None


@pytest.mark.parametrize(("kind", "goes"), [("supplement", True), ("delivery", True), ("submit", False)])
def test_what_waits_for_a_refused_message_goes_on_unless_it_was_the_dossier_itself(store, kind, goes):
    with store.writing():
        first = queue("FIRST", dossier_id=7)
        Job.update(kind=kind).where(Job.id == first.id).execute()
        queue("NEXT", dossier_id=7, after=first)
    (taken,) = take()
    claiming.settle(taken, JobState.REJECTED, at=NOW)
    assert keys(take(limit=1)) == (["NEXT"] if goes else [])


def test_what_waits_for_a_refused_message_waits_again_while_that_is_sent_once_more(store):
    with store.writing():
        first = queue("FIRST", dossier_id=7)
        Job.update(kind="delivery").where(Job.id == first.id).execute()
        queue("NEXT", dossier_id=7, after=first)
    (taken,) = take()
    claiming.settle(taken, JobState.REJECTED, at=NOW)
    outbox.retry("FIRST")
    assert keys(take()) == ["FIRST"]


def test_files_that_wait_are_put_off_with_words(store):
    with store.writing():
        job = queue("K1", size=10)
    sending.put_off(job, until=LATER, error="mất mạng")
    assert sending.next_files("T1", NOW, done=(), passing=()) is None
    assert outbox.show("K1").error == "mất mạng"


def test_the_line_is_kept_for_the_screens_and_can_be_hurried(store):
    values = {
        "office_id": "BC-TAYHO", "endpoint": "x", "state": "open", "since": NOW, "paused": {}, "changed_at": NOW,
    }  # fmt: skip
    write_line("T1", **values)
    write_line("T1", **values, next_try=LATER)
    assert nudge("BC-TAYHO", at=NOW) == 1
    line = line_of("T1")
    assert line is not None and (line.next_try, line.nudged_at, line.small_seconds) == (LATER, NOW, 0.0)
    assert [one.terminal_id for one in lines_of("BC-TAYHO")] == ["T1"] and lines_of("BC-KHAC") == []
