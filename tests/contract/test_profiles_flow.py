"""A dossier goes through the real agent to a province that speaks DongBoHoSoMC and has no GetSubmission."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.processes import Program
from agent.reconcile.bundle import make_bundle
from agent.reconcile.compare import compare
from agent.reconcile.explain import Kind
from agent.reconcile.verify import verify
from agent.settings import Settings
from agent.soap.profiles.stub_store import StubStore
from agent.store import base
from agent.store.dossiers import Dossier, Supplement
from agent.store.handoffs import ProvinceReceipt, StatusMessage
from agent.wiring import build_site
from tests.builders import OFFICE
from tests.contract.profile_stub import StubProcess
from tests.flow.counter import Counter, prepare
from tests.webdesk import HandClock

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StubProcess]:
    """It hangs up once after it took the second dossier."""
    folder = tmp_path_factory.mktemp("dongbohosomc") / "data"
    with StubProcess(folder, faults="cut-after-commit:op=DongBoHoSoMC:after=1:times=1") as made:
        yield made


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, stub: StubProcess) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("profiled") / "data"
    prepare(folder)
    settings = Settings(data=folder)
    province = replace(settings.province, profile="dongbohosomc", endpoint=stub.endpoint, read_timeout=10.0)
    settings = settings.with_(province=province)
    clock = HandClock(datetime.now(UTC))
    site = build_site(settings, clock=clock)
    try:
        made: Any = stub
        yield Counter(site, Program(settings), clock, made)
    finally:
        base.proxy.initialize(site.store.database)
        site.store.close()


@pytest.fixture(scope="module")
def first(desk: Counter) -> Dossier:
    """The dossier of the first test, handed off."""
    return desk.handed_off()


def taken(stub: StubProcess, dossier: Dossier) -> dict[str, Any]:
    return next(one for one in stub.held()["dossiers"] if one["provisional"] == dossier.provisional)


def test_a_dossier_arrives_in_the_provinces_own_names_and_codes(
    desk: Counter, stub: StubProcess, first: Dossier
) -> None:
    assert first.state is State.HANDED_OFF and first.official
    held, sent = taken(stub, first), json.loads(desk.job(f"{first.provisional}/S1").payload)
    theirs = held["theirs"]
    assert held["number"] == first.official
    assert theirs["HoSo/LoaiDoiTuong"] == ["1"] and sent["owner"]["kind"] == "person"
    assert theirs["HoSo/HinhThuc"] == [{"courier": "1", "counter": "0", "electronic": "0"}[sent["returnWay"]]]
    assert theirs["HoSo/KenhThucHien"] == [{"direct": "1", "online": "2", "postal": "3"}[sent["channel"]]]
    codes = {"original": "0", "copy": "1", "electronic": "2"}
    papers = "HoSo/DanhSachTepDinhKemKhac/GiayTo/LoaiGiayTo"
    assert theirs[papers] == [codes[part["form"]] for part in sent["components"]]
    moments = {"receipt": "1", "supplement": "2", "return": "4"}
    assert theirs["HoSo/DanhSachLePhi/LePhi/HinhThucThu"] == [moments[fee["collectedAt"]] for fee in sent["fees"]]
    assert theirs["HoSo/DanhSachLePhi/LePhi/Gia"] == [str(fee["amount"]) for fee in sent["fees"]]
    local = datetime.fromisoformat(sent["receivedAt"]).astimezone(HANOI)
    assert theirs["HoSo/NgayTiepNhan"] == [local.strftime("%Y%m%d%H%M%S")]
    files = sorted({file["sha256"] for part in sent["components"] for file in part["files"]})
    assert held["files"] == files and files
    kept = stub.folder.with_name(f"{stub.folder.name}-dongbohosomc") / "files"
    assert {one.name for one in kept.iterdir()} >= set(files)
    assert all(desk.site.vault.get(one) == (kept / one).read_bytes() for one in files)


def test_the_proof_bundle_says_that_the_province_gave_no_signature(desk: Counter, first: Dossier) -> None:
    with desk.site.store.reading():
        receipt = ProvinceReceipt.get(ProvinceReceipt.dossier == first)
    assert bytes(receipt.signature) == b"" and json.loads(receipt.document)["unsigned"] is True

    bundle = make_bundle(desk.site, first.uid)
    verdict = verify(bundle, checker=desk.program.checker(), roots=desk.program.installed_roots())

    assert verdict.consistent and not verdict.problems
    assert any("không ký biên nhận" in one for one in verdict.remarks)


def test_what_the_province_says_moves_the_dossier(desk: Counter, stub: StubProcess, first: Dossier) -> None:
    stub.act(first.official or "", 4, note="đang làm")
    desk.program.follow_once(desk.site)
    assert desk.now(first).province_status == 4
    stub.act(first.official or "", 9, result=["paper"])
    desk.program.follow_once(desk.site)
    desk.program.follow_once(desk.site)  # what was told twice changes nothing
    assert [one.form for one in desk.results(first)] == ["paper"]


def test_an_answer_that_was_cut_off_is_found_by_its_code_and_taken_once(
    desk: Counter, stub: StubProcess, first: Dossier
) -> None:
    before = stub.calls("DongBoHoSoMC")
    dossier = desk.submitted()
    desk.send_jobs()
    key = f"{dossier.provisional}/S1"
    assert desk.job(key).state is JobState.UNKNOWN

    searched = stub.calls("TraCuuHoSo")
    desk.later()
    desk.send_jobs()

    assert desk.job(key).state is JobState.ACKED and desk.now(dossier).state is State.HANDED_OFF
    assert stub.calls("TraCuuHoSo") > searched, "the outcome was asked for"
    assert stub.calls("DongBoHoSoMC") == before + 1, "and the dossier was sent once"
    assert sum(one["provisional"] == dossier.provisional for one in stub.held()["dossiers"]) == 1


def test_papers_that_the_province_asks_for_open_a_round_at_the_counter(
    desk: Counter, stub: StubProcess, first: Dossier
) -> None:
    dossier = desk.submitted()
    desk.send()
    desk.later()
    desk.send()  # where this dossier is the one that is cut off
    dossier = desk.now(dossier)
    code = json.loads(desk.job(f"{dossier.provisional}/S1").payload)["components"][0]["code"]

    stub.act(dossier.official or "", 5, component=[code], note="bản mờ")
    desk.program.follow_once(desk.site)

    assert desk.now(dossier).state is State.SUPPLEMENT_ASKED
    with desk.site.store.reading():
        asked = Supplement.get(Supplement.dossier == dossier)
    assert [(one["component"], one["reason"]) for one in asked.requests] == [(code, "bản mờ")]


def test_what_changes_while_the_provinces_clock_is_back_is_told_all_the_same(
    desk: Counter, stub: StubProcess, first: Dossier
) -> None:
    """A feed by the second is read from the last second on: a change with an earlier one would be told to nobody."""
    desk.program.follow_once(desk.site)
    store = StubStore(stub.folder.with_name(f"{stub.folder.name}-dongbohosomc"))
    try:
        store.run("UPDATE dossiers SET updated = updated + 3600 WHERE number <> :n", n=first.official)
        desk.program.follow_once(desk.site)
        stub.act(first.official or "", 9, result=["paper"], note="đã in lại")
        desk.program.follow_once(desk.site)
    finally:
        store.close()
    with desk.site.store.reading():
        told = StatusMessage.select().where(StatusMessage.dossier == first)
        assert "đã in lại" in {one.note for one in told}


def test_books_are_compared_by_the_provinces_list(desk: Counter, stub: StubProcess, first: Dossier) -> None:
    desk.program.follow_once(desk.site)
    report = compare(desk.site, office=OFFICE)
    assert report.compared >= 1 and report.differences == ()

    store = StubStore(stub.folder.with_name(f"{stub.folder.name}-dongbohosomc"))
    try:
        kept = store.rows("SELECT status FROM dossiers WHERE number = :n", n=first.official)[0]["status"]
        store.run(  # at the end of the feed, which is told again each time
            "UPDATE dossiers SET status = '2', files = '[]', updated = (SELECT max(updated) FROM dossiers)"
            " WHERE number = :n",
            n=first.official,
        )
        changed = compare(desk.site, office=OFFICE)
        assert {one.kind for one in changed.differences} == {Kind.STATUS, Kind.FILE}
        store.run(
            "UPDATE dossiers SET status = :s, number = 'X-' || number WHERE number = :n", s=kept, n=first.official
        )
        store.run("UPDATE dossiers SET received = '2020-01-01T00:00:00Z' WHERE number = 'X-' || :n", n=first.official)
        gone = compare(desk.site, office=OFFICE)
        assert [(one.key, one.kind) for one in gone.differences] == [(first.provisional, Kind.MISSING_THERE)]
    finally:
        store.close()
