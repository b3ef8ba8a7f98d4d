"""Count again against a manifest: what is short and what is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recount:
    """A recount against a manifest: what is short and what is over, by number."""

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether exactly the expected items were found."""
        return not self.missing and not self.unexpected


def recount(expected: Iterable[str], found: Iterable[str]) -> Recount:
    """Compare what a manifest lists with what was scanned.

    >>> recount(["A", "B"], ["B", "C"])
    Recount(missing=('A',), unexpected=('C',))
    """
    listed, scanned = dict.fromkeys(expected), dict.fromkeys(found)
    return Recount(
        tuple(number for number in listed if number not in scanned),
        tuple(number for number in scanned if number not in listed),
    )
