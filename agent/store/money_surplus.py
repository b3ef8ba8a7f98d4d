"""Cash that couriers took and the books do not have yet, or did not ask for: undecided, or owed to the citizen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from agent.clock import Ids
from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.custody_steps import CustodyStep
from agent.domain.money_entries import Account, moved
from agent.domain.phone_event import VerdictKind
from agent.store import money
from agent.store.custody_events import DeviceEvent
from agent.store.dossiers import Dossier, Fee
from agent.store.items import Item
from agent.store.money import MoneyEntry
from agent.store.money_fees import hand_of

OVER: Final = "over_collected"
_SURPLUS: Final = "surplus:"


def keep_surplus(dossier: Dossier, amount: int, *, item: str, event: UUID, by: Actor, at: datetime, ids: Ids) -> None:
    """More than was due was taken at the door: it is in the taker's hand and owed to the citizen until it is paid out.

    `event` names the delivery, so that it is booked once.
    """
    money.hold(by)
    own = hand_of(by, dossier.office_id)
    legs = moved({FeeLedger.COLLECTED: amount}, (Account.REFUND, dossier.provisional), (own.account, own.holder))
    money.post(f"{_SURPLUS}{event}", OVER, legs, by=by, at=at, ids=ids, dossier=dossier, subject=item)


def delivery_of(entry: MoneyEntry) -> UUID:
    """The delivery whose surplus a posting of kind OVER booked."""
    return UUID(entry.key.removeprefix(_SURPLUS))


@dataclass(frozen=True)
class Undecided:
    """Cash of one delivery that a courier reported and that is not booked (tiền chờ quyết định)."""

    courier: str
    item: str
    amount: int  # đồng
    since: datetime
    waits: bool  # for another event; else for a person


def undecided_cash(*, office_id: str = "", courier: str = "") -> list[Undecided]:
    """The cash of deliveries in conflict or waiting, of an office's phones or of one courier, oldest first."""
    mine = DeviceEvent.verdict.in_([VerdictKind.CONFLICT.value, VerdictKind.WAITING.value])
    mine &= DeviceEvent.step == CustodyStep.DELIVER.value
    if office_id:
        mine &= DeviceEvent.office_id == office_id
    if courier:
        mine &= DeviceEvent.courier == courier
    found = [
        Undecided(row.courier, row.number, collected_of(row), row.received_at, row.verdict == VerdictKind.WAITING)
        for row in DeviceEvent.select().where(mine).order_by(DeviceEvent.id)
    ]
    return [one for one in found if one.amount > 0]


def collected_of(row: DeviceEvent) -> int:
    """Đồng that a phone's delivery says were collected; nought where it says no amount."""
    proof = row.body.get("proof")
    said = proof.get("collected", 0) if isinstance(proof, dict) else 0
    return said if isinstance(said, int) and not isinstance(said, bool) else 0


@dataclass(frozen=True)
class Elsewhere:
    """A fee that was settled while an item was on its way: by what, by whom (as an actor), when."""

    name: str
    amount: int
    way: str  # waived, or the account that took it: till, courier, vietqr, bank, direct
    by: str
    at: datetime

    @property
    def on_a_word(self) -> bool:
        """Whether a person's word settled it; a bank's statement is nobody's."""
        return self.way not in (Account.BANK, Account.DIRECT)


def settled_elsewhere(item: Item) -> list[Elsewhere]:
    """The fees of an item's dossier that were paid or waived since the item was made out, oldest first."""
    since, found = item.created_at, []
    paid = _entries(item.dossier_id)
    for fee in Fee.select().where((Fee.dossier == item.dossier_id) & Fee.refunded_at.is_null()).order_by(Fee.id):
        if fee.waived_at is not None and fee.waived_at >= since:
            found.append(Elsewhere(fee.name, fee.amount, "waived", f"user:{fee.waived_by}", fee.waived_at))
        elif fee.paid_at is not None and fee.paid_at >= since and fee.id in paid:
            way, by = paid[fee.id]
            found.append(Elsewhere(fee.name, fee.amount, way, by, fee.paid_at))
    return sorted(found, key=lambda one: one.at)


def _entries(dossier_id: int) -> dict[int, tuple[str, str]]:
    """By fee, the account that took its money and the actor who entered it."""
    found: dict[int, tuple[str, str]] = {}
    mine = (MoneyEntry.dossier == dossier_id) & (MoneyEntry.kind == "collected")
    entries = list(MoneyEntry.select().where(mine).order_by(MoneyEntry.id))
    legs = money.legs_of_each(entries)
    for entry in entries:
        into = next(leg.account.value for leg in legs[entry.id] if leg.amount > 0)
        for one in entry.key.rpartition(":")[2].split("+"):
            found[int(one)] = (into, entry.actor)
    return found
