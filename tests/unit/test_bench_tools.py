"""The bench's own tools: what it loads in bulk is what receiving leaves, and its table tells a miss from a hit."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.store import desk, search
from agent.store.database import Store
from agent.store.dossiers import Contact, Dossier
from tests.bench import crowd, figures


@pytest.fixture
def crowded(tmp_path: Path) -> Store:
    store = Store.open(data=tmp_path, key=bytes(32))
    store.migrate()
    crowd.fill(store, 600)
    return store


def test_every_dossier_of_the_crowd_is_found_by_its_code_name_and_telephone(crowded: Store) -> None:
    with crowded.reading():
        for one in Dossier.select().where(Dossier.id % 50 == 1):
            contact = Contact.get(Contact.dossier == one)
            assert search.find(one.provisional) == [one.id]
            assert one.official is None or search.find(one.official) == [one.id]
            assert one.id in search.find(contact.name, office_id=one.office_id, limit=600)
            assert one.id in search.find(contact.phone[-4:], office_id=one.office_id)
            assert [line.owner for line in desk.lines_of([one])] == [contact.name]
    crowded.close()


def test_the_crowd_is_the_same_every_time_and_newest_last(tmp_path: Path) -> None:
    first, second = (next(crowd._chunks(50, 1, True)) for _ in range(2))

    assert first == second
    received = [row[16] for row in first["dossier"]]
    assert received == sorted(received)


def test_the_table_says_which_figure_misses() -> None:
    text = figures.table([figures.at_most("slow", 61, 60, "ms"), figures.at_least("fast", 0.7, 0.7)])

    assert "| slow   | 61.0 ms  | <= 60 ms | MISSES |" in text
    assert "| fast   | 70%      | >= 70%   | holds  |" in text
