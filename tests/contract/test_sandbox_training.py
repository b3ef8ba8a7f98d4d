"""Training mode moves dossiers by itself, and the sandbox's page shows offices, states and what happened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from agent.domain.canonical import canonical_json, digest
from agent.ports_province import CustodyMilestone
from agent.soap.province import clerk, training
from agent.soap.province.ledger import Ledger
from tests.contract.sandbox_process import (
    OFFICE,
    Sandbox,
    dossier,
    get,
    page,
    post,
    submit,
    supplement,
    upload,
    wait_for,
)

OTHER = "BC-CAUGIAY"
PACE = timedelta(minutes=10)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose clerks wait for people, with twenty dossiers of two offices."""
    with Sandbox(tmp_path_factory.mktemp("province")) as running:
        gateway = running.gateway()
        upload(gateway, page())
        for n in range(20):
            submit(gateway, dossier(f"T1-{n:04d}", office=OFFICE if n % 2 else OTHER))
        event = CustodyMilestone("ev-1", "EA123456785VN", "T1-0000", "accept", datetime(2026, 11, 21, tzinfo=UTC))
        gateway.report_custody(office=OTHER, events=[event])
        yield running


def worked(folder: Path, *, seed: int, start: datetime) -> list[tuple[str, int]]:
    """The province's ledger after a hundred paces of training: each dossier's statuses in order."""
    ledger = Ledger(folder)
    now = start
    for _ in range(100):
        now += PACE
        training.step(ledger, folder, now=now, pace=PACE, seed=seed)
    rows = ledger.rows(
        "SELECT d.provisional AS name, c.status FROM changes c JOIN dossiers d ON d.number = c.number ORDER BY c.cursor"
    )
    ledger.close()
    return [(row["name"], row["status"]) for row in rows]


def test_clerks_take_every_dossier_to_its_end_or_to_the_post_office(filled: Sandbox, tmp_path: Path) -> None:
    found = {}
    for run, seed in (("a", 7), ("b", 7), ("c", 8)):
        folder = tmp_path / run
        folder.mkdir()
        source = Ledger(filled.folder)
        source.rows("VACUUM INTO :to", to=str(folder / "province.db"))
        source.close()
        found[run] = worked(folder, seed=seed, start=datetime.now(UTC))
    assert sorted(found["a"]) == sorted(found["b"]) != sorted(found["c"])  # the seed decides, and nothing else
    last = dict(found["a"])
    assert len(last) == 20 and set(last.values()) <= {3, 5, 8, 9}
    assert {9} <= set(last.values()), "no dossier was finished"
    for name in last:
        way = [status for one, status in found["a"] if one == name]
        assert all(b in (*clerk.STATUS_STEPS[a], a) for a, b in pairwise(way)), way


def test_a_supplement_that_was_asked_for_is_asked_for_once() -> None:
    asked = [n for n in range(400) if (move := training.plan(1, f"T1-{n}", 2, 2)) and move.action == "supplement"]
    assert asked
    for n in asked:
        move = training.plan(1, f"T1-{n}", 2, 2, before=frozenset({1, 5, 2}))
        assert move is not None and move.action != "supplement"


def test_the_page_shows_offices_and_states_and_narrows_to_them(filled: Sandbox) -> None:
    _, text = get(filled.base + "/")
    assert OFFICE in text and OTHER in text and all(words in text for words in clerk.STATUS_WORDS.values())
    assert len(re.findall("<article", text)) == 20
    _, text = get(f"{filled.base}/?office={OTHER}&status=1")
    assert len(re.findall("<article", text)) == 10 and "EA123456785VN" in text and "số tạm T1-0001" not in text
    assert "Không có hồ sơ nào khớp" in get(f"{filled.base}/?status=8")[1]
    assert get(f"{filled.base}/?status=khac&office=%27%3B--")[0] == 200


def test_an_act_on_a_narrowed_page_stays_there(filled: Sandbox) -> None:
    number = re.search(r'<article id="([^"]+)"', get(f"{filled.base}/?office={OFFICE}")[1])
    assert number
    form = f"number={number.group(1)}&action=take-up&office={OFFICE}&status=1".encode()
    _, text = post(filled.base + "/act", form, "application/x-www-form-urlencoded")
    assert len(re.findall("<article", text)) == 9 and number.group(1) not in text


def test_a_training_province_finishes_dossiers_while_it_serves(tmp_path: Path) -> None:
    with Sandbox(tmp_path, demands=json.dumps({"training_seconds": 0.05, "training_seed": 4})) as running:
        gateway = running.gateway()
        upload(gateway, page())
        upload(gateway, page("bổ sung"))
        for n in range(6):
            submit(gateway, dossier(f"T1-{n:04d}"))
        numbers: dict[str, str] = {}

        def done() -> bool:
            changes = gateway.status_changes(office=OFFICE, cursor=0, maximum=1000)
            last = {change.number: change.status for change in changes}
            for name, number in [
                (f"T1-{n:04d}", receipt.number) for n in range(6) if (receipt := gateway.receipt(f"T1-{n:04d}"))
            ]:
                if last[number] == 5 and name not in numbers:  # the post office answers a supplement
                    payload = canonical_json(supplement(name, 1))
                    gateway.supplement(key=f"{name}.bs1", digest=digest(payload), supplement=payload)
                    numbers[name] = number
            return len(last) == 6 and set(last.values()) <= {3, 8, 9}

        wait_for(done, seconds=40)
        assert "tự xử lý" in get(running.base + "/")[1]
        assert running.stop() == 0
