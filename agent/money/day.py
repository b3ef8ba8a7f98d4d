"""Money of the day: by ledger what was claimed, taken, waived, given back and handed on, and whether it all agrees."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from peewee import fn

from agent.clock import LOCAL
from agent.domain.canonical import FeeLedger
from agent.domain.money_entries import Account
from agent.site import Site
from agent.store import money
from agent.store.dossiers import Dossier, Fee
from agent.store.money import MoneyEntry

KIND_NAME: Final = {
    "collected": "thu phí",
    "refunded": "hoàn phí",
    "refund_paid": "chi trả khoản phải hoàn",
    "charged_back": "ngân hàng đòi lại",
    "reversed": "bút toán đảo",
    "float_out": "ứng quỹ lẻ",
    "carried_in": "đưa tiền thu trước ca vào ca",
    "variance": "chênh lệch kiểm quỹ",
    "deposited": "nộp tiền, chờ đếm",
    "received": "đã đếm, vào két",
    "written_off": "bưu cục chịu",
    "made_good": "bồi hoàn chênh lệch",
    "remitted": "nộp cơ quan",
    "confirmed": "sao kê xác nhận",
    "unclear": "tiền về chưa rõ",
    "cleared": "đã rõ tiền về",
    "overpaid": "chuyển thừa, phải hoàn",
    "owed_back": "ghi phải hoàn",
    "rest_in_cash": "phần thiếu thu tiền mặt",
    "charged": "cước phát lại, bên gây ra trả",
    "charge_paid": "thu cước phát lại",
    "charge_borne": "bưu cục chịu cước phát lại",
    "compensation": "nhận bồi thường theo biên bản",
    "compensation_paid": "chi trả bồi thường",
    "paid_back": "cơ quan trả lại tiền nhận thừa",
    "over_collected": "thu thừa khi phát, phải hoàn",
}
INTO: Final = (Account.TILL, Account.COURIER, Account.VIETQR, Account.BANK, Account.DIRECT)


RARE: Final = ("paid_back", "charged", "compensated")
"""Figures that are shown on the days on which there are any."""


@dataclass(frozen=True)
class Figure:
    """One number of the day's page: what it is, đồng by ledger, and how its entries are found."""

    name: str
    words: str
    amounts: dict[FeeLedger, int]
    account: str = ""
    kind: str = ""


def day_figures(site: Site, office_id: str, since: date, until: date, *, without: Any = None) -> list[Figure]:
    """What happened on the local days since..until; inside a transaction.

    `without` is a query of postings that are left out, here and below.
    """
    sums: dict[tuple[str, Account], dict[FeeLedger, int]] = defaultdict(lambda: defaultdict(int))
    for kind, ledger, account, amount in money.moves(office_id, since, until, without=without):
        sums[kind, account][ledger] += amount
    made = [
        Figure("till", "Thu tiền mặt tại quầy", _only(sums["collected", Account.TILL]), "till", "collected"),
        Figure("courier", "Bưu tá thu khi phát", _only(sums["collected", Account.COURIER]), "courier", "collected"),
        Figure("vietqr", "VietQR, chờ sao kê", _only(sums["collected", Account.VIETQR]), "vietqr", "collected"),
        Figure("bank", "Chuyển khoản theo sao kê", _only(sums["collected", Account.BANK]), "bank", "collected"),
        Figure("direct", "Nộp thẳng cơ quan", _only(sums["collected", Account.DIRECT]), "direct", "collected"),
    ]
    back: dict[FeeLedger, int] = defaultdict(int)
    for kind in ("refunded", "charged_back", "reversed"):
        for account in (Account.OWED, Account.OPERATOR):
            for ledger, amount in sums[kind, account].items():
                back[ledger] += amount
    made += [
        Figure("refunded", "Hoàn, đòi lại, đảo", _only(back), "", "refunded"),
        Figure("safe", "Vào két bưu cục", _only(sums["received", Account.SAFE]), "safe", "received"),
        Figure("remitted", "Nộp cơ quan", _only(sums["remitted", Account.OWED]), "owed", "remitted"),
        Figure("paid_back", "Cơ quan trả lại", _only(sums["paid_back", Account.OWED]), "owed", "paid_back"),
        Figure("charged", "Cước phát lại phải thu", _only(sums["charged", Account.DUE]), "due", "charged"),
        Figure(
            "compensated",
            "Chi bồi thường",
            _only(sums["compensation_paid", Account.COMPENSATION]),
            "compensation",
            "compensation_paid",
        ),
    ]
    return [one for one in made if one.amounts or one.name not in RARE]


def standing(office_id: str, *, without: Any = None) -> list[Figure]:
    """What is where now, by ledger; inside a transaction."""
    made = []
    for account in Account:
        sums: dict[FeeLedger, int] = defaultdict(int)
        for by_ledger in money.holders(account, office_id, without=without).values():
            for ledger, amount in by_ledger.items():
                sums[ledger] += amount
        made.append(Figure(account.value, "", _only(sums), account.value))
    return made


@dataclass(frozen=True)
class Claims:
    """Of the fees claimed for dossiers received in a span of days, in one ledger: đồng."""

    expected: int
    collected: int
    waived: int
    outstanding: int

    @property
    def agrees(self) -> bool:
        """Whether expected = collected + waived + outstanding."""
        return self.expected == self.collected + self.waived + self.outstanding


def claims(office_id: str, since: date, until: date, *, without: Any = None) -> dict[FeeLedger, Claims]:
    """Fees of the dossiers received on the local days; what was given back is no longer expected."""
    start = datetime.combine(since, time(), LOCAL)
    end = datetime.combine(until + timedelta(days=1), time(), LOCAL)
    mine = (Dossier.office_id == office_id) & (Dossier.received_at >= start) & (Dossier.received_at < end)
    mine &= Fee.refunded_at.is_null() & Dossier.state.not_in(["voided"])
    if without is not None:
        theirs = MoneyEntry.select(MoneyEntry.dossier).where(MoneyEntry.id.in_(without))
        mine &= Dossier.id.not_in(theirs.where(MoneyEntry.dossier.is_null(False)))
    query: Any = Fee.select(Fee.ledger, Fee.paid_at.is_null(), Fee.waived_at.is_null(), fn.SUM(Fee.amount))
    query = query.join(Dossier).where(mine).group_by(Fee.ledger, Fee.paid_at.is_null(), Fee.waived_at.is_null())
    found: dict[FeeLedger, list[int]] = {ledger: [0, 0, 0] for ledger in FeeLedger}
    for ledger, unpaid, unwaived, amount in query.tuples():
        found[FeeLedger(ledger)][0 if not unpaid else 2 if unwaived else 1] += int(amount)
    return {ledger: Claims(sum(parts), *parts) for ledger, parts in found.items()}


def _only(sums: dict[FeeLedger, int]) -> dict[FeeLedger, int]:
    return {ledger: amount for ledger, amount in sums.items() if amount}
