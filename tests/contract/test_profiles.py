"""Profiles of provinces: what lint names, how values go there and back, what drifted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.processes import main
from agent.settings import Province, Settings
from agent.soap.profiles.convert import Conversion, Unconvertible, ValueMap
from agent.soap.profiles.drift import compare
from agent.soap.profiles.lint import lint
from agent.soap.profiles.profile import FOLDER, find_profile, load_profile, shipped
from agent.wiring import build_site

Change = Callable[[str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """A copy of the DongBoHoSoMC profile in which one text stands instead of another."""

    def change(old: str, new: str) -> Path:
        for one in FOLDER.glob("dongbohosomc.*"):
            shutil.copy(one, tmp_path)
        path = tmp_path / "dongbohosomc.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return change


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_profile_is_right(name: str) -> None:
    assert lint(find_profile(name)).faults == ()


def test_the_shipped_profiles_are_our_contract_and_the_national_names() -> None:
    assert shipped() == ["dongbohosomc", "tthc"]


MUTANTS = {
    "a required element lost its line": (
        '"HoSo/ChuHoSo" = "owner.name"\n',
        "",
        "operation.submit.send",
        "“HoSo/ChuHoSo” của DongBoHoSoMC chưa được",
    ),
    "an optional field of ours is sent nowhere": (
        '"HoSo/NguoiNop" = "submitter.name"\n',
        "",
        "operation.submit.send",
        "“submitter.name” của ta không được gửi",
    ),
    "a path of theirs is misspelt": (
        '"HoSo/MaTTHC" =',
        '"HoSo/MaTTHCC" =',
        "operation.submit.send.HoSo/MaTTHCC",
        "có phải “HoSo/MaTTHC”?",
    ),
    "a path of ours is misspelt": (
        '"owner.name"',
        '"owner.nmae"',
        "operation.submit.send.HoSo/ChuHoSo",
        "không có “owner.nmae”; có phải “owner.name”?",
    ),
    "a value of ours is not in the map": (
        'organisation = "2"\n',
        "",
        "map.LoaiDoiTuong",
        "thiếu giá trị “organisation”",
    ),
    "a code of theirs is not in the map": ('10 = "10"\n', "", "map.TrangThaiHoSo", "thiếu mã “10”"),
    "a code that they do not have": (
        'electronic = "2"',
        'electronic = "3"',
        "map.LoaiBan.electronic",
        "không có mã “3”",
    ),
    "two values share a code": ('[map.HinhThuc.back]\n0 = "counter"\n', "", "map.HinhThuc", "không đọc ngược được"),
    "an enumeration without a map": (
        "channel | map:KenhThucHien",
        "channel",
        "operation.submit.send.HoSo/KenhThucHien",
        "không có phép đổi",
    ),
    "an error code without a meaning": ('99 = "unknown"\n', "", "errors.means", "mã lỗi 99"),
    "an error code that they do not have": (
        '101 = "exists"',
        '101 = "exists"\n102 = "done"',
        "errors.means.102",
        "102",
    ),
    "a refusal without words": ('6 = "số hồ sơ đã', '7 = "số hồ sơ đã', "errors.means.6", "chưa có lời"),
    "a meaning that there is not": ('4 = "retry"', '4 = "again"', "errors.means.4", "“again”"),
    "a conversion that there is not": (
        "fees.amount | money",
        "fees.amount | tien",
        "operation.submit.send.HoSo/DanhSachLePhi/LePhi/Gia",
        "phép đổi “tien”",
    ),
    "a date in a form that the schema does not take": (
        '"receivedAt | date:yyyyMMddHHmmss"',
        '"receivedAt | date:dd/MM/yyyy HH:mm"',
        "operation.submit.send.HoSo/NgayTiepNhan",
        "không theo lược đồ",
    ),
    "a list said without each": (
        '"HoSo/DanhSachLePhi/LePhi" = "each fees"\n',
        "",
        "operation.submit.send.HoSo/DanhSachLePhi/LePhi",
        "lặp lại mà không có each",
    ),
    "an operation that the WSDL does not have": (
        'calls = "GetNextValue"',
        'calls = "CapSo"',
        "operation.allocate_number.calls",
        "“CapSo”",
    ),
    "an answer read from nowhere": (
        'number = "MaHoSo"\nprovisional',
        'number = "MaHoSso"\nprovisional',
        "operation.submission.answer.number",
        "MaHoSso",
    ),
    "an unknown outcome without a way to ask": (
        'calls = "BoSungHoSoMC"\nrepeatable = true',
        'calls = "BoSungHoSoMC"\nrepeatable = false',
        "operation.supplement",
        "không có cách hỏi lại",
    ),
    "a key that means nothing": (
        "limit = 20_000_000",
        "limits = 20_000_000",
        "attachments.limits",
        "không có khóa này",
    ),
    "half an X-Road header": ("[wire]", '[wire.xroad]\nclient = "VN/GOV/1"\n[wire]', "wire", "service"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_lint_names_what_is_wrong_by_line_and_key_with_its_fix(changed: Change, name: str) -> None:
    old, new, key, what = MUTANTS[name]
    path = changed(old, new)

    found = [one for one in lint(path).faults if one.key == key and what in one.what]

    assert found, [(one.line, one.key, one.what) for one in lint(path).faults]
    assert found[0].fix
    line = path.read_text(encoding="utf-8").splitlines()[found[0].line - 1]
    assert key.rpartition(".")[2].strip('"') in line or line.startswith("[")


def test_lint_refuses_to_name_a_dossier_by_a_number_that_nobody_gave_it(changed: Change) -> None:
    path = changed("[operation.allocate_number]", "[operation.submit]")
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[operation.submit]"), text.index('[operation.submit]\ncalls = "DongBoHoSoMC"')
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    found = {one.key for one in lint(path).faults}
    assert {"operation.submit.send.HoSo/MaHoSo", "operation.submission.send"} <= found


def test_all_faults_are_told_at_once(changed: Change) -> None:
    path = changed('"HoSo/ChuHoSo" = "owner.name"\n', "")
    text = path.read_text(encoding="utf-8").replace('99 = "unknown"\n', "").replace('organisation = "2"\n', "")
    path.write_text(text, encoding="utf-8")
    assert len({one.key for one in lint(path).faults}) >= 3


def test_what_the_wire_asks_for_stands_in_the_profile(changed: Change) -> None:
    wire = """[wire.username_token]
username = "buu-cuc"
password_file = "/etc/mat-khau"

[wire.xroad]
client = "VN/GOV/1/QUAY"
service = "VN/GOV/2/MOTCUA"

[wire]"""
    path = changed("[wire]", wire)
    assert lint(path).faults == ()
    made = load_profile(path).wire
    assert made.username_token is not None and made.username_token.username == "buu-cuc"
    assert made.xroad is not None and made.xroad.client.subsystem == "QUAY"
    assert made.inline_files


# --- the command -------------------------------------------------------------------------------
def test_the_command_says_it_in_one_line_of_json_and_by_its_exit_code(
    changed: Change, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path / "data")]
    assert main(["profile", "lint", "dongbohosomc", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True

    broken = changed('"HoSo/ChuHoSo" = "owner.name"\n', "")
    assert main(["profile", "lint", str(broken), "--json", *data]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["faults"][0]["line"] > 1 and said["faults"][0]["fix"]

    assert main(["profile", "lint", "nowhere.toml", *data]) == 3
    broken.write_text("[profile\n", encoding="utf-8")
    assert main(["profile", "lint", str(broken), *data]) == 3
    with pytest.raises(SystemExit) as usage:
        main(["profile", "lint"])
    assert usage.value.code == 2


def test_an_agent_does_not_start_with_a_profile_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="dongbohosomc, tthc"):
        build_site(Settings(tmp_path, province=Province(profile="hanoi")))


# --- values ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("step", "ours", "theirs"),
    [
        (Conversion("date", "yyyyMMddHHmmss"), "2026-11-21T18:30:05Z", "20261122013005"),
        (Conversion("date", "dd/MM/yyyy"), "2026-11-21", "21/11/2026"),
        (Conversion("money"), 8000, "8000"),
        (Conversion("bool", "1/0"), False, "0"),
        (Conversion("map", "m", ValueMap("m", {"person": "1"})), "person", "1"),
    ],
)
def test_a_value_goes_there_and_back(step: Conversion, ours: object, theirs: str) -> None:
    assert step.there(ours) == theirs
    assert step.back(theirs) == ours


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Conversion("date", "yyyyMMddHHmmss"), "2026112125"),
        (Conversion("date", "yyyyMMddHHmmss"), "20261341000000"),
        (Conversion("bool", "1/0"), "yes"),
        (Conversion("money"), "8.000"),
        (Conversion("map", "m", ValueMap("m", {"person": "1"})), "9"),
    ],
)
def test_a_value_of_theirs_that_cannot_be_meant_is_refused_without_being_told(step: Conversion, text: str) -> None:
    with pytest.raises(Unconvertible) as told:
        step.back(text)
    assert text not in str(told.value)


# --- drift -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("old", "new", "touched", "what"),
    [
        ('<xs:element name="SoLuong" type="xs:int" minOccurs="0"/>', "", "TraCuuHoSo", "mất SoLuong"),
        (
            'name="HoSoBoSungId" type="xs:int"',
            'name="HoSoBoSungId" type="xs:string"',
            "BoSungHoSoMC",
            "kiểu int nay là",
        ),
        (
            '<xs:element name="ChucDanh" type="d:Chu" minOccurs="0"/>',
            '<xs:element name="ChucDanh" type="d:Chu"/>',
            "CapNhatTienDoHoSoMC",
            "ChucDanh: nay bắt buộc",
        ),
        ('<xs:enumeration value="4"/></xs:restriction>', "</xs:restriction>", "DongBoHoSoMC", "mất mã 4"),
    ],
)
def test_a_province_that_changed_its_contract_is_told_by_operation(
    tmp_path: Path, old: str, new: str, touched: str, what: str
) -> None:
    for one in FOLDER.glob("dongbohosomc.*"):
        shutil.copy(one, tmp_path)
    schema = tmp_path / "dongbohosomc.xsd"
    text = schema.read_text(encoding="utf-8")
    assert old in text
    schema.write_text(text.replace(old, new, 1), encoding="utf-8")

    drift = compare(load_profile(find_profile("dongbohosomc")), str(tmp_path / "dongbohosomc.wsdl"))

    assert [one.operation for one in drift.touched] == [touched]
    assert any(what in one for one in drift.touched[0].what)
    assert drift.touched[0].ours


def test_an_operation_that_is_gone_touches_only_itself(tmp_path: Path) -> None:
    for one in FOLDER.glob("dongbohosomc.*"):
        shutil.copy(one, tmp_path)
    wsdl = tmp_path / "dongbohosomc.wsdl"
    wsdl.write_text(wsdl.read_text(encoding="utf-8").replace("LayDanhSachTTHC", "LayDanhSachThuTuc"), encoding="utf-8")
    drift = compare(load_profile(find_profile("dongbohosomc")), str(wsdl))
    assert [one.operation for one in drift.touched] == ["LayDanhSachTTHC"] and drift.touched[0].ours == ("procedures",)
