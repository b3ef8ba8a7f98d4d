"""What a transaction gathers comes out as if it had been written at once, also where a part of it is undone."""

from __future__ import annotations

import pytest

from agent.store import journal
from agent.store.gathered import found, gathering, lacks, look_ahead, savepoint
from agent.store.journal import JournalEntry
from agent.store.outbox import Job, Payload
from tests.store.build import note, queue, uid


class Refused(Exception):
    """Why a part is undone."""


def noted(ledger="custody"):
    return [entry.body["n"] for entry in journal.entries(ledger)]


def test_entries_of_several_journals_are_written_in_their_order_at_the_end(store):
    with store.writing():
        note(n=0)
        with gathering():
            note(n=1)
            note("money", n=2)
            note(n=3)
            assert JournalEntry.select().count() == 1
        note(n=4)
    assert (noted(), noted("money"), journal.verify()) == ([0, 1, 3, 4], [2], [])


def test_what_a_savepoint_undoes_leaves_no_gap(store):
    with store.writing(), gathering():
        note(n=1)
        with pytest.raises(Refused), savepoint():
            note(n=2)
            note("money", n=3)  # its chain began here
            raise Refused
        note(n=4)
        note("money", n=5)
        with savepoint():
            note(n=6)
    assert (noted(), noted("money"), journal.verify()) == ([1, 4, 6], [5], [])


def test_a_savepoint_that_read_the_journal_undoes_what_was_written_for_it(store):
    with store.writing(), gathering():
        note(n=1)
        with pytest.raises(Refused), savepoint():
            note(n=2)
            assert noted() == [1, 2]
            raise Refused
        note(n=3)
        assert noted() == [1, 3]
        note(n=4)
    assert (noted(), journal.verify()) == ([1, 3, 4], [])


def test_a_transaction_that_fails_leaves_nothing_to_the_next(store):
    with pytest.raises(Refused), store.writing(), gathering():
        note(n=1)
        raise Refused
    with store.writing(), gathering():
        note(n=2)
    assert (noted(), journal.verify()) == ([2], [])


def test_a_lock_that_a_savepoint_gave_back_is_taken_again(store):
    if store.dialect != "postgresql":
        return
    sql = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    with store.writing(), gathering():
        with pytest.raises(Refused), savepoint():
            note(n=1)
            raise Refused
        assert store.database.execute_sql(sql).fetchone()[0] == 0
        note(n=2)
        note(n=3)
        assert store.database.execute_sql(sql).fetchone()[0] == 1


def test_what_is_known_to_be_missing_is_just_what_is_missing(store):
    with store.writing():
        job = queue()
    with store.writing():
        look_ahead(Payload, "job", [job.id])
        assert not lacks(Payload, "job", job.id + 1)  # nothing is known outside a block that gathers
        with gathering():
            look_ahead(Payload, "job", [job.id, job.id + 1])
            look_ahead(Job, "uid", [job.uid, uid()])
            other = queue()
            assert [lacks(Payload, "job", one) for one in (job.id, other.id, 0)] == [False, True, False]
            assert not lacks(Job, "uid", job.uid)
            with pytest.raises(Refused), savepoint():
                found(Payload, "job", other.id)
                assert not lacks(Payload, "job", other.id)
                raise Refused
            assert lacks(Payload, "job", other.id)
