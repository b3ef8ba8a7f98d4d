"""A power cut in the middle of a hand-over: every scan that was answered is there, custody moves once or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent.reconcile.recheck import dossier_states, parcel_states
from agent.settings import Settings
from agent.site import Site
from agent.store import journal
from agent.store.bags import ParcelEvent, parcel_of
from agent.store.minutes import Minutes, lines_of_minutes
from agent.tracking.forward.envelopes import seal_envelope
from agent.tracking.forward.handover import start_handover
from agent.tracking.forward.manifests import announce
from agent.tracking.forward.signing import count_on
from agent.wiring import build_site
from tests.builders import CLERK, OFFICE, received, station

AGENCY, COUNT = "H26.019.02", 8
ROOT = Path(__file__).parents[2]


@pytest.fixture
def office(tmp_path: Path) -> tuple[Path, str, list[str]]:
    """A folder with a hand-over of loose envelopes under way, its minutes' number, and the envelopes' numbers."""
    made = station(tmp_path / "data", endpoint="http://127.0.0.1:9/x")
    envelopes = [
        seal_envelope(made.site, received(made).uid, f"DC{n:04d}", by=CLERK).number for n in range(COUNT)
    ]  # fmt: skip
    manifest = announce(made.site, "forward", AGENCY, [one.partition("/")[0] for one in envelopes], by=CLERK)
    minutes = start_handover(made.site, manifest.number, by=CLERK)
    made.site.store.close()
    return tmp_path / "data", str(minutes.number), envelopes


def run_until(folder: Path, minutes: str, envelopes: list[str], lines: int) -> list[str]:
    """Start the hand-over's process and pull the plug after so many answers; what it had answered."""
    labels = [f"PA1|{one.partition('/')[0]}|" for one in envelopes]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.flow.handover_run", str(folder), minutes, *labels],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line.strip())
        if len(said) == lines:
            process.kill()
    process.wait(30)
    return said


def looked(folder: Path) -> Site:
    return build_site(Settings(data=folder))


def test_after_a_cut_the_count_goes_on_where_it_was_and_custody_moves_once(
    office: tuple[Path, str, list[str]],
) -> None:
    folder, number, envelopes = office
    for cut in (3, COUNT, COUNT + 1):
        said = run_until(folder, number, envelopes, cut)
        site = looked(folder)
        with site.store.reading():
            minutes = Minutes.get(Minutes.number == number)
            counted = [line.number for line in lines_of_minutes(minutes) if line.counted_at]
            holders = {parcel_of(one).holder for one in envelopes}  # type: ignore[union-attr]
            state = minutes.state
            assert parcel_states() == [] and dossier_states() == [] and journal.verify() == []
        site.store.close()
        answered = [f"{one.split('|')[1]}/E1" for one in said if one.startswith("PA1")]
        assert set(answered) <= set(counted), "what was answered is kept"
        assert len(holders) == 1, "all moved, or none"
        assert holders == ({f"authority:{AGENCY}"} if state == "kept" else {f"office:{OFFICE}"})
        if state == "pending":  # closed and not signed: it is opened again for the next run
            site = looked(folder)
            count_on(site, number, by=CLERK)
            site.store.close()
    run_until(folder, number, envelopes, 99)
    site = looked(folder)
    with site.store.reading():
        assert Minutes.get(Minutes.number == number).state == "kept"
        taken = ParcelEvent.select().where(ParcelEvent.step == "accept").count()
        seals = [line.seal_state for line in lines_of_minutes(Minutes.get(Minutes.number == number))]
        assert journal.verify() == []
    site.store.close()
    assert taken == COUNT, "each once"
    assert seals == ["intact"] * COUNT
