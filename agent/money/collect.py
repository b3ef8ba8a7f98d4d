"""Fees at the counter at any time: collected in cash or by VietQR, added at a supplement, waived."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money import dong
from agent.domain.money_entries import MOST
from agent.domain.money_vietqr import purpose_of, vietqr
from agent.errors import NotFound, RuleViolation
from agent.settings import BankAccount
from agent.site import Site
from agent.store import money_fees, rows
from agent.store.bank import PaymentPurpose
from agent.store.dossiers import Dossier, Fee
from agent.store.lookup import dossier_by_uid
from agent.store.progress import note

METHODS = (money_fees.CASH, money_fees.VIETQR)


def collect(site: Site, uid: UUID, codes: Sequence[str], *, method: str, amount: int, by: Actor) -> list[Fee]:
    """Take these unpaid fees now; `amount` is what the screen showed, so that nobody pays another sum than he saw.

    Those that are paid already are passed over: the same again changes nothing.
    """
    if method not in METHODS:
        raise RuleViolation(f"Không có hình thức thu “{method}”. Chọn tiền mặt hoặc VietQR.")
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        chosen = [fee for fee in _fees(dossier) if fee.code in codes]
        if not chosen:
            raise RuleViolation("Chưa chọn khoản nào để thu. Đánh dấu khoản thu rồi bấm lại.")
        due = [fee for fee in chosen if fee.paid_at is None and fee.waived_at is None]
        if not due:
            return chosen
        if sum(fee.amount for fee in due) != amount:
            raise RuleViolation(
                f"Số phải thu đã đổi thành {dong(sum(fee.amount for fee in due))}. Xem lại rồi thu đúng số."
            )
        if method == money_fees.CASH:
            money_fees.require_shift(site.settings.money, due, by, dossier.office_id)
        money_fees.collect(
            dossier, due, method=method, by=by, at=site.clock.now(), ids=site.ids, accounts=site.settings.accounts
        )
    return chosen


def add_fee(site: Site, uid: UUID, *, name: str, ledger: str, amount: int, by: Actor) -> Fee:
    """Claim a further fee of a dossier, as at a supplement; the same name and amount, still unpaid, is not doubled."""
    name = " ".join(name.split())
    if not 3 <= len(name) <= 120:
        raise RuleViolation("Ghi tên khoản thu (3 đến 120 ký tự), ví dụ “Phí bổ sung bản sao”.")
    if ledger not in list(FeeLedger):
        raise RuleViolation("Chọn khoản thu thuộc sổ nào: phí nhà nước, cước hay thu hộ.")
    if not 0 < amount <= MOST:
        raise RuleViolation(f"Số tiền {dong(amount)} không hợp lệ. Nhập số đồng nguyên lớn hơn 0.")
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        if dossier.closed_at is not None:
            raise RuleViolation("Hồ sơ đã đóng, không thêm khoản thu được.")
        for fee in money_fees.unpaid(dossier):
            if (fee.name, fee.ledger, fee.amount) == (name, ledger, amount):
                return fee
        count = sum(1 for fee in _fees(dossier) if re.fullmatch(r"BS\d+", fee.code))
        made = money_fees.claim(
            dossier, name=name, ledger=ledger, amount=amount, stage="supplement", code=f"BS{count + 1}"
        )
        note(
            dossier, "fee", by=by, at=site.clock.now(), ids=site.ids, ledger="money", code=made.code,
            ledger_of=ledger, amount=amount, paid=False,
        )  # fmt: skip
    return made


def waive(site: Site, uid: UUID, code: str, *, decided_by: str, reason: str, by: Actor) -> Fee:
    """Let the citizen off an unpaid fee."""
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        fee = next((one for one in _fees(dossier) if one.code == code), None)
        if fee is None:
            raise NotFound("Hồ sơ không có khoản thu này. Tải lại trang.")
        return money_fees.waive(
            dossier, fee, decided_by=decided_by, reason=reason, by=by, at=site.clock.now(), ids=site.ids
        )


@dataclass(frozen=True)
class Transfer:
    """One transfer that a citizen can make now: the account, what for, and its QR's text."""

    account: BankAccount
    amount: int
    purpose: str
    fees: tuple[Fee, ...]
    text: str


def transfers(site: Site, uid: UUID) -> list[Transfer]:
    """The transfers by which the unpaid fees of a dossier can be paid, one an account; none where none is set up.

    The purposes are kept, so that a statement's line finds its dossier.
    """
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        by_account: dict[str, list[Fee]] = {}
        for fee in money_fees.unpaid(dossier):
            account = money_fees.bank_account(site.settings.accounts, FeeLedger(fee.ledger), dossier.agency)
            if account is not None:
                by_account.setdefault(account.name, []).append(fee)
    made = []
    for account in site.settings.accounts:
        fees = by_account.get(account.name, [])
        amount = sum(fee.amount for fee in fees)
        if amount:
            purpose = purpose_of(site.settings.money.purpose, dossier.provisional, account.ledger)
            text = vietqr(bin_=account.bin, number=account.number, amount=amount, purpose=purpose)
            made.append(Transfer(account, amount, purpose, tuple(fees), text))
    _keep(site, dossier, made)
    return made


def _keep(site: Site, dossier: Dossier, made: Sequence[Transfer]) -> None:
    with site.store.reading():
        fresh = [one for one in made if rows.first(PaymentPurpose, purpose=one.purpose) is None]
    if fresh:
        with site.store.writing():
            for one in fresh:
                rows.create_unless_there(
                    PaymentPurpose, purpose=one.purpose, dossier=dossier, account=one.account.name,
                    office_id=dossier.office_id, terminal_id=dossier.terminal_id, made_at=site.clock.now(),
                )  # fmt: skip


def _fees(dossier: Dossier) -> list[Fee]:
    return list(Fee.select().where(Fee.dossier == dossier).order_by(Fee.id))
