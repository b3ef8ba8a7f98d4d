"""The sample catalogue and how a version, a case or a way is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from agent.domain.catalogue import Catalogue, Channel, Fee, FeeUnit, Handling
from agent.domain.catalogue_toml import parse_catalogue
from agent.errors import ConfigError, NotFound, RuleViolation

TEXT = files("agent.domain").joinpath("data/catalogue_sample.toml").read_text("utf-8")
CATALOGUE = parse_catalogue(TEXT)
TODAY = date(2026, 11, 21)


def test_the_sample_catalogue_has_the_procedures_that_a_desk_meets_and_says_it_is_a_sample() -> None:
    codes = {code for code, _ in CATALOGUE.procedures}
    assert codes >= {
        "1.001193", "1.000894", "1.000656", "1.004873", "2.000635", "2.000815", "1.001612", "2.000720",
        "1.004222", "1.004194", "3.000347", "3.000333", "1.001776", "1.001731", "2.001610", "1.013833",
    }  # fmt: skip
    assert all(procedure.sample for procedure in CATALOGUE.procedures.values())


def test_every_case_asks_for_something_and_every_result_has_a_type() -> None:
    for procedure in CATALOGUE.procedures.values():
        assert procedure.results and procedure.ways
        for case in procedure.cases:
            assert any(requirement.digitised for requirement in case.mandatory), (procedure.code, case.code)


def test_one_component_code_always_means_the_same_paper() -> None:
    names: dict[str, str] = {}
    for procedure in CATALOGUE.procedures.values():
        for case in procedure.cases:
            for requirement in case.requirements:
                assert names.setdefault(requirement.code, requirement.name) == requirement.name


def test_extract_copies_need_two_papers_of_which_the_identity_card_is_only_shown() -> None:
    procedure = CATALOGUE.procedure("2.000635", 1)
    application, identity = procedure.case().mandatory
    assert application.handling is Handling.KEEP_FORWARD and application.digitised
    assert identity.handling is Handling.SHOW_ONLY and not identity.digitised
    by_post = procedure.case("by_post").mandatory
    assert [requirement.digitised for requirement in by_post] == [True, True]
    assert by_post[1].wanted == "1 bản sao chứng thực"


def test_marriage_has_no_forward_leg_by_post_and_the_refusal_says_why() -> None:
    marriage = CATALOGUE.current("1.000894", TODAY)
    assert marriage.presence_required
    with pytest.raises(RuleViolation, match=r"cùng có mặt.*trực tiếp"):
        marriage.way(Channel.POSTAL)


def test_a_procedure_is_found_by_code_or_by_words_without_marks() -> None:
    assert [p.code for p in CATALOGUE.search("dang ky khai sinh", TODAY)] == ["1.001193"]
    assert [p.code for p in CATALOGUE.search("Hộ tịch trích lục", TODAY)] == ["2.000635"]
    assert [p.code for p in CATALOGUE.search("3.0003", TODAY)] == ["3.000333", "3.000347"]
    assert CATALOGUE.search("  ", TODAY) == []


def test_a_dossier_keeps_the_version_under_which_it_was_received() -> None:
    old = replace(CATALOGUE.procedure("1.001193", 1), until=date(2027, 2, 28))
    new = replace(old, version=2, since=date(2027, 3, 1), until=None)
    both = Catalogue.of([old, new])
    assert both.current("1.001193", TODAY) is old
    assert both.current("1.001193", date(2027, 3, 1)) is new
    assert both.procedure("1.001193", 1) is old
    with pytest.raises(NotFound, match="01/01/2020"):
        both.current("1.001193", date(2020, 1, 1))
    with pytest.raises(NotFound, match="phiên bản 3"):
        both.procedure("1.001193", 3)
    with pytest.raises(RuleViolation, match="hai lần"):
        Catalogue.of([old, old])


def test_an_unknown_case_names_the_known_ones() -> None:
    with pytest.raises(NotFound, match="standard, no_notice, foundling"):
        CATALOGUE.procedure("1.001193", 1).case("twins")


@pytest.mark.parametrize(("pages", "dong"), [(0, 0), (1, 2000), (2, 4000), (3, 5000), (198, 200_000), (500, 200_000)])
def test_the_fee_for_certified_copies_falls_after_two_pages_and_is_capped(pages: int, dong: int) -> None:
    (fee,) = CATALOGUE.procedure("2.000815", 1).way(Channel.DIRECT).fees
    assert fee.charge(pages) == dong


def test_a_fee_is_in_force_in_its_window_only() -> None:
    fee = Fee("Lệ phí", 0, FeeUnit.DOSSIER, since=date(2026, 1, 1), until=date(2026, 6, 30))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [fee.in_force(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ("sample = true", "sample = = true", "Không đọc được"),
        ('code = "1.001193"', 'code = "1.1193"', "1.1193"),
        ('"birth-notice"', '"birth-paper"', "1.001193"),
        ('handling = "show_only"', 'handling = "eat"', "2.000635"),
        ('agency = "land_office"', 'agency = "sea_office"', "1.013833"),
        ('["form-extract", "id-show"]', '["form-extract", "form-extract"]', "twice"),
    ],
)
def test_a_broken_catalogue_names_the_procedure_at_fault(wrong: str, right: str, says: str) -> None:
    assert wrong in TEXT
    with pytest.raises(ConfigError, match=says):
        parse_catalogue(TEXT.replace(wrong, right))
