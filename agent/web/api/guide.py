"""Procedures over the API: what each asks for, by words of its name or the beginning of its code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import request

from agent.domain.catalogue import Case, Procedure
from agent.domain.roles import Action
from agent.intake import guide
from agent.web.api import api
from agent.web.api.operation import Call, operation
from agent.web.context import site


@dataclass(frozen=True)
class RequirementOut:
    """One component on the published list; `wanted` says originals and copies in words."""

    code: str
    name: str
    wanted: str
    required: bool
    handling: str


@dataclass(frozen=True)
class CaseOut:
    """A case of a procedure with its checklist; a procedure without cases has one with an empty code."""

    code: str
    name: str
    components: list[RequirementOut]


@dataclass(frozen=True)
class WayOut:
    """One way of filing, with its term in words."""

    channel: str
    term: str


@dataclass(frozen=True)
class ProcedureOut:
    """The version of a procedure that is in force; `presence` says who must come in person."""

    code: str
    version: int
    name: str
    field: str
    level: str
    since: date
    presence: str
    sample: bool
    ways: list[WayOut]
    cases: list[CaseOut]


@operation(api, "get", "/procedures", Action.GUIDE, gives=list[ProcedureOut], query=("q",))
def list_procedures(_call: Call) -> list[ProcedureOut]:
    """Procedures in force today: all, or those with the words of `q` in their name or whose code begins with it."""
    catalogue, today, query = guide.catalogue(site()), guide.today(site()), request.args.get("q", "").strip()
    return [procedure_out(one) for one in (catalogue.search(query, today) if query else catalogue.in_force(today))]


@operation(api, "get", "/procedures/<code>", Action.GUIDE, gives=ProcedureOut)
def get_procedure(_call: Call, code: str) -> ProcedureOut:
    """One procedure, in the version that is in force today."""
    return procedure_out(guide.catalogue(site()).current(code, guide.today(site())))


def procedure_out(one: Procedure) -> ProcedureOut:
    """A procedure."""
    return ProcedureOut(
        code=one.code,
        version=one.version,
        name=one.name,
        field=one.field_name,
        level=one.level.value,
        since=one.since,
        presence=one.presence,
        sample=one.sample,
        ways=[WayOut(way.channel.value, str(way.term)) for way in one.ways],
        cases=[_case(case) for case in one.cases],
    )


def _case(case: Case) -> CaseOut:
    lines = [RequirementOut(r.code, r.name, r.wanted, r.required, r.handling.value) for r in case.requirements]
    return CaseOut(case.code, case.name, lines)
