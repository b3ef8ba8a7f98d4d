"""Fee lines at the counter and a courier's cash, in whole đồng, on three ledgers that never mix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from agent.domain.canonical import FeeLedger
from agent.domain.catalogue import Channel, Procedure
from agent.errors import RuleViolation

LEDGER_NAME = {
    FeeLedger.STATE: "phí, lệ phí nhà nước",
    FeeLedger.FREIGHT: "cước bưu chính",
    FeeLedger.COLLECTED: "thu hộ",
}


def dong(amount: int) -> str:
    """An amount as printed.

    >>> dong(1234567)
    '1.234.567 đ'
    """
    return f"{amount:,}".replace(",", ".") + " đ"


def typed_dong(text: str) -> int | None:
    """Đồng as people type them, groups of three parted by points, commas or blanks; None for what is no whole amount.

    >>> typed_dong("1.250.000 đ"), typed_dong("26000"), typed_dong("26.000,00"), typed_dong("-5")
    (1250000, 26000, None, None)
    """
    bare = re.sub(r"[\sđ]", "", text)
    if not re.fullmatch(r"[0-9]{1,13}|[0-9]{1,3}([.,][0-9]{3}){1,4}", bare):
        return None
    return int(re.sub(r"[.,]", "", bare))


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line of what a citizen pays (dòng thu): `amount` in đồng for the whole `quantity`.

    A waived line keeps its amount and says who waived it and why; it is not collected.
    """

    ledger: FeeLedger
    name: str
    amount: int
    quantity: int = 1
    waived_by: str = ""
    waived_reason: str = ""

    def __post_init__(self) -> None:
        if self.amount < 0 or self.quantity < 1:
            raise RuleViolation(f"Khoản “{self.name}” có số tiền hoặc số lượng không hợp lệ. Sửa lại khoản thu.")
        if bool(self.waived_by.strip()) != bool(self.waived_reason.strip()):
            raise RuleViolation(f"Miễn khoản “{self.name}” phải ghi cả lý do và người quyết định. Ghi đủ rồi lưu lại.")

    @property
    def waived(self) -> bool:
        """Whether the citizen is let off."""
        return bool(self.waived_by)

    @property
    def to_collect(self) -> int:
        """Đồng to take."""
        return 0 if self.waived else self.amount


def state_fees(
    procedure: Procedure, channel: Channel, on: date, *, case: str = "", quantity: int = 1
) -> tuple[FeeLine, ...]:
    """The state fees of a dossier filed by `channel` on a local date; `quantity` is copies or pages.

    A fee bound to the case replaces the general one of the same name. Fees of nought are left out.
    """
    fees = [fee for fee in procedure.way(channel).fees if fee.in_force(on)]
    own = {fee.name for fee in fees if case and fee.case == case}
    due = [fee for fee in fees if (fee.case == case if fee.name in own else not fee.case)]
    lines = (FeeLine(FeeLedger.STATE, fee.name, fee.charge(quantity), max(1, quantity)) for fee in due)
    return tuple(line for line in lines if line.amount)


@dataclass(frozen=True, slots=True)
class Totals:
    """What lines come to, by ledger: đồng to collect."""

    state: int
    freight: int
    collected: int
    waived: int

    @property
    def to_collect(self) -> int:
        """Đồng to take in all."""
        return self.state + self.freight + self.collected


def totals(lines: Iterable[FeeLine]) -> Totals:
    """Add up lines by ledger."""
    kept = list(lines)
    by = {ledger: sum(line.to_collect for line in kept if line.ledger is ledger) for ledger in FeeLedger}
    waived = sum(line.amount for line in kept if line.waived)
    return Totals(by[FeeLedger.STATE], by[FeeLedger.FREIGHT], by[FeeLedger.COLLECTED], waived)


def coming_to(amounts: Sequence[int], total: int) -> tuple[int, ...] | None:
    """Places of the amounts that come to `total` exactly, the earliest of several ways; None where none do.

    >>> coming_to([30, 20, 26], 56), coming_to([30, 20], 40)
    ((0, 2), None)
    """
    ways: dict[int, tuple[int, ...]] = {0: ()}
    for place, amount in enumerate(amounts):
        for sum_, places in list(ways.items()):
            if sum_ + amount <= total:
                ways.setdefault(sum_ + amount, (*places, place))
    return ways.get(total)


@dataclass(frozen=True, slots=True)
class Cash:
    """A courier's or a till's account (sổ quỹ) in đồng.

    Two equations hold: expected = collected + waived (+ what is still outstanding), collected = deposited + in hand.
    """

    expected: int = 0
    collected: int = 0
    waived: int = 0
    deposited: int = 0

    @property
    def in_hand(self) -> int:
        """Đồng that the holder must be able to show."""
        return self.collected - self.deposited

    @property
    def outstanding(self) -> int:
        """Đồng expected and neither collected nor waived."""
        return self.expected - self.collected - self.waived


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit (nộp tiền): the giver declares, the receiver counts blind."""

    declared: int
    counted: int

    @property
    def difference(self) -> int:
        """Counted less declared; anything but nought freezes the deposit until it is explained."""
        return self.counted - self.declared

    @property
    def frozen(self) -> bool:
        """Whether the deposit waits for an explanation."""
        return self.difference != 0


def deposit(cash: Cash, given: Deposit) -> Cash:
    """The account after a deposit; RuleViolation when it is frozen or more than is in hand."""
    if given.frozen:
        raise RuleViolation(
            f"Số đếm lệch {dong(given.difference)} so với số khai. Giữ nguyên khoản nộp, lập giải trình rồi nộp lại."
        )
    if not 0 < given.counted <= cash.in_hand:
        raise RuleViolation(f"Số nộp {dong(given.counted)} không khớp số đang giữ {dong(cash.in_hand)}. Kiểm đếm lại.")
    return Cash(cash.expected, cash.collected, cash.waived, cash.deposited + given.counted)
