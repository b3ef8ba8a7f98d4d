"""Cash that nobody has counted yet: the postings it stands in, and who has looked at them and so counts it no more."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from peewee import fn

from agent.domain.actor import Actor
from agent.domain.money_entries import Account
from agent.store import money, rows
from agent.store.base import current
from agent.store.cash import CashDeposit, CashSeen, Shift
from agent.store.money import MoneyEntry, MoneyLeg

Holder = tuple[Account, str]
_HANDED_ON: Final = ("deposited", "carried_in")
_COUNTED_UNTIL: Final = (
    "SELECT MAX(entry) FROM (SELECT entry, SUM(came) OVER (ORDER BY entry) AS so_far FROM ("
    "SELECT l.entry_id AS entry, SUM(l.amount) AS came FROM money_leg l JOIN money_entry e ON e.id = l.entry_id "
    "WHERE l.account = ? AND l.holder = ? AND e.kind NOT IN (?, ?) GROUP BY l.entry_id) AS one) AS whole "
    "WHERE so_far <= ?"
)


def uncounted(office_id: str) -> dict[Holder, int]:
    """Whoever holds cash that nobody has counted, with the last posting before it; inside a transaction.

    Couriers are taken to hand in first what they took first. Of a till everything counts until its money was received.
    """
    waiting = list(CashDeposit.select().where((CashDeposit.office_id == office_id) & (CashDeposit.state == "declared")))
    shifts = {str(one.uid): one.username for one in _open_shifts(office_id)}
    shifts |= {one.holder: one.giver for one in waiting if one.account == Account.TILL}
    found: dict[Holder, int] = {(Account.TRANSIT, str(one.uid)): 0 for one in waiting}
    found |= {(Account.TILL, one): 0 for one in shifts if not one.startswith("user:")}
    loose = {f"user:{name}" for name in shifts.values()}
    loose |= {one for one in money.holders(Account.TILL, office_id) if one.startswith("user:")}
    couriers = set(money.holders(Account.COURIER, office_id))
    couriers |= {one.holder for one in waiting if one.account == Account.COURIER}
    not_counted = {str(one.uid) for one in waiting} | set(shifts)
    for account, holders in ((Account.TILL, loose), (Account.COURIER, couriers)):
        for holder in sorted(holders):
            found[account, holder] = _counted_until((account, holder), not_counted)
    return found


def _open_shifts(office_id: str) -> list[Shift]:
    return list(Shift.select().where((Shift.office_id == office_id) & (Shift.state == "open")))


def _counted_until(holder: Holder, not_counted: set[str]) -> int:
    """The last posting that brought no more than what was handed on and counted; nought when all of it waits."""
    mine = (MoneyLeg.account == holder[0]) & (MoneyLeg.holder == holder[1])
    gone: Any = MoneyLeg.select(fn.SUM(MoneyLeg.amount)).join(MoneyEntry)
    gone = gone.where(mine & MoneyEntry.kind.in_(_HANDED_ON) & MoneyEntry.subject.not_in(sorted(not_counted) or [""]))
    asked = (holder[0].value, holder[1], *_HANDED_ON, -int(gone.scalar() or 0))
    sql = _COUNTED_UNTIL if current().dialect == "sqlite" else _COUNTED_UNTIL.replace("?", "%s")
    return int(current().database.execute_sql(sql, asked).fetchone()[0] or 0)


def hidden_from(by: Actor) -> Any:
    """A query of the postings that the actor must not see yet, because he may be the one to count their cash.

    None where there are none. Shown to him: what he handed in from his own till, which he counted, and what he asked to
    see although it was not counted (`look`); his own open till never.
    """
    held = uncounted(by.office_id)
    own, shown = _handed_in(by), set[Holder]()
    for one in own:
        shown |= {(Account.TILL, one.holder), (Account.TRANSIT, str(one.uid))}
    if own and not any(one.username == by.username for one in _open_shifts(by.office_id)):
        shown.add((Account.TILL, f"user:{by.username}"))
    shown |= {holder for holder, start in held.items() if looked_at(by.username, holder, start)}
    return _postings({holder: start for holder, start in held.items() if holder not in shown})


def _handed_in(by: Actor) -> list[CashDeposit]:
    mine = (CashDeposit.office_id == by.office_id) & (CashDeposit.giver == by.username)
    return list(CashDeposit.select().where(mine & (CashDeposit.state == "declared") & (CashDeposit.account == "till")))


def _postings(held: Mapping[Holder, int]) -> Any:
    if not held:
        return None
    touched = [
        (MoneyLeg.account == account) & (MoneyLeg.holder == holder) & (MoneyLeg.entry > start)
        for (account, holder), start in sorted(held.items())
    ]
    return MoneyLeg.select(MoneyLeg.entry).where(reduce(or_, touched))


def look(by: Actor, *, at: datetime) -> int:
    """Let the actor see all cash that waits to be counted, but his own: he counts none of it; how many holders."""
    own = {str(one.uid) for one in _open_shifts(by.office_id) if one.username == by.username} | {f"user:{by.username}"}
    newest = int(MoneyEntry.select(fn.MAX(MoneyEntry.id)).scalar() or 0)
    fresh = [
        holder for holder, start in uncounted(by.office_id).items()
        if holder[1] not in own and not looked_at(by.username, holder, start)
    ]  # fmt: skip
    for account, holder in fresh:
        rows.create(
            CashSeen, office_id=by.office_id, terminal_id=by.terminal_id, username=by.username, account=account.value,
            holder=holder, entry=newest, at=at,
        )  # fmt: skip
    return len(fresh)


def looked_at(username: str, holder: Holder, start: int) -> bool:
    """Whether a user saw this holder's cash after posting `start`."""
    mine = (CashSeen.username == username) & (CashSeen.account == holder[0].value) & (CashSeen.holder == holder[1])
    return bool(CashSeen.select().where(mine & (CashSeen.entry > start)).exists())


def knows(username: str, deposit: CashDeposit) -> bool:
    """Whether a user has seen what a deposit should come to, so that he cannot count it blind."""
    held = uncounted(deposit.office_id)
    places = [(Account.TRANSIT, str(deposit.uid)), (Account(deposit.account), deposit.holder)]
    return any(looked_at(username, place, held.get(place, 0)) for place in places)


def waits_for_count(shift_uid: uuid.UUID) -> bool:
    """Whether what was counted in a till is still to be counted by its receiver."""
    mine = (CashDeposit.account == Account.TILL) & (CashDeposit.holder == str(shift_uid))
    return bool(CashDeposit.select().where(mine & (CashDeposit.state == "declared")).exists())
