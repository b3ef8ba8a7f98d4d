"""Counting notes and coins (kiểm đếm theo mệnh giá): what a count says, and what is no count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent.errors import RuleViolation

DENOMINATIONS: Final = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200)
"""Notes and coins that are paid with, in đồng."""
MOST_PIECES: Final = 100_000


def read_count(given: Mapping[str, str | int]) -> dict[str, int]:
    """Pieces by denomination, from a form or an API, those of nought left out; RuleViolation names the wrong line.

    >>> read_count({"500000": "2", "1000": " 3 ", "200": ""})
    {'500000': 2, '1000': 3}
    """
    known = {str(value) for value in DENOMINATIONS}
    counts = {}
    for name in sorted(given, key=lambda one: (-len(one), one)):
        text = str(given[name]).strip()
        if name not in known:
            raise RuleViolation(f"Không có mệnh giá {name} đ. Đếm lại theo các mệnh giá trên màn hình.")
        if text and not (text.isascii() and text.isdigit()):
            raise RuleViolation(f"Số tờ mệnh giá {int(name):,} đ phải là số nguyên không âm.".replace(",", "."))
        pieces = int(text or 0)
        if pieces > MOST_PIECES:
            raise RuleViolation(f"{pieces} tờ mệnh giá {int(name):,} đ là quá nhiều. Đếm lại.".replace(",", "."))
        if pieces:
            counts[name] = pieces
    return {str(value): counts[str(value)] for value in DENOMINATIONS if str(value) in counts}


def sum_of(counts: Mapping[str, int]) -> int:
    """Đồng that a count comes to.

    >>> sum_of({"500000": 2, "1000": 3})
    1003000
    """
    return sum(int(value) * pieces for value, pieces in counts.items())
