"""Double entries of money: accounts, legs, and what makes a posting sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.domain.canonical import FeeLedger
from agent.domain.money import LEDGER_NAME, dong
from agent.errors import RuleViolation

MOST: Final = 1_000_000_000_000
"""Đồng that one leg may move at most: more is a typing error, and sums of legs stay far below 64 bits."""


class Account(StrEnum):
    """Where money is, or whom it is owed to; each has holders (a shift, a courier, an authority …)."""

    TILL = "till"  # két quầy; holder: the shift, or "user:<username>" before a shift was opened
    COURIER = "courier"  # bưu tá đang giữ; holder: username
    TRANSIT = "transit"  # đang nộp, chờ đếm; holder: the deposit
    SAFE = "safe"  # két bưu cục; holder: office
    FLOAT = "float"  # quỹ lẻ của bưu cục; holder: office
    VIETQR = "vietqr"  # chuyển khoản chờ sao kê; holder: the bank account
    BANK = "bank"  # tài khoản ngân hàng, theo sao kê; holder: the bank account
    DIRECT = "direct"  # công dân nộp thẳng vào tài khoản cơ quan; holder: authority
    OWED = "owed"  # phải nộp cơ quan, bên nhờ thu; holder: authority
    OPERATOR = "operator"  # doanh thu cước; holder: office
    SUSPENSE = "suspense"  # tiền về chưa rõ của ai; holder: the statement's line
    REFUND = "refund"  # phải hoàn công dân; holder: dossier or statement's line
    DUE = "due"  # phải thu cước phát lại; holder: authority, or "courier:<username>"
    COMPENSATION = "compensation"  # phải bồi thường; holder: the claim's number
    VARIANCE = "variance"  # chênh lệch kiểm quỹ; holder: the variance


ACCOUNT_NAME: Final[Mapping[Account, str]] = {
    Account.TILL: "quỹ ca quầy",
    Account.COURIER: "bưu tá đang giữ",
    Account.TRANSIT: "đang nộp, chờ đếm",
    Account.SAFE: "két bưu cục",
    Account.FLOAT: "quỹ tiền lẻ",
    Account.VIETQR: "VietQR chờ sao kê",
    Account.BANK: "tiền gửi ngân hàng",
    Account.DIRECT: "nộp thẳng cơ quan",
    Account.OWED: "phải nộp cơ quan",
    Account.OPERATOR: "doanh thu cước",
    Account.SUSPENSE: "tiền về chưa rõ",
    Account.REFUND: "phải hoàn công dân",
    Account.DUE: "phải thu cước phát lại",
    Account.COMPENSATION: "phải bồi thường",
    Account.VARIANCE: "chênh lệch kiểm quỹ",
}

PHYSICAL: Final = frozenset({Account.TILL, Account.COURIER, Account.TRANSIT, Account.SAFE})
"""Notes in somebody's hand: over all ledgers together a holder never has less than nothing."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a posting: `amount` đồng more (positive) or less (negative) on a holder's account of a ledger.

    What is owed to somebody stands as a negative balance.
    """

    ledger: FeeLedger
    account: Account
    holder: str
    amount: int


Place = tuple[FeeLedger, Account, str]


def checked(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """The legs of one posting, one a place, without those of nought.

    RuleViolation unless each ledger balances by itself, so that money never moves from one ledger to another, and no
    leg is more than MOST.
    """
    sums: dict[Place, int] = defaultdict(int)
    for leg in legs:
        if isinstance(leg.amount, bool) or not isinstance(leg.amount, int):
            raise RuleViolation(f"Số tiền {leg.amount!r} không phải số đồng nguyên. Nhập lại số tiền.")
        if not leg.holder:
            raise RuleViolation(f"Bút toán “{ACCOUNT_NAME[leg.account]}” không ghi ai giữ. Chưa ghi sổ.")
        sums[leg.ledger, leg.account, leg.holder] += leg.amount
    made = tuple(Leg(*place, amount) for place, amount in sorted(sums.items()) if amount)
    if any(abs(leg.amount) > MOST for leg in made):
        raise RuleViolation(f"Số tiền vượt {dong(MOST)} trong một bút toán. Kiểm tra lại số đã nhập.")
    for ledger in FeeLedger:
        off = sum(leg.amount for leg in made if leg.ledger is ledger)
        if off:
            raise RuleViolation(f"Bút toán không cân trên sổ {LEDGER_NAME[ledger]}: lệch {dong(off)}. Chưa ghi sổ.")
    if not made:
        raise RuleViolation("Bút toán không có số tiền nào. Chưa ghi sổ.")
    return made


def moved(
    amounts: Mapping[FeeLedger, int], source: tuple[Account, str], target: tuple[Account, str]
) -> tuple[Leg, ...]:
    """Legs that take these amounts by ledger from one place to another.

    >>> [leg.amount for leg in moved({FeeLedger.STATE: 5}, (Account.TILL, "c1"), (Account.SAFE, "BC"))]
    [-5, 5]
    """
    return tuple(
        leg
        for ledger, amount in amounts.items()
        for leg in (Leg(ledger, *source, -amount), Leg(ledger, *target, amount))
    )


def reversed_legs(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """The legs that undo others."""
    return tuple(Leg(leg.ledger, leg.account, leg.holder, -leg.amount) for leg in legs)


def part_of(balances: Mapping[FeeLedger, int], amount: int) -> dict[FeeLedger, int]:
    """By ledger, what `amount` đồng out of a holder's mixed notes are: others' money first, the operator's last.

    >>> part_of({FeeLedger.STATE: 70, FeeLedger.FREIGHT: 50}, 100) == {FeeLedger.STATE: 70, FeeLedger.FREIGHT: 30}
    True
    """
    held = sum(balances.values())
    if not 0 < amount <= held:
        raise RuleViolation(f"Số tiền {dong(amount)} không nằm trong số đang giữ. Kiểm đếm lại rồi ghi đúng số.")
    if amount == held:
        return {ledger: held for ledger, held in balances.items() if held}
    parts, left = {}, amount
    for ledger in (FeeLedger.STATE, FeeLedger.COLLECTED, FeeLedger.FREIGHT):
        take = min(left, max(0, balances.get(ledger, 0)))
        if take:
            parts[ledger], left = take, left - take
    return parts
