"""One line of `doctor`'s report: what was examined and what was found."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

SHOWN: Final = 3  # problems of one kind that are spelt out


@dataclass(frozen=True)
class Line:
    """One thing examined; `advice`: worth doing, but nothing is broken."""

    name: str
    fine: bool
    words: str
    advice: bool = False

    def plain(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**dataclasses.asdict(self), "advice": self.advice and not self.fine}


def listed(name: str, problems: list[str], fine: str) -> Line:
    """One line for a list of problems: the first few in full and how many there are."""
    if not problems:
        return Line(name, True, fine)
    more = f" … và {len(problems) - SHOWN} chỗ nữa" if len(problems) > SHOWN else ""
    return Line(name, False, " ".join(problems[:SHOWN]) + more)
