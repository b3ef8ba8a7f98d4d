"""What others than the receiver pay or are paid: repeated deliveries charged to who caused them, compensation."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from agent.clock import Ids
from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.claims import State
from agent.domain.money import dong
from agent.domain.money_entries import Account, moved
from agent.errors import RuleViolation
from agent.settings import BankAccount
from agent.store import money, rows
from agent.store.claims import Claim
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.money import MoneyEntry
from agent.store.money_fees import hand_of
from agent.store.retention import DossierHold

CHARGED, CHARGE_PAID, CHARGE_BORNE = "charged", "charge_paid", "charge_borne"
OWED, PAID = "compensation", "compensation_paid"
TILL: Final = "till"
Place = tuple[Account, str]


def charge_repeat(
    dossier: Dossier, who: str, amount: int, *, item: str, attempt: int, by: Actor, at: datetime, ids: Ids
) -> MoneyEntry:  # fmt: skip
    """One more delivery is freight that `who` owes: an authority's code, or "courier:<username>"."""
    legs = moved({FeeLedger.FREIGHT: amount}, (Account.OPERATOR, dossier.office_id), (Account.DUE, who))
    key = f"repeat:{item}:{attempt}"
    return money.post(key, CHARGED, legs, by=by, at=at, ids=ids, dossier=dossier, subject=item)


def owe_compensation(claim: Claim, dossier: Dossier, *, by: Actor, at: datetime, ids: Ids) -> None:
    """The minutes of a claim are signed: the operator owes what they say."""
    if claim.liability:
        office, owed = (Account.OPERATOR, claim.office_id), (Account.COMPENSATION, claim.number)
        legs = moved({FeeLedger.FREIGHT: claim.liability}, owed, office)
        money.post(
            f"claim:{claim.uid}", OWED, legs, by=by, at=at, ids=ids, dossier=dossier, subject=str(claim.uid),
            office_id=claim.office_id,
        )  # fmt: skip


def pay_compensation(claim: Claim, dossier: Dossier, place: Place, *, by: Actor, at: datetime, ids: Ids) -> None:
    """What a claim is owed is paid out of a till, the safe or a bank account; RuleViolation where it has not enough."""
    money.hold(by)
    owed = -money.balances_in(claim.office_id, Account.COMPENSATION, claim.number).get(FeeLedger.FREIGHT, 0)
    if not owed:
        return
    times = money.count_of(PAID, str(claim.uid))
    legs = moved({FeeLedger.FREIGHT: owed}, place, (Account.COMPENSATION, claim.number))
    money.post(
        f"claim:{claim.uid}:paid:{times + 1}", PAID, legs, by=by, at=at, ids=ids, dossier=dossier,
        subject=str(claim.uid), office_id=claim.office_id,
    )  # fmt: skip


def owe_again(claim_uid: UUID, *, by: Actor, at: datetime) -> None:
    """The payment of a claim is taken back: its file waits for the money again, and nothing of it is erased."""
    claim = Claim.get(Claim.uid == claim_uid)
    claim.state, claim.paid_at, claim.closed_at, claim.next_by = State.MINUTED.value, None, None, claim.pay_by
    claim.save()
    dossier = Item.get_by_id(claim.item_id).dossier_id
    rows.create(DossierHold, dossier=dossier, reason=claim.number, by=by.username, at=at)


def settle_charge(
    who: str, amount: int, place: Place, *, kind: str, key: str, by: Actor, at: datetime, ids: Ids
) -> MoneyEntry:  # fmt: skip
    """Part or all of what somebody owes for repeated deliveries came, or the office bears it."""
    money.hold(by)
    held = money.balances_in(by.office_id, Account.DUE, who).get(FeeLedger.FREIGHT, 0)
    if not 0 < amount <= held:
        raise RuleViolation(f"Còn phải thu {dong(max(0, held))}, không ghi {dong(amount)} được. Tải lại trang rồi ghi.")
    legs = moved({FeeLedger.FREIGHT: amount}, (Account.DUE, who), place)
    return money.post(key, kind, legs, by=by, at=at, ids=ids, subject=who)


def place_of(source: str, accounts: tuple[BankAccount, ...], by: Actor) -> Place:
    """Where money is taken from or put: "till" (the actor's own), "safe", or a bank account by its name."""
    if source == TILL:
        hand = hand_of(by, by.office_id)
        return hand.account, hand.holder
    if source == "safe":
        return Account.SAFE, by.office_id
    if any(one.name == source and not one.direct for one in accounts):
        return Account.BANK, source
    raise RuleViolation("Chọn nơi chi tiền: quỹ ca của bạn, két bưu cục, hoặc một tài khoản ngân hàng.")
