"""The machine-readable zone: specimens of the standard, damage that check digits put right, damage that they tell."""

from __future__ import annotations

import random
from datetime import date

import pytest

from agent.domain.mrz import check_digit, read_mrz, tidy
from tests.sample_papers import td1

# ICAO Doc 9303, parts 4 and 5: the specimens of the state of Utopia.
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
LOOKS_LIKE = {"0": "O", "1": "I", "2": "Z", "5": "S", "8": "B", "6": "G"}


def citizen(seed: int = 1) -> tuple[str, str, str]:
    chance = random.Random(seed)
    birth = date(chance.randint(1950, 2010), chance.randint(1, 12), chance.randint(1, 28))
    century = (birth.year - 1900) // 100 * 2 + 1
    number = f"0{chance.choice(('01', '26', '79'))}{century}{birth.year % 100:02d}{chance.randrange(10**6):06d}"
    return td1(number, "NGUYỄN THỊ HƯỜNG", birth, True, date(2033, birth.month, birth.day))


def test_the_standards_specimens_hold() -> None:
    passport, card = read_mrz(PASSPORT), read_mrz(CARD)
    assert passport and passport.holds and passport.form == "TD3"
    assert (passport.number, passport.name) == ("L898902C3", "ERIKSSON ANNA MARIA")
    assert (passport.birth, passport.expiry) == (date(1974, 8, 12), date(2012, 4, 15))
    assert card and card.holds and (card.form, card.number) == ("TD1", "D23145890")


@pytest.mark.parametrize("part, digit", [("L898902C3", 6), ("740812", 2), ("120415", 9), ("ZE184226B<<<<<", 1)])
def test_check_digits_are_those_of_the_standard(part: str, digit: int) -> None:
    assert check_digit(part) == digit


@pytest.mark.parametrize("seed", range(40))
def test_a_citizens_card_says_its_bearers_id_name_and_century(seed: int) -> None:
    lines = citizen(seed)
    zone = read_mrz(lines)
    assert zone and zone.holds
    assert (zone.personal, zone.name) == (lines[0][15:27], "NGUYEN THI HUONG")
    assert zone.birth and zone.birth.strftime("%y%m%d") == lines[1][:6]
    assert zone.birth.year // 100 == (19 if zone.personal[3] in "01" else 20)


@pytest.mark.parametrize("line, at", [(0, n) for n in range(5, 15)] + [(1, n) for n in (*range(7), *range(8, 15))])
def test_a_digit_read_as_the_letter_that_looks_like_it_is_put_right(line: int, at: int) -> None:
    for seed in range(6):
        lines = list(citizen(seed))
        letter = LOOKS_LIKE.get(lines[line][at])
        if letter is None:
            continue
        lines[line] = lines[line][:at] + letter + lines[line][at + 1 :]
        zone, whole = read_mrz(lines), read_mrz(citizen(seed))
        assert (
            zone and whole and (zone.personal, zone.birth, zone.expiry) == (whole.personal, whole.birth, whole.expiry)
        )
        assert {"number", "birth", "expiry"} <= zone.checked


def test_a_wrong_digit_is_never_vouched_for() -> None:
    """Every digit of number, birth and expiry changed into every other: what is checked is what stands there."""
    lines, lies = citizen(3), []
    whole = read_mrz(lines)
    assert whole
    for line, places in ((0, range(5, 14)), (1, (*range(6), *range(8, 14)))):
        for at in places:
            for digit in "0123456789".replace(lines[line][at], ""):
                damaged = list(lines)
                damaged[line] = lines[line][:at] + digit + lines[line][at + 1 :]
                zone = read_mrz(damaged)
                if zone is None:
                    continue
                if "number" in zone.checked and zone.personal != whole.personal:
                    lies.append((line, at, digit))
                if "birth" in zone.checked and zone.birth != whole.birth:
                    lies.append((line, at, digit))
    assert lies == []


def test_fillers_that_were_dropped_or_added_are_mended() -> None:
    lines = list(citizen(5))
    whole = read_mrz(lines)
    lines[1] = lines[1].replace("<<<<<<<<<<<", "<<<<<<<<", 1)
    lines[2] = lines[2].rstrip("<") + "<<<<<"
    assert read_mrz(lines) == whole
    lines[2] = lines[2] + "K<C<<<<<<<<<<<<<<<<<"
    zone = read_mrz([line[:30] for line in lines])
    assert zone and whole and zone.name == whole.name


def test_what_is_no_zone_is_none() -> None:
    assert read_mrz(["Họ và tên: NGUYỄN VĂN AN", "Ngày sinh: 01/02/1990", "Nơi cư trú: Hà Nội"]) is None
    assert read_mrz([]) is None
    assert read_mrz(["<" * 30] * 3) is None
    assert read_mrz(["A" * 30, "B" * 30, "C" * 30]) is None


def test_what_ocr_makes_of_fillers_is_a_filler() -> None:
    assert tidy("NGUYEN<< THI«HUONG‹‹") == "NGUYEN<<THI<<HUONG<<"
