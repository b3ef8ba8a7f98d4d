"""Two terminals' agents on one PostgreSQL database: one wins, nothing is lost, the chains stay whole."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter as Tally
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.domain.dossier import State
from agent.reconcile.refold import fold_dossier
from agent.store import journal
from agent.store.dossiers import DailyNumber, Dossier
from agent.store.items import Item
from tests import postgres
from tests.builders import COURIER
from tests.flow.conftest import Open
from tests.flow.counter import Counter

ROOT = Path(__file__).resolve().parents[2]
PRELUDE = """
import json, sys, uuid
from dataclasses import replace
from datetime import date
from pathlib import Path
from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.errors import AgentError
from agent.settings import Database, Province, Settings, Terminal
from agent.store.lookup import next_number
from agent.store.dossiers import Dossier
from agent.wiring import build_site
from agent.tracking.follow import follow
from tests.flow.counter import *
terminal, given = sys.argv[1], json.loads(sys.argv[2])
settings = Settings(data=Path(given["data"]), database=Database(given["url"]), terminal=Terminal(terminal))
site = build_site(settings.with_(province=Province(endpoint=given["endpoint"])))
me = Actor(f"user{terminal}", f"Người {terminal}", Role.CLERK, "BC-TAYHO", terminal)
def tried(act):
    try:
        return str(act() and "done")
    except AgentError as error:
        return error.code
print("ready", flush=True)
sys.stdin.readline()
said = []
"""


@pytest.fixture
def shared(open_counter: Open, postgres_server: str) -> Iterator[tuple[Counter, str]]:
    with postgres.migrated(postgres_server) as url:
        yield open_counter(url=url), url


def race(desk: Counter, url: str, *codes: str, **given: Any) -> list[list[str]]:
    """Run each code in a process of its own terminal, all let go at once; what each said."""
    folder = desk.folder
    words = {"data": str(folder), "url": url, "endpoint": desk.province.endpoint, **given}
    terminals = [
        subprocess.Popen(
            [sys.executable, "-c", f"{PRELUDE}{code}\nprint(json.dumps(said))", f"T{number}", json.dumps(words)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for number, code in enumerate(codes, start=1)
    ]  # fmt: skip
    try:
        for process in terminals:
            assert process.stdout
            assert process.stdout.readline() == "ready\n", process.communicate(timeout=30)[1]
        for process in terminals:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60) for process in terminals]
    finally:
        for process in terminals:
            process.kill()
    assert all(out for out, _ in answers), [err for _, err in answers]
    return [json.loads(out) for out, _ in answers]


def assert_whole(desk: Counter) -> None:
    """Every chain holds, and every dossier's state is the fold of its journal."""
    assert journal.verify() == []
    with desk.site.store.reading():
        for dossier in Dossier.select():
            kinds = [entry.kind for entry in journal.entries("dossier", dossier_id=dossier.id)]
            assert fold_dossier(kinds) is dossier.state


def test_two_terminals_that_begin_the_day_at_once_get_numbers_one_after_the_other(
    shared: tuple[Counter, str],
) -> None:
    desk, url = shared
    take = """
for day in range(1, 21):
    with site.store.writing():
        said.append(next_number("cùng một tên", date(2026, 12, day)))
"""
    one, two = race(desk, url, take, take)
    assert [sorted(pair) for pair in zip(one, two, strict=True)] == [[1, 2]] * 20
    with desk.site.store.reading():
        assert {row.last for row in DailyNumber.select().where(DailyNumber.name == "cùng một tên")} == {2}


def test_two_terminals_at_one_dossier_one_label_one_step_one_void(shared: tuple[Counter, str]) -> None:
    desk, url = shared
    numbers = [desk.receive() for _ in range(12)]
    given = [[str(dossier.uid), dossier.provisional] for dossier in numbers]
    labels = """
from agent.intake.label import confirm_label
for uid, number in given["dossiers"]:
    said.append(tried(lambda: confirm_label(site, uuid.UUID(uid), number, by=me)))
"""
    voids = """
from agent.intake.void import void
for uid, number in given["dossiers"]:
    said.append(tried(lambda: void(site, uuid.UUID(uid), by=me, reason="nhập nhầm thủ tục")))
"""
    race(desk, url, labels, voids, labels, dossiers=given)
    with desk.site.store.reading():
        for dossier in numbers:
            kinds = Tally(entry.kind for entry in journal.entries("dossier", dossier_id=dossier.id))
            assert kinds["void"] == 1 and kinds["label"] <= 1, kinds
    assert {desk.now(dossier).state for dossier in numbers} == {State.VOIDED}
    assert_whole(desk)


def test_a_number_that_arrives_while_the_clerk_labels_is_not_overwritten(shared: tuple[Counter, str]) -> None:
    desk, url = shared
    dossiers = [desk.receive() for _ in range(15)]
    given = [[str(dossier.uid), dossier.provisional] for dossier in dossiers]
    labels = """
from agent.intake.label import confirm_label
for uid, number in given["dossiers"]:
    said.append(tried(lambda: confirm_label(site, uuid.UUID(uid), number, by=me)))
"""
    numbers = """
from agent.processes import send_worker
while send_worker(site).run_once():
    pass
said.append("sent")
"""
    race(desk, url, labels, numbers, numbers, dossiers=given)
    desk.later()  # a slow machine may have left some for another try
    desk.send_jobs()
    after = [desk.now(dossier) for dossier in dossiers]
    assert {dossier.state for dossier in after} == {State.LABELLED}
    assert all(dossier.official for dossier in after) and len({dossier.official for dossier in after}) == 15
    assert_whole(desk)


def test_two_agents_that_follow_and_deliver_at_once_make_one_delivery(shared: tuple[Counter, str]) -> None:
    desk, url = shared
    dossier = desk.with_result()
    number = desk.out(dossier)
    desk.act(dossier, "result-ready", results=[{"name": "Kết quả thứ hai", "form": "electronic"}])
    delivers = f"""
from agent.tracking.deliver import deliver
from tests.builders import COURIER
for _ in range(4):
    said.append(tried(lambda: deliver(site, "{number}", PROOF, by=COURIER)))
    follow(site)
"""
    answers = race(desk, url, delivers, delivers)
    flat = Tally(answer for answers_ in answers for answer in answers_)
    assert flat["done"] == 1 and set(flat) <= {"done", "illegal-step", "store-locked"}, flat
    with desk.site.store.reading():
        item = Item.get(Item.number == number)
        assert (item.state, item.holder) == ("delivered", "receiver")
    assert len(desk.results(dossier)) == 2
    assert desk.now(dossier).state is State.RESULT_READY, COURIER.username
    assert_whole(desk)
