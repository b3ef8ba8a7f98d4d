"""A season of late, doubled and unlinked uploads from phones with wrong clocks: the books say what happened."""

from __future__ import annotations

from pathlib import Path

from tests.flow.custody_judge import run
from tests.flow.custody_sim import Plan


def test_the_books_say_what_happened_and_a_person_is_asked_wherever_they_cannot(tmp_path: Path) -> None:
    out = run(tmp_path / "data", Plan(items=70, couriers=6, disputed=0.12, overpaid=0.15))
    assert out.wrong == [], "no item without a conflict is anything but the truth"
    assert out.unlisted == [], "nothing is kept back without a conflict that says so"
    assert out.wrong_at_last == [], "and after a person decided, every item is right"
    assert (out.owed, out.doctor) == (0, [])
    assert 0 < out.cash == out.undecided, "cash that the books did not ask for stands nowhere unseen"
    assert out.cash_wrong == [], "and after a person decided, in the courier's hand and owed back, to the đồng"
    assert out.conflicts > 0 and out.arrival_wrong > 0 and out.clocks_wrong > 30 and out.unlinked > 10, "it was hard"
