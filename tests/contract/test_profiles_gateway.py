"""The gateway of a profile against its stub and against provinces that answer what they should not."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.domain.canonical import CanonicalResult, canonical_json, digest
from agent.domain.dossier import ReturnWay
from agent.errors import (
    HandoffDriftUnavailable,
    HandoffDriftUnknown,
    HandoffFault,
    HandoffNotOffered,
    HandoffOutcomeUnknown,
    HandoffRejected,
    HandoffUnavailable,
    IntegrityError,
)
from agent.jobs.line import OPERATIONS
from agent.soap.judge import only_child
from agent.soap.profiles.drift import compare
from agent.soap.profiles.gateway import Office, ProfileGateway
from agent.soap.profiles.lint import lint
from agent.soap.profiles.profile import Profile, find_profile, load_profile
from agent.soap.profiles.unoffered import Limited
from agent.soap.transport import Reply
from agent.soap.wire import open_wire
from tests.contract.profile_stub import StubProcess
from tests.contract.sandbox_process import OFFICE, PROCEDURE, delivery, dossier, page, supplement

FILES = {hashlib.sha256(data).hexdigest(): data for data in (page(), page("bổ sung"), page("khác"))}
OTHER = Path(__file__).parent / "profiles" / "tiepnhan.toml"
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def gateway_of(profile: Profile, wire: Any, sent: dict[str, bytes]) -> ProfileGateway:
    def read(sha256: str, offset: int, length: int) -> bytes:
        return FILES[sha256][offset : offset + length]

    office = Office(OFFICE, lambda sha256: len(FILES[sha256]), read, sent.get, lambda *_days: {}, lambda: NOW)
    return ProfileGateway(profile, wire, office)


def wire_to(endpoint: str) -> Any:
    return open_wire(endpoint, connect_timeout=2.0, read_timeout=10.0)


class Told:
    """A wire to a province that always answers the same."""

    clock_ahead = None

    def __init__(self, body: str, status: int = 200) -> None:
        text = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>'
        self._reply = Reply(status, "text/xml; charset=utf-8", text.encode())

    def post(self, *_given: Any, **_named: Any) -> tuple[Reply, Any]:
        return self._reply, only_child

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StubProcess]:
    with StubProcess(tmp_path_factory.mktemp("stub") / "data", faults="busy:op=LayDanhSachTTHC:times=1") as made:
        yield made


@pytest.fixture(scope="module")
def national() -> Profile:
    return load_profile(find_profile("dongbohosomc"))


def sent(gateway: ProfileGateway, name: str, **changes: Any) -> tuple[str, bytes]:
    """The key and the frozen bytes of a dossier with its official number."""
    number = gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key=name)
    return f"{name}/S1", canonical_json(dossier(name, official=number, **changes))


# --- the stub ----------------------------------------------------------------------------------
def test_a_round_and_a_report_are_taken_once_each(stub: StubProcess, national: Profile) -> None:
    gateway = gateway_of(national, wire_to(stub.endpoint), {})
    key, whole = sent(gateway, "T1-0100")
    number = gateway.submit(key=key, digest=digest(whole), dossier=whole).number
    more = canonical_json(replace(supplement("T1-0100", 1), official=number))
    result = CanonicalResult("KQ1", ReturnWay.COURIER, "2026-11-22T00:00:00Z", "RD100000005VN")
    report = canonical_json(replace(delivery("T1-0100", result), official=number))

    rounds = [gateway.supplement(key="T1-0100/B1", digest=digest(more), supplement=more) for _ in range(2)]
    reports = [gateway.report_delivery(key="T1-0100/D1", digest=digest(report), delivery=report) for _ in range(2)]

    assert [one.duplicate for one in rounds + reports] == [False, True, False, True]
    kinds = [one["operation"] for one in stub.held()["messages"] if one["number"] == number]
    assert sorted(kinds) == ["report_delivery", "supplement"]


def test_a_code_that_says_it_is_there_is_a_success_and_not_a_second_dossier(
    stub: StubProcess, national: Profile
) -> None:
    gateway = gateway_of(national, wire_to(stub.endpoint), {})
    key, whole = sent(gateway, "T1-0101")
    receipts = [gateway.submit(key=key, digest=digest(whole), dossier=whole) for _ in range(2)]
    assert [one.duplicate for one in receipts] == [False, True]
    assert receipts[0].number == receipts[1].number and receipts[1].signature == b""


def test_a_number_that_stands_for_another_dossier_is_refused_and_other_files_stop_for_people(
    stub: StubProcess, national: Profile
) -> None:
    gateway = gateway_of(national, wire_to(stub.endpoint), held := {})
    key, whole = sent(gateway, "T1-0102")
    number = gateway.submit(key=key, digest=digest(whole), dossier=whole).number

    held["T1-0103/S1"] = canonical_json(dossier("T1-0103", official=number))
    with pytest.raises(HandoffRejected, match="hồ sơ khác"):
        gateway.submission("T1-0103/S1")
    held[key] = canonical_json(dossier("T1-0102", official=number, files=(page("khác"),)))
    with pytest.raises(IntegrityError, match="các tệp khác"):
        gateway.submission(key)


def test_what_was_never_sent_is_not_found_and_a_busy_province_is_asked_again(
    stub: StubProcess, national: Profile
) -> None:
    gateway = gateway_of(national, wire_to(stub.endpoint), held := {})
    held["T1-0104/S1"] = canonical_json(dossier("T1-0104"))
    assert gateway.submission("T1-0104/S1") is None
    with pytest.raises(HandoffUnavailable, match="bận"):
        gateway.procedures()
    assert gateway.procedures()[0]["code"]


def test_files_over_the_limit_are_refused_before_anything_is_sent(stub: StubProcess, national: Profile) -> None:
    gateway = gateway_of(replace(national, limit=10), wire_to(stub.endpoint), {})
    key, whole = sent(gateway, "T1-0105")
    before = stub.calls("DongBoHoSoMC")
    with pytest.raises(HandoffRejected, match="10 byte"):
        gateway.submit(key=key, digest=digest(whole), dossier=whole)
    assert stub.calls("DongBoHoSoMC") == before


def test_what_a_province_lacks_is_said_and_nothing_is_sent(national: Profile) -> None:
    gateway = gateway_of(national, None, {})
    for ask in (
        lambda: gateway.list_payments("fees:BC-TAYHO|2026-11-21"),
        lambda: gateway.compare_digests(scope="fees:BC-TAYHO|2026", digests=[]),
        lambda: gateway.lookup_reusable(owner_id="1", procedure=PROCEDURE),
        lambda: gateway.report_custody(office=OFFICE, events=[]),
    ):
        with pytest.raises(HandoffNotOffered, match="không có thao tác"):
            ask()
    assert gateway.capabilities().can("SubmitDossier") and not gateway.capabilities().can("ReportCustody")
    assert gateway.offers("SubmitDossier") and not gateway.offers("WithdrawDossier")


def test_our_contract_without_an_operation_says_so_too() -> None:
    limited: Any = Limited(Told(""), ["ReportCustody"])
    with pytest.raises(HandoffNotOffered):
        limited.report_custody(office=OFFICE, events=[])
    assert limited.close() is None


def test_a_province_as_its_profile_says_has_not_drifted(stub: StubProcess, national: Profile) -> None:
    drift = compare(national, stub.endpoint)
    assert drift.touched == () and drift.new == ()


def test_many_changes_in_one_second_do_not_stop_the_feed(stub: StubProcess, national: Profile) -> None:
    gateway = gateway_of(national, wire_to(stub.endpoint), {})
    for n in range(4):
        key, whole = sent(gateway, f"T1-030{n}")
        gateway.submit(key=key, digest=digest(whole), dossier=whole)
    seen, cursor = set[str](), 0
    for _ in range(40):
        changes = gateway.status_changes(office=OFFICE, cursor=cursor, maximum=1)
        seen |= {one.number for one in changes}
        if changes[-1].cursor == cursor:
            break
        cursor = changes[-1].cursor
    assert seen == {one["number"] for one in stub.held()["dossiers"]}


# --- answers that are not of the contract ------------------------------------------------------
SPACE = 'xmlns="urn:vn:tthc:dongbohosomc:1"'
ROW = (
    "<MaHoSo>H26.019.02-261121-0001</MaHoSo><SoBienNhan>T1-1</SoBienNhan><TrangThaiHoSo>{status}</TrangThaiHoSo>"
    "<LanCapNhat>1</LanCapNhat><NgayCapNhat>{at}</NgayCapNhat><NgayTiepNhan>20261121083000</NgayTiepNhan>"
)


def feed(status: str = "4", at: str = "20261121083000") -> str:
    row = ROW.format(status=status, at=at)
    rows = f"<DanhSachHoSo><HoSo>{row}</HoSo></DanhSachHoSo>"
    return f"<TraCuuHoSoResponse {SPACE}><error_code>0</error_code>{rows}</TraCuuHoSoResponse>"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (feed(status="77"), "TrangThaiHoSo"),
        (feed(at="20261321083000"), "NgayCapNhat"),
        (feed(at="21/11/2026"), "NgayCapNhat"),
        (f"<TraCuuHoSoResponse {SPACE}><error_code>0</error_code><Moi/></TraCuuHoSoResponse>", "Moi"),
        (f"<KhacResponse {SPACE}/>", "KhacResponse"),
    ],
)
def test_an_answer_that_drifted_is_named_by_operation_and_field(national: Profile, body: str, field: str) -> None:
    gateway = gateway_of(national, Told(body), {})
    with pytest.raises(HandoffDriftUnavailable) as told:
        gateway.status_changes(office=OFFICE, cursor=0)
    assert told.value.operation == "GetStatusChanges" and field in told.value.field
    assert "TraCuuHoSo" in told.value.message
    assert "77" not in told.value.message and "2026" not in told.value.message


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("4", HandoffUnavailable),
        ("2", HandoffRejected),
        ("5", HandoffRejected),
        ("99", HandoffFault),
        ("12345", HandoffFault),
    ],
)
def test_each_code_means_what_the_profile_says(national: Profile, code: str, expected: type[Exception]) -> None:
    body = f"<DongBoHoSoMCResponse {SPACE}><error_code>{code}</error_code></DongBoHoSoMCResponse>"
    gateway = gateway_of(national, Told(body), {})
    whole = canonical_json(dossier("T1-1", official="H26.019.02-261121-0001"))
    with pytest.raises(expected):
        gateway.submit(key="T1-1/S1", digest=digest(whole), dossier=whole)


@pytest.mark.parametrize("body", ["", "<a/><b/>", "<s:Fault><faultcode>s:Server</faultcode></s:Fault>"])
def test_an_answer_that_says_nothing_leaves_the_outcome_unknown(national: Profile, body: str) -> None:
    gateway = gateway_of(national, Told(body), {})
    whole = canonical_json(dossier("T1-1", official="H26.019.02-261121-0001"))
    with pytest.raises(HandoffOutcomeUnknown):
        gateway.submit(key="T1-1/S1", digest=digest(whole), dossier=whole)


def test_an_answer_to_a_dossier_that_drifted_is_unknown_and_named(national: Profile) -> None:
    body = f"<DongBoHoSoMCResponse {SPACE}><error_code>không</error_code></DongBoHoSoMCResponse>"
    whole = canonical_json(dossier("T1-1", official="H26.019.02-261121-0001"))
    with pytest.raises(HandoffDriftUnknown, match=r"DongBoHoSoMC.*error_code") as told:
        gateway_of(national, Told(body), {}).submit(key="T1-1/S1", digest=digest(whole), dossier=whole)
    assert OPERATIONS[told.value.operation] == ("submit",), "the line pauses this kind of work alone"


CHUNKS = """
[operation.put_chunk]
calls = "GuiTep"

[operation.put_chunk.send]
ma = "@sha256"
tu = "@offset"
phan = "@bytes"

[operation.put_chunk.answer]
received = "ketQua/daCo"
"""


# --- another province --------------------------------------------------------------------------
def test_a_province_with_other_types_names_and_packed_files_needs_only_its_two_files(tmp_path: Path) -> None:
    assert lint(OTHER).faults == ()
    whole = canonical_json(dossier("T1-0200"))
    with StubProcess(tmp_path / "data", str(OTHER)) as stub:
        gateway = gateway_of(load_profile(OTHER), wire_to(stub.endpoint), {"T1-0200/S1": whole})
        first = gateway.submit(key="T1-0200/S1", digest=digest(whole), dossier=whole)
        assert gateway.submission("T1-0200/S1") is None, "there is no search: it is sent again, which does no harm"
        again = gateway.submit(key="T1-0200/S1", digest=digest(whole), dossier=whole)
        held = stub.held()["dossiers"]

    assert (first.duplicate, again.duplicate) == (False, True) and first.number == again.number
    assert len(held) == 1
    theirs = held[0]["theirs"]
    assert (theirs["loai"], theirs["lienHe"], theirs["ngay"]) == (["1"], ["không có"], ["2026-11-21"])
    assert held[0]["files"] == [hashlib.sha256(page()).hexdigest()]


def test_files_sent_ahead_resume_and_a_dossier_without_its_files_is_refused(tmp_path: Path) -> None:
    for one in OTHER.parent.glob("tiepnhan.*"):
        shutil.copy(one, tmp_path)
    path = tmp_path / OTHER.name
    text = path.read_text(encoding="utf-8").replace('way = "inline"\ngzip = true', 'way = "chunks"')
    text = text.replace('"tep/nen" = "components.files.@content"\n', "")
    path.write_text(text, encoding="utf-8")
    assert ["put_chunk" in one.what for one in lint(path).faults] == [True], "files would never be sent"
    path.write_text(text + CHUNKS, encoding="utf-8")
    assert lint(path).faults == ()

    whole, data = canonical_json(dossier("T1-0201")), page()
    sha256 = hashlib.sha256(data).hexdigest()
    with StubProcess(tmp_path / "data", str(path)) as stub:
        gateway = gateway_of(load_profile(path), wire_to(stub.endpoint), {})
        with pytest.raises(HandoffRejected):
            gateway.submit(key="T1-0201/S1", digest=digest(whole), dossier=whole)
        state = gateway.upload_state(sha256)
        seen = [state.received]
        while not state.complete:
            part = data[state.received : state.received + 300]
            state = gateway.put_chunk(sha256, offset=state.received, total=len(data), data=part)
            seen.append(state.received)
        receipt = gateway.submit(key="T1-0201/S1", digest=digest(whole), dossier=whole)
        held = stub.held()["dossiers"]

    assert seen[0] == 0 and seen[-1] == len(data) and len(seen) > 2 and receipt.number
    assert held[0]["files"] == [sha256]
