"""What was told to the province beside dossiers, as rows to reconcile: payment entries and milestones of custody."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from agent.domain.canonical import FeeLedger
from agent.ports_province import CustodyMilestone, PaymentRow
from agent.store.dossiers import Dossier, Fee, LedgerRow
from agent.store.exchanges import AwaitedReport, ReportCursor
from agent.store.items import CustodyEvent, Item
from agent.store.journal import JournalEntry

CUSTODY: Final = "custody"
PAYMENTS: Final = "payments"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KIND: Final = {"fee": "collected", "refund": "refunded"}


def reports(office: str) -> bool:
    """Whether this office reports payments and milestones at all."""
    return bool(ReportCursor.select().where(ReportCursor.office_id == office).exists())


def told_payments(office: str, since: datetime, until: datetime) -> list[PaymentRow]:
    """Payment entries of the office's dossiers in a span of time that the province has taken."""
    mine = _money() & (JournalEntry.id <= _cursor(office, PAYMENTS))
    mine &= (JournalEntry.office_id == office) & (JournalEntry.at >= since) & (JournalEntry.at < until)
    entries = [one for one in JournalEntry.select().where(mine).order_by(JournalEntry.id) if _counts(one)]
    told = LedgerRow.select(LedgerRow.dossier).where(LedgerRow.dossier.not_in(_awaited(PAYMENTS)))
    wanted = Dossier.id.in_(list({one.dossier_id for one in entries}) or [-1]) & Dossier.id.in_(told)
    dossiers = {one.id: one for one in Dossier.select().where(wanted)}
    ledgers: Any = Fee.select(Fee.dossier, Fee.code, Fee.ledger).where(Fee.dossier.in_(list(dossiers) or [-1]))
    fees = {(dossier, code): ledger for dossier, code, ledger in ledgers.tuples()}
    return [_payment(one, dossiers[one.dossier_id], fees) for one in entries if one.dossier_id in dossiers]


def told_milestones(office: str, since: datetime, until: datetime) -> list[CustodyMilestone]:
    """Milestones of the office's items in a span of time that the province has taken."""
    mine = (Item.office_id == office) & (CustodyEvent.id <= _cursor(office, CUSTODY))
    mine &= (CustodyEvent.occurred_at >= since) & (CustodyEvent.occurred_at < until)
    mine &= Item.dossier.not_in(_awaited(CUSTODY))
    query = CustodyEvent.select(CustodyEvent, Item, Dossier).join(Item).join(Dossier).where(mine)
    return [
        CustodyMilestone(
            uid=str(event.uid),
            item=event.item.number,
            provisional=event.item.dossier.provisional,
            kind=event.step,
            at=event.occurred_at.replace(microsecond=0),
            holder=(event.to_holder or event.from_holder).partition(":")[0],
            reason=event.reason,
        )
        for event in query.order_by(CustodyEvent.id)
    ]


def refused(office: str) -> list[tuple[str, Dossier, str]]:
    """What the province did not take of this office's reports: kind, dossier and the province's code."""
    mine = (AwaitedReport.error != "") & (Dossier.office_id == office)
    query = AwaitedReport.select(AwaitedReport, Dossier).join(Dossier).where(mine).order_by(AwaitedReport.id)
    return [(one.kind, one.dossier, one.error) for one in query]


def ours_among(kind: str, uids: Collection[str]) -> set[str]:
    """Those of these entries that are in our books, told or not yet; what is no UUID is nobody's of ours."""
    model: Any = JournalEntry if kind == PAYMENTS else CustodyEvent
    wanted = [uid for uid in uids if _UUID.fullmatch(uid)]
    return {str(uid) for (uid,) in model.select(model.uid).where(model.uid.in_(wanted)).tuples()} if wanted else set()


def _money() -> Any:
    return (
        (JournalEntry.ledger == "money") & JournalEntry.kind.in_(list(_KIND)) & JournalEntry.dossier_id.is_null(False)
    )


def _counts(entry: JournalEntry) -> bool:
    return entry.kind != "fee" or bool(entry.body.get("paid"))


def _payment(entry: JournalEntry, dossier: Dossier, fees: dict[tuple[int, str], str]) -> PaymentRow:
    ledger = entry.body.get("ledger_of") or fees.get((dossier.id, entry.body["code"]), FeeLedger.STATE)
    return PaymentRow(
        key=str(entry.uid),
        provisional=dossier.provisional,
        number=dossier.official or "",
        kind=_KIND[entry.kind],
        ledger=str(ledger),
        code=entry.body["code"],
        amount=entry.body["amount"],
        at=entry.at.replace(microsecond=0),
    )


def _awaited(kind: str) -> Any:
    return AwaitedReport.select(AwaitedReport.dossier).where(AwaitedReport.kind == kind)


def _cursor(office: str, kind: str) -> int:
    held = ReportCursor.get_or_none((ReportCursor.office_id == office) & (ReportCursor.kind == kind))
    return held.cursor if held else 0
