"""Read a catalogue of procedures from its TOML text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from agent.domain.catalogue import (
    AgencyRule,
    Case,
    Catalogue,
    Channel,
    Fee,
    FeeUnit,
    Handling,
    Level,
    Procedure,
    Requirement,
    ResultKind,
    Way,
)
from agent.domain.deadlines import Term, TermUnit
from agent.domain.identifiers import parse_component_code, parse_field_code, parse_procedure_code, parse_result_type
from agent.domain.text import clean
from agent.errors import AgentError, ConfigError


def parse_catalogue(text: str) -> Catalogue:
    """The catalogue written in `text`: `sample`, `[components.KEY]` tables, and `[[procedures]]`.

    Cases name their components by key, with what differs for them. ConfigError names the procedure at fault.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"Không đọc được danh mục thủ tục: {error}. Sửa tệp danh mục rồi nạp lại.") from None
    components = document.get("components", {})
    sample = bool(document.get("sample", False))
    procedures = []
    for row in document.get("procedures", []):
        try:
            procedures.append(_procedure(row, components, sample))
        except (KeyError, TypeError, ValueError, AgentError) as error:
            code = row.get("code", "?")
            raise ConfigError(
                f"Danh mục sai ở thủ tục {code}: {type(error).__name__} {error}. Sửa tệp danh mục rồi nạp lại."
            ) from None
    return Catalogue.of(procedures)


def _procedure(row: Mapping[str, Any], components: Mapping[str, Any], sample: bool) -> Procedure:
    cases = tuple(_case(case, components) for case in row["cases"])
    ways = tuple(_way(way) for way in row["ways"])
    known = {"", *(case.code for case in cases)}
    if strays := {fee.case for way in ways for fee in way.fees} - known:
        raise ValueError(f"fee for unknown case {', '.join(sorted(strays))}")
    if not cases or not ways:
        raise ValueError("no case or no way")
    return Procedure(
        code=parse_procedure_code(row["code"]),
        version=int(row["version"]),
        name=clean(row["name"]),
        field_code=parse_field_code(row["field"]["code"]),
        field_name=clean(row["field"]["name"]),
        level=Level(row["level"]),
        agency_rule=AgencyRule(row["agency"]),
        since=row["since"],
        until=row.get("until"),
        sample=sample,
        ways=ways,
        cases=cases,
        results=tuple(ResultKind(clean(r["name"]), parse_result_type(r["type"])) for r in row["results"]),
        presence=clean(row.get("presence", "")),
    )


def _way(row: Mapping[str, Any]) -> Way:
    term = Term(row["hours"], TermUnit.HOURS) if "hours" in row else Term(row["days"])
    return Way(Channel(row["channel"]), term, tuple(_fee(fee) for fee in row.get("fees", [])))


def _fee(row: Mapping[str, Any]) -> Fee:
    return Fee(**{**row, "unit": FeeUnit(row.get("unit", FeeUnit.DOSSIER))})


def _case(row: Mapping[str, Any], components: Mapping[str, Any]) -> Case:
    requirements = tuple(_requirement(use, components) for use in row["components"])
    codes = [requirement.code for requirement in requirements]
    if len(set(codes)) != len(codes):
        raise ValueError(f"component twice in case {row['code']}")
    return Case(row["code"], clean(row["name"]), requirements)


def _requirement(use: str | Mapping[str, Any], components: Mapping[str, Any]) -> Requirement:
    differs = {"use": use} if isinstance(use, str) else dict(use)
    merged = {**components[differs.pop("use")], **differs}
    merged["document_type"] = merged.pop("type")
    merged["handling"] = Handling(merged.get("handling", Handling.KEEP_FORWARD))
    merged["code"] = parse_component_code(merged["code"])
    merged["name"] = clean(merged["name"])
    requirement = Requirement(**merged)
    if requirement.original + requirement.copies < 1:
        raise ValueError(f"component {requirement.code} asks for no paper")
    return requirement
