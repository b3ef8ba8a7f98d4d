"""Item numbers: the known examples, the printed form, allotted ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.s10 import S10, ServiceClass, check_digit, number_in_range, service_class
from agent.errors import InvalidIdentifier


@pytest.mark.parametrize(("serial", "digit"), [("47312482", "9"), ("12345678", "5"), ("00000000", "5")])
def test_the_check_digit_is_that_of_the_standard(serial: str, digit: str) -> None:
    assert check_digit(serial) == digit


def test_remainders_zero_and_one_give_five_and_zero() -> None:
    assert check_digit("00000000") == "5"
    one = next(
        f"{n:08d}"
        for n in range(100)
        if sum(int(d) * w for d, w in zip(f"{n:08d}", (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11 == 1
    )
    assert check_digit(one) == "0"


@given(st.from_regex("[A-Z]{2}", fullmatch=True), st.integers(0, 99_999_999))
def test_an_item_number_is_read_back_from_its_printed_form(prefix: str, serial: int) -> None:
    number = number_in_range(prefix, serial)
    assert S10.parse(str(number)) == S10.parse(number.text.lower()) == number
    assert len(str(number)) == 17


@pytest.mark.parametrize(
    "text", ["RR123456784VN", "RR12345678VN", "R1123456785VN", "RR1234567850VN", "", "RR１23456785VN"]
)
def test_a_wrong_item_number_says_what_to_do(text: str) -> None:
    with pytest.raises(InvalidIdentifier, match="Quét lại"):
        S10.parse(text)


def test_the_prefix_names_the_service() -> None:
    assert S10.parse("EE473124829VN").service is ServiceClass.EMS
    domestic = ("BA", "DZ", "NA", "PZ", "ZA", "AV", "AZ", "GA", "GD")
    assert {service_class(prefix) for prefix in domestic} == {ServiceClass.DOMESTIC}
    assert service_class("GB") is service_class("AU") is ServiceClass.OTHER


def test_a_range_that_makes_no_item_number_is_refused() -> None:
    for prefix, serial, country in (("R", 1, "VN"), ("RR", 100_000_000, "VN"), ("RR", -1, "VN"), ("RR", 1, "V1")):
        with pytest.raises(InvalidIdentifier):
            number_in_range(prefix, serial, country)
