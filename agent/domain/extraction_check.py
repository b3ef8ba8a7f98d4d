"""What a clerk types into a field: checked and put into its stored form, or refused in words; and how it is shown."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from agent.domain.extraction import Kind
from agent.domain.identifiers_person import parse_citizen_id
from agent.domain.text import clean, fold
from agent.errors import RuleViolation

PERMANENT: Final = "permanent"
PERMANENT_WORDS: Final = "vô thời hạn"
LONGEST: Final = 500
_FOREVER: Final = {"vo thoi han", "khong thoi han", "lau dai", "khong xac dinh thoi han", PERMANENT}
_DAY: Final = re.compile(r"(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4})")
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_GLUED: Final = re.compile(r"(\d{2})(\d{2})(\d{4})")


def checked(kind: Kind, text: str) -> str:
    """The typed text as it is stored; empty for nothing typed. RuleViolation says what is wrong and what to type.

    >>> checked(Kind.DATE, " 3/11/2026 "), checked(Kind.ID, "001 099 012 345"), checked(Kind.VALIDITY, "Vô thời hạn")
    ('2026-11-03', '001099012345', 'permanent')
    """
    tidy = clean(text)
    if not tidy:
        return ""
    if len(tidy) > LONGEST:
        raise RuleViolation(f"Dài quá {LONGEST} ký tự. Rút gọn rồi ghi lại.")
    if kind is Kind.ID:
        return _identity(tidy)
    if kind in (Kind.DATE, Kind.VALIDITY) or (kind is Kind.YEAR and not re.fullmatch(r"\d{4}", tidy)):
        return PERMANENT if kind is Kind.VALIDITY and fold(tidy) in _FOREVER else _day(tidy)
    if kind is Kind.YEAR and not "1850" <= tidy <= "2150":
        raise RuleViolation(f"Năm “{tidy}” không đúng. Nhập năm 4 chữ số, ví dụ 1988.")
    if kind is Kind.SEX:
        return _sex(tidy)
    if kind in (Kind.NAME, Kind.SIGNER) and not any(letter.isalpha() for letter in tidy):
        raise RuleViolation(f"Họ tên “{tidy}” không có chữ nào. Nhập họ tên như trên giấy.")
    return tidy


def shown(kind: Kind, value: str) -> str:
    """A stored value as it is read and typed.

    >>> shown(Kind.DATE, "2026-11-03"), shown(Kind.YEAR, "1988"), shown(Kind.VALIDITY, "permanent")
    ('03/11/2026', '1988', 'vô thời hạn')
    """
    if value == PERMANENT and kind is Kind.VALIDITY:
        return PERMANENT_WORDS
    if kind in (Kind.DATE, Kind.YEAR, Kind.VALIDITY) and (found := _ISO.fullmatch(value)):
        return "/".join(reversed(found.groups()))
    return value


def _identity(text: str) -> str:
    digits = re.sub(r"[\s.\-]+", "", text).upper()
    if re.fullmatch(r"[A-Z][A-Z0-9]{5,11}", digits) or (digits.isdigit() and len(digits) == 9):
        return digits  # a passport, or an old identity card
    return parse_citizen_id(digits).number


def _day(text: str) -> str:
    found = _DAY.fullmatch(text) or _GLUED.fullmatch(text)
    parts = found.groups() if found else tuple(reversed(iso.groups())) if (iso := _ISO.fullmatch(text)) else ()
    if not parts:
        raise RuleViolation(f"Ngày “{text}” không đọc được. Nhập ngày/tháng/năm, ví dụ 03/11/2026.")
    try:
        when = date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        raise RuleViolation(f"Ngày “{text}” không có trong lịch. Nhập ngày/tháng/năm, ví dụ 03/11/2026.") from None
    if not 1850 <= when.year <= 2150:
        raise RuleViolation(f"Năm {when.year} không đúng. Nhập lại ngày/tháng/năm như trên giấy.")
    return when.isoformat()


def _sex(text: str) -> str:
    word = {"nam": "Nam", "nu": "Nữ"}.get(fold(text))
    if word is None:
        raise RuleViolation(f"Giới tính “{text}” không đúng. Nhập Nam hoặc Nữ.")
    return word
