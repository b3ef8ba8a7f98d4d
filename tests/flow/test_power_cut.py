"""The power-cut drill: kill -9 of web, worker or sandbox, and the same dossier finishes, once."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.reconcile.recheck import dossier_states, item_states, ledger_rows
from agent.settings import load
from agent.site import Site
from agent.soap.province.ledger import Ledger
from agent.store import journal
from agent.store.dossiers import Dossier
from agent.wiring import build_site
from tests import postgres
from tests.flow.counter_desk import CARD, Desk, Way, wait_for

KILLS = int(os.environ.get("DRILL_KILLS", "6"))
PROMISE = 5.0  # seconds from starting again to the same screen
SLOWNESS = float(os.environ.get("DRILL_SLOWNESS", "2"))  # how much slower than a counter's machine an idle one may be
LONG = 50  # from here on every process is killed at every boundary, before that one at every third
VICTIMS = ("web", "worker", "sandbox")
CUT = "cut-after-commit:op=SubmitDossier:times=1"

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the drill finds the worker through /proc"),
    pytest.mark.timeout(60 + 30 * KILLS + 240),
]


def submissions(desk: Desk, provisional: str) -> list[dict[str, Any]]:
    """What the province holds of a dossier."""
    return _province(desk, "SELECT number FROM dossiers WHERE provisional = :p", p=provisional)


def receipts(desk: Desk, number: str) -> int:
    """How many submission receipts the province gave for a dossier."""
    sql = "SELECT count(*) AS n FROM receipts WHERE number = :n AND key LIKE '%/S%'"
    return int(_province(desk, sql, n=number)[0]["n"])


def _province(desk: Desk, sql: str, **values: Any) -> list[dict[str, Any]]:
    assert desk.province
    ledger = Ledger(desk.province.folder)
    try:
        return ledger.rows(sql, **values)
    finally:
        ledger.close()


def assert_sent_once(desk: Desk, way: Way) -> None:
    """One dossier at the province, with one receipt."""
    held = submissions(desk, way.provisional)
    assert len(held) == 1
    assert receipts(desk, held[0]["number"]) == 1


def assert_once(desk: Desk, way: Way) -> None:
    """Sent once, delivered, and one label but for those that the clerk asked for again."""
    assert_sent_once(desk, way)
    labels = [path for path in desk.printed() if way.provisional.encode() in path.read_bytes()]
    assert len(labels) == 1 + way.reprints
    assert way.custody()["state"] == "delivered"
    assert way.state() == "closed"


def assert_back_in_time(*desks: Desk) -> None:
    """The page was there again within the promised time after each start."""
    slowest = max(seconds for desk in desks for seconds in desk.outages)
    shared = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # others at work on this machine
    print(
        f"\n{sum(len(desk.outages) for desk in desks)} restarts of web, the slowest {slowest:.1f} s, load {shared:.1f}"
    )
    assert slowest < PROMISE * SLOWNESS * shared


def assert_books_sound(desk: Desk) -> list[str]:
    """Chains unbroken, cached states the fold of their facts, no feed message applied twice; provisional numbers."""
    site = build_site(load(desk.folder))
    try:
        with site.store.reading():
            assert journal.verify() == []
            assert dossier_states() + item_states() + ledger_rows() == []
            told = [
                (entry.dossier_id, entry.body["version"])
                for entry in journal.entries("dossier")
                if entry.actor == "province" and "version" in entry.body
            ]
            assert len(told) == len(set(told))
            return [dossier.provisional for dossier in Dossier.select()]
    finally:
        site.store.close()


@contextmanager
def sabotage(desk: Desk, kills: int, seed: int, victims: tuple[str, ...] = VICTIMS) -> Iterator[None]:
    """Kill something at random moments until `kills` are done; at the end of the block at the latest."""
    done, rng, failures = threading.Event(), random.Random(seed), list[Exception]()

    def strike() -> None:
        try:
            while not done.wait(rng.uniform(0.2, 2.5)) and desk.restarts < kills:
                desk.kill(rng.choice(victims))
        except Exception as error:  # noqa: BLE001 (told by the test)
            failures.append(error)

    thread = threading.Thread(target=strike)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert not failures, failures


def ways_until(desk: Desk, enough: Callable[[], bool]) -> list[Way]:
    """Dossiers one after another, all the way each, until it is enough."""
    ways: list[Way] = []
    while not ways or not enough():
        ways.append(Way(desk, f"{desk.terminal}-{len(ways) + 1}"))
        for step in ways[-1].steps():
            step()
    return ways


def victims_at(boundary: int) -> tuple[str, ...]:
    """Who is killed after the step of this number."""
    if KILLS >= LONG:
        return VICTIMS
    return (VICTIMS[boundary // 3 % 3],) if boundary % 3 == 0 else ()


def test_a_kill_at_a_boundary_shows_the_same_screen_and_the_dossier_finishes_once(tmp_path: Path) -> None:
    with Desk(tmp_path / "desk", faults=CUT) as desk:  # the mutants below do not survive the lost answer
        way = Way(desk)
        for number, step in enumerate(way.steps()):
            step()
            before = way.screen()
            for victim in victims_at(number):
                desk.kill(victim)
                assert _settled(way.screen()) == _settled(before), f"{victim} after {step.__name__}"
            way.again()  # nobody saw the answer: the same key once more
            assert _settled(way.screen()) == _settled(before), f"repeated {step.__name__}"
        assert_once(desk, way)
        assert_back_in_time(desk)
        assert assert_books_sound(desk) == [way.provisional]


def test_kills_at_random_moments_lose_and_double_nothing(tmp_path: Path) -> None:
    with Desk(tmp_path / "desk") as desk:
        with sabotage(desk, KILLS, seed=20261121):
            ways = ways_until(desk, lambda: desk.restarts >= KILLS)
        for way in ways:
            assert_once(desk, way)
        assert_back_in_time(desk)
        assert sorted(assert_books_sound(desk)) == sorted(way.provisional for way in ways)


def received(site: Site) -> list[str]:
    """The dossiers that are committed."""
    with site.store.reading():
        return [str(dossier.uid) for dossier in Dossier.select(Dossier.uid)]


def test_a_kill_between_commit_and_answer_is_answered_with_the_same_dossier(tmp_path: Path) -> None:
    body = {
        "procedure": "2.000635",
        "owner": {"chip_card": CARD, "phone": "0912345678"},
        "components": [{"code": "000.00.00.Y99-KQ900101"}, {"code": "000.00.00.Y99-KQ900001"}],
    }
    with Desk(tmp_path / "desk") as desk:
        wait_for(desk.worker_pid, what="the worker")
        desk.kill("worker")  # it must not touch the dossier meanwhile
        site = build_site(load(desk.folder))
        connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)
        headers = {"Authorization": f"Bearer {desk.tokens['clerk']}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/dossiers", json.dumps(body), {**headers, "Idempotency-Key": "once"})
        while not received(site):  # devices write too, so not any change will do; a pause would let the answer go out
            pass
        desk.kill("web")
        committed = received(site)
        site.store.close()
        answered = desk.press("POST", "/dossiers", body, key="once")
        listed = desk.press("GET", "/dossiers")["items"]
        assert committed == [answered["id"]] == [line["id"] for line in listed]


def test_two_terminals_on_one_database_finish_their_dossiers_once_each(tmp_path: Path, postgres_server: str) -> None:
    with (
        postgres.migrated(postgres_server) as url,
        Desk(tmp_path / "t1", terminal="T1", database=url) as first,
        Desk(tmp_path / "t2", terminal="T2", database=url, province=first.province) as second,
    ):
        made: dict[str, list[Way]] = {}

        def work(desk: Desk) -> None:
            made[desk.terminal] = ways_until(desk, lambda: desk.restarts >= KILLS // 2)

        workers = [threading.Thread(target=work, args=(desk,)) for desk in (first, second)]
        with sabotage(first, KILLS // 2, seed=1), sabotage(second, KILLS // 2, seed=2, victims=("web", "worker")):
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        assert set(made) == {"T1", "T2"}, "a terminal did not finish"
        for desk in (first, second):
            for way in made[desk.terminal]:
                assert_once(desk, way)
        assert_back_in_time(first, second)
        finished = sorted(way.provisional for ways in made.values() for way in ways)
        assert sorted(assert_books_sound(first)) == finished


def assert_a_lost_answer_is_harmless(desk: Desk) -> None:
    """The province takes the dossier and its answer is lost: what the agent then does leaves one dossier there."""
    way = Way(desk)
    for step in (way.receive, way.scan, way.pages, way.copies, way.sign, way.submit):
        step()

    def job() -> Any:
        jobs = desk.press("GET", f"/dossiers/{way.id}/submission")
        return next(one for one in jobs if one["kind"] == "submit")

    ended = ("acked", "rejected", "held")
    wait_for(lambda: job()["state"] in ended or len(submissions(desk, way.provisional)) > 1, what="the second try")
    assert job()["attempts"] > 1, "the answer was not lost"
    assert_sent_once(desk, way)
    wait_for(lambda: job()["state"] in ended, what="the end of the hand-off")
    assert way.state() == "handed_off"


def test_a_province_that_forgets_keys_makes_the_drill_fail(tmp_path: Path) -> None:
    mutant = "tests.mutants.province_without_dedup:ForgetfulSubmissions"
    with Desk(tmp_path / "desk", desk=mutant, faults=CUT) as desk, pytest.raises(AssertionError, match="== 1"):
        assert_a_lost_answer_is_harmless(desk)


def test_an_agent_that_mints_a_new_key_on_each_retry_makes_the_drill_fail(tmp_path: Path) -> None:
    mutant = "tests.mutants.agent_with_new_keys"
    with Desk(tmp_path / "desk", program=mutant, faults=CUT) as desk, pytest.raises(AssertionError, match="handed_off"):
        assert_a_lost_answer_is_harmless(desk)


def _settled(screen: Any) -> Any:
    """What a person sees and typed: everything but what the worker may have brought in meanwhile."""
    moving = ("official", "state", "words", "province_status", "results", "problem", "due_at")
    dossier, papers = screen
    return {name: value for name, value in dossier.items() if name not in moving}, papers
