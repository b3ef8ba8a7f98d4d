"""Freight of repeated deliveries that an authority or a courier owes the office: received, or borne by the office."""

from __future__ import annotations

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money import dong
from agent.domain.money_entries import Account
from agent.domain.roles import Action, may
from agent.errors import Forbidden, RuleViolation
from agent.site import Site
from agent.store import money
from agent.store.money_charges import CHARGE_BORNE, CHARGE_PAID, TILL, Place, place_of, settle_charge


def due(office_id: str) -> dict[str, int]:
    """Đồng that each owes: an authority's code, or "courier:<username>"; inside a transaction."""
    held = money.holders(Account.DUE, office_id)
    return {who: sums[FeeLedger.FREIGHT] for who, sums in held.items() if sums.get(FeeLedger.FREIGHT, 0) > 0}


def receive(site: Site, who: str, amount: int, *, by: Actor) -> None:
    """All that somebody owes was paid in cash, into the actor's till; `amount` as the page showed it."""
    if who == f"courier:{by.username}":
        raise Forbidden("Không tự ghi đã thu của chính mình. Nhờ người khác nhận tiền.")
    with site.store.writing():
        money.hold(by)
        settle(site, who, amount, place_of(TILL, (), by), CHARGE_PAID, by=by)


def bear(site: Site, who: str, amount: int, *, by: Actor) -> None:
    """The office bears it: a supervisor says so."""
    if by.role is None or not may(by.role, Action.SETTLE_MONEY):
        raise Forbidden("Chỉ kiểm soát viên ghi được khoản bưu cục chịu.")
    with site.store.writing():
        money.hold(by)
        settle(site, who, amount, (Account.OPERATOR, by.office_id), CHARGE_BORNE, by=by)


def settle(site: Site, who: str, amount: int, place: Place, kind: str, *, by: Actor) -> None:
    """What somebody owes is settled whole, in the caller's transaction; RuleViolation when it is another sum by now."""
    now = due(by.office_id).get(who, 0)
    if amount != now or not now:
        raise RuleViolation(f"Số phải thu nay là {dong(now)}, không phải {dong(amount)}. Tải lại trang rồi ghi.")
    key = f"charge:{who}:{kind}:{money.count_of(kind, who) + 1}"
    settle_charge(who, amount, place, kind=kind, key=key, by=by, at=site.clock.now(), ids=site.ids)
