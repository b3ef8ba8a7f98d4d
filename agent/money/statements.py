"""Bank statements: imported as often as one likes, each line once; what matches is booked, the rest waits by name."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from peewee import fn

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.identifiers import parse_provisional
from agent.domain.money_bank import StatementLine, Verdict, fingerprints, judge, read_lines
from agent.domain.money_entries import Account, Leg, moved
from agent.domain.money_vietqr import purpose_of, purposes_in
from agent.errors import InvalidIdentifier, RuleViolation
from agent.money.sheets import rows_of
from agent.settings import BankAccount
from agent.site import Site
from agent.store import money, money_fees, rows
from agent.store.bank import BankLine, PaymentPurpose, StatementFile
from agent.store.dossiers import Dossier, Fee
from agent.store.lookup import dossiers_to_change
from agent.store.money import MoneyEntry, MoneyLeg
from agent.store.money_fees import VIETQR, Hand

_AT_ONCE = 500
UNCLEAR = FeeLedger.COLLECTED
"""Money that is not known to be ours is held for others until it is."""


@dataclass(frozen=True)
class Imported:
    """What an import did: new lines by verdict, and how many were known before."""

    new: dict[str, int]
    known: int


def account_named(site: Site, name: str) -> BankAccount:
    """A bank account of the settings; RuleViolation for an unknown name."""
    found = next((one for one in site.settings.accounts if one.name == name), None)
    if found is None:
        raise RuleViolation(f"Không có tài khoản “{name}” trong cấu hình. Khai mục [[account]] rồi nhập lại.")
    return found


def import_statement(site: Site, account: str, data: bytes, *, by: Actor) -> Imported:
    """Read a CSV or XLSX of one account and book what matches; the whole file or nothing. Twice changes nothing."""
    bank = account_named(site, account)
    rules = site.settings.money
    columns = dict(one.split("=", 1) for one in rules.statement_columns if "=" in one)
    lines = read_lines(rows_of(data), columns, rules.statement_dates)
    if not lines:
        raise RuleViolation("Sao kê không có dòng giao dịch nào. Kiểm tra lại tệp và khoảng ngày đã xuất.")
    counts: Counter[str] = Counter()
    with site.store.writing():
        _lock_dossiers(lines, rules.purpose)
        money.hold(by)
        for line, fingerprint in zip(lines, fingerprints(account, lines), strict=True):
            if rows.first(BankLine, fingerprint=fingerprint) is None:
                counts[_take(site, bank, line, fingerprint, by).verdict] += 1
        if counts:
            rows.create_unless_there(
                StatementFile, sha256=hashlib.sha256(data).hexdigest(), office_id=by.office_id, account=account,
                lines=dict(counts), imported_by=by.username, imported_at=site.clock.now(),
            )  # fmt: skip
    return Imported(dict(counts), len(lines) - sum(counts.values()))


def _lock_dossiers(lines: Sequence[StatementLine], prefix: str) -> None:
    """The dossiers that the bank's words may name, locked in the order of all before money is."""
    texts = sorted({text for line in lines for text in purposes_in(line.words, prefix)})
    numbers = {number for text in texts if (number := _number_in(text, prefix))}
    ids: set[int] = set()
    for start in range(0, len(texts), _AT_ONCE):
        some = PaymentPurpose.purpose.in_(texts[start : start + _AT_ONCE])
        ids |= {one.dossier_id for one in PaymentPurpose.select(PaymentPurpose.dossier).where(some)}
    for start in range(0, len(wanted := sorted(numbers)), _AT_ONCE):
        some = Dossier.provisional.in_(wanted[start : start + _AT_ONCE])
        ids |= {one.id for one in Dossier.select(Dossier.id).where(some)}
    for start in range(0, len(found := sorted(ids)), _AT_ONCE):
        dossiers_to_change(Dossier.id.in_(found[start : start + _AT_ONCE]))


OWN_PAYMENTS = ("remitted", money_fees.REFUND_PAID, "compensation_paid")
"""Kinds of postings by which money leaves a bank account of ours: its statement shows each once more."""


def own_payment(account: str, amount: int, dossier: Dossier | None) -> MoneyEntry | None:
    """The oldest posting that took `amount` (negative) out of the account and that no line was matched with yet."""
    told = (BankLine.account == account) & (BankLine.amount == amount) & (BankLine.verdict == Verdict.MATCHED.value)
    seen = {name for one in BankLine.select(BankLine.booked).where(told) for name in one.booked}
    mine = (MoneyLeg.account == Account.BANK) & (MoneyLeg.holder == account)
    query = MoneyEntry.select().join(MoneyLeg, on=(MoneyLeg.entry == MoneyEntry.id))
    query = query.where(mine & MoneyEntry.kind.in_(list(OWN_PAYMENTS)))
    query = query.where(MoneyEntry.dossier == dossier) if dossier is not None else query
    query = query.group_by(MoneyEntry.id).having(fn.SUM(MoneyLeg.amount) == amount).order_by(MoneyEntry.id)
    for entry in list(query):  # read to the end: an open cursor would hold an old snapshot
        if str(entry.uid) not in seen and not MoneyEntry.select().where(MoneyEntry.reverses == entry.uid).exists():
            return entry
    return None


def _take(site: Site, bank: BankAccount, line: StatementLine, fingerprint: str, by: Actor) -> BankLine:
    found = purpose_in(site, bank, line.words)
    dossier = Dossier.get_by_id(found.dossier_id) if found else None
    if dossier is not None and dossier.office_id != by.office_id:
        found = dossier = None  # another office's: a person says what it is
    row = rows.create(
        BankLine, uid=site.ids.uid(), office_id=by.office_id, terminal_id=by.terminal_id, fingerprint=fingerprint,
        account=bank.name, reference=line.reference[:64], on=line.on, amount=line.amount,
        description=line.words[:500], purpose=found.purpose if found else "", dossier=dossier,
        verdict=Verdict.UNKNOWN.value, state="open", booked=[], imported_at=site.clock.now(),
    )  # fmt: skip
    own = own_payment(bank.name, line.amount, dossier) if line.amount < 0 else None
    verdict, booked = (Verdict.MATCHED, [str(own.uid)]) if own is not None else _book(site, row, dossier, by)
    row.verdict, row.booked = verdict.value, booked
    row.state = "settled" if verdict is Verdict.MATCHED else "open"
    rows.change(BankLine, row.id, verdict=row.verdict, booked=booked, state=row.state)
    return row


def purpose_in(site: Site, bank: BankAccount, words: str) -> PaymentPurpose | None:
    """The purpose of a dossier for this account that stands in the bank's words; None for none or two.

    One that no screen has shown yet (the clerk took the transfer as made) is found by the dossier's number in it.
    """
    candidates = purposes_in(words, site.settings.money.purpose)
    if not candidates:
        return None
    query = PaymentPurpose.select().where(PaymentPurpose.purpose.in_(candidates))
    found = [one for one in query if one.account == bank.name]
    found = found or [one for one in (_by_number(site, bank, text) for text in candidates) if one is not None]
    return found[0] if len(found) == 1 else None


def _by_number(site: Site, bank: BankAccount, text: str) -> PaymentPurpose | None:
    prefix = site.settings.money.purpose
    number = _number_in(text, prefix)
    dossier = rows.first(Dossier, provisional=number) if number else None
    if dossier is None or text != purpose_of(prefix, number, bank.ledger):
        return None
    return rows.create(
        PaymentPurpose, purpose=text, dossier=dossier, account=bank.name, office_id=dossier.office_id,
        terminal_id=dossier.terminal_id, made_at=site.clock.now(),
    )  # fmt: skip


def _number_in(text: str, prefix: str) -> str:
    """The dossier's number in the text of a purpose; empty where there is none."""
    try:
        return parse_provisional(text[len(prefix) : -1]).text
    except InvalidIdentifier:
        return ""


def _book(site: Site, row: BankLine, dossier: Dossier | None, by: Actor) -> tuple[Verdict, list[str]]:
    if dossier is None and account_named(site, row.account).direct:
        return Verdict.UNKNOWN, []
    if dossier is None:
        return Verdict.UNKNOWN, suspend(site, row, row.amount, by=by)
    if account_named(site, row.account).direct:
        return _book_direct(site, row, dossier, by)
    told, fees = claimed(dossier, row.account), due_by_transfer(site, dossier, row.account)
    mine = (BankLine.purpose == row.purpose) & (BankLine.amount > 0) & (BankLine.id < row.id)
    earlier = list(BankLine.select().where(mine))
    waiting = sum(one.amount for one in earlier if one.verdict == Verdict.SHORT and one.state == "open")
    due = sum(told.values()) + sum(fee.amount for fee in fees)
    verdict = judge(row.amount + (waiting if row.amount > 0 else 0), known=True, due=due, came_before=bool(earlier))
    if verdict is Verdict.CHARGEBACK:
        return _take_back(site, row, dossier, by)
    if verdict is Verdict.SHORT:
        if row.amount == sum(told.values()) or row.amount == sum(fee.amount for fee in fees):
            verdict = Verdict.MATCHED
            told, fees = (told, []) if row.amount == sum(told.values()) else ({}, fees)
        else:
            return verdict, suspend(site, row, row.amount, by=by)
    if verdict in (Verdict.DUPLICATE, Verdict.OVER) and due == 0:
        owe(site, row, row.amount, dossier, by=by)
        return verdict, []
    for one in earlier:
        if one.verdict == Verdict.SHORT and one.state == "open":
            unsuspend(site, one, by=by)
            rows.change(BankLine, one.id, state="settled", repair="completed")
    booked = confirm(site, row, dossier, told, fees, by=by)
    if verdict is Verdict.OVER:
        owe(site, row, row.amount + waiting - due, dossier, by=by)
    return verdict, booked


def _book_direct(site: Site, row: BankLine, dossier: Dossier, by: Actor) -> tuple[Verdict, list[str]]:
    """A line of an authority's own account: it is no money of ours, so only what fits is entered."""
    seen = BankLine.select().where((BankLine.purpose == row.purpose) & (BankLine.id < row.id))
    shown = sum(one.amount for one in seen if one.verdict == Verdict.MATCHED.value)
    told = sum(money.balances_of_dossier(dossier, Account.DIRECT, dossier.agency).values()) - shown
    fees = due_by_transfer(site, dossier, row.account)
    unpaid = sum(fee.amount for fee in fees)
    if row.amount == told:
        return Verdict.MATCHED, []
    verdict = judge(row.amount, known=True, due=told + unpaid, came_before=shown > 0)
    if row.amount == unpaid or verdict is Verdict.MATCHED:
        return Verdict.MATCHED, confirm(site, row, dossier, {}, fees, by=by)
    return verdict, []


def claimed(dossier: Dossier, account: str) -> dict[FeeLedger, int]:
    """Transfers of a dossier that a clerk took as made and no statement has shown yet, by ledger."""
    return money.balances_of_dossier(dossier, Account.VIETQR, account)


def due_by_transfer(site: Site, dossier: Dossier, account: str) -> list[Fee]:
    """The unpaid fees of a dossier whose transfers go to this account."""
    found = []
    for fee in money_fees.unpaid(dossier):
        bank = money_fees.bank_account(site.settings.accounts, FeeLedger(fee.ledger), dossier.agency)
        if bank is not None and bank.name == account:
            found.append(fee)
    return found


def confirm(
    site: Site, row: BankLine, dossier: Dossier, told: dict[FeeLedger, int], fees: list[Fee], *, by: Actor
) -> list[str]:
    """The money of a dossier is in the bank: what was taken as made is confirmed, what was unpaid is paid."""
    at, arrival = site.clock.now(), _arrival(site, row, dossier)
    if told:
        legs = moved(told, (Account.VIETQR, row.account), (arrival.account, arrival.holder))
        money.post(line_key(row, "seen"), "confirmed", legs, by=by, at=at, ids=site.ids, dossier=dossier,
                   subject=str(row.uid))  # fmt: skip
    money_fees.collect(
        dossier, fees, method=VIETQR, by=by, at=at, ids=site.ids, accounts=site.settings.accounts, hand=arrival
    )
    paid = Fee.select().where((Fee.dossier == dossier) & (Fee.method == VIETQR) & Fee.refunded_at.is_null())
    known = {fee.code for fee in fees} | ({fee.code for fee in paid} if told else set())
    return sorted(known)


def _arrival(site: Site, row: BankLine, dossier: Dossier) -> Hand:
    bank = account_named(site, row.account)
    return Hand(Account.DIRECT, dossier.agency) if bank.direct else Hand(Account.BANK, row.account)


def suspend(site: Site, row: BankLine, amount: int, *, by: Actor) -> list[str]:
    """Money came (or went) that nobody can say for what yet: the bank has it, and it stands by the line's name."""
    legs = moved({UNCLEAR: amount}, (Account.SUSPENSE, str(row.uid)), (Account.BANK, row.account))
    _post(site, row, "unclear", legs, by)
    return []


def unsuspend(site: Site, row: BankLine, *, by: Actor) -> None:
    """Take a line's money off what is unclear, because it is booked for what it is."""
    amount = -sum(money.balances(Account.SUSPENSE, str(row.uid)).values())
    if amount:
        legs = moved({UNCLEAR: amount}, (Account.BANK, row.account), (Account.SUSPENSE, str(row.uid)))
        _post(site, row, "cleared", legs, by)


def owe(site: Site, row: BankLine, amount: int, dossier: Dossier, *, by: Actor) -> None:
    """What came too much is owed to the citizen."""
    legs = moved({UNCLEAR: amount}, (Account.REFUND, dossier.provisional), (Account.BANK, row.account))
    money.post(line_key(row, "owed"), "overpaid", legs, by=by, at=site.clock.now(), ids=site.ids, dossier=dossier,
               subject=str(row.uid))  # fmt: skip


def _take_back(site: Site, row: BankLine, dossier: Dossier, by: Actor) -> tuple[Verdict, list[str]]:
    """A chargeback of a transfer that was booked whole: its fees are claimed anew; else it stands as unclear.

    Where just that is owed to the citizen he has it now, by our transfer or by his bank: nothing more is owed.
    """
    holder, place = dossier.provisional, (Account.BANK, row.account)
    owed = {ledger: -held for ledger, held in money.balances_in(row.office_id, Account.REFUND, holder).items()}
    if sum(owed.values()) == -row.amount:
        at = site.clock.now()
        paid = money_fees.pay_refund(holder, owed, place, dossier=dossier, by=by, at=at, ids=site.ids)
        return Verdict.MATCHED, [str(paid.uid)]
    whole = BankLine.select().where(
        (BankLine.purpose == row.purpose)
        & (BankLine.amount == -row.amount)
        & (BankLine.verdict == Verdict.MATCHED.value)
    )
    codes = {code for one in whole for code in one.booked}
    fees = [
        fee
        for fee in Fee.select().where((Fee.dossier == dossier) & Fee.refunded_at.is_null() & (Fee.method == VIETQR))
        if fee.code in codes and fee.paid_at is not None
    ]
    if not fees or sum(fee.amount for fee in fees) != -row.amount:
        return Verdict.CHARGEBACK, suspend(site, row, row.amount, by=by)
    money_fees.reopen(
        dossier, fees, out=_arrival(site, row, dossier), kind="charged_back", key=f"line:{row.uid}:back", by=by,
        at=site.clock.now(), ids=site.ids,
    )  # fmt: skip
    return Verdict.CHARGEBACK, [fee.code for fee in fees]


def _post(site: Site, row: BankLine, kind: str, legs: tuple[Leg, ...], by: Actor) -> None:
    money.post(line_key(row, kind), kind, legs, by=by, at=site.clock.now(), ids=site.ids, subject=str(row.uid))


def line_key(row: BankLine, what: str) -> str:
    """The key of what is done with a line now; a line that was put back goes the same way once more."""
    first, times = f"line:{row.uid}:{what}", 1
    key = first
    while money.entry_of(key) is not None:
        times += 1
        key = f"{first}:{times}"
    return key
