"""Codes that a Vietnamese input method harmed on their way into the browser: repaired where only one repair holds."""

from __future__ import annotations

import doctest
import string
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain import scan_repair
from agent.domain.identifiers import parse_official, parse_provisional
from agent.domain.s10 import S10, number_in_range
from agent.domain.scan_repair import LONGEST, repaired, repairs
from agent.domain.telex import from_telex, from_vni
from agent.errors import InvalidIdentifier
from labels.payload import Command, Damaged, read_code


def is_item(text: str) -> bool:
    try:
        return S10.parse(text).text == text
    except InvalidIdentifier:
        return False


def is_ours(text: str) -> bool:
    code = read_code(text)
    return code is not None and not isinstance(code, Damaged)


def is_official(text: str) -> bool:
    try:
        return parse_official(text).text == text
    except InvalidIdentifier:
        return False


def like(original: str, typed: str) -> str:
    """What an input method leaves on the screen, in the case in which it was typed."""
    return typed.upper() if original.isupper() else typed


@pytest.mark.parametrize("prefix", ["DD", "EE", "AA", "OO", "AW", "OW", "AS", "EF", "OR", "UX", "EJ", "EZ", "WA", "ES"])
def test_an_item_number_that_telex_harmed_is_found_again(prefix: str) -> None:
    number = number_in_range(prefix, 47312482).text
    harmed = like(number, from_telex(number))
    assert harmed != number
    assert repaired(harmed, is_item) == number
    assert repaired(unicodedata.normalize("NFD", harmed), is_item) == number


def test_no_item_number_of_any_prefix_is_ever_repaired_to_another_one() -> None:
    """Telex does harm to 91 of the 676 prefixes; for two pairs of keys the letter alone cannot tell which it was."""
    harmed, silent = 0, []
    for prefix in (a + b for a in string.ascii_uppercase for b in string.ascii_uppercase):
        number = number_in_range(prefix, 90631845).text
        typed = like(number, from_telex(number))
        harmed += typed != number
        found = repaired(typed, is_item)
        assert found in {number, None}
        silent += [prefix] if found is None else []
    assert (harmed, silent) == (91, ["UW", "WZ"])


def test_vni_eats_digits_so_most_item_numbers_with_a_vowel_stay_unknown_and_none_is_guessed() -> None:
    for serial in range(12_345_678, 12_345_778):
        number = number_in_range("EA", serial).text
        assert repaired(like(number, from_vni(number)), is_item) in {number, None}
    assert repaired("EẬ78VN", is_item) is None


def test_a_number_that_is_known_is_found_although_its_check_digit_alone_would_not_tell() -> None:
    number = number_in_range("EA", 90_060_070).text
    harmed = like(number, from_vni(number))
    assert harmed != number
    assert repaired(harmed, lambda text: text == number) == number


@pytest.mark.parametrize("method", [from_telex, from_vni])
def test_our_own_codes_come_back(method: object) -> None:
    codes = [f"PA1K|{command}" for command in Command] + ["PA1|T1-6T21-00CQ|H26.019.02-261121-000012", "PA1P|1.001193"]
    for code in codes:
        typed = "|".join(like(part, method(part)) for part in code.split("|"))  # type: ignore[operator]
        assert repaired(typed, is_ours) == code, typed


@pytest.mark.parametrize("method", [from_telex, from_vni])
def test_numbers_of_dossiers_pass_unharmed(method: object) -> None:
    for number in ("T1-6T21-00CQ", "H26.019.02-261121-000012", "G09.20-20260609-0092637"):
        assert like(number, method(number)) == number  # type: ignore[operator]
        valid = is_official if number[0] in "HG" else lambda text: bool(parse_provisional(text))
        assert repaired(number, valid) == number


def test_an_agency_with_a_vowel_is_repaired_only_when_one_reading_is_known() -> None:
    harmed = "Ầ.019.02-261121-000012"  # A26 or A62
    assert repaired(harmed, is_official) is None
    known = "A26.019.02-261121-000012"
    assert repaired(harmed, lambda text: text == known) == known


@pytest.mark.parametrize(
    "text", ["", "RR473124829VN", "001099012345||Nguyễn Văn An|01021999|Nam|Số 1, Hà Nội|05062021", "Đ" * 4, "hello"]
)
def test_what_was_not_harmed_is_returned_as_it_came(text: str) -> None:
    assert repairs(text)[0] == text
    assert repaired(text, lambda _: True) == text


def test_what_no_input_method_makes_is_not_repaired() -> None:
    assert repairs("ÜÜ123") == ["ÜÜ123"]
    assert repaired("ÜÜ123", lambda text: text != "ÜÜ123") is None


HEAVY = ["ư" * LONGEST, "ễ" * LONGEST, "đ" * 4_000, "Ậ1" * 60, "ươ " * 40, "ưưưưưư1234567890", "a" * LONGEST]


@pytest.mark.parametrize("text", [*HEAVY, "Ẩ9876543210" * 9, "ưưưưưưễ " * 16, "ẫẫẫẫ0000000000000000"])
def test_the_work_is_bounded_whatever_arrives(text: str) -> None:
    began = time.process_time()
    assert repaired(text, lambda _: False) is None
    assert time.process_time() - began < 1.0


def test_too_many_candidates_are_no_answer() -> None:
    harmed = "Ậ1234567890" * 3
    seen: list[str] = []
    assert repaired(harmed, lambda text: bool(seen.append(text)) or text == repairs(harmed)[-1]) is None


SCANNED = st.text(alphabet="ADEOUWSFRXJZVN0123456789|-.", max_size=14)


@settings(max_examples=150, deadline=None)
@given(SCANNED, st.sampled_from([from_telex, from_vni]))
def test_each_candidate_typed_again_gives_what_arrived(code: str, method: object) -> None:
    harmed = method(code)  # type: ignore[operator]
    makers = (from_telex, from_vni, scan_repair._vni_that_stops)
    for candidate in repairs(harmed)[1:]:
        assert any(maker(candidate) == harmed for maker in makers), candidate


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(scan_repair).failed == 0
