"""Vietnamese text: normal form, search form, sort order and masking."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # no document carries them
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""Combining marks in the order of the dictionary: ngang (none), huyền, hỏi, ngã, sắc, nặng."""
_LETTERS: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_ORDER: Final = {letter: chr(0x41 + place) for place, letter in enumerate(_LETTERS)}


def nfc(text: str) -> str:
    """The composed normal form in which all text is stored."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """One line of input: NFC, no invisible characters, single spaces, no spaces around."""
    return " ".join(_INVISIBLE.sub("", nfc(text)).split())


def paragraphs(text: str) -> str:
    """Several lines of input: NFC, plain newlines, nothing invisible, no control characters, no spaces around.

    >>> paragraphs(" nhanh\\r\\n\\x0bdễ hiểu\\x00 ")
    'nhanh\\ndễ hiểu'
    """
    lines = nfc(text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", _INVISIBLE.sub("", lines)).strip()


def fold(text: str) -> str:
    """The form in which text is searched: no marks, đ as d, lower case, single spaces.

    >>> fold("  Nguyễn  ĐÌNH Thụ ")
    'nguyen dinh thu'
    """
    bare = "".join(c for c in unicodedata.normalize("NFD", clean(text)) if not unicodedata.combining(c))
    return " ".join(bare.lower().replace("đ", "d").split())


def sort_key(text: str) -> str:
    """A string whose code-point order is the Vietnamese dictionary's: letters first, then tones.

    ASCII only, so it may be stored and ordered by a database with a binary ("C") collation.
    """
    letters, tones = [], []
    for word in clean(text).lower().split():
        tone = ""
        spelled = []
        for character in nfc(_without_tones(word)):
            spelled.append(_ORDER.get(character) or _other(character))
        for mark in unicodedata.normalize("NFD", word):
            tone += str(_TONES[mark]) if mark in _TONES else ""
        letters.append("".join(spelled))
        tones.append(tone or "0")
    return " ".join(letters) + "\t" + " ".join(tones)


def _without_tones(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if c not in _TONES)


def _other(character: str) -> str:
    """Digits and signs before all letters; a foreign letter by its plain form, else after all letters."""
    if character.isascii():
        return character if character < "A" else "!"
    plain = unicodedata.normalize("NFD", character)[0]
    return _ORDER.get(plain, "~")


def name_sort_key(name: str) -> str:
    """The key by which people are listed: the last word (tên) first, then the words before it.

    >>> sorted(["Trần Văn Ánh", "Lê Ân", "Đỗ An", "Cao Ấn"], key=name_sort_key)
    ['Đỗ An', 'Trần Văn Ánh', 'Lê Ân', 'Cao Ấn']
    """
    before, _, last = clean(name).rpartition(" ")
    return f"{sort_key(last)}\t{sort_key(before)}"


def mask_id(number: str) -> str:
    """An identity number of which the last four characters are shown.

    >>> mask_id("001099012345")
    '••••••••2345'
    """
    return "•" * max(0, len(number) - 4) + (number[-4:] if len(number) > 6 else "•" * min(4, len(number)))


def mask_phone(phone: str) -> str:
    """A telephone number of which the last three digits are shown; any form is taken.

    >>> mask_phone("+84912345678")
    '0••••••678'
    """
    digits = re.sub(r"\D", "", phone.replace("+84", "0"))
    return f"{digits[:1]}••••••{digits[-3:]}" if len(digits) >= 8 else "•" * len(digits)


def mask_name(name: str) -> str:
    """A name of which the last word and the other initials are shown.

    >>> mask_name("Nguyễn Thị Minh Khai")
    'N. T. M. Khai'
    """
    words = clean(name).split()
    return " ".join([f"{word[0]}." for word in words[:-1]] + words[-1:])
