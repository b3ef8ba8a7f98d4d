"""Numbers of dossiers, papers, people: what is accepted, what is refused, what a slip of the hand does."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain import identifiers as ids
from agent.domain import identifiers_person as people
from agent.domain.check_character import SAFE, SAFE_ALPHABET, WIDE, CheckScheme, from_base, to_base
from agent.domain.s10 import S10
from agent.errors import InvalidIdentifier

terminals = st.text(alphabet=SAFE_ALPHABET, min_size=1, max_size=4)
days = st.dates(date(2020, 1, 1), date(2041, 12, 31))
sequences = st.integers(0, ids.MAX_SEQUENCE)


@pytest.mark.parametrize("scheme", [SAFE, WIDE], ids=["safe", "wide"])
def test_the_groups_table_catches_every_single_error_and_every_neighbour_swap(scheme: CheckScheme) -> None:
    """Exhaustive, and independent of length: cancellation and anti-symmetry hold for all pairs."""
    size = len(scheme.alphabet)
    everything = range(size)
    assert sorted(scheme.turn(x) for x in everything) == list(everything)
    for x in everything:
        assert sorted(scheme.multiply(x, y) for y in everything) == list(everything)
        assert sorted(scheme.multiply(y, x) for y in everything) == list(everything)
        for y in range(x):
            assert scheme.multiply(x, scheme.turn(y)) != scheme.multiply(y, scheme.turn(x))
            for z in everything:
                left = scheme.multiply(scheme.multiply(x, y), z)
                assert left == scheme.multiply(x, scheme.multiply(y, z))


@pytest.mark.parametrize("body", ["T16T2100C", "00000000", "VVVV9V31VVV", "K4"])
def test_every_mistyped_character_and_every_swap_in_a_number_is_seen(body: str) -> None:
    number = body + SAFE.character(body)
    assert SAFE.holds(number)
    for place, right in enumerate(number):
        for wrong in SAFE_ALPHABET.replace(right, ""):
            assert not SAFE.holds(number[:place] + wrong + number[place + 1 :])
        pair = number[place : place + 2]
        if len(set(pair)) == 2:
            assert not SAFE.holds(number[:place] + pair[::-1] + number[place + 2 :])


def test_the_check_character_is_one_of_the_alphabet_for_every_ending() -> None:
    assert {SAFE.character(a + b) for a in SAFE_ALPHABET for b in SAFE_ALPHABET} == set(SAFE_ALPHABET)


@given(st.integers(0, 22**3 - 1))
def test_a_sequence_is_read_back_from_its_letters(number: int) -> None:
    assert from_base(to_base(number, 3)) == number


@given(terminals, days, sequences)
def test_a_provisional_number_is_read_back_however_it_is_typed(terminal: str, on: date, sequence: int) -> None:
    number = ids.mint_provisional(terminal, on, sequence)
    for typed in (number, number.lower(), number.replace("-", ""), f" {number.replace('-', ' – ')} "):
        assert ids.parse_provisional(typed) == ids.Provisional(number, terminal, on, sequence)


@given(terminals, days, sequences)
def test_a_provisional_number_is_never_taken_for_another_kind(terminal: str, on: date, sequence: int) -> None:
    number = ids.mint_provisional(terminal, on, sequence)
    assert set(number) <= set(SAFE_ALPHABET + "-")
    for text in (number, number.replace("-", "")):
        assert not text.isdigit()  # no phone, tax code or citizen id
        for other in (ids.parse_official, S10.parse, people.parse_citizen_id, people.parse_tax_code):
            with pytest.raises(InvalidIdentifier):
                other(text)


def test_two_dossiers_of_two_terminals_or_days_never_share_a_number() -> None:
    start = date(2026, 1, 1)
    minted = [
        ids.mint_provisional(terminal, start + timedelta(days=day), sequence)
        for terminal in ("T", "T1", "T11", "1")
        for day in range(0, 800, 7)
        for sequence in (0, 1, 21, 22, 10647)
    ]
    assert len({number.replace("-", "") for number in minted}) == len(minted)


@pytest.mark.parametrize(
    ("terminal", "on", "sequence", "says"),
    [
        ("A1", date(2026, 1, 1), 1, "terminal_id"),
        ("T1234", date(2026, 1, 1), 1, "terminal_id"),
        ("T1", date(2019, 1, 1), 1, "đồng hồ"),
        ("T1", date(2026, 1, 1), 10648, "dùng máy khác"),
    ],
)
def test_a_number_that_cannot_be_minted_says_what_to_do(terminal: str, on: date, sequence: int, says: str) -> None:
    with pytest.raises(InvalidIdentifier, match=says):
        ids.mint_provisional(terminal, on, sequence)


@pytest.mark.parametrize("text", ["", "T1-6T21-00C7", "T1-6T21-00C", "T1-6A21-00CQ", "RR123456785VN", "001099012345"])
def test_a_wrong_provisional_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        ids.parse_provisional(text)


def test_a_provisional_number_with_an_impossible_day_is_refused() -> None:
    body = "T16C31000"  # 31 February
    with pytest.raises(InvalidIdentifier, match="ngày không có thật"):
        ids.parse_provisional(body + SAFE.character(body))


@pytest.mark.parametrize(
    ("text", "agency", "on", "sequence", "form"),
    [
        ("000.00.19.H26-190115-0001", "000.00.19.H26", date(2019, 1, 15), 1, "2018"),
        ("H26.019.02-261121-010001", "H26.019.02", date(2026, 11, 21), 10001, "2026"),
        ("G09.20-20260609-0092637", "G09.20", date(2026, 6, 9), 92637, "2026"),
        (" h26-261121-0001 ", "H26", date(2026, 11, 21), 1, "2026"),
    ],
)
def test_official_numbers_of_both_forms_are_read(text: str, agency: str, on: date, sequence: int, form: str) -> None:
    number = ids.parse_official(text)
    assert (number.agency, number.on, number.sequence, number.form) == (agency, on, sequence, form)


@pytest.mark.parametrize("text", ["Z26-261121-0001", "H26-261121-001", "H26-261321-0001", "H26-2611-0001", "1.001193"])
def test_a_wrong_official_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        ids.parse_official(text)


def test_catalogue_codes_are_read_and_wrong_ones_say_what_they_look_like() -> None:
    assert ids.parse_procedure_code(" 1.004616.000.00.00.h56 ") == "1.004616.000.00.00.H56"
    assert ids.parse_agency_code("h26.019.02") == "H26.019.02"
    assert ids.parse_agency_code("000.00.19.H26") == "000.00.19.H26"
    assert ids.parse_component_code("000.00.00.G15-KQ1475") == "000.00.00.G15-KQ1475"
    assert ids.parse_field_code("G03-GD09") == "G03-GD09"
    assert ids.parse_result_type("KQ.G07.000122") == "KQ.G07.000122"
    for parse, wrong in (
        (ids.parse_procedure_code, "1.00119"),
        (ids.parse_agency_code, "h26/019"),
        (ids.parse_component_code, "KQ1475"),
        (ids.parse_field_code, "GD09"),
        (ids.parse_result_type, "KQ.000122"),
    ):
        with pytest.raises(InvalidIdentifier, match="ví dụ"):
            parse(wrong)


@given(st.from_regex(r"[0-9]{12}|[A-HJ-NP-Z][0-9]{7}", fullmatch=True), st.integers(0, 2**128 - 1))
def test_a_papers_code_is_read_back_and_its_short_form_tells_nothing_of_the_owner(owner: str, random: int) -> None:
    code = ids.mint_paper_code(owner, "GKS", random)
    assert ids.parse_paper_code(code.text.lower()) == code
    assert code.text.startswith(owner)
    assert owner not in code.short and re.fullmatch(r"GKS\.[0-9A-Z]{7}", code.short)


def test_a_slip_in_a_papers_code_is_seen() -> None:
    text = ids.mint_paper_code("001099012345", "GKS", 123456789).text
    for wrong in (text.replace("001", "010"), text.replace("GKS", "GKT"), text[:-1], text[:-2] + text[:-3:-1]):
        with pytest.raises(InvalidIdentifier):
            ids.parse_paper_code(wrong)


@pytest.mark.parametrize(
    ("number", "province", "sex", "year"),
    [
        ("001099012345", "Hà Nội", "male", 1999),
        ("079301000001", "Thành phố Hồ Chí Minh", "female", 2001),
        ("038 165 000 001", "Thanh Hóa", "female", 1965),
        ("123200000001", None, "male", 2000),
    ],
)
def test_a_citizen_id_tells_province_sex_and_birth_year(number: str, province: str | None, sex: str, year: int) -> None:
    citizen = people.parse_citizen_id(number)
    assert (citizen.province, citizen.sex, citizen.birth_year) == (province, sex, year)


def test_all_63_old_provinces_are_known() -> None:
    assert len(people.BIRTH_PROVINCES) == 63


@pytest.mark.parametrize("text", ["00109901234", "0010990123456", "003099012345", "00109901234x", "٠٠١٠٩٩٠١٢٣٤٥", ""])
def test_a_wrong_citizen_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        people.parse_citizen_id(text)


def test_a_citizen_id_that_does_not_fit_its_bearer_warns_and_is_not_refused() -> None:
    citizen = people.parse_citizen_id("001099012345")
    fine = people.citizen_id_warnings(citizen, birth=date(1999, 5, 1), sex=people.Sex.MALE, today=date(2026, 1, 1))
    assert fine == []
    warnings = people.citizen_id_warnings(citizen, birth=date(1989, 5, 1), sex=people.Sex.FEMALE)
    assert len(warnings) == 2 and "1999" in warnings[0] and "Nam" in warnings[1]
    unborn = people.parse_citizen_id("001299012345")
    assert people.citizen_id_warnings(unborn, today=date(2026, 1, 1))


def test_tax_codes_of_organisations_branches_and_people() -> None:
    assert people.parse_tax_code("0100233488").kind is people.TaxCodeKind.ORGANISATION
    assert people.parse_tax_code("0314409058-002").number == "0314409058-002"
    assert people.parse_tax_code("001099012345").kind is people.TaxCodeKind.PERSON
    for wrong in ("0100233480", "123", "", "003099012345"):
        with pytest.raises(InvalidIdentifier):
            people.parse_tax_code(wrong)


@pytest.mark.parametrize("typed", ["0912345678", "0912.345.678", "+84 912 345 678", "84912345678", "(091) 234-5678"])
def test_a_phone_number_is_kept_in_one_form(typed: str) -> None:
    assert people.normalise_phone(typed) == "+84912345678"


@pytest.mark.parametrize("typed", ["", "0912", "0112345678", "09123456789", "abc"])
def test_a_phone_number_that_cannot_ring_is_refused(typed: str) -> None:
    with pytest.raises(InvalidIdentifier, match="0912 345 678"):
        people.normalise_phone(typed)
