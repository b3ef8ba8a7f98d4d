"""Which characters can be printed: what the font lacks is made of a letter and its mark, or refused by name."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from labels import fonts
from labels.errors import LabelError
from labels.text import clean

_LIKE = str.maketrans({"\u02bc": "\u2019", "\u02b9": "\u2019", "\u2010": "-", "\u2011": "-"})  # drawn alike
_DOTLESS = str.maketrans({"i": "\u0131"})  # under a mark
_SPACES = frozenset("\t\n\v\f\r\x85")


@lru_cache(maxsize=2048)
def printable(text: str, face: str) -> str:
    """`text` as it is drawn: NFC, one line, single spaces; invisible format characters are left out.

    Letters of minority languages that the font lacks (ĕ, ĭ, ŏ, ŭ) become a letter and a mark. Raises LabelError("text")
    for a control character, a symbol that the font lacks (an emoji) and what is no character, and names it.
    """
    if not text.isprintable():
        for char in text:
            if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") and char not in _SPACES:
                raise _refused(char, text)
    drawn = clean(text).translate(_LIKE)
    known = fonts.letters(face)
    if known.issuperset(drawn):  # the usual text
        return drawn
    return "".join(char if char in known else _parts(char, face, text) for char in drawn)


def _parts(char: str, face: str, text: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    if len(parts) == 1 or not fonts.letters(face).issuperset(parts):
        raise _refused(char, text)
    return parts[0].translate(_DOTLESS) + parts[1:]


def _refused(char: str, text: str) -> LabelError:
    shown = f"“{char}” (U+{ord(char):04X})" if char.isprintable() else f"U+{ord(char):04X}"
    kind = "Ký tự" if char.isprintable() else "Ký tự điều khiển"
    around = clean(text)[:40]
    return LabelError("text", f"{kind} {shown} trong “{around}” không in được. Bỏ ký tự đó rồi in lại.")
