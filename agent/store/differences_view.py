"""What the reconciliation desk shows: open differences, their counts, both sides of one, past runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import fn

from agent.store.dossiers import Dossier, LedgerRow
from agent.store.papers import Paper
from agent.store.reconciliation import Difference, Run


@dataclass(frozen=True)
class Pair:
    """Both sides of one dossier as far as they are known; `changed` names the facts that differ."""

    ours: dict[str, Any]
    theirs: dict[str, Any]
    changed: frozenset[str]
    procedure: str
    papers: dict[str, str]  # name of a paper by the SHA-256 of its signed copy
    dossier: UUID | None  # of our dossier, when there is one


def open_differences(office: str | None, kind: str = "", *, limit: int = 200) -> list[Difference]:
    """Open differences of an office (None: all), oldest first."""
    chosen = _open(office)
    if kind:
        chosen &= Difference.kind == kind
    return list(Difference.select().where(chosen).order_by(Difference.found_at, Difference.id).limit(limit))


def counts_by_kind(office: str | None) -> dict[str, int]:
    """How many open differences there are of each kind."""
    rows: Any = (
        Difference.select(Difference.kind, fn.COUNT(Difference.id)).where(_open(office)).group_by(Difference.kind)
    )
    return {kind: int(count) for kind, count in rows.tuples()}


def closed_since(office: str | None, since: datetime) -> int:
    """How many differences were closed since then."""
    chosen = Difference.closed_at >= since
    if office is not None:
        chosen &= Difference.office_id == office
    return int(Difference.select().where(chosen).count())


def difference_by_uid(uid: UUID) -> Difference | None:
    """One difference, open or closed."""
    found: Difference | None = Difference.get_or_none(Difference.uid == uid)
    return found


def runs(office: str | None, *, limit: int = 50) -> list[Run]:
    """Past comparisons, newest first."""
    query = Run.select()
    if office is not None:
        query = query.where(Run.office_id == office)
    return list(query.order_by(Run.id.desc()).limit(limit))


def latest_runs(office: str | None) -> list[Run]:
    """The newest comparison of the whole of each office."""
    whole = Run.day == ""
    if office is not None:
        whole &= Run.office_id == office
    newest = Run.select(fn.MAX(Run.id)).where(whole).group_by(Run.office_id)
    return list(Run.select().where(Run.id.in_(newest)).order_by(Run.office_id))


def offices() -> list[str]:
    """All offices that have dossiers here."""
    rows: Any = Dossier.select(Dossier.office_id).distinct().order_by(Dossier.office_id).tuples()
    return [office for (office,) in rows]


def pair_of(row: Difference) -> Pair:
    """Both sides: our ledger's row, and the same with all that the newest comparison saw otherwise at the province."""
    dossier = Dossier.get_or_none(Dossier.provisional == row.key)
    held = LedgerRow.get_or_none(LedgerRow.key == row.key)
    same = Difference.select().where((Difference.key == row.key) & (Difference.office_id == row.office_id))
    siblings = list(same.where(Difference.closed_at.is_null())) if row.closed_at is None else [row]
    ours: dict[str, Any] = dict(held.row) if held else dict(row.ours)
    theirs = {**ours} if row.kind != "missing_there" else {}
    for one in siblings:
        if one.kind == "missing_here":
            ours, theirs = dict(one.ours), dict(one.theirs)
        ours |= one.ours if one.kind not in ("missing_here", "late") else {}
        theirs |= one.theirs
    names = set(ours) | set(theirs)
    changed = frozenset(name for name in names if ours.get(name) != theirs.get(name))
    return Pair(
        ours,
        theirs,
        changed,
        dossier.procedure_name if dossier else "",
        _papers(dossier),
        dossier.uid if dossier else None,
    )


def _papers(dossier: Dossier | None) -> dict[str, str]:
    if dossier is None:
        return {}
    rows: Sequence[Paper] = list(Paper.select().where((Paper.dossier == dossier) & Paper.signed_sha256.is_null(False)))
    return {str(paper.signed_sha256): f"{paper.name} ({paper.pages} trang)" for paper in rows}


def _open(office: str | None) -> Any:
    chosen = Difference.closed_at.is_null()
    return chosen if office is None else chosen & (Difference.office_id == office)
