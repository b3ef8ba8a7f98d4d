"""Deposits (nộp tiền): whoever holds cash declares it, somebody else counts it blind; a mismatch freezes it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.money import dong
from agent.domain.money_count import read_count, sum_of
from agent.domain.money_entries import Account
from agent.domain.roles import Action, may
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.money.on_its_way import hand_in, put_away
from agent.money.variances import found
from agent.site import Site
from agent.store import money, money_uncounted, rows
from agent.store.cash import CashDeposit


def declare(site: Site, amount: int, *, by: Actor, key: UUID | None = None) -> CashDeposit:
    """A courier declares what he hands in; it is on its way until it was counted. `key` makes asking again harmless."""
    with site.store.writing():
        money.hold(by)
        again = rows.first(CashDeposit, uid=key) if key else None
        if again is not None:
            return again
        held = money.in_hand(Account.COURIER, by.username)
        if not 0 < amount <= held:
            raise RuleViolation(
                f"Khai nộp {dong(amount)} mà đang giữ {dong(held)} theo sổ. Đếm lại tiền rồi khai số từ 1 đ tới số đó."
            )
        return hand_in(site, (Account.COURIER, by.username), amount, by=by, at=site.clock.now(), uid=key)


def receive(site: Site, uid: UUID, counts: Mapping[str, str | int], *, by: Actor) -> CashDeposit:
    """The receiver's blind count: agrees, and the money is in the safe; or differs, and the deposit is frozen.

    Counted once: neither side counts again. Forbidden for the giver, and for whoever looked at what it should be.
    """
    counted = read_count(counts)
    with site.store.writing():
        money.hold(by)
        deposit = deposit_by_uid(uid, by)
        if deposit.giver == by.username:
            raise Forbidden("Người nộp không tự đếm nhận khoản của mình. Nhờ người khác của bưu cục đếm.")
        if money_uncounted.knows(by.username, deposit):
            raise Forbidden("Bạn đã xem số tiền này trước khi đếm nên không đếm nhận được. Nhờ người khác đếm.")
        if deposit.state != "declared":
            raise RuleViolation("Khoản nộp này đã đếm. Không đếm lại; nếu lệch thì giải trình ở mục Chênh lệch.")
        at, amount = site.clock.now(), sum_of(counted)
        deposit.counts, deposit.counted, deposit.counted_at, deposit.receiver = counted, amount, at, by.username
        deposit.state = "accepted" if amount == deposit.declared else "frozen"
        deposit.save()
        if deposit.state == "accepted":
            put_away(site, deposit, 0, by=by, at=at)
        else:
            found(site, "deposit", uid, maker=deposit.giver, amount=amount - deposit.declared, by=by, at=at)
    return deposit


def look(site: Site, *, by: Actor) -> None:
    """A supervisor asks to see the cash that was not counted yet: he counts none of it, until it is handed in."""
    if by.role is None or not may(by.role, Action.SETTLE_MONEY):
        raise Forbidden("Chỉ kiểm soát viên không đếm tiền mới xem được tiền chưa kiểm đếm.")
    with site.store.writing():
        money.hold(by)
        money_uncounted.look(by, at=site.clock.now())


def deposit_by_uid(uid: UUID, by: Actor) -> CashDeposit:
    """A deposit of the actor's office; NotFound for another's."""
    deposit = rows.first(CashDeposit, uid=uid)
    if deposit is None or deposit.office_id != by.office_id:
        raise NotFound("Không có khoản nộp này ở bưu cục của bạn. Tải lại trang.")
    return deposit
