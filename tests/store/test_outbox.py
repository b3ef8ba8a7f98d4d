"""Jobs leave once, in order, and never blindly twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.domain.jobs import JobState
from agent.errors import Duplicate, IllegalStep, NotFound
from agent.store import claiming, outbox
from tests.store.build import LEASE, NOW, end, other_process, queue, said

LATER = NOW + timedelta(hours=1)


def take(*lanes, at=NOW, terminal=None, limit=10):
    lanes = lanes or ("handoff",)
    return claiming.claim(lanes=lanes, worker="w1", at=at, lease=LEASE, terminal_id=terminal, limit=limit)


def keys(jobs):
    return [job.key for job in jobs]


def test_a_job_is_claimed_with_its_frozen_bytes_and_settled_once(store):
    with store.writing():
        queue("K1", payload=b"\x00frozen")
    (job,) = take()
    assert (job.payload, job.state, job.attempts, job.lease_until) == (
        b"\x00frozen",
        JobState.SENDING,
        1,
        NOW + LEASE,
    )
    assert take() == []
    claiming.settle(job, JobState.ACKED, at=NOW, result={"number": "H26"})
    done = outbox.show("K1")
    assert (done.state, done.result, done.settled_at) == (JobState.ACKED, {"number": "H26"}, NOW)


def test_the_same_key_with_the_same_bytes_is_the_same_job_and_with_others_is_refused(store):
    with store.writing():
        first = queue("K1", payload=b"a")
        assert queue("K1", payload=b"a").id == first.id
    with pytest.raises(Duplicate), store.writing():
        queue("K1", payload=b"b")
    assert len(outbox.ls()) == 1


def test_a_job_is_queued_only_together_with_what_caused_it(store):
    with pytest.raises(RuntimeError, match="inside"):
        queue()
    with pytest.raises(ZeroDivisionError), store.writing():
        queue("K1")
        1 / 0  # noqa: B018
    assert outbox.find("K1") is None


def test_a_dossiers_jobs_go_in_order_even_when_the_first_is_late(store):
    with store.writing():
        first = queue("SUBMIT", dossier_id=7)
        queue("DELIVERY", dossier_id=7, after=first)
        queue("OTHER", dossier_id=8)
    submit, other = take()
    assert keys([submit, other]) == ["SUBMIT", "OTHER"]
    claiming.settle(submit, JobState.UNKNOWN, at=NOW, retry_at=LATER)
    assert take() == []
    (again,) = take(at=LATER)
    assert again.key == "SUBMIT" and again.doubt  # ask before sending again
    claiming.settle(again, JobState.ACKED, at=LATER)
    assert keys(take(at=LATER)) == ["DELIVERY"]


def test_urgent_jobs_go_first_then_the_oldest(store):
    with store.writing():
        queue("OLD"), queue("NEW"), queue("URGENT", priority=-1), queue("TOMORROW", not_before=NOW + timedelta(days=1))
    assert keys(take()) == ["URGENT", "OLD", "NEW"]


def test_a_label_is_printed_by_its_own_terminal_only(store):
    with store.writing():
        queue("L1", lane="print", terminal_id="T1")
    assert take("print", terminal="T2") == []
    assert take("print") == []
    assert keys(take("print", terminal="T1")) == ["L1"]


def test_a_worker_whose_lease_was_taken_over_cannot_settle(store):
    with store.writing():
        queue("K1")
    (slow,) = take()
    assert claiming.recover(at=NOW + LEASE, lanes=["handoff"]) == 1
    (quick,) = take(at=NOW + LEASE)
    with pytest.raises(outbox.LeaseLost):
        claiming.settle(slow, JobState.ACKED, at=NOW)
    claiming.settle(quick, JobState.REJECTED, at=NOW, error="E1")
    assert outbox.show("K1").state is JobState.REJECTED


def test_what_a_dead_worker_held_is_unknown_and_a_label_asks_the_clerk(store):
    with store.writing():
        queue("H"), queue("L", lane="print", terminal_id="T1")
    take(), take("print", terminal="T1")
    assert claiming.recover(at=NOW, lanes=["handoff", "print"]) == 0  # not yet run out
    assert claiming.recover(at=NOW + LEASE, lanes=["handoff", "print"]) == 1  # no clock cuts a slow printer off
    assert outbox.show("H").state is JobState.UNKNOWN and outbox.show("H").doubt
    assert outbox.show("L").state is JobState.SENDING
    assert claiming.recover(at=NOW + LEASE, lanes=["print"], dead="another") == 0
    assert claiming.recover(at=NOW, lanes=["print"], dead="w1") == 1
    label = outbox.show("L")
    assert label.state is JobState.NEEDS_CLERK
    assert take("print", terminal="T1", at=LATER) == []
    with store.writing():
        outbox.resolve(label, JobState.ACKED, at=NOW)
    assert label.state is JobState.ACKED and outbox.show("L").state is JobState.ACKED


def test_a_held_job_waits_and_one_in_doubt_is_still_in_doubt_after_release(store):
    with store.writing():
        queue("K1"), queue("K2")
    one, _two = take()
    claiming.settle(one, JobState.UNKNOWN, at=NOW)
    outbox.hold("K1", "chờ tỉnh")
    assert take(at=LATER) == []
    assert outbox.release("K1").state is JobState.UNKNOWN
    with pytest.raises(IllegalStep):
        outbox.release("K1")
    assert keys(take(at=LATER)) == ["K1"]


def test_a_rejected_job_is_sent_again_with_the_same_bytes_when_asked(store):
    with store.writing():
        queue("K1", payload=b"same")
    (job,) = take()
    claiming.settle(job, JobState.REJECTED, at=NOW, error="sai mã")
    assert outbox.ls(states=[JobState.REJECTED])[0].error == "sai mã"
    outbox.retry("K1")
    (again,) = take()
    assert (again.payload, again.attempts, again.doubt) == (b"same", 2, False)


def test_a_settled_job_cannot_become_ready_by_itself(store):
    with store.writing():
        queue("K1")
    (job,) = take()
    with pytest.raises(IllegalStep):
        claiming.settle(job, JobState.CANCELLED, at=NOW)
    claiming.settle(job, JobState.ACKED, at=NOW)
    for act in (lambda: outbox.retry("K1"), lambda: outbox.hold("K1", ""), lambda: outbox.cancel("K1", "")):
        with pytest.raises(IllegalStep):
            act()
    with pytest.raises(NotFound):
        outbox.show("K9")


def test_erasing_a_dossiers_payloads_keeps_its_jobs_and_digests(store):
    with store.writing():
        queue("K1", dossier_id=7, payload=b"Nguyen Van A"), queue("K2", dossier_id=8)
    with store.writing():
        assert outbox.erase_payloads(7) == 1
    job = outbox.show("K1")
    assert len(job.digest) == 64
    with pytest.raises(NotFound, match="xoá"):
        _ = job.payload
    assert outbox.show("K2").payload == b"{}"


def test_settling_belongs_to_the_transaction_of_its_consequences(store):
    with store.writing():
        queue("K1")
    (job,) = take()
    with pytest.raises(ZeroDivisionError), store.writing():
        claiming.settle(job, JobState.ACKED, at=NOW)
        1 / 0  # noqa: B018
    assert outbox.show("K1").state is JobState.SENDING


def test_looking_for_work_when_there_is_none_commits_nothing(store):
    before = store.data_version()
    assert take() == []
    assert store.data_version() == before


def test_two_workers_never_get_the_same_job(place, store):
    with store.writing():
        for _ in range(60):
            queue()
    code = """
say("ready"); sys.stdin.readline()
got = []
while jobs := claiming.claim(lanes=["handoff"], worker="w", at=NOW, lease=LEASE, limit=3):
    got += [job.key for job in jobs]
say(json.dumps(got))
"""
    workers = [other_process(place, code) for _ in range(3)]
    try:
        assert [said(worker) for worker in workers] == ["ready"] * 3
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        import json

        got = [key for worker in workers for key in json.loads(said(worker))]
    finally:
        for worker in workers:
            end(worker)
    assert len(got) == 60 == len(set(got))


def test_queue_counts_show_where_jobs_stand(store):
    with store.writing():
        queue(), queue(), queue(lane="print")
    take(limit=1)
    assert outbox.counts() == {
        ("handoff", JobState.SENDING): 1,
        ("handoff", JobState.READY): 1,
        ("print", JobState.READY): 1,
    }
