"""Report milestones of custody and payment entries to the province, each once in effect, as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from agent import log
from agent.domain.canonical import FeeLedger, canonical_json, digest
from agent.domain.canonical_codec import instant_text
from agent.domain.canonical_reports import CanonicalPayment, CanonicalPayments, PaymentKind, PaymentMeans
from agent.errors import HandoffDrift, HandoffError, HandoffNotOffered, HandoffRejected, HandoffUnavailable
from agent.ports_province import CustodyMilestone, Receipt
from agent.site import Site
from agent.store.dossiers import Dossier, Fee, LedgerRow
from agent.store.exchanges import AwaitedReport, ReportCursor, await_report
from agent.store.handoffs import keep_receipt
from agent.store.items import CustodyEvent, Item
from agent.store.journal import JournalEntry

logger = log.get(__name__)
CUSTODY, PAYMENTS = "custody", "payments"
BATCH: Final = 500
OVERLAP: Final = 100
"""Rows before the cursor that are told again on PostgreSQL, where a row may become visible after a later one."""
FAILURES: Final = 3  # in a row: it is the line, not what was told
REFUSED_WAIT: Final = timedelta(days=1)
MONEY: Final = {"fee": PaymentKind.COLLECTED, "refund": PaymentKind.REFUNDED}


def report_all(site: Site) -> tuple[int, int]:
    """Milestones taken and dossiers whose payments were taken now; 0 where the province has no such operation.

    What fails keeps nothing else from being told; the last HandoffError is raised at the end.
    """
    taken, failed = [0, 0], None
    for place, act in enumerate((report_custody, report_payments)):
        try:
            taken[place] = act(site)
        except HandoffNotOffered:
            continue
        except HandoffError as error:
            failed = error
    if failed is not None:
        raise failed
    return taken[0], taken[1]


def _each(site: Site, kind: str, report: Callable[[Site, Dossier], int]) -> int:
    """Report what waits, dossier by dossier; what fails goes behind the others, what is refused waits a day.

    FAILURES in a row are the line's: the rest waits for the next turn. The last HandoffError at the end.
    """
    taken, in_a_row, failed = 0, 0, None
    for dossier in _waiting(site, kind):
        now = site.clock.now()
        try:
            taken += report(site, dossier)
            in_a_row = 0
        except HandoffNotOffered:
            raise
        except HandoffRejected as error:
            about = {"key": dossier.provisional}
            logger.warning("%s not taken: %s %s", kind, error.error_code, error.field, extra=about)
            _later(site, dossier, kind, error.error_code or error.code, now + REFUSED_WAIT)
        except HandoffError as error:
            _later(site, dossier, kind, "", now)
            failed, in_a_row = error, in_a_row + 1
            if in_a_row >= FAILURES:
                break
    if failed is not None:
        raise failed
    return taken


def _waiting(site: Site, kind: str) -> list[Dossier]:
    """Whose report of this kind may go now: first what was not tried yet, then what failed longest ago."""
    due = AwaitedReport.retry_at.is_null() | (AwaitedReport.retry_at <= site.clock.now())
    mine = (AwaitedReport.kind == kind) & due
    if kind == PAYMENTS:
        mine &= AwaitedReport.dossier.in_(LedgerRow.select(LedgerRow.dossier))  # the province has it
    else:
        mine &= Dossier.office_id == site.settings.office.id
    order = AwaitedReport.retry_at.asc(nulls="first"), AwaitedReport.id
    with site.store.reading():
        query = AwaitedReport.select(AwaitedReport, Dossier).join(Dossier).where(mine)
        return [one.dossier for one in query.order_by(*order)]


def _later(site: Site, dossier: Dossier, kind: str, error: str, at: datetime) -> None:
    with site.store.writing():
        await_report(dossier.id, kind, error=error, retry_at=at)


def _done(dossier: Dossier, kind: str) -> None:
    AwaitedReport.delete().where((AwaitedReport.dossier == dossier) & (AwaitedReport.kind == kind)).execute()


# --- custody -----------------------------------------------------------------------------------
def report_custody(site: Site) -> int:
    """Report what waits, then what is new, in batches; how many milestones the province had not had.

    The dossiers of a batch that failed, and those of refused milestones, are told one by one from then on.
    """
    failed: HandoffError | None = None
    taken = 0
    try:
        taken = _each(site, CUSTODY, _report_milestones)
    except HandoffNotOffered:
        raise
    except HandoffError as error:
        failed = error
    while failed is None or not _is_line(failed):
        rows = _new_events(site)
        if not rows:
            break
        try:
            taken += _report_batch(site, rows)
        except HandoffNotOffered:
            raise
        except HandoffError as error:
            failed = error
            if not _is_line(error):
                _tell(site, rows, {row.item.dossier_id: ("", None) for row in rows})
            break
    if failed is not None:
        raise failed
    return taken


def _is_line(error: HandoffError) -> bool:
    """Whether nothing came there, whatever was said: the same batch may go again."""
    return isinstance(error, HandoffUnavailable) and not isinstance(error, HandoffDrift)


def _new_events(site: Site) -> list[CustodyEvent]:
    """The next events of any office, by id alone: so the database reads no more than is new."""
    with site.store.reading():
        cursor = _cursor(site.settings.office.id, CUSTODY)
        query = CustodyEvent.select(CustodyEvent, Item, Dossier).join(Item).join(Dossier)
        rows = list(query.where(CustodyEvent.id > cursor - _overlap(site)).order_by(CustodyEvent.id).limit(BATCH))
    return rows if rows and rows[-1].id > cursor else []


def _report_batch(site: Site, rows: list[CustodyEvent]) -> int:
    mine = {str(row.uid): row for row in rows if row.item.office_id == site.settings.office.id}
    taken, refused = _told(site, list(mine.values())) if mine else (0, {})
    at = site.clock.now() + REFUSED_WAIT
    _tell(site, rows, {mine[uid].item.dossier_id: (code, at) for uid, code in refused.items() if uid in mine})
    return taken


def _report_milestones(site: Site, dossier: Dossier) -> int:
    with site.store.reading():
        query = CustodyEvent.select(CustodyEvent, Item, Dossier).join(Item).join(Dossier)
        rows = list(query.where(Item.dossier == dossier).order_by(CustodyEvent.id))
    taken, refused = _told(site, rows) if rows else (0, {})
    if refused:
        _later(site, dossier, CUSTODY, next(iter(refused.values())), site.clock.now() + REFUSED_WAIT)
        return taken
    with site.store.writing():
        _done(dossier, CUSTODY)
    return taken


def _told(site: Site, rows: list[CustodyEvent]) -> tuple[int, dict[str, str]]:
    """Tell milestones: how many were new there, and the code of each that was refused, by uid."""
    office = site.settings.office.id
    answer = site.province().report_custody(office=office, events=[milestone_of(row) for row in rows])
    for uid, code, field in answer.refused:
        logger.warning("milestone not taken: %s %s", code, field, extra={"key": uid})
    return answer.accepted, {uid: code for uid, code, _ in answer.refused}


def _tell(site: Site, rows: list[CustodyEvent], again: Mapping[int, tuple[str, datetime | None]]) -> None:
    """Go on behind these rows; the dossiers that are to be told again wait by themselves."""
    office = site.settings.office.id
    mine = {row.item.dossier_id for row in rows if row.item.office_id == office}
    with site.store.writing():
        for dossier_id in sorted(again.keys() & mine):
            code, at = again[dossier_id]
            await_report(dossier_id, CUSTODY, error=code, retry_at=at)
        _set_cursor(office, CUSTODY, rows[-1].id)


def milestone_of(event: CustodyEvent) -> CustodyMilestone:
    """An event as it is told outside: the holder by his role, never by his name."""
    holder = event.to_holder or event.from_holder
    return CustodyMilestone(
        uid=str(event.uid),
        item=event.item.number,
        provisional=event.item.dossier.provisional,
        kind=event.step,
        at=event.occurred_at.replace(microsecond=0),
        holder=holder.partition(":")[0],
        reason=event.reason,
    )


# --- payments ----------------------------------------------------------------------------------
def report_payments(site: Site) -> int:
    """Report the dossiers with new payment entries; those that the province does not have yet wait."""
    office = site.settings.office.id
    with site.store.reading():
        cursor = _cursor(office, PAYMENTS)
        mine = (JournalEntry.ledger == "money") & (JournalEntry.office_id == office)
        fresh = mine & (JournalEntry.id > cursor - _overlap(site)) & JournalEntry.dossier_id.is_null(False)
        rows = list(JournalEntry.select().where(fresh).order_by(JournalEntry.id).limit(BATCH))
    if rows and rows[-1].id > cursor:
        with site.store.writing():
            _await(rows, cursor)
            _set_cursor(office, PAYMENTS, rows[-1].id)
    return _each(site, PAYMENTS, _report)


def _report(site: Site, dossier: Dossier) -> int:
    with site.store.reading():
        entries = payments_of(dossier) if dossier.salt else []  # without its salt it is erased
        last = max((entry.id for entry in _money(dossier)), default=0)
    receipt = None
    if entries:
        whole = CanonicalPayments(dossier.salt.hex(), dossier.provisional, dossier.official or "", tuple(entries))
        payload = canonical_json(whole)
        key = f"{dossier.provisional}/F{last}"
        receipt = site.province().report_payments(key=key, digest=digest(payload), payments=payload)
        if not _believed(site, receipt):
            logger.error("receipt for payments is not signed as it must be", extra={"key": key})
            _later(site, dossier, PAYMENTS, "", site.clock.now())
            return 0
    with site.store.writing():
        _done(dossier, PAYMENTS)
        if receipt is not None:
            keep_receipt(dossier, PAYMENTS, receipt)
    return int(receipt is not None)


def payments_of(dossier: Dossier) -> list[CanonicalPayment]:
    """The dossier's payment entries: what was collected and what was given back; inside a transaction."""
    fees = {fee.code: fee for fee in Fee.select().where(Fee.dossier == dossier)}
    return [_payment(entry, fees.get(entry.body["code"])) for entry in _money(dossier)]


def _money(dossier: Dossier) -> list[JournalEntry]:
    mine = (JournalEntry.ledger == "money") & (JournalEntry.dossier_id == dossier.id)
    found = JournalEntry.select().where(mine & JournalEntry.kind.in_(list(MONEY))).order_by(JournalEntry.id)
    return [entry for entry in found if entry.kind != "fee" or entry.body.get("paid")]


def _payment(entry: JournalEntry, fee: Fee | None) -> CanonicalPayment:
    body: dict[str, Any] = entry.body
    method = body.get("method") or (fee.method if fee else "")
    return CanonicalPayment(
        uid=str(entry.uid),
        kind=MONEY[entry.kind],
        ledger=FeeLedger(body.get("ledger_of") or (fee.ledger if fee else FeeLedger.STATE)),
        code=body["code"],
        amount=body["amount"],
        at=instant_text(entry.at),
        means=PaymentMeans.TRANSFER if method == "vietqr" else PaymentMeans.CASH,
    )


def _believed(site: Site, receipt: Receipt) -> bool:
    if not site.province().signs_receipts:
        return True
    report = site.signers().check_bytes(receipt.document, receipt.signature)
    return report.valid and (report.trusted or site.settings.training)


# --- cursors -----------------------------------------------------------------------------------
def _overlap(site: Site) -> int:
    return 0 if site.store.dialect == "sqlite" else OVERLAP


def _await(rows: Iterable[JournalEntry], cursor: int) -> None:
    """Let the dossiers of these entries wait; what came again with the overlap waits as it did."""
    held: Any = AwaitedReport.select(AwaitedReport.dossier).where(AwaitedReport.kind == PAYMENTS)
    waiting = {int(row[0]) for row in held.tuples()}
    newest = {int(row.dossier_id or 0): row.id for row in rows}
    for dossier_id, entry_id in sorted(newest.items()):
        if entry_id > cursor or dossier_id not in waiting:
            await_report(dossier_id, PAYMENTS)


def _cursor(office: str, kind: str) -> int:
    held = ReportCursor.get_or_none((ReportCursor.office_id == office) & (ReportCursor.kind == kind))
    return int(held.cursor) if held else 0


def _set_cursor(office: str, kind: str, cursor: int) -> None:
    mine = (ReportCursor.office_id == office) & (ReportCursor.kind == kind)
    if ReportCursor.get_or_none(mine) is None:
        ReportCursor.create(office_id=office, kind=kind, cursor=cursor)
    ReportCursor.update(cursor=cursor).where(mine & (ReportCursor.cursor < cursor)).execute()
