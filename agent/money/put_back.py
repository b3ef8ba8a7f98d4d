"""A statement's line whose booking is reversed: the bank has its money all the same, so the line waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.money_bank import Verdict
from agent.domain.money_entries import Account, Leg
from agent.errors import RuleViolation
from agent.money import statements
from agent.site import Site
from agent.store import money, money_fees, rows
from agent.store.bank import BankLine
from agent.store.cash import Remittance
from agent.store.dossiers import Dossier, Fee
from agent.store.money import MoneyEntry
from agent.store.money_fees import Hand

_INWARD: Final = ("collected", "charge_paid", "paid_back")


def fees_of(entry: MoneyEntry) -> list[int]:
    """The ids of the fees that a posting of kind "collected" paid."""
    return [int(one) for one in entry.key.rpartition(":")[2].split("+")]


def line_of(entry: MoneyEntry, legs: Sequence[Leg]) -> BankLine | None:
    """The line that shows what a posting moved; None when no statement shows it.

    RuleViolation when a line shows it together with other money, or several do: then no line is this posting's.
    """
    bank = [leg for leg in legs if leg.account in (Account.BANK, Account.VIETQR)]
    if not bank:
        return None
    seen = (
        (BankLine.account == bank[0].holder) & (BankLine.office_id == entry.office_id) & (BankLine.state == "settled")
    )
    amount = sum(leg.amount for leg in bank)
    lines = list(BankLine.select().where(seen & (BankLine.amount == amount)).order_by(BankLine.id.desc()))
    if entry.kind not in _INWARD:
        return next((one for one in lines if str(entry.uid) in one.booked), None)
    if bank[0].account is Account.VIETQR and not _is_confirmed(entry, bank):
        return None
    about, names = _booked_as(entry)
    found = next((one for one in lines if one.dossier_id == about and names <= set(one.booked)), None)
    if found is None:
        raise RuleViolation(
            "Sao kê đã có tiền này, cùng dòng với khoản khác hoặc trong nhiều dòng: không đảo được. Hoàn phí ở hồ sơ."
        )
    return found


def put_back(site: Site, line: BankLine, *, by: Actor) -> None:
    """The line is nobody's again, and open; in the caller's transaction."""
    statements.suspend(site, line, line.amount, by=by)
    rows.change(
        BankLine, line.id, verdict=Verdict.UNKNOWN.value, state="open", booked=[], dossier=None, purpose="", repair="",
        repaired_by="", repaired_at=None,
    )  # fmt: skip


def part_again(site: Site, entry: MoneyEntry, *, by: Actor) -> None:
    """The rest of a short transfer was not paid in cash after all: its fees are claimed anew, and the line is short.

    In the caller's transaction, beside the reversal of the cash itself. RuleViolation once its fees were given back.
    """
    line, dossier = BankLine.get(BankLine.uid == UUID(entry.subject)), Dossier.get_by_id(entry.dossier_id)
    earlier = money.entries(entry.office_id, dossier_id=dossier.id, kind="collected")
    for one in [one for one in earlier if one.id < entry.id]:
        fees = list(Fee.select().where(Fee.id.in_(fees_of(one)) & Fee.refunded_at.is_null()))
        if fees and {fee.code for fee in fees} == set(line.booked):
            money_fees.reopen(
                dossier, fees, out=Hand(Account.BANK, line.account), kind="reversed", key=f"reversal:{one.uid}", by=by,
                at=site.clock.now(), ids=site.ids,
            )  # fmt: skip
            statements.suspend(site, line, line.amount, by=by)
            rows.change(BankLine, line.id, state="open", booked=[], repair="", repaired_by="", repaired_at=None)
            return
    raise RuleViolation("Phí mà khoản tiền mặt này trả đã được hoàn. Xem các bút toán của hồ sơ.")


def _is_confirmed(entry: MoneyEntry, bank: Sequence[Leg]) -> bool:
    """Whether a statement has shown a transfer that a clerk took as made."""
    held = money.balances_of_dossier(Dossier.get_by_id(entry.dossier_id), Account.VIETQR, bank[0].holder)
    return any(held.get(leg.ledger, 0) < leg.amount for leg in bank)


def _booked_as(entry: MoneyEntry) -> tuple[int | None, set[str]]:
    """The dossier and the names by which a line was booked."""
    if entry.kind == "collected":
        return entry.dossier_id, {fee.code for fee in Fee.select().where(Fee.id.in_(fees_of(entry)))}
    if entry.kind == "paid_back":
        return None, {str(Remittance.get(Remittance.uid == UUID(entry.subject)).number)}
    return None, {entry.subject}
