"""The power goes at any moment of a hand-off: what was told as done is there, what was under way is whole or not."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from agent.jobs.runner import Worker
from agent.jobs.working import send_worker
from agent.settings import Settings
from agent.site import Site
from agent.store.database import Store
from agent.wiring import build_site
from tests.contract.sandbox_process import OFFICE, Sandbox
from tests.faults.bulk import hand_in, procedure_of
from tests.faults.power import Crash, Recording, crashes, recorded
from tests.mutants.agent_with_late_receipts import late_worker
from tests.mutants.store_not_synced import unsynced

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="records a file system that only on Windows is another")
STATE = (
    "SELECT key, state, attempts FROM outbox ORDER BY key",
    "SELECT key, digest FROM province_receipt ORDER BY key",
    "SELECT provisional, state, official FROM dossier ORDER BY provisional",
    "SELECT ledger, count(*) FROM journal_entry GROUP BY ledger",
)


class Promising(Store):
    """A store that notes after each commit what was promised by it."""

    recording: Recording

    @contextmanager
    def writing(self) -> Iterator[None]:
        with super().writing():
            yield
        with self.reading():
            execute: Callable[[str], Any] = self.database.execute_sql
            self.recording.mark(tuple(tuple(execute(sql).fetchall()) for sql in STATE))


@dataclass
class Life:
    """What was recorded of one agent's day."""

    start: dict[str, bytes]
    recording: Recording = field(default_factory=Recording)

    @property
    def promises(self) -> list[object]:
        """What was promised, in its order."""
        return [act.promised for act in self.recording.acts if act.kind == "mark"]


def lived(
    folder: Path, endpoint: str, *,
    opened: Callable[[Store], Store] = lambda store: store, sender: Callable[[Site], Worker] = send_worker,
) -> Life:  # fmt: skip
    """Receive a dossier and hand it off, with every write to the database recorded.

    The database is not encrypted: the recorder sits above the layer that encrypts each page as it is written.
    """
    settings = Settings(data=folder)
    settings = settings.with_(province=replace(settings.province, endpoint=endpoint))
    site = build_site(settings)
    site.store.close()
    place = folder / "recorded"
    with closing(Store.open(data=place)) as store:
        store.migrate()
    life = Life({path.name: path.read_bytes() for path in place.glob("agent.db*") if path.stat().st_size})
    with recorded() as life.recording, closing(Promising.open(data=place)) as store:
        store.recording = life.recording
        opened(store)
        site, chance = replace(site, store=store), random.Random(1)
        hand_in(site, procedure_of(site), chance)
        worker = sender(site)
        while worker.run_once():
            pass
    return life


def after(crash: Crash, folder: Path) -> object:
    """What a start after the power cut finds; text when the file is damaged."""
    import apsw

    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, data in crash.files.items():
        (folder / name).write_bytes(data)
    try:
        with closing(apsw.Connection(str(folder / "agent.db"))) as found:
            sound = found.execute("PRAGMA quick_check").fetchall()
            if sound != [("ok",)]:
                return f"damaged: {sound[0]}"
            return tuple(tuple(found.execute(sql).fetchall()) for sql in STATE)
    except apsw.Error as error:
        return f"damaged: {error}"


def unproved(found: tuple[Any, ...]) -> set[str]:
    """Keys of dossiers that are acknowledged and whose receipt is not there."""
    jobs, receipts, *_ = found
    return {key for key, state, _ in jobs if state == "acked" and "/S" in key} - {key for key, _ in receipts}


def losses(life: Life, folder: Path, *, every: int) -> tuple[int, list[str]]:
    """How many power cuts were replayed (one of `every`), and those after which a promise was not kept."""
    promises, tried, broken = life.promises, 0, []
    made = {id(promise): number for number, promise in enumerate(promises)}
    for crash in islice(crashes(life.start, life.recording), 0, None, every):
        if crash.promised is None:
            continue
        number, tried = made[id(crash.promised)], tried + 1
        found = after(crash, folder)
        if found not in promises[number : number + 2]:
            broken.append(f"act {crash.at}, {crash.kept:.0%} kept: a promise is lost")
        elif isinstance(found, tuple) and unproved(found):
            broken.append(f"act {crash.at}, {crash.kept:.0%} kept: acknowledged without its receipt")
    return tried, broken


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "province", office=OFFICE) as running:
        yield running


def test_a_power_cut_at_any_write_loses_nothing_that_was_told_as_done(tmp_path: Path, province: Sandbox) -> None:
    life = lived(tmp_path, province.endpoint)
    tried, broken = losses(life, tmp_path / "after", every=int(os.environ.get("POWER_CUTS_EVERY", "10")))
    print(f"\n{len(life.promises)} commits, {tried} power cuts, {len(broken)} promises broken")
    assert len(life.promises) >= 7 and tried > 60
    assert broken == []


def test_a_store_that_does_not_wait_for_the_disk_is_found_out(tmp_path: Path, province: Sandbox) -> None:
    life = lived(tmp_path, province.endpoint, opened=unsynced)
    tried, broken = losses(life, tmp_path / "after", every=int(os.environ.get("POWER_CUTS_EVERY", "20")))
    print(f"\n{len(life.promises)} commits, {tried} power cuts, {len(broken)} promises broken")
    assert len(broken) > tried / 4


def test_a_receipt_that_is_kept_later_than_its_job_is_settled_is_found_out(tmp_path: Path, province: Sandbox) -> None:
    life = lived(tmp_path, province.endpoint, sender=late_worker)
    _, broken = losses(life, tmp_path / "after", every=5)
    assert broken and all("without its receipt" in one for one in broken)
