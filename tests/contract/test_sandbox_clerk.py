"""The province's clerk: acts from another process while the server runs, and the page for them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import apsw
import pytest

from agent.domain.canonical import bucket_digest, digest
from agent.errors import ConfigError, IllegalStep, NotFound, RuleViolation
from agent.ports import BucketDigest
from agent.soap.province.clerk import PATHS, STATUS_STEPS, act
from agent.soap.province.server import serve_sandbox
from tests.contract.sandbox_process import OFFICE, Sandbox, dossier, get, page, post, submit, upload

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BUCKET = f"{OFFICE}|2026-11-21"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path) as running:
        gateway = running.gateway()
        upload(gateway, page())
        submit(gateway, dossier())
        yield running


def test_acts_follow_the_legal_statuses_and_say_which_are_possible(sandbox: Sandbox) -> None:
    with pytest.raises(IllegalStep) as wrong:
        act(sandbox.folder, "T1-0001", "finish", now=NOW)
    assert "take-up" in wrong.value.allowed
    assert act(sandbox.folder, "T1-0001", "take-up", now=NOW)["status"] == 2
    done = act(sandbox.folder, "T1-0001", "result-ready", now=NOW)
    assert (done["status"], len(done["results"])) == (9, 1)
    assert len(act(sandbox.folder, done["number"], "result-ready", now=NOW, results=[{}, {}])["results"]) == 3
    with pytest.raises(IllegalStep):
        act(sandbox.folder, "T1-0001", "stop", now=NOW)
    statuses = [change.status for change in sandbox.gateway().status_changes(office=OFFICE, cursor=0)]
    assert statuses == [1, 2, 4, 9, 9]


def test_every_path_of_an_act_is_made_of_legal_steps() -> None:
    for (action, start), path in PATHS.items():
        place = start
        for step in path:
            again = (action, place, step) == ("result-ready", 9, 9) or (action == "extend" and step == place)
            assert step in STATUS_STEPS[place] or again
            place = step


def test_an_unknown_dossier_or_act_is_said_in_words(sandbox: Sandbox) -> None:
    with pytest.raises(NotFound):
        act(sandbox.folder, "T9-9999", "take-up", now=NOW)
    with pytest.raises(RuleViolation):
        act(sandbox.folder, "T1-0001", "burn", now=NOW)


@pytest.mark.parametrize("kind", ["status", "drop", "fee", "file"])
def test_a_planted_difference_is_found_and_can_be_mended(sandbox: Sandbox, kind: str) -> None:
    gateway = sandbox.gateway()
    rows = gateway.list_bucket(BUCKET)
    ours = [BucketDigest(BUCKET, *bucket_digest(rows))]
    assert gateway.compare_digests(scope=BUCKET, digests=ours) == []

    act(sandbox.folder, "T1-0001", "plant", now=NOW, kind=kind)
    assert [found.bucket for found in gateway.compare_digests(scope=BUCKET, digests=ours)] == [BUCKET]
    assert gateway.list_bucket(BUCKET) != rows
    with pytest.raises(RuleViolation):
        act(sandbox.folder, "T1-0001", "plant", now=NOW, kind=kind)

    act(sandbox.folder, "T1-0001", "unplant", now=NOW, kind=kind)
    assert gateway.compare_digests(scope=BUCKET, digests=ours) == []


def test_buckets_of_one_side_only_are_reported(sandbox: Sandbox) -> None:
    gateway = sandbox.gateway()
    other = BucketDigest(f"{OFFICE}|2026-11-20", 1, "1" * 64)
    found = {item.bucket: item.count for item in gateway.compare_digests(scope=OFFICE, digests=[other])}
    assert found == {BUCKET: 1, other.bucket: 0}
    assert gateway.compare_digests(scope=f"{OFFICE}|2026-10", digests=[]) == []


def test_receipts_are_chained_and_the_log_cannot_be_rewritten(sandbox: Sandbox) -> None:
    submit(sandbox.gateway(), dossier("T1-0002"))
    database = apsw.Connection(str(sandbox.folder / "province.db"))
    documents = [row[0] for row in database.execute("SELECT document FROM receipts ORDER BY id")]
    assert json.loads(documents[1])["previous"] == digest(documents[0])
    for table in ("log", "receipts"):
        with pytest.raises(apsw.ConstraintError):
            database.execute(f"DELETE FROM {table}")
    assert "Nguyễn" not in str(database.execute("SELECT * FROM log").fetchall())


def test_the_receipt_is_signed_over_its_exact_bytes(sandbox: Sandbox, tmp_path: Path) -> None:
    receipt = sandbox.gateway().submission("T1-0001")
    assert receipt is not None
    (tmp_path / "doc").write_bytes(receipt.document)
    (tmp_path / "sig").write_bytes(receipt.signature)
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-noverify", "-binary", "-in", "sig", "-content", "doc"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "doc").write_bytes(receipt.document.replace(b"T1", b"T2"))
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_the_page_shows_dossiers_and_its_buttons_work(sandbox: Sandbox) -> None:
    status, text = get(sandbox.base + "/")
    assert status == 200 and "TRAINING" in text and "Giấy chứng sinh" in text and "Mới đăng ký" in text
    number = re.search(r'<article id="([^"]+)"', text)
    assert number
    form = urlencode({"number": number.group(1), "action": "take-up", "note": "đủ"}).encode()
    status, text = post(sandbox.base + "/act", form, "application/x-www-form-urlencoded")
    assert status == 200 and "Được tiếp nhận" in text
    form = urlencode({"number": number.group(1), "action": "result-ready:electronic"}).encode()
    assert "(điện tử)" in post(sandbox.base + "/act", form, "application/x-www-form-urlencoded")[1]
    form = urlencode({"number": number.group(1), "action": "refuse"}).encode()
    assert post(sandbox.base + "/act", form, "application/x-www-form-urlencoded")[0] == 409


def test_it_stops_in_order_and_a_taken_port_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    port = int(sandbox.base.rpartition(":")[2])
    with pytest.raises(ConfigError):
        serve_sandbox(folder=tmp_path / "other", sign_bytes=bytes, now=lambda: NOW, port=port)
    assert sandbox.stop() == 0
