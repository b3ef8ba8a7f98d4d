"""The fields of what a phone sends, each read by its type, with a fault in words for what it must not be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, NoReturn
from uuid import UUID

LAST_YEAR: Final = 9998  # a claimed time can be told in every zone
TEXT_LIMIT: Final = 200
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Fault(Exception):
    """A field is not what it must be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def wrong(name: str) -> Fault:
    """The fault of a field that only another version of the app can mend."""
    return Fault("event-field", f"Mục “{name}” của sự kiện không hợp lệ. Cập nhật ứng dụng rồi ghi lại bưu gửi này.")


def text_of(data: Mapping[str, Any], name: str, limit: int = TEXT_LIMIT) -> str:
    """A text; empty when it is absent."""
    value = data.get(name) or ""
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise wrong(name)
    return value


def number_of(data: Mapping[str, Any], name: str, *, least: int = 1 - (1 << 45), most: int = (1 << 45) - 1) -> int:
    """A whole number; 0 when it is absent."""
    value = data.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise wrong(name)
    return value


def day_of(value: Any, name: str) -> date:
    """A day as YYYY-MM-DD."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise wrong(name)
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise wrong(name) from None
    return found if found.year <= LAST_YEAR else _refuse(name)


def instant_of(text: Any) -> datetime:
    """An instant with its zone."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None or instant.astimezone(UTC).year > LAST_YEAR:
            raise ValueError
        return instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Fault(
            "event-time", "Giờ của sự kiện không đọc được hoặc thiếu múi giờ. Cập nhật ứng dụng rồi ghi lại."
        ) from None


def uuid_of(value: Any) -> UUID | None:
    """The UUID of a text; None for what is none."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def optional_uuid(data: Mapping[str, Any], name: str) -> UUID | None:
    """A UUID, or None when it is absent."""
    value = data.get(name)
    if value in (None, ""):
        return None
    return uuid_of(value) or _refuse(name)


def is_sha(value: Any) -> bool:
    """Whether a value is a SHA-256 in lowercase hex."""
    return isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")


def _refuse(name: str) -> NoReturn:
    raise wrong(name)
