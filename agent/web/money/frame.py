"""What money's pages share: their nav with counts, forms read, words for codes."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from flask import request, url_for

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money import LEDGER_NAME, typed_dong
from agent.domain.money_count import DENOMINATIONS
from agent.domain.money_entries import ACCOUNT_NAME, Account
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.money.day import KIND_NAME
from agent.store import money as journal
from agent.store.accounts import User
from agent.store.bank import BankLine
from agent.store.cash import CashDeposit, CashVariance, Reversal, Shift, of_office
from agent.store.money_uncounted import hidden_from, looked_at, waits_for_count
from agent.web.context import acting, current_user, site
from agent.web.i18n import gettext
from agent.web.money import money


def _(words: str) -> str:
    return words  # marks for translation; the template speaks it


LEDGERS: Final = (
    (FeeLedger.STATE, _("Phí nhà nước")),
    (FeeLedger.FREIGHT, _("Cước")),
    (FeeLedger.COLLECTED, _("Thu hộ")),
)
PLACES: Final = (
    ("money.home", _("Tiền trong ngày"), (Action.COLLECT_FEE,)),
    ("money.mine", _("Tiền tôi đang giữ"), (Action.HOLD_CASH,)),
    ("money.deposits", _("Nhận nộp tiền"), (Action.COLLECT_FEE,)),
    ("money.variances", _("Chênh lệch"), (Action.COLLECT_FEE,)),
    ("money.bank", _("Sao kê ngân hàng"), (Action.COLLECT_FEE,)),
    ("money.refunds", _("Phải hoàn"), (Action.COLLECT_FEE,)),
    ("money.remittances", _("Nộp cơ quan"), (Action.VIEW_REMITTANCES,)),
    ("money.charges", _("Phải thu"), (Action.COLLECT_FEE,)),
    ("money.entries", _("Bút toán"), (Action.COLLECT_FEE,)),
    ("money.reversals", _("Bút toán đảo"), (Action.COLLECT_FEE,)),
)


def money_places() -> list[dict[str, Any]]:
    """The nav of money's pages that the signed-in user may open, each with what waits there."""
    user = current_user()
    waits = _waiting() if user.may(Action.COLLECT_FEE) else {}
    mine = [(endpoint, words) for endpoint, words, actions in PLACES if any(user.may(action) for action in actions)]
    here = request.endpoint
    return [
        {"url": url_for(endpoint), "words": words, "here": here == endpoint, "count": waits.get(endpoint, 0)}
        for endpoint, words in mine
    ]


def _waiting() -> dict[str, int]:
    office = current_user().office_id
    with site().store.reading():
        return {
            "money.deposits": len(of_office(CashDeposit, office, "declared")),
            "money.variances": len(of_office(CashVariance, office, "open", "explained")),
            "money.bank": len(of_office(BankLine, office, "open")),
            "money.refunds": len(journal.holders(Account.REFUND, office)),
            "money.charges": len(journal.holders(Account.DUE, office)),
            "money.reversals": len(of_office(Reversal, office, "asked")),
        }


def counts_given(*, may_be_empty: bool = False) -> dict[str, str]:
    """The pieces by denomination of the form; RuleViolation for one that was sent off before anything was counted."""
    given = {name.removeprefix("n"): value for name, value in request.form.items() if re.fullmatch(r"n\d+", name)}
    if not given:
        raise RuleViolation("Biểu mẫu không có số đếm nào. Mở lại trang rồi đếm.")
    if not may_be_empty and not any(value.strip() for value in given.values()):
        raise RuleViolation("Chưa ghi số tờ nào. Đếm rồi ghi; thật sự không có tiền thì ghi 0 ở một mệnh giá.")
    return given


def amount_given(name: str = "amount") -> int:
    """Whole đồng of the form, as people type them: 1.234.567; RuleViolation for anything else."""
    amount = typed_dong(request.form.get(name, ""))
    if amount is None:
        raise RuleViolation("Số tiền phải là số đồng nguyên, ví dụ 1.250.000. Nhập lại.")
    return amount


def uid_given(name: str) -> UUID | None:
    """A UUID of the form that makes sending it twice harmless."""
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        return None


def names_of(usernames: set[str]) -> dict[str, str]:
    """Full names of users; inside a transaction."""
    return {user.username: user.full_name for user in User.select().where(User.username.in_(sorted(usernames) or [""]))}


def hidden() -> Any:
    """The postings that the signed-in user must not see yet, as a query; None where there are none."""
    with site().store.reading():
        return hidden_from(acting())


def hides_shift(shift: Shift, by: Actor) -> bool:
    """Whether the actor may be the one to count what a clerk handed in, so that the clerk's own count is not shown."""
    place = (Account.TILL, str(shift.uid))
    return by.username != shift.username and waits_for_count(shift.uid) and not looked_at(by.username, place, 0)


@money.app_template_filter("ledger_word")
def ledger_word(ledger: str) -> str:
    """A ledger's short name in the reader's language."""
    return gettext(dict(LEDGERS)[FeeLedger(ledger)])


@money.app_context_processor
def _frame_for_templates() -> dict[str, Any]:
    return {
        "money_places": money_places, "denominations": DENOMINATIONS, "ledgers": LEDGERS, "ledger_names": LEDGER_NAME,
        "account_names": ACCOUNT_NAME, "kind_names": KIND_NAME,
    }  # fmt: skip
