"""The reconciliation desk: kinds of difference, their rows, the pair side by side, the repair keys."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.clock import LOCAL, local
from agent.domain.roles import EVERYWHERE, Action
from agent.reconcile.explain import NAME, OWNER_NAME, REPAIRS, Kind, Owner, suggestion
from agent.store import differences_view as view
from agent.store.reconciliation import Difference
from agent.web.context import current_user, site
from agent.web.guard import allow
from agent.web.province import province, scope
from agent.web.province.sides import age, lines_of


@province.get("/")
@allow(Action.VIEW_RECONCILIATION)
def home() -> ResponseReturnValue:
    """All open differences, one of them opened."""
    return desk({})


def desk(errors: dict[str, str]) -> str:
    """The desk as the address asks for it: `office`, `kind`, `d` (difference), `do` (repair to be filled in)."""
    office, kind = scope.office_asked(), request.values.get("kind", "")
    kind = kind if kind in [one.value for one in Kind] else ""
    now = site().clock.now()
    with site().store.reading():
        rows = view.open_differences(office, kind)
        here = _chosen(rows)
        runs = view.latest_runs(office)
        facts = {
            "counts": view.counts_by_kind(office), "offices": scope.offices(),
            "closed": view.closed_since(office, _day_start()),
            "lines": lines_of(pair := view.pair_of(here)) if here else [], "procedure": pair.procedure if here else "",
            "ours": pair.ours if here else {}, "dossier": pair.dossier if here else None,
        }  # fmt: skip
    doing = request.values.get("do", "")
    can_repair = current_user().may(Action.REPAIR_DIFFERENCE)
    return render_template(
        "province/home.html", rows=rows, here=here, kind=kind, office=office, runs=runs, errors=errors, kinds=NAME,
        owners=OWNER_NAME, name_of=lambda row: NAME[Kind(row.kind)], owner_of=lambda row: OWNER_NAME[Owner(row.owner)],
        age_of=lambda row: age(row.found_at, now), suggestion=suggestion(Kind(here.kind)) if here else "",
        repairs=REPAIRS[Kind(here.kind)] if here and can_repair else (), office_name=scope.office_name,
        doing=doing if here and doing in [one.value for one in REPAIRS[Kind(here.kind)]] else "",
        sees_all=current_user().role in EVERYWHERE, form=request.form, can_repair=can_repair,
        may_sign=bool(here and here.repair and here.closed_by != current_user().actor),
        compared=sum(run.compared for run in runs), in_flight=sum(run.in_flight for run in runs),
        oldest=min((run.at for run in runs), default=None), today=now, **facts,
    )  # fmt: skip


def _chosen(rows: list[Difference]) -> Difference | None:
    """The difference that the address names, else the first of the list."""
    try:
        asked = UUID(request.values.get("d", ""))
    except ValueError:
        return rows[0] if rows else None
    return next((row for row in rows if row.uid == asked), rows[0] if rows else None)


def _day_start() -> datetime:
    return datetime.combine(local(site().clock.now()).date(), time(), LOCAL)
