"""A paper's code by the office's own scheme: counted without gaps or doubles, kept by a copy that is made anew."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain.dossier import State
from agent.errors import ConfigError
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, pages_of
from agent.intake.freeze import freeze_dossier
from agent.intake.label import confirm_label
from agent.settings import Papers, Settings
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of
from agent.store.paper_numbers import PaperNumber, PaperSeries, allot
from agent.store.papers import Paper
from agent.wiring import build_site
from tests import postgres
from tests.builders import CLERK, scanned
from tests.flow.conftest import Open
from tests.flow.counter import Counter
from tests.flow.test_two_terminals import race

ROOT = Path(__file__).resolve().parents[2]
SCHEME = Papers(code="{agency}_{kind}_{number:6}_V{version}", agency="G06.01")


def coded(desk: Counter) -> Counter:
    return replace(desk, site=replace(desk.site, settings=desk.site.settings.with_(papers=SCHEME)))


def papers(desk: Counter, dossier: Dossier) -> list[Paper]:
    with desk.site.store.reading():
        return list(Paper.select().where(Paper.dossier == dossier).order_by(Paper.id))


def test_papers_are_counted_by_kind_and_the_file_is_named_after_the_code(desk: Counter) -> None:
    first, second = coded(desk).signed(), coded(desk).signed()
    one, two = papers(desk, first)[0], papers(desk, second)[0]
    kind = one.code.split("_")[1]
    assert one.code == f"G06.01_{kind}_000001_V1" and two.code == f"G06.01_{kind}_000002_V1"
    assert one.file_name.startswith(f"{one.code}_2") and one.file_name.endswith(".pdf")
    assert one.file_name.encode() in freeze_dossier(first), "the province gets the file under this name"
    assert one.shown == one.code, "it names nobody, so that screens show it whole"


def test_a_copy_made_anew_keeps_its_number_and_is_the_next_version(desk: Counter) -> None:
    desk = coded(desk)
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    desk.digitise(dossier)
    before = papers(desk, dossier)[0]
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if pages_of(one))
    more = desk.site.digitiser().read_bytes("them.jpg", scanned("thêm một trang"))
    add_pages(desk.site, dossier.uid, component.uid, more, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    after = next(one for one in papers(desk, dossier) if one.component_id == before.component_id)
    assert (before.code[-3:], after.code) == ("_V1", before.code[:-1] + "2")
    assert PaperSeries.get().last == len(papers(desk, dossier)), "the number was not given a second time"


def test_a_code_that_was_not_committed_was_not_given(desk: Counter) -> None:
    desk = coded(desk)
    dossier = desk.receive()
    with desk.site.store.reading():
        component = components_of(dossier)[0]
    with pytest.raises(ZeroDivisionError), desk.site.store.writing():
        assert allot(component, "A_#") == (1, 1)
        raise ZeroDivisionError
    with desk.site.store.writing():
        assert allot(component, "A_#") == (1, 1)


def test_a_bad_pattern_keeps_the_agent_from_starting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"thiếu \{version\}"):
        build_site(Settings(data=tmp_path, papers=Papers(code="{agency}_{number}")))
    assert not list(tmp_path.iterdir()), "nothing was begun"


@pytest.fixture
def shared(open_counter: Open, postgres_server: str) -> Iterator[tuple[Counter, str]]:
    with postgres.migrated(postgres_server) as url:
        yield open_counter(url=url), url


ALLOT = """
from agent.store.paper_numbers import allot
from agent.store.dossiers import Component
mine = [one for one in Component.select().order_by(Component.id) if one.id % 2 == int(terminal[1]) % 2]
for turn, one in enumerate(mine):
    kinds = ("A_#", "B_#") if terminal == "T1" else ("B_#", "A_#")
    with site.store.writing():
        said.append([kinds[turn % 2], *allot(one, kinds[turn % 2])])
"""


def test_two_terminals_of_one_office_never_give_a_number_twice_and_leave_no_gap(shared: tuple[Counter, str]) -> None:
    desk, url = shared
    for _ in range(14):
        desk.receive()
    first, second = race(desk, url, ALLOT, ALLOT)
    given = sorted(map(tuple, first + second))
    assert len(given) == Component.select().count() >= 28
    for series in ("A_#", "B_#"):
        numbers = [number for name, number, _ in given if name == series]
        assert numbers == list(range(1, len(numbers) + 1)), series


KILLED = """
import sys
from pathlib import Path
from agent.settings import Settings
from agent.store.dossiers import Component
from agent.store.paper_numbers import allot
from agent.wiring import build_site
site = build_site(Settings(data=Path(sys.argv[1])))
for one in list(Component.select().order_by(Component.id)):
    with site.store.writing():
        allot(one, "A_#")
        print("inside", flush=True)
    print("committed", flush=True)
"""


def test_a_terminal_killed_in_the_middle_leaves_no_gap(desk: Counter) -> None:
    for _ in range(6):
        desk.receive()
    for lines in (1, 2, 5):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(desk.folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout
        for _ in range(lines):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    with desk.site.store.reading():
        numbers = sorted(row.number for row in PaperNumber.select())
        last = PaperSeries.get().last if numbers else 0
    assert numbers == list(range(1, last + 1)) and last >= 2, json.dumps(numbers)
    assert desk.now(desk.receive()).state is State.RECEIVED
