"""The named conversions of a profile, each with its way back; there are no others, and none computes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from agent.clock import LOCAL, local
from agent.domain.canonical_codec import instant_text

_TOKENS: Final = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_DATE_FORM: Final = re.compile(r"(yyyy|MM|dd|HH|mm|ss|[-/:. T])+")


class Unconvertible(ValueError):
    """A value that the conversion does not take; its text names no value."""


@dataclass(frozen=True)
class ValueMap:
    """A map of values (bảng mã): ours to theirs; `back` settles what of theirs several of ours share.

    `unused` are theirs that never come or go here; `documented` are theirs where the schema lists none.
    """

    name: str
    ours: Mapping[str, str]
    back: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    documented: tuple[str, ...] = ()

    def their(self, value: str) -> str:
        """Their code of one of our values."""
        if value not in self.ours:
            raise Unconvertible(f"bảng mã “{self.name}” không có giá trị này")
        return self.ours[value]

    def our(self, code: str) -> str:
        """Our value of one of their codes."""
        if code in self.back:
            return self.back[code]
        found = [mine for mine, theirs in self.ours.items() if theirs == code]
        if len(found) != 1:
            raise Unconvertible(f"bảng mã “{self.name}” không có mã này")
        return found[0]


@dataclass(frozen=True)
class Conversion:
    """One step of a mapping: its name and what stands after the colon; `lossy` ones have no way back."""

    name: str
    argument: str = ""
    map: ValueMap | None = None

    @property
    def lossy(self) -> bool:
        """Whether what it makes does not tell what it was made of."""
        return self.name in ("first", "join", "default")

    def there(self, value: Any) -> Any:
        """From ours to theirs; Unconvertible when it does not take the value."""
        return _THERE[self.name](self, value)

    def back(self, text: Any) -> Any:
        """From theirs to ours; Unconvertible when it does not take the text."""
        return _BACK[self.name](self, text)


NAMES: Final = ("date", "money", "bool", "map", "first", "list", "join", "default")


def problem_of(name: str, argument: str, maps: Mapping[str, ValueMap]) -> str:
    """What is wrong with a conversion as it was written, in Vietnamese; empty when it can be used."""
    if name not in NAMES:
        return f"không có phép đổi “{name}”; các phép có: {', '.join(NAMES)}"
    if name == "date" and not _DATE_FORM.fullmatch(argument):
        return f"mẫu ngày “{argument}” chỉ gồm yyyy MM dd HH mm ss và - / : . T dấu cách, ví dụ date:yyyyMMddHHmmss"
    if name == "bool" and len(set(argument.split("/"))) != 2:
        return "ghi hai giá trị có/không, ví dụ bool:1/0"
    if name == "map" and argument not in maps:
        return f"không có bảng [map.{argument}]; các bảng có: {', '.join(sorted(maps)) or 'chưa có bảng nào'}"
    return ""


def python_format(form: str) -> str:
    """A date form in Python's own letters.

    >>> python_format("dd/MM/yyyy HH:mm")
    '%d/%m/%Y %H:%M'
    """
    return re.sub("|".join(_TOKENS), lambda found: _TOKENS[found.group()], form)


def _date_there(step: Conversion, value: Any) -> str:
    if value in ("", None):
        return ""
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value).strftime(python_format(step.argument))
        if isinstance(value, int):  # seconds since 1970, as a cursor is
            return local(datetime.fromtimestamp(value, UTC)).strftime(python_format(step.argument))
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return local(instant).strftime(python_format(step.argument))
    except ValueError:
        raise Unconvertible("không phải thời điểm") from None


def _date_back(step: Conversion, text: Any) -> str:
    if not text:
        return ""
    form = python_format(step.argument)
    try:
        read = datetime.strptime(str(text), form)  # noqa: DTZ007 (the zone is put on below)
    except ValueError:
        raise Unconvertible(f"không phải thời điểm dạng {step.argument}") from None
    if read.strftime(form) != text:
        raise Unconvertible(f"không phải thời điểm dạng {step.argument}")
    if "%H" not in form:
        return read.date().isoformat()
    return instant_text(read.replace(tzinfo=LOCAL).astimezone(UTC))


def _number_there(_step: Conversion, value: Any) -> str:
    return "" if value is None else str(int(value))


def _number_back(_step: Conversion, text: Any) -> Any:
    if text == "":
        return ""
    if not re.fullmatch(r"-?[0-9]{1,18}", str(text)):
        raise Unconvertible("không phải số nguyên")
    return int(text)


def _bool_there(step: Conversion, value: Any) -> str:
    return step.argument.split("/")[0 if value in (True, "true", "1") else 1]


def _bool_back(step: Conversion, text: Any) -> bool:
    yes, no = step.argument.split("/")
    if text not in (yes, no):
        raise Unconvertible(f"không phải {yes} hay {no}")
    return bool(text == yes)


def _map_there(step: Conversion, value: Any) -> str:
    assert step.map is not None
    return "" if value in ("", None) else step.map.their(str(value))


def _map_back(step: Conversion, text: Any) -> str:
    assert step.map is not None
    return "" if text == "" else step.map.our(str(text))


def _first(_step: Conversion, value: Any) -> Any:
    return (value[0] if value else "") if isinstance(value, list | tuple) else value


def _join(step: Conversion, value: Any) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    return (step.argument or " ").join(str(part) for part in parts if part not in ("", None))


def _default(step: Conversion, value: Any) -> Any:
    return step.argument if value in ("", None, []) else value


def _same(_step: Conversion, value: Any) -> Any:
    return value


_THERE: Final[dict[str, Callable[[Conversion, Any], Any]]] = {
    "date": _date_there, "money": _number_there, "bool": _bool_there, "map": _map_there,
    "first": _first, "list": _same, "join": _join, "default": _default,
}  # fmt: skip
_BACK: Final[dict[str, Callable[[Conversion, Any], Any]]] = {
    "date": _date_back, "money": _number_back, "bool": _bool_back, "map": _map_back,
    "first": _first, "list": _same, "join": _same, "default": _same,
}  # fmt: skip
