"""Fees and their cash in one act: collected into a hand, given back, waived; the claim and the entry agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agent.clock import Ids
from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.custody_steps import ENDED
from agent.domain.money import coming_to, dong
from agent.domain.money_entries import Account, Leg, moved
from agent.domain.roles import Role
from agent.errors import RuleViolation
from agent.settings import BankAccount, Money
from agent.store import money, rows
from agent.store.cash import open_shift
from agent.store.dossiers import Dossier, Fee
from agent.store.items import Item, Proof
from agent.store.money import MoneyEntry
from agent.store.progress import note, told

CASH, VIETQR = "cash", "vietqr"
REFUND_PAID: Final = "refund_paid"
UNSET = "chưa khai"  # the bank account of a transfer where the settings name none


@dataclass(frozen=True)
class Hand:
    """Where the money of a fee arrives."""

    account: Account
    holder: str


def hand_of(by: Actor, office_id: str) -> Hand:
    """Whose hand takes cash: the courier's own, the clerk's open shift, else what the clerk took before opening one."""
    if by.role is Role.COURIER:
        return Hand(Account.COURIER, by.username)
    shift = open_shift(office_id, by.username)
    return Hand(Account.TILL, str(shift.uid) if shift else f"user:{by.username}")


def require_shift(rules: Money, fees: Sequence[Fee], by: Actor, office_id: str) -> None:
    """RuleViolation where the settings want an open shift for cash and the clerk has none."""
    cash = any(fee.amount and fee.method in ("", CASH) for fee in fees)
    if rules.require_shift and cash and by.role is not Role.COURIER and open_shift(office_id, by.username) is None:
        raise RuleViolation("Chưa mở ca quỹ nên chưa thu tiền mặt được. Mở ca ở trang Tiền rồi thu lại.")


def check_limit(rules: Money, courier: str, numbers: Iterable[str], *, by: Actor) -> None:
    """RuleViolation when a courier's cash, with what what he has, is offered and these collect, would pass the limit.

    `numbers` are the items that he is about to be given; items without an amount to collect are never stopped. Inside
    writing(), once the items are locked: until it ends nobody else gives him anything to collect on.
    """
    if not rules.courier_limit:
        return
    money.hold(by)
    wanted, name = list(numbers), f"courier:{courier}"
    on_the_way = ((Item.holder == name) | (Item.offered_to == name)) & Item.state.not_in(["delivered", "returned"])
    mine = Item.number.in_(wanted) | on_the_way
    collects = {one.number: one.collect for one in Item.select(Item.number, Item.collect).where(mine)}
    more = sum(collects.get(number, 0) for number in wanted)
    held, limit = money.in_hand(Account.COURIER, courier), rules.courier_limit
    if more and held + sum(collects.values()) > limit:
        raise RuleViolation(
            f"Bưu tá {courier} nhận thêm thì quá hạn mức {dong(limit)} tiền mặt. Cho nộp tiền trước, hoặc giao bưu gửi "
            "thu tiền cho người khác."
        )


def bank_hand(accounts: Sequence[BankAccount], ledger: FeeLedger, agency: str) -> Hand:
    """Where a transfer arrives: the account of this ledger and authority, or the authority's own."""
    found = bank_account(accounts, ledger, agency)
    if found is None:
        return Hand(Account.VIETQR, UNSET)
    return Hand(Account.DIRECT, agency) if found.direct else Hand(Account.VIETQR, found.name)


def bank_account(accounts: Sequence[BankAccount], ledger: FeeLedger, agency: str) -> BankAccount | None:
    """The account that fits best: named for ledger and authority, for one of them, for neither."""
    fit = [one for one in accounts if one.ledger in ("", ledger) and one.authority in ("", agency)]
    return max(fit, key=lambda one: (bool(one.authority), bool(one.ledger)), default=None)


def unpaid(dossier: Dossier) -> list[Fee]:
    """The fees that are still claimed: neither paid nor waived."""
    return [fee for fee in rows.every(Fee, dossier=dossier.id) if fee.paid_at is None and fee.waived_at is None]


def collect(
    dossier: Dossier, fees: Iterable[Fee], *, method: str, by: Actor, at: datetime, ids: Ids,
    accounts: Sequence[BankAccount] = (), hand: Hand | None = None, claimed: Sequence[Fee] | None = None,
) -> MoneyEntry | None:  # fmt: skip
    """Mark fees as paid, tell the journal and post their money; those that are paid already are passed over.

    Cash goes into `hand` (`hand_of` the actor without one), a transfer to the account that the settings name.
    `claimed`: all that is `unpaid` of the dossier, where the caller has read it.
    """
    due = [fee for fee in fees if fee.paid_at is None and fee.waived_at is None]
    for fee in due:
        fee.paid_at, fee.paid_by, fee.method = at, by.username, method
        rows.change(Fee, fee.id, paid_at=at, paid_by=by.username, method=method)
        note(dossier, "fee", by=by, at=at, ids=ids, ledger="money", code=fee.code, amount=fee.amount, paid=True)
    if due:
        _collect_less(dossier, due, claimed)
    return book(dossier, due, by=by, at=at, ids=ids, accounts=accounts, hand=hand)


def book(
    dossier: Dossier, fees: Sequence[Fee], *, by: Actor, at: datetime, ids: Ids,
    accounts: Sequence[BankAccount] = (), hand: Hand | None = None,
) -> MoneyEntry | None:  # fmt: skip
    """Post the money of fees that were marked as paid just now."""
    paid = [fee for fee in fees if fee.amount]
    if not paid:
        return None
    money.hold(by)  # the shift that takes it cannot be counted meanwhile
    own = hand or hand_of(by, dossier.office_id)
    legs: list[Leg] = []
    for fee in paid:
        ledger = FeeLedger(fee.ledger)
        into = own if hand or fee.method != VIETQR else bank_hand(accounts, ledger, dossier.agency)
        legs += [Leg(ledger, into.account, into.holder, fee.amount), credit(dossier, ledger, -fee.amount)]
    key = f"fee:{dossier.provisional}:{'+'.join(str(fee.id) for fee in paid)}"
    return money.post(key, "collected", legs, by=by, at=at, ids=ids, dossier=dossier)


def credit(dossier: Dossier, ledger: FeeLedger, amount: int) -> Leg:
    """The other side of a fee: what is owed to the authority (negative), or the operator's freight."""
    if ledger is FeeLedger.FREIGHT:
        return Leg(ledger, Account.OPERATOR, dossier.office_id, amount)
    return Leg(ledger, Account.OWED, dossier.agency, amount)


def give_back(
    dossier: Dossier, fees: Iterable[Fee], *, reason: str, by: Actor, at: datetime, ids: Ids,
    accounts: Sequence[BankAccount] = (),
) -> MoneyEntry | None:  # fmt: skip
    """Refund fees that were collected: at once in cash where the clerk's till holds enough, else owed to the citizen.

    What was paid by transfer is owed until it is paid out; what went straight to the authority is the authority's to
    give back.
    """
    back = [fee for fee in fees if fee.paid_at is not None and fee.refunded_at is None]
    for fee in back:
        fee.refunded_at, fee.refunded_by = at, by.username
        fee.save()
        note(
            dossier, "refund", by=by, at=at, ids=ids, ledger="money", code=fee.code, ledger_of=fee.ledger,
            amount=fee.amount, method=fee.method, reason=told(dossier, reason),
        )  # fmt: skip
    back = [fee for fee in back if fee.amount]
    if not back:
        return None
    money.hold(by)
    till = hand_of(by, dossier.office_id)
    cash: dict[FeeLedger, int] = defaultdict(int)
    for fee in back:
        cash[FeeLedger(fee.ledger)] += fee.amount if fee.method != VIETQR else 0
    enough = money.covers(till.account, till.holder, cash)
    legs: list[Leg] = []
    for fee in back:
        ledger, out = FeeLedger(fee.ledger), Hand(Account.REFUND, dossier.provisional)
        if fee.method != VIETQR and enough:
            out = till
        elif (
            fee.method == VIETQR and (straight := bank_hand(accounts, ledger, dossier.agency)).account is Account.DIRECT
        ):
            out = straight
        legs += [Leg(ledger, out.account, out.holder, -fee.amount), credit(dossier, ledger, fee.amount)]
    key = f"refund:{dossier.provisional}:{'+'.join(str(fee.id) for fee in back)}"
    return money.post(key, "refunded", legs, by=by, at=at, ids=ids, dossier=dossier)


def pay_refund(
    holder: str, owed: Mapping[FeeLedger, int], place: tuple[Account, str], *, dossier: Dossier | None, by: Actor,
    at: datetime, ids: Ids,
) -> MoneyEntry:  # fmt: skip
    """What is owed to a citizen left `place`: by ledger, đồng."""
    key = f"payout:{holder}:{money.count_of(REFUND_PAID, holder) + 1}"
    legs = moved(owed, place, (Account.REFUND, holder))
    return money.post(key, REFUND_PAID, legs, by=by, at=at, ids=ids, dossier=dossier, subject=holder)


def waive(dossier: Dossier, fee: Fee, *, decided_by: str, reason: str, by: Actor, at: datetime, ids: Ids) -> Fee:
    """Let the citizen off one unpaid fee (miễn): who decided and why stand with it; the same again changes nothing."""
    if fee.waived_at is not None:
        return fee
    if fee.paid_at is not None:
        raise RuleViolation(f"Khoản “{fee.name}” đã thu. Muốn trả lại thì hoàn phí, không miễn được nữa.")
    if len(reason.strip()) < 3 or len(decided_by.strip()) < 3:
        raise RuleViolation(f"Miễn khoản “{fee.name}” phải ghi cả lý do và người quyết định. Ghi đủ rồi lưu lại.")
    fee.waived_at, fee.waived_by = at, by.username
    fee.waived_reason = f"{reason.strip()} ({decided_by.strip()})"
    fee.save()
    note(
        dossier, "waived", by=by, at=at, ids=ids, ledger="money", code=fee.code, ledger_of=fee.ledger,
        amount=fee.amount, reason=told(dossier, fee.waived_reason),
    )  # fmt: skip
    _collect_less(dossier, [fee])
    return fee


def reopen(
    dossier: Dossier, fees: Sequence[Fee], *, out: Hand, kind: str, key: str, by: Actor, at: datetime, ids: Ids,
) -> MoneyEntry:  # fmt: skip
    """Take back that fees were paid (chargeback, reversal): the money leaves `out`, the fees are claimed anew.

    The province is told of it as money given back; the new claim is asked for when the result goes out.
    """
    legs: list[Leg] = []
    for fee in fees:
        fee.refunded_at, fee.refunded_by = at, by.username
        fee.save()
        note(
            dossier, "refund", by=by, at=at, ids=ids, ledger="money", code=fee.code, ledger_of=fee.ledger,
            amount=fee.amount, method=fee.method, reason="",
        )  # fmt: skip
        claim(
            dossier, name=fee.name, ledger=fee.ledger, amount=fee.amount, stage="return", code=_next(dossier, fee.code)
        )
        ledger = FeeLedger(fee.ledger)
        legs += [Leg(ledger, out.account, out.holder, -fee.amount), credit(dossier, ledger, fee.amount)]
    _collect_more(dossier, sum(fee.amount for fee in fees))
    return money.post(key, kind, legs, by=by, at=at, ids=ids, dossier=dossier)


def to_collect(fees: Sequence[Fee], amount: int) -> list[Fee]:
    """Of a dossier's unpaid fees those that an item collects, whose `amount` was fixed when it set out.

    What was claimed since (a supplement's fee, one that the bank took back) is not among them.
    """
    oldest = sorted(fees, key=lambda fee: int(fee.id))
    places = coming_to([fee.amount for fee in oldest], amount)
    return oldest if places is None else [oldest[place] for place in places]


def _collect_less(dossier: Dossier, settled: Sequence[Fee], claimed: Sequence[Fee] | None = None) -> None:
    """An item on its way no longer collects the fees that were settled now, so that nobody pays twice.

    `claimed`: all that was unpaid before, where the caller has read it.
    """
    gone = {fee.id for fee in settled}
    left = [fee for fee in (unpaid(dossier) if claimed is None else claimed) if fee.id not in gone]
    most = sum(fee.amount for fee in left)
    for item in rows.every(Item, dossier=dossier.id):
        if item.state in ENDED or not item.collect:
            continue
        kept = sum(fee.amount for fee in to_collect([*left, *settled], item.collect) if fee.id not in gone)
        Item.update(collect=min(item.collect, kept, most)).where(Item.id == item.id).execute()


def _collect_more(dossier: Dossier, amount: int) -> None:
    """The dossier's item on its way collects what is claimed anew.

    Not one that a courier carries whose phone knows another sum, unless its delivery was taken back: that he must hear.
    """
    for item in Item.select().where((Item.dossier == dossier) & Item.state.not_in(list(ENDED))).order_by(Item.id):
        carried = any(holder.startswith("courier:") for holder in (item.holder, item.offered_to))
        if not carried or Proof.select().where((Proof.item == item) & Proof.voided_at.is_null(False)).exists():
            Item.update(collect=item.collect + amount).where(Item.id == item.id).execute()
            return


def claim(dossier: Dossier, *, name: str, ledger: str, amount: int, stage: str, code: str) -> Fee:
    """Enter an unpaid fee."""
    return rows.create(Fee, dossier=dossier, code=code, name=name, ledger=ledger, amount=amount, stage=stage)


def _next(dossier: Dossier, code: str) -> str:
    bare = code.partition(".")[0]
    again = Fee.select().where((Fee.dossier == dossier) & (Fee.code.startswith(f"{bare}."))).count()
    return f"{bare}.{again + 2}"
