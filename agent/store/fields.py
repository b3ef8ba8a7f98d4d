"""Column types that hold the same value, and compare the same way, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import peewee

from agent.domain.json_text import canonical_text

# field_type -> column type; the database classes in database.py take these tables
SQLITE_TYPES = {
    "UTC": "TEXT",
    "DAY": "TEXT",
    "UID": "BLOB",
    "JSONTEXT": "TEXT",
    "SHA256": "TEXT",
    "BYTES": "BLOB",
    "CODE": "TEXT",
}
POSTGRES_TYPES = {
    "UTC": "TIMESTAMPTZ",
    "DAY": "DATE",
    "UID": "UUID",
    "JSONTEXT": "TEXT",
    "SHA256": "TEXT",
    "BYTES": "BYTEA",
    "CODE": 'TEXT COLLATE "C"',
    "AUTO": "BIGSERIAL",
    "INT": "BIGINT",  # references to a BIGSERIAL, and no integer that can overflow
}
_SHA = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def utc_text(instant: datetime) -> str:
    """The instant as fixed-width text that sorts by time.

    >>> from datetime import timedelta, timezone
    >>> utc_text(datetime(2026, 11, 21, 9, 3, 4, 123456, tzinfo=timezone(timedelta(hours=7))))
    '2026-11-21T02:03:04.123456Z'
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(f"an instant without time zone cannot be stored: {instant!r}")
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def utc_instant(text: str) -> datetime:
    """The aware UTC datetime of `utc_text`; ValueError for any other form."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(f"not an instant as it is stored: {text!r}")
    return datetime.fromisoformat(text)


class UtcField(peewee.Field):
    """An aware instant, read back in UTC: fixed-width text on SQLite, timestamptz on PostgreSQL."""

    field_type = "UTC"

    def db_value(self, value: Any) -> Any:
        return utc_text(value) if isinstance(value, datetime) else value

    def python_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return utc_instant(value)
        return value.astimezone(UTC) if isinstance(value, datetime) else value


class DateField(peewee.Field):
    """A calendar day, without time: ISO text on SQLite, date on PostgreSQL."""

    field_type = "DAY"

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            raise ValueError(f"an instant is not a day: {value!r}")
        return value.isoformat() if isinstance(value, date) else value

    def python_value(self, value: Any) -> Any:
        return date.fromisoformat(value) if isinstance(value, str) else value


class UidField(peewee.Field):
    """A UUID: 16-byte blob on SQLite, uuid on PostgreSQL."""

    field_type = "UID"

    def db_value(self, value: Any) -> Any:
        return uuid.UUID(value) if isinstance(value, str) else value

    def python_value(self, value: Any) -> Any:
        return uuid.UUID(bytes=bytes(value)) if isinstance(value, bytes | memoryview) else value


class JsonField(peewee.Field):
    """A JSON value as RFC 8785 text on both databases, so that its bytes can be hashed again."""

    field_type = "JSONTEXT"

    def db_value(self, value: Any) -> Any:
        return None if value is None else canonical_text(value)

    def python_value(self, value: Any) -> Any:
        return None if value is None else json.loads(value)


class MoneyField(peewee.BigIntegerField):
    """An amount in whole đồng; anything but an int is refused."""

    def db_value(self, value: Any) -> Any:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ValueError(f"money is an int in đồng: {value!r}")
        return value


class EnumField(peewee.TextField):
    """A member of a StrEnum, kept as its text."""

    def __init__(self, kind: type[StrEnum], **options: Any) -> None:
        self.kind = kind
        super().__init__(**options)

    def db_value(self, value: Any) -> Any:
        return None if value is None else str(self.kind(value))

    def python_value(self, value: Any) -> Any:
        return None if value is None else self.kind(value)


class ShaField(peewee.Field):
    """A SHA-256 as 64 lower-case hex characters."""

    field_type = "SHA256"

    def db_value(self, value: Any) -> Any:
        if value is not None and not (isinstance(value, str) and _SHA.fullmatch(value)):
            raise ValueError(f"not a SHA-256 in lower-case hex: {value!r}")
        return value


class CodeField(peewee.Field):
    """Text that is ordered and searched by its code points on both databases, so that an index serves a beginning."""

    field_type = "CODE"


class BytesField(peewee.Field):
    """Plain bytes."""

    field_type = "BYTES"

    def db_value(self, value: Any) -> Any:
        return None if value is None else bytes(value)

    def python_value(self, value: Any) -> Any:
        return None if value is None else bytes(value)


class Reference(peewee.ForeignKeyField):
    """A foreign key that is indexed, restricts deletion and adds no attribute to the row it points to."""

    def __init__(self, model: Any, **options: Any) -> None:
        options.setdefault("backref", "+")
        options.setdefault("on_delete", "RESTRICT")
        super().__init__(model, **options)
