"""The power-cut drill: kill -9 of web, worker or sandbox, and the same dossier finishes, once."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from agent.soap.province.ledger import Ledger
from tests.flow.counter_desk import Desk, Way

KILLS = int(os.environ.get("DRILL_KILLS", "6"))
VICTIMS = ("web", "worker", "sandbox")

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the drill finds the worker through /proc"),
    pytest.mark.timeout(900),
]


def submissions(desk: Desk, provisional: str) -> list[dict[str, Any]]:
    """What the province holds of a dossier."""
    assert desk.province
    ledger = Ledger(desk.province.folder)
    try:
        return ledger.rows("SELECT number FROM dossiers WHERE provisional = :p", p=provisional)
    finally:
        ledger.close()


def receipts(desk: Desk, number: str) -> int:
    """How many submission receipts the province gave for a dossier."""
    assert desk.province
    ledger = Ledger(desk.province.folder)
    try:
        rows = ledger.rows("SELECT count(*) AS n FROM receipts WHERE number = :n AND key LIKE '%/S%'", n=number)
        return int(rows[0]["n"])
    finally:
        ledger.close()


def assert_once(desk: Desk, way: Way) -> None:
    """One dossier at the province, one receipt, one label but for those that the clerk asked for again."""
    held = submissions(desk, way.provisional)
    assert len(held) == 1
    assert receipts(desk, held[0]["number"]) == 1
    labels = [path for path in desk.printed() if way.provisional.encode() in path.read_bytes()]
    assert len(labels) == 1 + way.reprints
    assert way.custody()["state"] == "delivered"


def test_a_kill_at_every_boundary_shows_the_same_screen_and_the_dossier_finishes_once(tmp_path: Path) -> None:
    with Desk(tmp_path / "desk") as desk:
        way = Way(desk)
        for number, step in enumerate(way.steps()):
            step()
            before = desk.press("GET", f"/dossiers/{way.id}")
            victim = VICTIMS[number % 3]
            desk.kill(victim)
            after = desk.press("GET", f"/dossiers/{way.id}")
            assert _settled(after) == _settled(before), victim
        assert_once(desk, way)


def test_kills_at_random_moments_lose_and_double_nothing(tmp_path: Path) -> None:
    rng = random.Random(20261121)
    with Desk(tmp_path / "desk") as desk:
        done = threading.Event()

        def saboteur() -> None:
            while not done.wait(rng.uniform(0.2, 2.5)) and desk.restarts < KILLS:
                desk.kill(rng.choice(VICTIMS))

        thread = threading.Thread(target=saboteur)
        thread.start()
        ways = []
        try:
            while desk.restarts < KILLS or not ways:
                ways.append(Way(desk, f"dossier-{len(ways) + 1}"))
                for step in ways[-1].steps():
                    step()
        finally:
            done.set()
            thread.join()
        for way in ways:
            assert_once(desk, way)


def test_a_province_that_forgets_keys_makes_the_drill_fail(tmp_path: Path) -> None:
    faults = "cut-after-commit:op=SubmitDossier,times=1"
    desk = Desk(tmp_path / "desk", desk="tests.mutants.province_without_dedup:ForgetfulSubmissions", faults=faults)
    with desk:
        way = Way(desk)
        for step in way.steps()[:8]:
            step()
        assert len(submissions(desk, way.provisional)) > 1, "the drill would not notice a second dossier"


def _settled(dossier: dict[str, Any]) -> dict[str, Any]:
    """What a person sees and typed: everything but what the worker may have brought in meanwhile."""
    moving = ("official", "state", "words", "province_status", "results", "problem")
    return {name: value for name, value in dossier.items() if name not in moving}
