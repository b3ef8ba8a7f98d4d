"""What the store says of an office's month, dossier by dossier, and what was signed for it before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from peewee import fn

from agent.domain.dossier import State
from agent.domain.statement import Line, Measures, span
from agent.store.dossiers import Dossier, Fee
from agent.store.items import Result
from agent.store.reconciliation import Difference, Run
from agent.store.statements import Statement, StatementLine

_LEDGERS = ("state", "freight", "collected")


def facts_of(office: str, month: str) -> list[Line]:
    """One line a dossier for which something was received, handed out, paid, refunded or corrected in the month.

    A voided dossier does not count as received. A correction belongs to the month in which its dossier was received.
    """
    since, until = span(month)
    held: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    mine = Dossier.office_id == office
    received = mine & (Dossier.received_at >= since) & (Dossier.received_at < until) & (Dossier.state != State.VOIDED)
    for (one,) in _rows(Dossier.select(Dossier.id).where(received)):
        held[one]["received"] = 1
    delivered = (Result.delivered_at >= since) & (Result.delivered_at < until)
    query = Result.select(Result.dossier, fn.COUNT(Result.id)).join(Dossier).where(mine & delivered)
    for one, count in _rows(query.group_by(Result.dossier)):
        held[one]["delivered"] += count
    for moment, sign in ((Fee.paid_at, 1), (Fee.refunded_at, -1)):
        paid = (moment >= since) & (moment < until) & Fee.ledger.in_(_LEDGERS)
        fees = Fee.select(Fee.dossier, Fee.ledger, fn.SUM(Fee.amount)).join(Dossier).where(mine & paid)
        for one, ledger, amount in _rows(fees.group_by(Fee.dossier, Fee.ledger)):
            held[one][ledger] += sign * int(amount)
    for key, amount in _corrections(office, month):
        dossier = Dossier.get_or_none(Dossier.provisional == key)
        if dossier is not None:
            held[dossier.id]["corrected"] += amount
    return _lines(month, held)


def signed_for(office: str, months: Collection[str]) -> dict[tuple[str, str], Line]:
    """What closed statements said of these months, later adjustments included, by dossier and month."""
    closed = Statement.select(Statement.id).where(
        (Statement.office_id == office) & Statement.province_signed_at.is_null(False)
    )
    chosen = StatementLine.statement.in_(closed) & StatementLine.period.in_(list(months) or [""])
    found: dict[tuple[str, str], Line] = {}
    for row in StatementLine.select().where(chosen).order_by(StatementLine.id):
        at = (row.key, row.period)
        line = line_of(row)
        found[at] = replace(line, measures=found[at].measures + line.measures) if at in found else line
    return found


def line_of(row: StatementLine) -> Line:
    """A stored line."""
    measures = Measures(row.received, row.delivered, row.state, row.freight, row.collected, row.corrected)
    return Line(row.key, row.period, row.procedure_code, row.procedure_name, measures)


def closed_months(office: str, before: str) -> list[str]:
    """The months before `before` that both sides signed."""
    done = (Statement.office_id == office) & Statement.province_signed_at.is_null(False) & (Statement.month < before)
    return sorted({row.month for row in Statement.select(Statement.month).where(done)})


def statements_of(office: str | None, *, limit: int = 60) -> list[Statement]:
    """Statements of an office (None: of all), newest month first."""
    query = Statement.select().order_by(Statement.month.desc(), Statement.office_id, Statement.revision.desc())
    return list((query if office is None else query.where(Statement.office_id == office)).limit(limit))


def waiting_for_province(*, limit: int = 400) -> list[Statement]:
    """Statements that an office signed and the province did not yet, oldest month first."""
    waits = Statement.province_signed_at.is_null() & Statement.returned_at.is_null()
    return list(Statement.select().where(waits).order_by(Statement.month, Statement.office_id).limit(limit))


def newest(office: str, month: str) -> Statement | None:
    """The newest revision of a month's statement."""
    mine = (Statement.office_id == office) & (Statement.month == month)
    found: Statement | None = Statement.select().where(mine).order_by(Statement.revision.desc()).first()
    return found


def last_run(office: str) -> Run | None:
    """The newest comparison of the whole office."""
    whole = (Run.office_id == office) & (Run.day == "")
    found: Run | None = Run.select().where(whole).order_by(Run.id.desc()).first()
    return found


def open_by_kind(office: str, month: str) -> dict[str, int]:
    """How many differences about dossiers received up to the month's end are open, by kind."""
    still = (Difference.office_id == office) & Difference.closed_at.is_null()
    counts: dict[str, int] = defaultdict(int)
    for kind, bucket in _rows(Difference.select(Difference.kind, Difference.bucket).where(still)):
        if bucket.rpartition("|")[2][:7] <= month:
            counts[kind] += 1
    return dict(sorted(counts.items()))


def _corrections(office: str, month: str) -> list[tuple[str, int]]:
    """By how much two people changed what our ledger says was collected, for dossiers received in the month."""
    done = (Difference.office_id == office) & (Difference.kind == "fee") & Difference.closed_at.is_null(False)
    done &= Difference.repair.in_(["accept", "correct"]) & Difference.bucket.startswith(f"{office}|{month}-")
    return [
        (row.key, int(row.value) - int(row.ours["fee"]))
        for row in Difference.select().where(done)
        if row.value is not None and "fee" in row.ours
    ]


def _lines(month: str, held: dict[int, dict[str, int]]) -> list[Line]:
    names: Any = Dossier.select(Dossier.id, Dossier.provisional, Dossier.procedure_code, Dossier.procedure_name)
    wanted, lines = sorted(held), []
    for start in range(0, len(wanted), 500):
        for one, key, code, name in _rows(names.where(Dossier.id.in_(wanted[start : start + 500]))):
            lines.append(Line(key, month, code, name, Measures(**held[one])))
    return sorted(lines, key=lambda line: line.key)


def _rows(query: Any) -> Any:
    return query.tuples()
