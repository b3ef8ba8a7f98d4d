"""What a clerk meant who typed Vietnamese with the input method off: Telex and VNI keystrokes to letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from agent.domain.text import clean, fold

_TONE_KEYS: Final = {"f": "\u0300", "r": "\u0309", "x": "\u0303", "s": "\u0301", "j": "\u0323"}
_VNI_AS_TELEX: Final = {"1": "s", "2": "f", "3": "r", "4": "x", "5": "j"}
_HAT: Final = {"a": "â", "e": "ê", "o": "ô"}
_HORN: Final = {"u": "ư", "o": "ơ"}
_VOWELS: Final = frozenset("aăâeêioôơuưy")
_TELEX_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_VNI_WORD = re.compile(r"[a-z][a-z0-9]*", re.IGNORECASE)


def from_telex(text: str) -> str:
    """The text that Telex keystrokes stand for; case is not kept.

    >>> from_telex("dawngj phuwowcs"), from_telex("ddawngj"), from_telex("truongwf")
    ('dặng phước', 'đặng', 'trường')
    """
    return _TELEX_WORD.sub(lambda match: _word(match.group().lower(), _telex_key), text)


def from_vni(text: str) -> str:
    """The text that VNI keystrokes stand for; case is not kept.

    >>> from_vni("d9a8ng5 phu7o7c1 nguye64n")
    'đặng phước nguyễn'
    """
    return _VNI_WORD.sub(lambda match: _word(match.group().lower(), _vni_key), text)


def search_forms(query: str) -> list[str]:
    """The folded forms to look for, in turn, until one has hits: as typed, from Telex, from VNI.

    >>> search_forms("dawngj phuwowcs")
    ['dawngj phuwowcs', 'dang phuoc']
    """
    typed = clean(query)
    forms = [fold(typed), fold(from_telex(typed)), fold(from_vni(typed))]
    return list(dict.fromkeys(form for form in forms if form))


def _word(keys: str, press: Callable[[list[str], str, str], str]) -> str:
    letters: list[str] = []
    tone = ""
    for key in keys:
        tone = press(letters, key, tone)
    if tone:
        place = _tone_place(letters)
        letters[place] = unicodedata.normalize("NFC", letters[place] + tone)
    return "".join(letters)


def _telex_key(letters: list[str], key: str, tone: str) -> str:
    """Apply one key to the letters so far; answers the word's tone after it."""
    has_vowel = any(letter in _VOWELS for letter in letters)
    if key in _TONE_KEYS and has_vowel:
        return _TONE_KEYS[key]
    if key == "z" and has_vowel:
        return ""
    marked = (
        (key == "w" and _breve_or_horn(letters))
        or (key in _HAT and _replace_last(letters, {key: _HAT[key]}))
        or (key == "d" and letters[:1] == ["d"] and _replace_last(letters, {"d": "đ"}))
    )
    if not marked:
        letters.append("ư" if key == "w" else key)
    return tone


def _vni_key(letters: list[str], key: str, tone: str) -> str:
    if key in _VNI_AS_TELEX and any(letter in _VOWELS for letter in letters):
        return _TONE_KEYS[_VNI_AS_TELEX[key]]
    marked = (
        (key == "6" and _replace_last(letters, _HAT))
        or (key == "7" and _horn(letters))
        or (key == "8" and _breve(letters))
        or (key == "9" and _replace_last(letters, {"d": "đ"}))
    )
    if not marked:
        letters.append(key)
    return tone


def _horn(letters: list[str]) -> bool:
    """u and o get their horn; in "uo" both do."""
    for place in range(len(letters) - 1, -1, -1):
        if letters[place] in _HORN and not (letters[place] == "u" and letters[:place] == ["q"]):
            if letters[place] == "o" and letters[place - 1 : place] == ["u"] and letters[:2] != ["q", "u"]:
                letters[place - 1] = "ư"
            letters[place] = _HORN[letters[place]]
            return True
    return False


def _breve_or_horn(letters: list[str]) -> bool:
    """Telex w: ă for a final a, but ư in "ua" (mưa)."""
    vowels = "".join(letter for letter in letters if letter in _VOWELS)
    horn_first = vowels.endswith("ua") and letters[:1] != ["q"]
    return _horn(letters) if horn_first or not vowels.endswith("a") else _breve(letters)


def _breve(letters: list[str]) -> bool:
    return _replace_last(letters, {"a": "ă"})


def _replace_last(letters: list[str], table: dict[str, str]) -> bool:
    for place in range(len(letters) - 1, -1, -1):
        if letters[place] in table:
            letters[place] = table[letters[place]]
            return True
    return False


def _tone_place(letters: list[str]) -> int:
    """Where the tone stands: on the marked vowel, else by the older spelling (hòa, thủy, toàn)."""
    vowels = [place for place, letter in enumerate(letters) if letter in _VOWELS]
    if len(vowels) > 1 and (letters[:2] == ["q", "u"] or letters[:2] == ["g", "i"]):
        vowels = vowels[1:]
    marked = [place for place in vowels if letters[place] in "ăâêôơư"]
    if marked:
        return marked[-1]
    if len(vowels) == 1:
        return vowels[0]
    closed = vowels[-1] < len(letters) - 1
    return vowels[-1] if closed and len(vowels) == 2 else vowels[-2]
