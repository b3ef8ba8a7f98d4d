"""A dossier's file set: signed copies by the scheme's names, evidence, receipts and an index; the same bytes again."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import pytest

from agent.domain.canonical_zip import unpack
from agent.errors import NotFound
from agent.intake.erase import erase_person
from agent.intake.paper_facts import Entry, enter
from agent.intake.void import void
from agent.processes import main
from agent.reconcile.file_set import COLUMNS, file_set
from agent.store.accounts import AccessLog
from agent.store.papers import Page, Paper
from tests.builders import CHIEF, CLERK
from tests.flow.counter import Counter
from tests.webdesk import add_people


def test_it_holds_what_was_signed_and_nothing_raw_and_comes_out_the_same_again(desk: Counter) -> None:
    dossier = desk.handed_off()
    (paper,) = Paper.select().where(Paper.dossier == dossier)
    enter(desk.site, dossier.uid, paper.uid, Entry(number="=1+1", permanent=True), approve=True, by=CLERK)
    data = file_set(desk.site, dossier.uid)
    assert file_set(desk.site, dossier.uid) == data
    members = unpack(data)
    assert members[f"papers/{paper.file_name}"] == desk.site.vault.get(paper.signed_sha256 or "")
    assert {"receipts/01-submit.json", "receipts/01-submit.cms", "index.json", "index.csv"} < set(members)
    assert json.loads(members[f"evidence/{paper.file_name.removesuffix('.pdf')}.json"])["code"] == paper.shown
    raw = {page.sha256 for page in Page.select().where(Page.dossier == dossier)}
    assert raw and not raw & {hashlib.sha256(member).hexdigest() for member in members.values()}
    assert not any(b"001188012345" in member for name, member in members.items() if name.endswith((".csv", ".json")))

    rows = list(csv.DictReader(io.StringIO(members["index.csv"].decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    signed = next(row for row in rows if row["state"] == "signed")
    assert signed["sha256"] == paper.signed_sha256 and signed["file"] == f"papers/{paper.file_name}"
    assert signed["number"] == "'=1+1", "no spreadsheet takes it for a formula"


def test_an_erased_dossier_has_no_files_to_export(desk: Counter) -> None:
    dossier = desk.signed()
    void(desk.site, dossier.uid, by=CLERK, reason="nhầm")
    erase_person(desk.site, "001188012345", basis="x", by=CHIEF)
    with pytest.raises(NotFound, match="đã được xóa"):
        file_set(desk.site, dossier.uid)


def test_the_command_wants_the_right_and_a_purpose_and_writes_the_look_down(desk: Counter) -> None:
    dossier = desk.signed()
    add_people(desk.site, "lananh", "minh", "sontay")
    out, data = desk.folder.parent / "bo-tep.zip", ["--data", str(desk.folder)]
    words = ["export", dossier.provisional, "--out", str(out), "--purpose", "complaint", *data]
    try:
        for nobody in ("lananh", "sontay", "khong-co"):
            assert main([*words, "--by", nobody]) == 1 and not out.exists()
        assert main([*words, "--by", "minh"]) == 0
        assert unpack(out.read_bytes())["index.json"]
        with pytest.raises(SystemExit):
            main(["export", dossier.provisional, "--out", str(out), "--by", "minh", "--purpose", "curiosity", *data])
    finally:
        desk.bind()
    assert [(row.actor, row.purpose, row.what) for row in AccessLog.select()] == [
        ("user:minh", "complaint", "file set")
    ]
