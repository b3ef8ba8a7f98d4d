"""Chip cards: good ones are read, torn and garbled ones say what to do and give nothing away."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.chip_card import looks_like_chip_card, parse_chip_card
from agent.domain.identifiers_person import Sex
from agent.errors import InvalidIdentifier

CARD = "001099012345|012345678|Nguyễn Văn Đức|01021999|Nam|Số 1 Lê Lợi, Hà Nội|05062021"


def test_a_chip_card_is_read() -> None:
    card = parse_chip_card(CARD)
    assert (card.number, card.old_number, card.name) == ("001099012345", "012345678", "Nguyễn Văn Đức")
    assert (card.birth, card.sex, card.issued) == (date(1999, 2, 1), Sex.MALE, date(2021, 6, 5))
    assert card.address == "Số 1 Lê Lợi, Hà Nội" and card.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        CARD + "||Nguyễn Văn Cha|Trần Thị Mẹ",
        "\ufeff" + CARD + "\r\n",
        unicodedata.normalize("NFD", CARD),
        CARD.replace("|012345678|", "||"),
        CARD.replace("|Nam|", "| NAM |"),
    ],
    ids=["newer card", "reader adds a mark and an end of line", "decomposed", "no old number", "capitals"],
)
def test_cards_of_all_kinds_and_readers_are_read(text: str) -> None:
    card = parse_chip_card(text)
    assert card.name == "Nguyễn Văn Đức" and card.sex is Sex.MALE


def test_a_card_that_contradicts_itself_is_read_with_warnings() -> None:
    card = parse_chip_card(CARD.replace("01021999|Nam", "01021989|Nữ"))
    assert len(card.warnings) == 2


def test_a_card_without_the_day_of_birth_keeps_the_year() -> None:
    card = parse_chip_card(CARD.replace("01021999", "00001999"))
    assert card.birth is None and card.birth_year == 1999 and card.warnings == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1 trong 7 mục"),
        (CARD.rsplit("|", 3)[0], "4 trong 7 mục"),
        (CARD.encode().decode("latin-1"), "UTF-8"),
        (CARD.encode()[:-1].decode("cp1252", "replace") + "1", "UTF-8"),
        (CARD.replace("001099012345", "00109901234"), "12 chữ số"),
        (CARD.replace("01021999", "31021999"), "Ngày sinh"),
        (CARD.replace("01021999", "1021999"), "Ngày sinh"),
        (CARD.replace("05062021", "05132021"), "Ngày cấp"),
        (CARD.replace("Nam", "Nm"), "Giới tính"),
        (CARD.replace("Nguyễn Văn Đức", " "), "Họ tên"),
        (CARD.replace("012345678", "12"), "CMND"),
    ],
)
def test_a_card_that_cannot_be_read_says_what_to_do(text: str, says: str) -> None:
    with pytest.raises(InvalidIdentifier, match=says) as refusal:
        parse_chip_card(text)
    assert "uét lại" in refusal.value.message or "nhập lại" in refusal.value.message
    assert "Đức" not in refusal.value.message and "012345678" not in str(vars(refusal.value))


fields = st.one_of(st.text(max_size=12), st.sampled_from(CARD.split("|")))


@given(st.lists(fields, max_size=9).map("|".join))
def test_no_scan_ever_breaks_the_reader(text: str) -> None:
    with suppress(InvalidIdentifier):
        parse_chip_card(text)


def test_the_scan_box_can_tell_a_card_from_other_codes() -> None:
    assert looks_like_chip_card(CARD) and looks_like_chip_card(CARD[:40])
    assert not looks_like_chip_card("T1-6T21-00CQ") and not looks_like_chip_card("001099012345")
