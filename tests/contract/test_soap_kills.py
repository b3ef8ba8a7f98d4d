"""kill -9 of the province at any moment: asked by key, then sent again, there is exactly one dossier."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

from agent.domain.canonical import digest
from agent.errors import HandoffOutcomeUnknown, HandoffUnavailable
from tests.contract.sandbox_process import (
    OFFICE,
    Sandbox,
    dossier,
    page,
    submit,
    upload,
    wait_for,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BUCKET = f"{OFFICE}|2026-11-21"


def carry_through_kills(folder: Path, *, desk: str = "", rounds: int = 4) -> tuple[int, int]:
    """Submit dossiers one after the other while the province is killed again and again; ask before resending.

    Returns how many dossiers were sent and how many the province holds.
    """
    sent, unsure = 0, ""
    for n in range(rounds):
        faults = "cut-after-commit:op=SubmitDossier:times=1:after=2"
        with Sandbox(folder, desk=desk, faults=faults) as sandbox:
            gateway = sandbox.gateway()
            upload(gateway, page())
            if unsure and gateway.submission(unsure) is None:
                submit(gateway, dossier(unsure))
            unsure = ""
            killer = threading.Timer(0.05 + 0.037 * n, sandbox.process.kill)
            killer.start()
            while not unsure:
                name = f"T1-{sent:04d}"
                try:
                    submit(gateway, dossier(name))
                except HandoffUnavailable:  # nothing was sent: the same one again in the next life
                    break
                except HandoffOutcomeUnknown:
                    unsure = name
                sent += 1
            killer.join()
            wait_for(lambda process=sandbox.process: process.poll() is not None)
    with Sandbox(folder, desk=desk) as sandbox:
        gateway = sandbox.gateway()
        if unsure and gateway.submission(unsure) is None:
            submit(gateway, dossier(unsure))
        assert submit(gateway, dossier("T1-0000")).key == "T1-0000"  # a late retry by a forgetful sender
        return sent, len(gateway.list_bucket(BUCKET))


def test_kill_minus_nine_in_the_middle_still_ends_in_exactly_one_dossier(tmp_path: Path) -> None:
    sent, held = carry_through_kills(tmp_path)
    assert held == sent


def test_a_province_without_deduplication_fails_that_same_test(tmp_path: Path) -> None:
    mutant = "tests.mutants.province_without_dedup:ForgetfulSubmissions"
    sent, held = carry_through_kills(tmp_path, desk=mutant, rounds=1)
    assert held > sent


def test_an_upload_goes_on_after_the_province_was_killed(tmp_path: Path) -> None:
    data = page("dài") * 20
    with Sandbox(tmp_path) as sandbox:
        sandbox.gateway().put_chunk(digest(data), offset=0, total=len(data), data=data[:1000])
        sandbox.kill()
    with Sandbox(tmp_path) as sandbox:
        gateway = sandbox.gateway()
        assert gateway.upload_state(digest(data)).received == 1000
        upload(gateway, data)
        assert gateway.upload_state(digest(data)).complete
