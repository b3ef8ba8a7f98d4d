"""Codes and file names of digitised papers by the settings' scheme; a bad pattern is refused with what is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from agent.domain.paper_codes import FILE, check_settings, file_name, parse_scheme, part_value
from agent.errors import ConfigError, InvalidIdentifier
from agent.settings import Papers
from agent.settings_office import Office

DOC_CODE = "{agency}_{kind}_{number:6}_V{version}"
VALUES = {"agency": "G06.01", "kind": "CV"}


def test_the_pattern_of_7197_writes_its_own_example() -> None:
    scheme = parse_scheme(DOC_CODE)
    assert scheme is not None
    assert scheme.code(VALUES, 21, 1) == "G06.01_CV_000021_V1"
    assert scheme.code(VALUES, 21, 2) == "G06.01_CV_000021_V2"
    assert scheme.series(VALUES) != scheme.series(VALUES | {"kind": "QD"}), "each kind counts by itself"
    name = file_name(FILE, "G06.01_CV_000021_V1", date(2026, 11, 29), "Đơn đề nghị (mẫu 01/ĐN)")
    assert name == "G06.01_CV_000021_V1_20261129_DON-DE-NGHI-MAU-01-DN.pdf"


def test_the_national_form_is_no_pattern() -> None:
    assert parse_scheme("national") is None


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "thiếu {number}"),
        ("{agency}_{kind}_V{version}", "thiếu {number}"),
        ("{agency}_{kind}_{number:6}", "thiếu {version}"),
        ("{kind}_{number:6}_V{version}", "thiếu {agency}"),
        ("{agency}_{owner}_{number}_V{version}", "không có phần {owner}"),
        ("{agency}_{number}_{number}_V{version}", "đứng hai lần"),
        ("{agency}_{kind}_{number:six}_V{version}", "không đúng"),
        ("{agency}_{kind:3}_{number}_V{version}", "không đúng"),
        ("{agency}/{kind}_{number}_V{version}", "ký tự “/”"),
        ("{agency}_ký_{number}_V{version}", "ký tự “k”"),
        ("{agency}_{kind}_{number_V{version}", "ký tự “{”"),
        ("{agency}_{number}{version}", "dính"),
        ("{agency}_{kind}{number}_V{version}", "dính"),
        ("{agency}_1{number}_V{version}", "dính"),
    ],
)
def test_a_bad_pattern_is_refused_with_what_is_wrong(pattern: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check_settings(Papers(code=pattern), Office(), "T1")
    assert words in refused.value.message and "[papers] code" in refused.value.message


@pytest.mark.parametrize(
    ("papers", "words"),
    [
        (Papers(file="{desc}_{date}"), "thiếu {code}"),
        (Papers(file="{code}_{name}"), "không có phần {name}"),
        (Papers(kinds=("GKS",)), "LOẠI=CÁCH VIẾT"),
        (Papers(kinds=("GKS=",)), "không viết được"),
        (Papers(code=DOC_CODE, agency="***"), "phần {agency}"),
        (Papers(code="{agency}_{office}_{number}_V{version}"), "phần {office}"),
    ],
)
def test_what_a_part_would_be_written_as_is_checked_at_the_start(papers: Papers, words: str) -> None:
    with pytest.raises(ConfigError, match="papers") as refused:
        check_settings(papers, Office(id="???"), "T1")
    assert words in refused.value.message


def test_a_number_that_outgrew_its_digits_is_refused_and_never_written_shorter() -> None:
    scheme = parse_scheme("{agency}_{number:2}_V{version}")
    assert scheme is not None
    with pytest.raises(InvalidIdentifier, match="vượt 2 chữ số"):
        scheme.code(VALUES, 100, 1)
    with pytest.raises(InvalidIdentifier, match="dài quá"):
        scheme.code({"agency": "A" * 60}, 1, 1)


def test_parts_are_written_so_that_a_code_can_be_read_out_and_stand_in_a_file_name() -> None:
    assert part_value("kind", "Đơn xin/cấp") == "DON-XIN-CAP"
    assert part_value("agency", "H26.019.02") == "H26.019.02"
