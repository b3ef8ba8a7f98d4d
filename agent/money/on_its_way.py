"""Cash on its way to the safe: out of a hand when it is handed in, into the safe when it was counted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money_entries import Account, Leg, moved, part_of
from agent.site import Site
from agent.store import money, rows
from agent.store.cash import CashDeposit

Place = tuple[Account, str]


def hand_in(
    site: Site, place: Place, amount: int, *, by: Actor, at: datetime, float_part: int = 0, uid: UUID | None = None
) -> CashDeposit:
    """Put cash on its way to the safe, in the caller's transaction."""
    uid = uid or site.ids.uid()
    parts = part_of(money.balances(*place), amount)
    deposit = rows.create(
        CashDeposit, uid=uid, office_id=by.office_id, terminal_id=by.terminal_id, giver=by.username,
        account=place[0].value, holder=place[1], declared=amount, declared_at=at, float_part=float_part,
        parts={ledger.value: part for ledger, part in parts.items()}, state="declared",
    )  # fmt: skip
    legs = moved(parts, place, (Account.TRANSIT, str(uid)))
    money.post(f"deposit:{uid}", "deposited", legs, by=by, at=at, ids=site.ids, subject=str(uid))
    return deposit


def put_away(
    site: Site, deposit: CashDeposit, difference: int, *, by: Actor, at: datetime, variance: UUID | None = None
) -> None:
    """Take a deposit off its way: the float back to the office's own, the rest into the safe, a difference to its
    variance."""
    parts = {FeeLedger(ledger): amount for ledger, amount in deposit.parts.items()}
    transit, safe = (Account.TRANSIT, str(deposit.uid)), (Account.SAFE, deposit.office_id)
    legs = list(moved(parts, transit, safe))
    back = min(deposit.float_part, deposit.declared + difference)
    if back:
        legs += moved({FeeLedger.FREIGHT: back}, safe, (Account.FLOAT, deposit.office_id))
    if difference and variance is not None:
        legs += [
            Leg(FeeLedger.FREIGHT, *safe, difference),
            Leg(FeeLedger.FREIGHT, Account.VARIANCE, str(variance), -difference),
        ]
    money.post(f"deposit:{deposit.uid}:in", "received", legs, by=by, at=at, ids=site.ids, subject=str(deposit.uid))
