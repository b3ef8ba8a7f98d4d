"""What anybody who holds a receipt's random token may know of its dossier: stage, office, expected date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.domain.dossier import ReturnWay, State
from agent.store.dossiers import Dossier
from agent.store.items import Item, Result


@dataclass(frozen=True)
class Tracked:
    """A dossier without anything personal: no names, no numbers, no procedure."""

    office_id: str
    state: State
    province_status: int
    return_way: ReturnWay
    due_at: datetime | None
    updated_at: datetime
    item_state: str  # of the newest item that is not delivered, empty: none


def tracked(token: str) -> Tracked | None:
    """What the token leads to, or None."""
    shown = (
        Dossier.id, Dossier.office_id, Dossier.state, Dossier.province_status, Dossier.return_way, Dossier.due_at,
        Dossier.updated_at,
    )  # fmt: skip
    found = Dossier.select(*shown).where(Dossier.public_token == token).first()
    if found is None:
        return None
    on_the_way = (Item.dossier == found) & (Item.state != "delivered")
    item = Item.select(Item.state, Item.updated_at).where(on_the_way).order_by(Item.id.desc()).first()
    way = found.return_way
    if item is None and Result.select().where((Result.dossier == found) & (Result.way == "electronic")).exists():
        way = ReturnWay.ELECTRONIC
    changed = max(found.updated_at, item.updated_at) if item else found.updated_at
    return Tracked(
        found.office_id, found.state, found.province_status, way, found.due_at, changed, item.state if item else ""
    )
