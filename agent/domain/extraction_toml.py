"""Read the extraction rules from their TOML text; a second text adds types to the first or replaces them."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from typing import Any

from agent.domain.extraction import FieldRule, Kind, PaperType, Rules
from agent.domain.text import clean
from agent.errors import ConfigError

SHARED = ("name", "kind", "labels", "after", "zone", "person", "party", "lines", "fixed", "required")


def parse_rules(*texts: str) -> Rules:
    """The rules written in `texts`, later ones over earlier; ConfigError names the type at fault.

    `[fields.CODE]` says once what a field is; `[types.CODE]` lists a type's fields by code, with what differs there.
    """
    fields: dict[str, dict[str, Any]] = {}
    types: dict[str, PaperType] = {}
    stops: list[str] = []
    for text in texts:
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"Không đọc được quy tắc bóc tách: {error}. Sửa tệp rồi chạy lại.") from None
        fields |= document.get("fields", {})
        stops += document.get("stops", [])
        for code, row in document.get("types", {}).items():
            try:
                types[code] = _type(code, row, fields)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise ConfigError(
                    f"Quy tắc bóc tách sai ở loại giấy tờ {code}: {type(error).__name__} {error}. "
                    "Sửa tệp quy tắc rồi chạy lại."
                ) from None
    if "*" not in types:
        raise ConfigError('Quy tắc bóc tách thiếu loại chung “*”. Thêm mục [types."*"] rồi chạy lại.')
    edition = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
    return Rules(types, tuple(dict.fromkeys(stops)), edition)


def _type(code: str, row: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> PaperType:
    rules = tuple(_field(one, fields) for one in row["fields"])
    codes = [rule.code for rule in rules]
    if len(set(codes)) != len(codes):
        raise ValueError("field twice")
    titles, marks = tuple(row.get("titles", ())), tuple(row.get("marks", ()))
    return PaperType(code, clean(row["name"]), rules, titles, marks, bool(row.get("card", False)))


def _field(use: str | Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> FieldRule:
    differs = {"use": use} if isinstance(use, str) else dict(use)
    code = str(differs.pop("use"))
    merged = {**fields.get(code, {}), **differs}
    if strays := set(merged) - set(SHARED):
        raise ValueError(f"unknown {', '.join(sorted(strays))} in field {code}")
    zone = tuple(float(share) for share in merged.get("zone", (0, 0, 1, 1)))
    if len(zone) != 4 or not (0 <= zone[0] < zone[2] <= 1 and 0 <= zone[1] < zone[3] <= 1):
        raise ValueError(f"zone of field {code}")
    labels = merged.get("labels", ())
    if isinstance(labels, str):
        raise TypeError(f"labels of field {code} is a list")
    return FieldRule(
        code=code,
        name=clean(merged["name"]),
        kind=Kind(merged["kind"]),
        labels=tuple(clean(label) for label in labels),
        after=clean(merged.get("after", "")),
        zone=(zone[0], zone[1], zone[2], zone[3]),
        person=str(merged.get("person", "")),
        party=bool(merged.get("party", False)),
        lines=int(merged.get("lines", 1)),
        fixed=str(merged.get("fixed", "")),
        required=bool(merged.get("required", True)),
    )
