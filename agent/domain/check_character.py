"""One check character that catches every mistyped character and every swap of two neighbours.

The scheme is Verhoeff's over a dihedral group D_n with odd n: characters are the group's 2n elements,
position i (from the right, check character at 0) is turned i times by an anti-symmetric map, and the
product must be neutral. It needs an alphabet of 2n characters with n odd: 22 for labels, 34 for papers.
Source: H. P. Gumm, "A new class of check-digit methods for arbitrary number systems", 1985.
"""

from __future__ import annotations

from dataclasses import dataclass

SAFE_ALPHABET = "0123456789BCGHKLMNPQTV"
"""What clerks scan or type: no letter that Telex or VNI would turn into something else."""

WIDE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and capitals without I and O, for codes that carry a passport number or a document type."""


@dataclass(frozen=True, slots=True)
class CheckScheme:
    """A check character over `alphabet`, whose length must be twice an odd number.

    >>> SAFE.character("T16T2100C")
    'Q'
    >>> SAFE.holds("T16T2100CQ")
    True
    """

    alphabet: str

    def __post_init__(self) -> None:
        if len(self.alphabet) % 4 != 2 or len(set(self.alphabet)) != len(self.alphabet):
            raise ValueError("the alphabet must have 2n different characters, n odd")

    @property
    def _n(self) -> int:
        return len(self.alphabet) // 2

    def multiply(self, x: int, y: int) -> int:
        """The product in D_n; 0..n-1 are rotations, n..2n-1 reflections."""
        n = self._n
        flips, turns = divmod(y, n)
        turned = turns - x % n if flips else turns + x % n
        return (x // n + flips) % 2 * n + turned % n

    def turn(self, x: int) -> int:
        """The anti-symmetric map: multiply(x, turn(y)) != multiply(y, turn(x)) for x != y."""
        n = self._n
        return -x % n if x < n else n + (x + 1) % n

    def _product(self, values: list[int], first_turns: int) -> int:
        """The product of values read from the right, the i-th turned `first_turns + i` times."""
        product = 0
        for position, value in enumerate(reversed(values), start=first_turns):
            turned = value
            for _ in range(position % (2 * self._n)):  # turn() has order 2n: its parts have order 2 and n
                turned = self.turn(turned)
            product = self.multiply(product, turned)
        return product

    def _values(self, text: str) -> list[int]:
        values = [self.alphabet.find(character) for character in text]
        if -1 in values:
            raise ValueError(f"character outside the alphabet in {text!r}")
        return values

    def character(self, body: str) -> str:
        """The check character to append to `body`; ValueError for a character outside the alphabet."""
        product = self._product(self._values(body), 1)
        inverse = -product % self._n if product < self._n else product
        return self.alphabet[inverse]

    def holds(self, text: str) -> bool:
        """Whether `text`, whose last character is the check character, is unharmed."""
        try:
            return len(text) > 1 and self._product(self._values(text), 0) == 0
        except ValueError:
            return False


SAFE = CheckScheme(SAFE_ALPHABET)
WIDE = CheckScheme(WIDE_ALPHABET)


def to_base(number: int, width: int) -> str:
    """`number` in the safe alphabet, zero-filled to `width`; ValueError when it does not fit.

    >>> to_base(12, 3)
    '00G'
    """
    base = len(SAFE_ALPHABET)
    if not 0 <= number < base**width:
        raise ValueError(f"{number} does not fit {width} characters")
    digits = []
    for _ in range(width):
        number, digit = divmod(number, base)
        digits.append(SAFE_ALPHABET[digit])
    return "".join(reversed(digits))


def from_base(text: str) -> int:
    """The number written by `to_base`."""
    number = 0
    for character in text:
        number = number * len(SAFE_ALPHABET) + SAFE_ALPHABET.index(character)
    return number
