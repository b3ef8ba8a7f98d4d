"""What is owed to citizens, paid out: whoever decided that it is owed is not the one who pays it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.money import dong
from agent.domain.money_entries import Account
from agent.domain.roles import Action, Role, may
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.site import Site
from agent.store import money
from agent.store.accounts import User
from agent.store.custody_events import CustodyConflict
from agent.store.dossiers import Dossier
from agent.store.money import MoneyEntry, MoneyLeg
from agent.store.money_charges import place_of
from agent.store.money_fees import REFUND_PAID, pay_refund
from agent.store.money_surplus import OVER, delivery_of

ON_A_WORD: Final = (OVER, "owed_back")
"""Kinds of postings by which something is owed because a person said so; a statement or a void says so by itself."""


def pay_out(site: Site, holder: str, source: str, amount: int, *, by: Actor) -> None:
    """Pay what is owed to a citizen: `source` is "till", "safe" or a bank account's name; `amount` as it was shown.

    Forbidden for whoever decided that any of it is owed.
    """
    with site.store.writing():
        money.hold(by)
        owed = {ledger: -held for ledger, held in money.balances_in(by.office_id, Account.REFUND, holder).items()}
        total = sum(owed.values())
        if not total:
            raise RuleViolation("Không còn gì phải hoàn ở đây: có thể đã hoàn rồi. Tải lại trang.")
        if total != amount:
            raise RuleViolation(f"Số phải hoàn đã đổi thành {dong(total)}. Xem lại rồi hoàn đúng số.")
        _require_other(holder, by)
        place = place_of(source, site.settings.accounts, by)
        dossier = Dossier.get_or_none(Dossier.provisional == holder)
        if dossier is not None and dossier.office_id != by.office_id:
            raise NotFound("Không có khoản phải hoàn này ở bưu cục của bạn.")
        pay_refund(holder, owed, place, dossier=dossier, by=by, at=site.clock.now(), ids=site.ids)


def deciders(holder: str, office_id: str) -> set[str]:
    """The actors on whose word something of what is owed now stands; inside a transaction."""
    mine = (MoneyEntry.office_id == office_id) & MoneyEntry.uid.not_in(_reversed())
    paid: Any = mine & (MoneyEntry.kind == REFUND_PAID) & (MoneyEntry.subject == holder)
    before = MoneyEntry.select(MoneyEntry.id).where(paid).order_by(MoneyEntry.id.desc()).first()
    touched: Any = MoneyLeg.select(MoneyLeg.entry)
    touched = touched.where((MoneyLeg.account == Account.REFUND) & (MoneyLeg.holder == holder))
    since = mine & MoneyEntry.kind.in_(list(ON_A_WORD)) & (MoneyEntry.id > (before.id if before else 0))
    entries = list(MoneyEntry.select().where(since & MoneyEntry.id.in_(touched)))
    events = [delivery_of(one) for one in entries if one.kind == OVER]
    decided = CustodyConflict.disputes.in_(events or [UUID(int=0)]) & CustodyConflict.decided_at.is_null(False)
    said = {f"user:{one.decided_by}" for one in CustodyConflict.select().where(decided)}
    return said | {one.actor for one in entries}


def payers(holder: str, office_id: str) -> list[str]:
    """The names of those at the office who may pay it out; inside a transaction."""
    said = deciders(holder, office_id)
    roles = [role for role in Role if may(role, Action.COLLECT_FEE)]
    here = (User.office_id == office_id) & User.active & User.role.in_(roles)
    return [one.full_name for one in User.select().where(here).order_by(User.id) if f"user:{one.username}" not in said]


def _require_other(holder: str, by: Actor) -> None:
    if by.name not in deciders(holder, by.office_id):
        return
    names = payers(holder, by.office_id)
    others = f"Nhờ {', '.join(names[:5])} chi." if names else "Nhờ quản trị viên thêm một người nữa có quyền."
    raise Forbidden(f"Chính bạn đã quyết định khoản này phải hoàn, nên bạn không tự chi. {others}")


def _reversed() -> Any:
    return MoneyEntry.select(MoneyEntry.reverses).where(MoneyEntry.reverses.is_null(False))
