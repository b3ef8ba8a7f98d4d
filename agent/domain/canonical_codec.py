"""Plain JSON to frozen dataclasses and back, strictly: every field present, of its kind and within its facet."""

from __future__ import annotations

import hashlib
import re
import types
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from agent.domain.json_text import canonical_text
from agent.errors import RuleViolation

T = TypeVar("T")
MONEY_LIMIT = 10**12
COUNT_LIMIT = 2**31 - 1
# XML 1.0 carries no other control characters; carriage returns would not survive it.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Facet:
    """What a text field may hold: a pattern of the whole value, at most `limit` characters."""

    pattern: str = ""
    limit: int = 2000
    instant: bool = False


@dataclass(frozen=True)
class Range:
    """What a whole number may be, both ends included."""

    low: int
    high: int


_SHA = "[0-9a-f]{64}"
_NUMBER = (
    r"[A-Y][0-9]{2}(\.[0-9A-Z]+)*-([0-9]{6}|[0-9]{8})-[0-9]{4,}"
    r"|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}-[0-9]{6}-[0-9]{4,}"
)
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"

Sha256 = Annotated[str, Facet(_SHA)]
OptionalSha256 = Annotated[str, Facet(f"({_SHA})?")]
Salt = Annotated[str, Facet("[0-9a-f]{32}")]
Key = Annotated[str, Facet(r"[0-9A-Za-z._:|/\-]{1,80}")]
OptionalNumber = Annotated[str, Facet(f"({_NUMBER})?", 64)]
Code = Annotated[str, Facet(r"[0-9A-Z.\-]{1,40}")]
Office = Annotated[str, Facet(r"[0-9A-Z][0-9A-Z.\-]{0,31}")]
Instant = Annotated[str, Facet(_INSTANT, instant=True)]
OptionalInstant = Annotated[str, Facet(f"({_INSTANT})?", instant=True)]
Birth = Annotated[str, Facet("([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?")]
Sex = Annotated[str, Facet("(male|female|other)?")]
Media = Annotated[str, Facet(r"[a-z]+/[0-9A-Za-z.+\-]{1,80}")]
ShortText = Annotated[str, Facet(limit=100)]
Name = Annotated[str, Facet(limit=300)]
Note = Annotated[str, Facet(limit=2000)]
Count = Annotated[int, Range(0, COUNT_LIMIT)]
Money = Annotated[int, Range(0, MONEY_LIMIT)]


@dataclass(frozen=True)
class Member:
    """One field of a canonical dataclass: Python name, JSON name, kind."""

    name: str
    json: str
    kind: Any


def camel(name: str) -> str:
    """The JSON name of a Python field.

    >>> camel("proof_sha256"), camel("due_at")
    ('proofSha256', 'dueAt')
    """
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


@cache
def members(kind: Any) -> tuple[Member, ...]:
    """The fields of a canonical dataclass in the order in which it declares them."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(Member(item.name, camel(item.name), hints[item.name]) for item in fields(kind))


def item_kind(kind: Any) -> type | None:
    """The dataclass inside `tuple[X, ...]`, or None for another kind."""
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def nested(kind: Any) -> type | None:
    """The dataclass of a field `X` or `X | None`, or None for another kind."""
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(choice for choice in get_args(kind) if choice is not type(None))
    return kind if isinstance(kind, type) and is_dataclass(kind) else None


def facet_of(kind: Any) -> Facet | Range | None:
    """The facet that an Annotated kind carries."""
    return get_args(kind)[1] if get_origin(kind) is Annotated else None


def tidy(text: str) -> str:
    """NFC with plain newlines: the form in which text enters a digest."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")


def instant_text(instant: datetime) -> str:
    """An aware instant as UTC text in whole seconds, the fraction cut off.

    >>> instant_text(datetime(2026, 11, 21, 8, 0, 0, 900, tzinfo=UTC))
    '2026-11-21T08:00:00Z'
    """
    if instant.tzinfo is None:
        raise RuleViolation("Thời điểm không có múi giờ. Báo người quản trị.", code="canonical")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str, path: str = "thời điểm") -> datetime:
    """The aware instant of an ISO 8601 text with an offset; RuleViolation otherwise."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(path, "không phải là một thời điểm") from None
    if instant.tzinfo is None:
        raise _wrong(path, "thiếu múi giờ")
    return instant.astimezone(UTC)


def to_plain(value: Any) -> Any:
    """Plain JSON of a canonical dataclass, text tidied and then checked; other values are only tidied."""
    if is_dataclass(value) and not isinstance(value, type):
        plain = _unfold(value)
        from_plain(type(value), plain)
        return plain
    return _unfold(value)


def _unfold(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {member.json: _unfold(getattr(value, member.name)) for member in members(type(value))}
    if isinstance(value, Mapping):
        return {str(name): _unfold(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_unfold(inner) for inner in value]
    return tidy(str(value)) if isinstance(value, str) else value


def from_plain(kind: type[T], data: Any, where: str = "") -> T:
    """Build `kind` from plain JSON; RuleViolation names the field that is missing, unknown or wrong."""
    if not isinstance(data, Mapping):
        raise _wrong(where or kind.__name__, "phải là một nhóm mục")
    shape: Any = kind
    known = members(shape)
    unknown = sorted(set(data) - {member.json for member in known})
    if unknown:
        raise _wrong(_path(where, str(unknown[0])), "không có trong hợp đồng")
    made = {}
    for member in known:
        path = _path(where, member.json)
        if member.json not in data:
            raise _wrong(path, "bị thiếu")
        made[member.name] = _value(member.kind, data[member.json], path)
    return kind(**made)


def _value(kind: Any, data: Any, path: str) -> Any:
    inner = item_kind(kind)
    if inner is not None:
        if not isinstance(data, list | tuple):
            raise _wrong(path, "phải là một danh sách")
        return tuple(from_plain(inner, item, f"{path}[{n}]") for n, item in enumerate(data))
    group = nested(kind)
    if group is not None:
        return None if data is None and group is not kind else from_plain(group, data, path)
    if kind is bool:
        return data if isinstance(data, bool) else _raise(path, "phải là có hoặc không")
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        choices = [str(choice) for choice in kind]
        ok = isinstance(data, str) and data in choices
        return kind(data) if ok else _raise(path, f"phải là một trong: {', '.join(choices)}")
    facet = facet_of(kind)
    if isinstance(facet, Range):
        whole = isinstance(data, int) and not isinstance(data, bool) and facet.low <= data <= facet.high
        return data if whole else _raise(path, f"phải là số nguyên từ {facet.low} đến {facet.high}")
    return _text(facet if isinstance(facet, Facet) else Facet(), data, path)


def _text(facet: Facet, data: Any, path: str) -> str:
    if not isinstance(data, str):
        raise _wrong(path, "phải là chữ")
    if len(data) > facet.limit:
        raise _wrong(path, f"dài quá {facet.limit} ký tự")
    if _FORBIDDEN.search(data) or unicodedata.normalize("NFC", data) != data:
        raise _wrong(path, "có ký tự không được phép")
    if facet.pattern and not re.fullmatch(facet.pattern, data):
        raise _wrong(path, "không đúng mẫu")
    if facet.instant and data:
        parse_instant(data, path)
    return data


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _wrong(path: str, why: str) -> RuleViolation:
    return RuleViolation(f"Dữ liệu hồ sơ gửi tỉnh: mục “{path}” {why}. Sửa mục này rồi gửi lại.", code="canonical")


def _raise(path: str, why: str) -> Any:
    raise _wrong(path, why)


def canonical_json(value: Any) -> bytes:
    """RFC 8785 bytes of a canonical dataclass (checked first) or of plain JSON.

    >>> canonical_json({"b": 1, "a": "Đ"}).decode()
    '{"a":"Đ","b":1}'
    """
    return canonical_text(to_plain(value)).encode()


def digest(data: bytes) -> str:
    """SHA-256 as 64 lowercase hex characters."""
    return hashlib.sha256(data).hexdigest()
