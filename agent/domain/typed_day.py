"""A day as people type it at the counter."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_DAY: Final = re.compile(r"(\d{1,2})[/\-. ]?(\d{1,2})[/\-. ]?(\d{4})")


def typed_day(text: str) -> date | None:
    """The day in a text of day, month and year (ngày/tháng/năm); None when it is no day of the calendar.

    >>> typed_day("14/3/1988"), typed_day(" 14031988 "), typed_day("30-02-2026")
    (datetime.date(1988, 3, 14), datetime.date(1988, 3, 14), None)
    """
    found = _DAY.fullmatch(text.strip())
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None
