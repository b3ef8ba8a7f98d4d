"""Wrong tries are counted once for all processes, outlive a restart, and cost the right answer nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.domain.wrong_tries import FIND_ADDRESS, FIND_ALL, FIND_DIGITS, FIND_NUMBER
from agent.store.database import Store
from agent.store.wrong_tries import TryBucket, guess, sweep, take, wait
from tests.store.build import NOW, end, other_process, said

HOURS = timedelta(hours=1)
GUESSER = """
from datetime import timedelta
from agent.domain.wrong_tries import FIND_ADDRESS, FIND_DIGITS
from agent.store.wrong_tries import guess
say("ready")
for line in sys.stdin:
    hour, me = line.split()
    at = NOW + timedelta(hours=int(hour))
    asked = [[(FIND_ADDRESS, f"{me} {hour} {n}"), (FIND_DIGITS, "5678")] for n in range(100)]
    say(str(sum(guess(one, at, lambda: None) == (0, None) for one in asked)))
"""


def by(address: str, number: str = "A", digits: str = "5678"):
    return [(FIND_ADDRESS, address), (FIND_NUMBER, number), (FIND_DIGITS, digits), (FIND_ALL, "")]


def test_two_processes_together_have_no_more_tries_than_one(store, place):
    """Each walks from address to address with one phone's last four, at the same time; a thousand tries in all."""
    guessers = [other_process(place, GUESSER) for _ in range(2)]
    try:
        assert [said(one) for one in guessers] == ["ready"] * 2
        for hour in range(5):
            for n, one in enumerate(guessers):
                one.stdin.write(f"{hour} {n}\n")
                one.stdin.flush()
            heard = [int(said(one)) for one in guessers]
            assert sum(heard) == FIND_DIGITS.tries + FIND_DIGITS.newcomers, heard
    finally:
        for one in guessers:
            end(one)


def no():
    return None


def test_a_restart_forgets_nothing(store, place):
    for _ in range(FIND_ADDRESS.tries):
        assert guess(by("10.0.0.1"), NOW, no) == (0, None)
    assert guess(by("10.0.0.1"), NOW, no)[0] > 0
    store.close()
    again = Store.open(**place)
    with again.reading():
        assert wait(by("10.0.0.1"), NOW) > 0
    again.close()


def test_what_is_found_costs_no_try_and_no_row(store):
    for _ in range(50):
        assert guess(by("10.0.0.1"), NOW, lambda: "dossier") == (0, "dossier")
    assert TryBucket.select().count() == 0


def test_who_waits_does_not_wait_longer_for_asking_again(store):
    while guess(by("10.0.0.1"), NOW, no)[0] == 0:
        pass
    waits = [guess(by("10.0.0.1"), NOW, no)[0] for _ in range(20)]
    assert len(set(waits)) == 1
    assert guess(by("10.0.0.1"), NOW + timedelta(seconds=waits[0]), no)[0] == 0


def test_one_place_never_uses_up_what_newcomers_have(store):
    for n in range(400):
        guess(by("10.0.0.1"), NOW + timedelta(seconds=n), no)
    assert guess(by("10.0.0.2"), NOW + timedelta(seconds=400), no) == (0, None)


def test_the_brake_for_all_slows_who_was_wrong_and_lets_newcomers_by(store):
    for n in range(100):
        guess(by(f"10.0.1.{n}", f"N{n}", f"{n:04}"), NOW, no)
    assert guess(by("10.0.1.5", "N200", "9999"), NOW, no)[0] > 0
    assert guess(by("10.0.2.1", "N201", "9998"), NOW, no) == (0, None)


@pytest.mark.parametrize("hours", [3, -24 * 365])
def test_buckets_that_say_nothing_are_swept_also_after_a_clock_that_was_ahead(store, hours):
    guess(by("10.0.0.1"), NOW, no)
    with store.writing():
        assert sweep(NOW) == 0
    later = NOW + timedelta(hours=hours)
    with store.writing():
        assert take(by("10.0.0.1"), later) == 0
    with store.writing():
        assert sweep(later) == 0 and sweep(later + 2 * HOURS) == 4
