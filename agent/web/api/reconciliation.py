"""Reconciliation over the API: the open differences, a comparison on demand, repairs and their second signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from flask import request

from agent.accounts.permissions import require
from agent.domain.roles import Action
from agent.errors import NotFound
from agent.intake.request import STRICT
from agent.reconcile import repair
from agent.reconcile.compare import compare
from agent.reconcile.record import Found, open_found
from agent.store import pages
from agent.tracking.follow import follow
from agent.web.api import api
from agent.web.api.operation import BadRequest, Call, operation, uid_of
from agent.web.api.paging import offices
from agent.web.context import site


@dataclass(frozen=True)
class DifferenceOut:
    """One difference: `age` in seconds, the facts that differ, and the repair that waits for a second person."""

    uid: str
    kind: str
    kind_words: str
    owner: str
    owner_words: str
    key: str
    number: str
    bucket: str
    age: int
    ours: dict[str, Any]
    theirs: dict[str, Any]
    explanation: str
    suggestion: str
    repairs: list[str]
    pending: str


@dataclass(frozen=True)
class CompareRequest:
    """The office to compare (default: the caller's own) and, if wanted, one day of it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    office: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Comparison:
    """What one comparison came to; `exchanged` counts the buckets that had to be listed."""

    run: str
    office: str
    day: date | None
    compared: int
    in_flight: int
    exchanged: int
    differences: list[DifferenceOut]


@dataclass(frozen=True)
class RepairRequest:
    """How a difference is mended, and why; `value` is an amount in đồng, for `correct` only."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    repair: Literal["resend", "ask", "accept", "correct", "explain"]
    reason: str = ""
    value: int | None = None


@operation(
    api, "get", "/reconciliation", Action.VIEW_RECONCILIATION, gives=list[DifferenceOut], query=("office",)
)  # fmt: skip
def list_differences(call: Call) -> list[DifferenceOut]:
    """The open differences of an office, oldest first."""
    office = _office(call, request.args.get("office", ""), Action.VIEW_RECONCILIATION)
    with site().store.reading():
        return [_out(one) for one in open_found(office, now=site().clock.now())]


@operation(
    api, "post", "/reconciliation", Action.VIEW_RECONCILIATION, takes=CompareRequest, gives=Comparison
)  # fmt: skip
def run_comparison(call: Call) -> Comparison:
    """Read the status feed, then compare our ledger with the province's and keep what differs."""
    office = _office(call, call.body.office, Action.VIEW_RECONCILIATION)
    if office == site().settings.office.id:
        follow(site())
    report = compare(site(), office=office, day=call.body.day, by=call.actor)
    return Comparison(
        str(report.run), report.office, report.day, report.compared, report.in_flight, report.exchanged,
        [_out(one) for one in report.differences],
    )  # fmt: skip


@operation(
    api, "post", "/reconciliation/<uid>/repair", Action.REPAIR_DIFFERENCE, takes=RepairRequest, gives=DifferenceOut
)  # fmt: skip
def repair_difference(call: Call, uid: str) -> DifferenceOut:
    """Mend a difference in one step; `accept`, `correct` and `explain` wait for a second person."""
    found, wanted, by = _difference(call, uid, Action.REPAIR_DIFFERENCE), call.body, call.actor
    if wanted.repair == "resend":
        return _out(repair.resend(site(), found, by=by))
    if wanted.repair == "ask":
        return _out(repair.ask_province(site(), found, question=wanted.reason, by=by))
    if wanted.repair == "accept":
        return _out(repair.accept_theirs(site(), found, reason=wanted.reason, by=by))
    if wanted.repair == "explain":
        return _out(repair.explain(site(), found, reason=wanted.reason, by=by))
    if wanted.value is None or not 0 <= wanted.value < 1 << 53:
        raise BadRequest("Đính chính cần số tiền đúng, tính bằng đồng.", {"value": "0..2^53"})
    return _out(repair.correct(site(), found, value=wanted.value, reason=wanted.reason, by=by))


@operation(api, "post", "/reconciliation/<uid>/countersignature", Action.COUNTERSIGN, gives=DifferenceOut)
def countersign_repair(call: Call, uid: str) -> DifferenceOut:
    """The second person agrees with a proposed repair: it takes effect."""
    return _out(repair.countersign(site(), _difference(call, uid, Action.COUNTERSIGN), by=call.actor))


@operation(api, "post", "/reconciliation/<uid>/withdrawal", Action.REPAIR_DIFFERENCE, gives=DifferenceOut)
def withdraw_repair(call: Call, uid: str) -> DifferenceOut:
    """Take a proposed repair back before it is countersigned."""
    return _out(repair.withdraw(site(), _difference(call, uid, Action.REPAIR_DIFFERENCE), by=call.actor))


def _office(call: Call, wanted: str, action: Action) -> str:
    office = wanted.strip() or offices(call.user) or site().settings.office.id
    require(call.user, action, office)
    return office


def _difference(call: Call, uid: str, action: Action) -> Any:
    wanted = uid_of(uid)
    with site().store.reading():
        office = pages.office_of_difference(wanted)
    if office is None:
        raise NotFound("Không có khác biệt này. Tải lại danh sách đối soát.")
    require(call.user, action, office)
    return wanted


def _out(found: Found) -> DifferenceOut:
    return DifferenceOut(**found.plain())
