"""What `doctor` asks of money: every posting balances, stands in the journal as it was, and agrees with the fees."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from peewee import fn

from agent.domain.canonical import FeeLedger
from agent.domain.money import LEDGER_NAME, dong
from agent.domain.money_entries import ACCOUNT_NAME, PHYSICAL, Account
from agent.store import journal, money
from agent.store.dossiers import Fee
from agent.store.money import MoneyEntry, MoneyLeg

FEES: Final = ("collected", "refunded", "charged_back", "reversed")


def problems() -> list[str]:
    """What does not hold, in words; inside a transaction. Empty when sound."""
    return [*_unbalanced(), *_changed(), *_short_hands(), *_fees()]


def count() -> int:
    """How many postings there are."""
    return int(MoneyEntry.select().count())


def _unbalanced() -> list[str]:
    query: Any = MoneyLeg.select(MoneyLeg.entry, MoneyLeg.ledger, fn.SUM(MoneyLeg.amount))
    off = query.group_by(MoneyLeg.entry, MoneyLeg.ledger).having(fn.SUM(MoneyLeg.amount) != 0)
    return [
        f"Bút toán quỹ {entry} lệch {dong(int(amount))} trên sổ {LEDGER_NAME[FeeLedger(ledger)]}."
        for entry, ledger, amount in off.tuples()
    ]


def _changed() -> list[str]:
    """Postings whose legs are not those that the chained journal holds, or that one of the two lacks."""
    legs: dict[int, list[list[Any]]] = defaultdict(list)
    for row in MoneyLeg.select():
        legs[row.entry_id].append([row.ledger.value, row.account.value, row.holder, row.amount])
    held = {entry.uid: entry for entry in MoneyEntry.select()}
    found, known = [], set()
    for written in journal.entries(money.CHAIN):
        known.add(written.uid)
        entry = held.get(written.uid)
        if entry is None:
            found.append(f"Sổ “{money.CHAIN}” có bút toán {written.body['key']} mà sổ quỹ thiếu.")
        elif sorted(legs[entry.id]) != sorted(written.body["legs"]) or written.body["key"] != entry.key:
            found.append(f"Bút toán quỹ {entry.key} đã bị sửa so với sổ “{money.CHAIN}”.")
    found += [
        f"Bút toán quỹ {entry.key} không có trong sổ “{money.CHAIN}”."
        for uid, entry in held.items()
        if uid not in known
    ]
    return found


def _short_hands() -> list[str]:
    query: Any = MoneyLeg.select(MoneyLeg.account, MoneyLeg.holder, fn.SUM(MoneyLeg.amount))
    hands = query.where(MoneyLeg.account.in_(list(PHYSICAL))).group_by(MoneyLeg.account, MoneyLeg.holder)
    return [
        f"{ACCOUNT_NAME[Account(account)].capitalize()} “{holder}” âm {dong(-int(amount))}."
        for account, holder, amount in hands.tuples()
        if int(amount) < 0
    ]


def _fees() -> list[str]:
    """The fees that stand as paid come to what the entries say was collected and not given back, by ledger."""
    mine: Any = MoneyLeg.select(MoneyLeg.ledger, fn.SUM(MoneyLeg.amount)).join(MoneyEntry)
    credit = MoneyLeg.account.in_([Account.OWED, Account.OPERATOR]) & MoneyEntry.kind.in_(list(FEES))
    credit &= MoneyEntry.reverses.is_null()  # a reversal of what was no fee names it; fees are claimed anew instead
    entered = {
        FeeLedger(ledger): -int(amount) for ledger, amount in mine.where(credit).group_by(MoneyLeg.ledger).tuples()
    }
    paid: Any = Fee.select(Fee.ledger, fn.SUM(Fee.amount)).where(Fee.paid_at.is_null(False) & Fee.refunded_at.is_null())
    claimed = {FeeLedger(ledger): int(amount) for ledger, amount in paid.group_by(Fee.ledger).tuples()}
    return [
        f"Sổ {LEDGER_NAME[ledger]}: khoản thu ghi đã thu {dong(claimed.get(ledger, 0))}, bút toán quỹ ghi "
        f"{dong(entered.get(ledger, 0))}."
        for ledger in FeeLedger
        if claimed.get(ledger, 0) != entered.get(ledger, 0)
    ]
