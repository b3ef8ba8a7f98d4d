"""The machine-readable zone of cards (TD1) and passports (TD3): check digits, and what OCR did to it put right."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from agent.domain.identifiers_person import Sex

TD1: Final = (30, 3)
TD3: Final = (44, 2)
_DIGITS: Final = str.maketrans("OQDUILJZSGTBAEC", "000011125678480")
_LETTERS: Final = str.maketrans("0158264", "OISBZGA")
_ALLOWED: Final = re.compile(r"[A-Z0-9<]+")
_SEX: Final = {"M": Sex.MALE, "F": Sex.FEMALE}


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a zone says; `checked` names the parts whose check digit holds ("number", "birth", "expiry", "all")."""

    form: str  # TD1 | TD3
    country: str
    number: str  # of the document
    personal: str  # a Vietnamese card's 12-digit id; what else stands in the optional part
    surname: str
    given: str
    birth: date | None
    sex: Sex | None
    expiry: date | None
    checked: frozenset[str]
    repaired: int = 0  # letters that were put right

    @property
    def name(self) -> str:
        """Surname and given names, in plain capitals."""
        return f"{self.surname} {self.given}".strip()

    @property
    def holds(self) -> bool:
        """Whether every check digit holds."""
        return self.checked >= {"number", "birth", "expiry", "all"}


def check_digit(text: str) -> int:
    """ICAO 9303's check digit: weights 7, 3, 1 over digits, letters from 10 on, fillers 0.

    >>> check_digit("D23145890"), check_digit("740812"), check_digit("L898902C3")
    (7, 2, 6)
    """
    weights = itertools.cycle((7, 3, 1))
    return sum(_worth(letter) * weight for letter, weight in zip(text, weights, strict=False)) % 10


def _worth(letter: str) -> int:
    if letter.isdigit():
        return int(letter)
    return 0 if letter == "<" else ord(letter) - 55


def tidy(text: str) -> str:
    """A line as OCR gives it: capitals, no spaces, its ideas of a filler as fillers.

    >>> tidy("NGUYEN<< VAN«AN ‹‹‹")
    'NGUYEN<<VAN<<AN<<<'
    """
    text = "".join(text.split()).upper().replace("Đ", "D")
    text = text.replace("«", "<<").replace("»", "<<")
    return re.sub(r"[‹›>\-–—_=~\[({})\]]", "<", text)


def looks_like(text: str) -> bool:
    """Whether a line can be one of a zone.

    >>> looks_like("IDVNM0880123455001188012345<<7"), looks_like("Họ và tên: NGUYỄN VĂN AN")
    (True, False)
    """
    line = tidy(text)
    return 18 <= len(line) <= 50 and bool(_ALLOWED.fullmatch(line)) and ("<<" in line or line[:7].isdigit())


def read_mrz(lines: Sequence[str]) -> Mrz | None:
    """The zone in these lines, as they were read from top to bottom; None when they are none.

    >>> lines = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
    >>> zone = read_mrz(lines)
    >>> zone.name, zone.birth.isoformat(), zone.holds
    ('ERIKSSON ANNA MARIA', '1974-08-12', True)
    """
    neat = [tidy(line) for line in lines]
    best: Mrz | None = None
    for form, (length, count) in (("TD1", TD1), ("TD3", TD3)):
        for at in range(len(neat) - count + 1):
            window = neat[at : at + count]
            if not all(_about(line, length) for line in window):
                continue
            zone = _td1(window) if form == "TD1" else _td3(window)
            if zone and (best is None or len(zone.checked) > len(best.checked)):
                best = zone
    return best if best and len(best.checked & {"number", "birth", "expiry"}) >= 2 else None


def _about(line: str, length: int) -> bool:
    """Whether a line can be one of this length: of fillers many may be lost, of letters few."""
    return -16 <= len(line) - length <= 6 if "<<" in line else abs(len(line) - length) <= 4


def _td1(lines: Sequence[str]) -> Mrz | None:
    top, middle, last = (_fitted(line, 30) for line in lines)
    number, number_holds, mended = _mended(top[5:14], top[14])
    personal = _digits(top[15:27]) if re.fullmatch(r"[0-9OQDILJZSGTB]{12}", top[15:27]) else top[15:30].strip("<")
    birth, birth_holds, mended_birth = _mended(middle[0:6], middle[6], digits=True)
    expiry, expiry_holds, mended_expiry = _mended(middle[8:14], middle[14], digits=True)
    number, number_holds, personal, more = _agreed(number, number_holds, personal, _digits(top[14]))
    optional = personal + top[27:30] if len(personal) == 12 else top[15:30]
    ends = birth + _digits(middle[6]) + expiry + _digits(middle[14]) + middle[18:29]
    whole = number + _digits(top[14]) + optional + ends
    if str(check_digit(whole)) != _digits(middle[29]) and len(personal) == 12 and personal[0] != "0":
        zero = whole.replace(optional, "0" + optional[1:], 1)  # codes of provinces begin with 0
        if str(check_digit(zero)) == _digits(middle[29]):
            personal, whole, more = "0" + personal[1:], zero, more + 1
    mended += more
    holds = {"number": number_holds, "birth": birth_holds, "expiry": expiry_holds,
             "all": str(check_digit(whole)) == _digits(middle[29])}  # fmt: skip
    country = top[2:5].translate(_LETTERS)
    return _zone("TD1", country, number, personal, last, birth, middle[7], expiry, holds,
                 mended + mended_birth + mended_expiry)  # fmt: skip


def _agreed(number: str, holds: bool, personal: str, check: str) -> tuple[str, bool, str, int]:
    """A Vietnamese card's number is the end of its bearer's id: what is known of one puts the other right."""
    if not (len(personal) == 12 and personal.isdigit()) or personal[3:] == number:
        return number, holds, personal, 0
    if not holds and str(check_digit(personal[3:])) == check:
        return personal[3:], True, personal, 1
    if holds and number.isdigit() and sum(a != b for a, b in zip(personal[3:], number, strict=True)) <= 2:
        return number, True, personal[:3] + number, 1
    return number, holds, personal, 0


def _td3(lines: Sequence[str]) -> Mrz | None:
    top, low = (_fitted(line, 44) for line in lines)
    number, number_holds, mended = _mended(low[0:9], low[9])
    birth, birth_holds, mended_birth = _mended(low[13:19], low[19], digits=True)
    expiry, expiry_holds, mended_expiry = _mended(low[21:27], low[27], digits=True)
    whole = number + _digits(low[9]) + birth + _digits(low[19]) + expiry + _digits(low[27]) + low[28:43]
    holds = {"number": number_holds, "birth": birth_holds, "expiry": expiry_holds,
             "all": str(check_digit(whole)) == _digits(low[43])}  # fmt: skip
    return _zone("TD3", top[2:5].translate(_LETTERS), number, low[28:42].strip("<"), top[5:], birth, low[20], expiry,
                 holds, mended + mended_birth + mended_expiry)  # fmt: skip


def _zone(
    form: str, country: str, number: str, personal: str, names: str, birth: str, sex: str, expiry: str,
    holds: dict[str, bool], repaired: int,
) -> Mrz | None:  # fmt: skip
    surname, _, given = names.translate(_LETTERS).partition("<<")
    if not surname.replace("<", "").isalpha():
        return None
    checked = frozenset(name for name, held in holds.items() if held)
    born = _day(birth, century=_century(personal, birth))
    return Mrz(
        form=form,
        country=country.strip("<"),
        number=number.strip("<"),
        personal=personal,
        surname=" ".join(surname.replace("<", " ").split()),
        given=" ".join(re.sub(r"(?:<[KC<]*)+$", "", given).replace("<", " ").split()),
        birth=born,
        sex=_SEX.get(sex),
        expiry=_day(expiry, century=2000),
        checked=checked - ({"birth"} if born is None else set()),
        repaired=repaired,
    )


def _fitted(line: str, length: int) -> str:
    """The line with its fillers made as many as they must be: OCR adds and drops fillers, rarely letters."""
    if len(line) == length:
        return line
    runs = sorted(re.finditer(r"<{2,}", line), key=lambda run: run.end() - run.start())
    if not runs:
        return line.ljust(length, "<")[:length]
    run, missing = runs[-1], length - len(line)
    size = max(0, run.end() - run.start() + missing)
    return (line[: run.start()] + "<" * size + line[run.end() :]).ljust(length, "<")[:length]


def _mended(text: str, check: str, *, digits: bool = False) -> tuple[str, bool, int]:
    """The part that fits its check digit, with the fewest letters put right; and whether one fits."""
    wanted = _digits(check)
    for tried in [text.translate(_DIGITS)] if digits else _tries(text):
        if wanted.isdigit() and check_digit(tried) == int(wanted):
            return tried, True, sum(a != b for a, b in zip(text, tried, strict=True)) + (wanted != check)
    return (text.translate(_DIGITS) if digits else text), False, 0


def _tries(text: str) -> Iterator[str]:
    """The text, the same with all letters as digits, then with one after the other."""
    yield text
    yield text.translate(_DIGITS)
    for at, letter in enumerate(text):
        if letter.translate(_DIGITS) != letter:
            yield text[:at] + letter.translate(_DIGITS) + text[at + 1 :]


def _digits(text: str) -> str:
    return text.translate(_DIGITS)


def _century(personal: str, birth: str) -> int:
    """The century of a birth: a Vietnamese id says it; else that in which a person can live."""
    if len(personal) == 12 and personal.isdigit():
        return 1900 + int(personal[3]) // 2 * 100
    return 1900 if birth[:2] >= "30" else 2000


def _day(text: str, *, century: int) -> date | None:
    try:
        return date(century + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
