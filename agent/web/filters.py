"""How values look on screen: money, times, masked numbers, item numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from agent.clock import local

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def dong(amount: int) -> str:
    """Money in đồng.

    >>> dong(26000), dong(0), dong(-1250000)
    ('26.000\\xa0đ', '0\\xa0đ', '-1.250.000\\xa0đ')
    """
    return f"{amount:,}".replace(",", ".") + "\N{NO-BREAK SPACE}đ"


def number(value: int) -> str:
    """A count with points between thousands.

    >>> number(12418)
    '12.418'
    """
    return f"{value:,}".replace(",", ".")


def day(value: date | datetime | None) -> str:
    """The day in Vietnam.

    >>> day(date(2026, 11, 27))
    '27/11/2026'
    """
    if value is None:
        return "–"
    return (local(value) if isinstance(value, datetime) else value).strftime("%d/%m/%Y")


def short_day(value: date | datetime | None) -> str:
    """Day and month only.

    >>> short_day(date(2026, 11, 27))
    '27/11'
    """
    return day(value)[:5]


def weekday(value: date | datetime) -> str:
    """Day of the week and day.

    >>> weekday(date(2026, 11, 27))
    'thứ Sáu 27/11'
    """
    on = local(value) if isinstance(value, datetime) else value
    from agent.web.i18n import gettext

    return f"{gettext(WEEKDAYS[on.weekday()])} {on:%d/%m}"


def clock_time(value: datetime | None) -> str:
    """Hours and minutes in Vietnam.

    >>> from datetime import UTC
    >>> clock_time(datetime(2026, 11, 21, 2, 3, tzinfo=UTC))
    '09:03'
    """
    return "–" if value is None else local(value).strftime("%H:%M")


def clock_second(value: datetime | None) -> str:
    """Hours, minutes and seconds in Vietnam."""
    return "–" if value is None else local(value).strftime("%H:%M:%S")


def moment(value: datetime | None) -> str:
    """Time and day in Vietnam.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 21, 18, 3, tzinfo=UTC))
    '01:03 22/11/2026'
    """
    return "–" if value is None else local(value).strftime("%H:%M %d/%m/%Y")


def masked_id(value: str) -> str:
    """An identity number with its middle hidden.

    >>> masked_id("001199012345"), masked_id("B1234567"), masked_id("")
    ('0011 •••• 2345', 'B1•• ••67', '')
    """
    if len(value) >= 12:
        return f"{value[:4]} {'•' * (len(value) - 8)} {value[-4:]}"
    return f"{value[:2]}•• ••{value[-2:]}" if len(value) >= 6 else "•" * len(value)


def masked_phone(value: str) -> str:
    """A telephone number of which only the ends show.

    >>> masked_phone("0912345678"), masked_phone("+84912345678")
    ('09•• ••• 678', '+84•• ••• 678')
    """
    digits = value.replace(" ", "")
    if len(digits) < 7:
        return "•" * len(digits)
    return f"{digits[:3] if digits.startswith('+') else digits[:2]}•• ••• {digits[-3:]}"


def s10(value: str) -> str:
    """An item number in its groups.

    >>> s10("EA123456785VN"), s10("other")
    ('EA 123 456 785 VN', 'other')
    """
    if len(value) != 13:
        return value
    return f"{value[:2]} {value[2:5]} {value[5:8]} {value[8:11]} {value[11:]}"


def short_sha(value: str) -> str:
    """The ends of a SHA-256.

    >>> short_sha("9f3c" + "0" * 58 + "a1")
    '9f3c…a1'
    """
    return f"{value[:4]}…{value[-2:]}" if len(value) > 8 else value


FILTERS: dict[str, Callable[..., str]] = {
    "dong": dong, "number": number, "day": day, "short_day": short_day, "weekday": weekday, "clock_time": clock_time,
    "clock_second": clock_second,
    "moment": moment, "masked_id": masked_id, "masked_phone": masked_phone, "s10": s10, "short_sha": short_sha,
}  # fmt: skip
