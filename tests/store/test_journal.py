"""What was written down stays as it was, and shows when it does not."""

from __future__ import annotations

import os
import re

import peewee
import pytest

from agent.store import journal
from agent.store.journal import JournalEntry, JournalHead
from tests.store.build import NOW, end, note, other_process, said


def unlocked(store, sql, values=()):
    """Change a journal as only someone with the file and its key could."""
    off = {
        "sqlite": ["DROP TRIGGER journal_entry_no_update", "DROP TRIGGER journal_entry_no_delete"],
        "postgresql": ["ALTER TABLE journal_entry DISABLE TRIGGER ALL"],
    }
    with store.writing():
        for statement in off[store.dialect]:
            store.database.execute_sql(statement)
        mark = "?" if store.dialect == "sqlite" else "%s"
        store.database.execute_sql(sql.replace("?", mark), values)


@pytest.fixture
def written(store):
    with store.writing():
        for number in range(5):
            note(n=number)
        note("money", amount=150_000)
    return store


def test_entries_follow_each_other_and_verify(written):
    entries = journal.entries("custody", dossier_id=1)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.body["n"] for entry in entries] == [0, 1, 2, 3, 4]
    assert entries[0].prev == journal.GENESIS and entries[3].prev == entries[2].hash
    assert journal.head("custody", entries[0].chain) == (5, entries[-1].hash)
    assert journal.verify() == [] == journal.verify("money")
    assert journal.entries("custody", dossier_id=2) == []
    assert entries[0].at == NOW


def test_an_entry_is_written_only_with_what_it_tells_of(store):
    with pytest.raises(RuntimeError, match=r"inside Store\.writing"):
        note()


@pytest.mark.parametrize(
    "sql", ["UPDATE journal_entry SET actor = 'user:x' WHERE seq = 3", "DELETE FROM journal_entry WHERE seq = 3"]
)
def test_the_database_itself_refuses_to_change_history(written, sql):
    with pytest.raises(peewee.PeeweeException, match="append-only"), written.writing():
        written.database.execute_sql(sql)
    assert journal.verify() == []


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("""UPDATE journal_entry SET body = '{"n":9}' WHERE ledger = 'custody' AND seq = 3""", "số 3 .* bị sửa"),
        ("UPDATE journal_entry SET actor = 'user:x' WHERE ledger = 'custody' AND seq = 1", "số 1 .* bị sửa"),
        ("UPDATE journal_entry SET dossier_id = 2 WHERE ledger = 'custody' AND seq = 5", "số 5 .* bị sửa"),
        ("DELETE FROM journal_entry WHERE ledger = 'custody' AND seq = 2", "thiếu bút toán từ số 2 đến 2"),
        ("DELETE FROM journal_entry WHERE ledger = 'custody' AND seq > 3", "đuôi sổ không khớp"),
        ("DELETE FROM journal_entry WHERE ledger = 'money'", "đuôi sổ không khớp"),
        ("DELETE FROM journal_head WHERE ledger = 'money'", "đuôi sổ không khớp"),
    ],
)
def test_tampering_is_found_and_placed(written, sql, words):
    unlocked(written, sql)
    (problem, *_) = journal.verify()
    assert re.search(words, problem), problem


def test_an_entry_rewritten_with_a_fresh_hash_breaks_the_link_after_it(written):
    forged = journal.entries("custody")[2]
    forged.body = {"n": 99}
    unlocked(
        written,
        "UPDATE journal_entry SET body = ?, hash = ? WHERE ledger = 'custody' AND seq = 3",
        ('{"n":99}', journal.entry_hash(forged)),
    )
    (problem,) = journal.verify("custody")
    assert "số 4 không nối" in problem


def test_erasing_a_person_leaves_the_chain_valid_and_the_commitment_mute(store):
    salt = os.urandom(16)
    kept = journal.commitment("001099012345", salt)
    with store.writing():
        note(owner=kept)
    assert journal.commitment("001099012345", salt) == kept  # while the salt is there it proves
    assert journal.commitment("001099012345", os.urandom(16)) != kept
    del salt  # the personal row and its salt are deleted
    assert journal.verify() == []
    with pytest.raises(ValueError, match="salt"):
        journal.commitment("x", b"short")


def test_chains_are_one_on_the_counter_and_one_per_terminal_on_the_server(store):
    with store.writing():
        note(terminal="T1"), note(terminal="T2"), note(terminal="T1")
    chains = [(entry.chain, entry.seq) for entry in journal.entries("custody")]
    expected = [("", 1), ("", 2), ("", 3)] if store.dialect == "sqlite" else [("T1", 1), ("T2", 1), ("T1", 2)]
    assert chains == expected
    assert journal.verify() == []


MANY = """
for number in range(40):
    with store.writing():
        for ledger in (("custody", "money") if number % 2 else ("money", "custody")):
            note(ledger, n=number)
say("done")
"""


def test_processes_that_write_the_same_terminals_ledgers_at_once_make_one_chain(place, store):
    others = [other_process(place, MANY) for _ in range(3)]
    try:
        assert [said(other) for other in others] == ["done"] * 3
    finally:
        for other in others:
            end(other)
    assert JournalEntry.select().count() == 240
    assert sorted(head.seq for head in JournalHead.select()) == [120, 120]
    assert journal.verify() == []
