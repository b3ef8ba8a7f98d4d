"""What a Vietnamese input method did to a code that a keyboard-wedge reader typed into the browser, undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from agent.domain.telex import from_telex, from_vni
from agent.domain.text import nfc

LONGEST: Final = 128  # characters of a text that is looked into; our longest code is shorter
MOST: Final = 2_000  # sequences of keys that are tried for one text
MARKS: Final = 6  # letters with a hat, horn or bar that one word of a code can get; more is somebody's prose
_TONES: Final = {"\u0301": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0323": 4}
_FIRST_VOWELS: Final = frozenset("aeiouyw")


class _Method(NamedTuple):
    """An input method: what it makes of keys, and by which keys a letter can have come about."""

    typed: tuple[Callable[[str], str], ...]  # as one kind of program does it, as another does
    words: re.Pattern[str]  # what it treats as one word
    marked: dict[str, tuple[tuple[str, str], ...]]  # letter: (key, key of its mark or none)
    tones: str  # keys in the order of _TONES
    replaced: str  # keys of which one is guessed that a later tone key replaced
    gone: str  # the key that takes a tone away, and itself leaves no trace


class _Budget:
    """How many sequences may still be tried."""

    def __init__(self) -> None:
        self.left = MOST

    def spend(self) -> bool:
        """Whether one more may be."""
        self.left -= 1
        return self.left >= 0


def repairs(text: str) -> list[str]:
    """What may have been scanned when `text` arrived: the text itself, then what Telex or VNI would have made it of.

    Each candidate, typed through that input method, gives `text` (letter case aside). Of the tone keys that a later
    one replaced at most one is guessed, in Telex; text longer than LONGEST is taken as it is.

    >>> repairs("Đ7-N")
    ['Đ7-N', 'DD7-N', 'D97-N', 'D79-N']
    >>> repairs("PÁ|T1")[1]
    'PAS|T1'
    """
    return _repairs(text)[0]


def repaired(text: str, valid: Callable[[str], bool]) -> str | None:
    """The only candidate that `valid` takes (a check digit, a number that is known); None for none or several.

    Text that is valid as it came is returned as it came. None also when there are too many candidates to try them all.

    >>> repaired("PA1K|nẽt", lambda text: text == "PA1K|next")
    'PA1K|next'
    """
    if valid(text):
        return text
    candidates, complete = _repairs(text)
    found = [candidate for candidate in candidates[1:] if valid(candidate)] if complete else []
    return found[0] if len(found) == 1 else None


def _repairs(text: str) -> tuple[list[str], bool]:
    """The candidates, and whether they are all that there are."""
    if len(text) > LONGEST:
        return [text], True
    budget = _Budget()
    found = {text: None}
    for method in (_TELEX, _VNI):
        for candidate in _of_method(nfc(text), method, budget):
            found[candidate] = None
    return list(found), budget.left >= 0


def _of_method(text: str, method: _Method, budget: _Budget) -> Iterator[str]:
    """Every text that the method would have turned into this one."""
    between, parts, end = [], [], 0
    for word in method.words.finditer(text):
        between.append(text[end : word.start()])
        parts.append(list(dict.fromkeys(_of_word(word[0], method, budget))))
        end = word.end()
    rest = text[end:]
    if not (rest.isascii() and all(part.isascii() for part in between)):
        return  # nothing that a reader can have typed
    for words in product(*parts):
        if not budget.spend():
            return
        yield "".join(map(str.__add__, between, words)) + rest


def _of_word(word: str, method: _Method, budget: _Budget) -> Iterator[str]:
    """Every sequence of keys that gives this word, likeliest first."""
    low = word.lower()
    letters, tone = _without_tone(low)
    if sum(not letter.isascii() for letter in letters) > MARKS:
        budget.left = -1
        return
    sets = [method.marked.get(letter, ()) + (((letter, ""),) if letter.isascii() else ()) for letter in letters]
    for keys in product(*sets):
        if budget.left < 0:
            return
        for sequence in _sequences(keys, tone, method, budget):
            if any(typed(sequence) == low for typed in method.typed):
                yield sequence if any(char.islower() for char in word) else sequence.upper()


def _sequences(keys: Sequence[tuple[str, str]], tone: int | None, method: _Method, budget: _Budget) -> Iterator[str]:
    """The keys in every order in which the marks and the tone can have been pressed."""
    bare = [(key, place) for place, (key, _) in enumerate(keys)]
    marks = [(mark, place) for place, (_, mark) in enumerate(keys) if mark]
    vowel = next((place for place, (key, _) in enumerate(keys) if key in _FIRST_VOWELS), None)
    if vowel is None:
        yield from _spread(bare, marks, budget)
        return
    tones = [] if tone is None else [(method.tones[tone], vowel)]
    yield from _spread(bare, marks + tones, budget)
    for lost in method.gone if tone is None else method.replaced:
        yield from _spread(bare, [*marks, *tones, (lost, vowel)], budget)


def _spread(keys: list[tuple[str, int]], more: Sequence[tuple[str, int]], budget: _Budget) -> Iterator[str]:
    """`keys` with each of `more` put in anywhere behind the key whose place it names, nearest first."""
    if not more:
        if budget.spend():
            yield "".join(key for key, _ in keys)
        return
    (key, behind), *others = more
    first = next(index for index, (_, place) in enumerate(keys) if place == behind) + 1
    for index in range(first, len(keys) + 1):
        if budget.left < 0:
            return
        yield from _spread([*keys[:index], (key, -1), *keys[index:]], others, budget)


def _without_tone(word: str) -> tuple[list[str], int | None]:
    """The word's letters with their hats and horns, and its tone."""
    apart = unicodedata.normalize("NFD", word)
    tone = next((_TONES[mark] for mark in apart if mark in _TONES), None)
    return list(nfc("".join(mark for mark in apart if mark not in _TONES))), tone


def _vni_that_stops(text: str) -> str:
    """VNI of programs for which a digit that is no mark ends the word, so that later digits stay digits.

    >>> _vni_that_stops("EA7851"), from_vni("EA7851")
    ('ea7851', 'eắ7')
    """
    out, word = [], ""
    for char in text.lower():
        plain = not char.isalnum() or (char.isdigit() and from_vni(word + char) == from_vni(word) + char)
        if plain:
            out += [from_vni(word), char]
        word = "" if plain else word + char
    return "".join([*out, from_vni(word)])


_TELEX: Final = _Method(
    typed=(from_telex,),
    words=re.compile(r"[^\W\d_]+"),
    marked={
        "â": (("a", "a"),), "ê": (("e", "e"),), "ô": (("o", "o"),), "ă": (("a", "w"),), "đ": (("d", "d"),),
        "ơ": (("o", "w"),), "ư": (("u", "w"), ("w", ""), ("u", "")),
    },
    tones="sfrxj",
    replaced="sfrxjz",
    gone="z",
)  # fmt: skip
_VNI: Final = _Method(
    typed=(from_vni, _vni_that_stops),
    words=re.compile(r"[^\W\d_][^\W_]*"),
    marked={
        "â": (("a", "6"),), "ê": (("e", "6"),), "ô": (("o", "6"),), "ă": (("a", "8"),), "đ": (("d", "9"),),
        "ơ": (("o", "7"),), "ư": (("u", "7"), ("u", "")),
    },
    tones="12345",
    replaced="",  # most digits of a number are tone keys: a guess of one would hardly ever be enough
    gone="",
)  # fmt: skip
