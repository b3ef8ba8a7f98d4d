"""What a bank line that did not match becomes: given to its dossier, completed in cash, or owed back and paid out."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money import dong
from agent.domain.money_bank import Verdict
from agent.domain.money_entries import Account, moved, part_of
from agent.domain.roles import Action, may
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.money import charges, credits, statements
from agent.site import Site
from agent.store import money, money_fees, rows
from agent.store.bank import BankLine
from agent.store.cash import Remittance
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_number, dossier_of
from agent.store.money_charges import CHARGE_PAID

ASSIGN, IN_CASH, OWE, DONE, BEAR, PAID_OUT = "assign", "in_cash", "owe", "done", "bear", "paid_out"
REPAIRS: dict[Verdict, tuple[str, ...]] = {
    Verdict.MATCHED: (),
    Verdict.SHORT: (IN_CASH, OWE),
    Verdict.OVER: (DONE,),
    Verdict.DUPLICATE: (DONE,),
    Verdict.UNKNOWN: (ASSIGN, OWE, PAID_OUT, BEAR),
    Verdict.CHARGEBACK: (DONE, PAID_OUT, BEAR),
}
"""What can be done with a line of each verdict.

`done`: seen, its money is followed elsewhere (refund, new claim); `paid_out`: it is a payment of ours that was entered
later; `bear`: the operator's gain or loss, by a supervisor.
"""


def repair(site: Site, uid: UUID, what: str, *, number: str = "", by: Actor) -> BankLine:
    """Do one of REPAIRS with an open line; the same again changes nothing."""
    with site.store.writing():
        _lock_dossier(line_by_uid(uid, by), what, number)
        money.hold(by)
        row = line_by_uid(uid, by)  # as it is now that nobody else can mend it
        if row.state == "settled":
            return row
        if what not in REPAIRS[Verdict(row.verdict)]:
            raise RuleViolation("Dòng sao kê này không sửa theo cách đó. Tải lại trang rồi chọn lại.")
        if what == ASSIGN:
            row = _assign(site, row, number, by)
        elif what == IN_CASH:
            _complete(site, row, by)
        elif what == OWE:
            _owe(site, row, by)
        elif what == PAID_OUT:
            _paid_out(site, row, by)
        elif what == BEAR:
            _bear(site, row, by)
        elif money.in_hand(Account.SUSPENSE, str(row.uid)):
            raise RuleViolation(
                "Ngân hàng đòi lại số tiền không ứng với khoản nào đã khớp. Hỏi ngân hàng; nếu không đòi được, kiểm "
                "soát viên ghi bưu cục chịu."
            )
        row.repair, row.repaired_by, row.repaired_at, row.state = what, by.username, site.clock.now(), "settled"
        row.save()
    return row


def _lock_dossier(row: BankLine, what: str, number: str) -> None:
    """The dossier that a repair is about, locked before money is; a wrong number is said later, by who asks for it."""
    if row.dossier_id is not None:
        dossier_of(row.dossier_id)
    elif what == ASSIGN:
        with suppress(NotFound):
            dossier_by_number(number.strip())


def _assign(site: Site, row: BankLine, number: str, by: Actor) -> BankLine:
    """A person says whose money it is; the sum must be what is due, else it is refused."""
    if row.amount <= 0:
        raise RuleViolation("Đây là dòng tiền ra, không gán cho hồ sơ được.")
    if _is_others(site, row, number.strip(), by):
        return row
    dossier = dossier_by_number(number.strip())
    if dossier.office_id != by.office_id:
        raise NotFound(f"Không có hồ sơ “{number.strip()}” ở bưu cục này. Quét lại mã hồ sơ.")
    told = statements.claimed(dossier, row.account)
    fees = statements.due_by_transfer(site, dossier, row.account)
    due = sum(told.values()) + sum(fee.amount for fee in fees)
    if due != row.amount:
        raise RuleViolation(
            f"Hồ sơ {dossier.provisional} chờ chuyển khoản {dong(due)}, dòng này {dong(row.amount)}. "
            "Không gán; kiểm tra lại mã, hoặc ghi phải hoàn."
        )
    statements.unsuspend(site, row, by=by)
    row.booked = statements.confirm(site, row, dossier, told, fees, by=by)
    row.dossier = dossier
    return row


def _is_others(site: Site, row: BankLine, number: str, by: Actor) -> bool:
    """Book money that an authority paid back, or for repeated deliveries, by the paper's number or its code."""
    bank = (Account.BANK, row.account)
    paper = rows.first(Remittance, number=number, office_id=by.office_id)
    if paper is not None:
        if -paper.amount != row.amount:
            raise RuleViolation(
                f"Giấy {number} đề nghị trả {dong(max(0, -paper.amount))}, dòng này {dong(row.amount)}."
            )
        statements.unsuspend(site, row, by=by)
        credits.settle(site, paper, bank, reference=row.reference, by=by)
    elif number in charges.due(by.office_id):
        statements.unsuspend(site, row, by=by)
        charges.settle(site, number, row.amount, bank, CHARGE_PAID, by=by)
    else:
        return False
    row.booked = [number]
    return True


def _paid_out(site: Site, row: BankLine, by: Actor) -> None:
    """A payment of ours was entered after its line was read: the line says nothing new."""
    about = Dossier.get_by_id(row.dossier_id) if row.dossier_id else None
    own = None
    if row.amount < 0 and not row.booked:  # else its fees were claimed anew
        own = statements.own_payment(row.account, row.amount, about)
    if own is None:
        raise RuleViolation("Không có khoản chi từ tài khoản này đúng số tiền của dòng. Ghi khoản chi trước, rồi khớp.")
    statements.unsuspend(site, row, by=by)
    row.booked, row.verdict = [str(own.uid)], Verdict.MATCHED.value


def _complete(site: Site, row: BankLine, by: Actor) -> None:
    """The citizen pays the rest of a short transfer in cash, now."""
    assert row.dossier_id is not None
    dossier = Dossier.get_by_id(row.dossier_id)
    fees = statements.due_by_transfer(site, dossier, row.account)
    rest = sum(fee.amount for fee in fees) - row.amount
    if rest <= 0 or statements.claimed(dossier, row.account):
        raise RuleViolation("Hồ sơ không còn thiếu đúng phần này. Ghi phải hoàn số đã chuyển, rồi thu lại từ đầu.")
    money_fees.require_shift(site.settings.money, fees, by, dossier.office_id)
    statements.unsuspend(site, row, by=by)
    by_ledger: dict[FeeLedger, int] = {}
    for fee in fees:
        by_ledger[FeeLedger(fee.ledger)] = by_ledger.get(FeeLedger(fee.ledger), 0) + fee.amount
    row.booked = statements.confirm(site, row, dossier, {}, fees, by=by)
    till = money_fees.hand_of(by, dossier.office_id)
    legs = moved(part_of(by_ledger, rest), (Account.BANK, row.account), (till.account, till.holder))
    money.post(
        statements.line_key(row, "rest"), "rest_in_cash", legs, by=by, at=site.clock.now(), ids=site.ids,
        dossier=dossier, subject=str(row.uid),
    )  # fmt: skip


def _owe(site: Site, row: BankLine, by: Actor) -> None:
    """Nobody knows whose it is, or the citizen wants it back: it is owed until it is paid out."""
    held = -money.in_hand(Account.SUSPENSE, str(row.uid))
    if held <= 0:
        raise RuleViolation("Dòng này không giữ tiền chưa rõ nào. Tải lại trang.")
    dossier = Dossier.get_by_id(row.dossier_id) if row.dossier_id else None
    holder = dossier.provisional if dossier else str(row.uid)
    legs = moved({statements.UNCLEAR: held}, (Account.REFUND, holder), (Account.SUSPENSE, str(row.uid)))
    money.post(
        statements.line_key(row, "refund"), "owed_back", legs, by=by, at=site.clock.now(), ids=site.ids,
        dossier=dossier, subject=str(row.uid),
    )  # fmt: skip


def _bear(site: Site, row: BankLine, by: Actor) -> None:
    """Nobody can be found for it: the operator's gain or loss."""
    if by.role is None or not may(by.role, Action.SETTLE_MONEY):
        raise Forbidden("Chỉ kiểm soát viên ghi được khoản bưu cục chịu.")
    held = money.in_hand(Account.SUSPENSE, str(row.uid))
    if not held:
        raise RuleViolation("Dòng này không giữ tiền chưa rõ nào. Tải lại trang.")
    legs = moved({statements.UNCLEAR: held}, (Account.SUSPENSE, str(row.uid)), (Account.OPERATOR, row.office_id))
    at, key = site.clock.now(), statements.line_key(row, "bear")
    money.post(key, "written_off", legs, by=by, at=at, ids=site.ids, subject=str(row.uid))


def line_by_uid(uid: UUID, by: Actor) -> BankLine:
    """A statement's line of the actor's office; NotFound for another's."""
    row = rows.first(BankLine, uid=uid)
    if row is None or row.office_id != by.office_id:
        raise NotFound("Không có dòng sao kê này ở bưu cục của bạn. Tải lại trang.")
    return row
