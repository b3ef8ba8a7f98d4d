"""Vietnamese text made fit for paper: normal form, money, times, the grouped S10 number."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

_UNITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu", "tỷ")
_BREAKS = str.maketrans({"\n": " ", "\r": " ", "\t": " ", "\v": " ", "\f": " ", "\x85": " "})


def clean(text: str) -> str:
    """NFC, one line, single spaces, and no control, format or unpaired characters.

    >>> clean("  Nguyễn\\n Thị\\x1b Hường ")
    'Nguyễn Thị Hường'
    """
    spaced = unicodedata.normalize("NFC", text).translate(_BREAKS)
    if spaced.isprintable():  # nothing to take out: the usual text
        return " ".join(spaced.split())
    kept = (c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return " ".join("".join(kept).split())


def money(dong: int) -> str:
    """Whole đồng with Vietnamese grouping.

    >>> money(1234567)
    '1.234.567 đ'
    """
    return f"{dong:,}".replace(",", ".") + " đ"


def clock_date(at: datetime) -> str:
    """Hour and date as forms write them; `at` is already local.

    >>> clock_date(datetime(2026, 11, 21, 9, 5))
    '09 giờ 05 phút, ngày 21/11/2026'
    """
    return f"{at:%H} giờ {at:%M} phút, ngày {at:%d/%m/%Y}"


def short_time(at: datetime) -> str:
    """Date and hour in the space of a table cell; `at` is already local."""
    return f"{at:%d/%m/%Y %H:%M}"


def long_date(day: date) -> str:
    """The date of a document's heading.

    >>> long_date(date(2026, 1, 2))
    'ngày 02 tháng 01 năm 2026'
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def grouped_s10(number: str) -> str:
    """An S10 item number in the groups people read; anything else unchanged.

    >>> grouped_s10("RR123456785VN")
    'RR 123 456 785 VN'
    """
    match = re.fullmatch(r"([A-Z]{2})(\d{3})(\d{3})(\d{3})([A-Z]{2})", number)
    return " ".join(match.groups()) if match else number


def in_words(dong: int) -> str:
    """An amount as a receipt spells it; `dong` is not negative and below 10^12 * 10^9.

    >>> in_words(26000)
    'Hai mươi sáu nghìn đồng'
    >>> in_words(1005021)
    'Một triệu không trăm lẻ năm nghìn không trăm hai mươi mốt đồng'
    >>> in_words(2_000_000_115)
    'Hai tỷ một trăm mười lăm đồng'
    """
    if dong < 0:
        raise ValueError("Số tiền viết bằng chữ không được âm.")
    words = _number(dong) or ["không"]
    sentence = " ".join([*words, "đồng"])
    return sentence[0].upper() + sentence[1:]


def _number(value: int) -> list[str]:
    if value >= 10**12:  # "nghìn tỷ" and above are said as a number of tỷ
        return [*_number(value // 10**9), "tỷ", *_number_below(value % 10**9, full=True)]
    return _number_below(value, full=False)


def _number_below(value: int, *, full: bool) -> list[str]:
    words: list[str] = []
    for scale in range(3, -1, -1):
        group = value // 1000**scale % 1000
        if group:
            words += _group(group, full=full or bool(words))
            words += [_SCALES[scale]] if scale else []
    return words


def _group(group: int, *, full: bool) -> list[str]:
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words = [_UNITS[hundreds], "trăm"] if hundreds or full else []
    if tens == 0:
        return words + (["lẻ"] if units and words else []) + ([_UNITS[units]] if units else [])
    words += ["mười"] if tens == 1 else [_UNITS[tens], "mươi"]
    last = {1: "mốt" if tens > 1 else "một", 5: "lăm"}.get(units, _UNITS[units])
    return words + ([last] if units else [])
