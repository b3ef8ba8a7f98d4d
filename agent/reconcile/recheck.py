"""Recheck the store against itself: cached states against the facts they are folded from."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from agent.domain.buckets import ledger_row_digest, sum_digests
from agent.domain.custody import fold
from agent.errors import RuleViolation
from agent.reconcile.refold import fold_dossier
from agent.store.bags import unfolded_parcels
from agent.store.calendar import working_calendar
from agent.store.custody_chain import differences, unfolded
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.items import Item
from agent.store.journal import JournalEntry
from agent.store.ledger import facts, sums

_AT_ONCE: Final = 500
_UNREADABLE: Final = (ValueError, TypeError, LookupError)


def dossier_states() -> list[str]:
    """Dossiers whose cached state is not what their journal leads to, in words; inside a transaction."""
    cached = dict(_rows(Dossier.select(Dossier.id, Dossier.state)))
    names = dict(_rows(Dossier.select(Dossier.id, Dossier.provisional)))
    steps = JournalEntry.select(JournalEntry.dossier_id, JournalEntry.kind).where(JournalEntry.ledger == "dossier")
    folded: dict[int, str] = {}
    for dossier_id, entries in groupby(_rows(steps.order_by(JournalEntry.dossier_id, JournalEntry.id)), lambda e: e[0]):
        try:
            state = fold_dossier(kind for _, kind in entries)
            folded[dossier_id] = state.value if state else ""
        except RuleViolation as error:
            folded[dossier_id] = f"không gấp được: {error.message}"
    return [
        f"Hồ sơ {names[one]}: đang ghi “{state.value}”, sổ dẫn tới “{folded.get(one, 'không có bút toán')}”."
        for one, state in cached.items()
        if folded.get(one) != state.value
    ]


def item_states() -> list[str]:
    """Items whose cached fold is not what their events come to, with each field that differs; inside a transaction."""
    problems, calendar, last = [], working_calendar(), 0
    while some := list(Item.select().where(Item.id > last).order_by(Item.id).limit(_AT_ONCE)):
        last = some[-1].id
        for chain in unfolded(some).values():
            item = chain.item
            try:
                custody = fold((link.entry for link in chain.links), calendar)
            except (RuleViolation, *_UNREADABLE) as error:
                problems.append(f"Bưu gửi {item.number}: sự kiện không gấp được ({error}).")
                continue
            if wrong := differences(item, custody):
                told = custody.state.value if custody else "không có sự kiện"
                words = f"Bưu gửi {item.number}: đang ghi “{item.state}”, sự kiện dẫn tới “{told}”"
                problems.append(f"{words} (khác: {', '.join(wrong)}).")
    return problems


def parcel_states() -> list[str]:
    """Envelopes and bags whose cached state is not what their events come to; inside a transaction."""
    return unfolded_parcels(working_calendar())


def ledger_rows() -> list[str]:
    """Rows of the reconciliation ledger whose digest is not theirs, and sums that do not fit; in a transaction."""
    problems = []
    totals: dict[str, list[str]] = {}
    for row in LedgerRow.select().order_by(LedgerRow.id):
        try:
            same = ledger_row_digest(facts(row.row)) == row.digest
        except _UNREADABLE:
            same = False
        if not same:
            problems.append(f"Dòng đối soát của hồ sơ {row.key} đã bị sửa.")
        totals.setdefault(row.bucket, []).append(row.digest)
    summed = {bucket: sum_digests(digests) for bucket, digests in totals.items()}
    kept = sums()
    wrong = sorted(bucket for bucket in {*summed, *kept} if summed.get(bucket) != kept.get(bucket))
    return problems + [f"Tổng đối soát của nhóm {bucket} không phải tổng các dòng của nó." for bucket in wrong]


def _rows(query: Any) -> Any:
    return query.tuples()
