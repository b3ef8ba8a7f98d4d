"""Our Code 128 against another encoder: the same bars, or fewer."""

from __future__ import annotations

from datetime import date
from itertools import groupby

import pytest
from barcode.codex import Code128

from agent.domain.identifiers import mint_provisional
from agent.domain.s10 import number_in_range
from labels.codes import code128

NUMBERS = [
    *(mint_provisional("T1", date(2026, 11, 21), sequence) for sequence in range(0, 10_000, 997)),
    *(number_in_range("RD", serial).text for serial in range(10_000_000, 99_999_999, 9_876_543)),
    "H26.019.02-261122-010001",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_the_bars_are_those_of_another_encoder_or_fewer(text: str) -> None:
    ours, theirs = code128(text), Code128(text).build()[0]
    runs = tuple(len(list(run)) for _, run in groupby(theirs))

    assert ours.modules <= len(theirs)
    assert ours.modules < len(theirs) or ours.runs == runs
