"""What a courier's round shows: the items in his hands or offered to him, and what he settled today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agent.domain.dossier import Role
from agent.domain.text import fold
from agent.store.dossiers import Contact, Dossier, Party, Subject
from agent.store.items import CustodyEvent, Item

SETTLING = ("deliver", "attempt_failed")


@dataclass(frozen=True)
class Stop:
    """One item with the person it goes to: personal data, for the courier who holds the item only.

    `name` is the addressee, who is the dossier's owner (chủ hồ sơ); `contact` is somebody else to call, who has no
    right to the item by that. `organisation`: the owner is one, and a representative stands for it.
    """

    item: Item
    dossier: UUID
    name: str
    address: str
    phone: str
    contact: str = ""
    organisation: bool = False
    settled: CustodyEvent | None = None  # the newest delivery or failed attempt of the period asked for


def held_stops(holder: str, *, since: datetime) -> list[Stop]:
    """Items that `holder` answers for or is offered, in the order they were registered; `since` bounds `settled`."""
    mine = ((Item.holder == holder) | (Item.offered_to == holder)) & Item.state.not_in(["delivered", "returned"])
    items = list(Item.select().where(mine).order_by(Item.id))
    return _with_people(items, _settled(holder, since))


def delivered_stops(holder: str, *, since: datetime) -> list[Stop]:
    """Items that left `holder`'s hands by delivery since then, newest first."""
    settled = {key: event for key, event in _settled(holder, since).items() if event.step == "deliver"}
    items = Item.select().where(Item.id.in_(list(settled) or [-1]) & (Item.state == "delivered"))
    stops = _with_people(list(items), settled)
    return sorted(stops, key=lambda stop: stop.settled.occurred_at if stop.settled else since, reverse=True)


def stop_of(item: Item) -> Stop:
    """One item with the person it goes to."""
    return _with_people([item], {})[0]


def stops_of(items: Sequence[Item]) -> list[Stop]:
    """Items with the persons they go to, in a few queries however many there are."""
    return _with_people(items, {})


def noted_already(uid: UUID, actor: str, *, step: str, number: str) -> bool:
    """Whether this actor's fact with this uid is recorded of the item: it was sent twice."""
    same = (CustodyEvent.uid == uid) & (CustodyEvent.actor == actor) & (CustodyEvent.step == step)
    return bool(CustodyEvent.select().join(Item).where(same & (Item.number == number)).exists())


def _settled(holder: str, since: datetime) -> dict[int, CustodyEvent]:
    mine = (CustodyEvent.from_holder == holder) & CustodyEvent.step.in_(SETTLING) & (CustodyEvent.occurred_at >= since)
    return {event.item_id: event for event in CustodyEvent.select().where(mine).order_by(CustodyEvent.id)}


def _with_people(items: Sequence[Item], settled: dict[int, CustodyEvent]) -> list[Stop]:
    ids = [item.dossier_id for item in items] or [-1]
    uids = {row.id: row.uid for row in Dossier.select(Dossier.id, Dossier.uid).where(Dossier.id.in_(ids))}
    rows: Any = Contact.select().where(Contact.dossier.in_(ids))
    contacts = {row.dossier_id: row for row in rows}
    rows = Party.select(Party, Subject).join(Subject).where(Party.dossier.in_(ids) & (Party.role == Role.OWNER))
    owners = {row.dossier_id: row.subject for row in rows}
    stops = []
    for item in items:
        reach, owner = contacts.get(item.dossier_id), owners.get(item.dossier_id)
        sources = [row for row in (reach, owner) if row is not None]
        address, phone = (
            next((value for row in sources if (value := getattr(row, field))), "") for field in ("address", "phone")
        )
        called = reach.name if reach is not None else ""
        name = (owner.name if owner is not None else "") or called
        stops.append(
            Stop(
                item, uids[item.dossier_id], name, address, phone, "" if fold(called) == fold(name) else called,
                owner is not None and owner.kind == "organisation", settled.get(item.id),
            )
        )  # fmt: skip
    return stops
