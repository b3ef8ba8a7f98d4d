"""What was handed over of a dossier, as its receipt says it, and the keys that receipts are signed with."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.domain.custody_steps import ItemState
from agent.ports_handover import ReceiptKey
from agent.store import rows
from agent.store.citizen import OfficeKey
from agent.store.dossiers import Dossier
from agent.store.items import Item, Proof, Result


@dataclass(frozen=True, slots=True)
class Handover:
    """One delivery: by item or by result, when, to whom, and the digest of its proof."""

    item: str
    way: str
    office_id: str
    at: datetime
    receiver: str  # personal: never shown whole
    proof: str


def handovers_of(dossier: Dossier) -> list[Handover]:
    """What was delivered of a dossier, in order. Inside a transaction."""
    items = {item.id: item for item in Item.select().where(Item.dossier == dossier)}
    results = {result.id: result for result in Result.select().where(Result.dossier == dossier)}
    of_either = Proof.item.in_(list(items) or [-1]) | Proof.result.in_(list(results) or [-1])
    query: Any = Proof.select(Proof.item, Proof.result, Proof.receiver, Proof.at, Proof.digest).where(
        of_either & Proof.voided_at.is_null()
    )
    last: dict[tuple[str, int], Handover] = {}
    for item_id, result_id, receiver, at, digest in query.order_by(Proof.id).tuples():
        if item_id is not None and items[item_id].state == ItemState.DELIVERED:
            item = items[item_id]
            last["item", item_id] = Handover(item.number, "courier", item.office_id, at, receiver, digest)
        elif item_id is None and result_id is not None and results[result_id].delivered_at is not None:
            way = "electronic" if results[result_id].form == "electronic" else "counter"
            last["result", result_id] = Handover("", way, dossier.office_id, at, receiver, digest)
    return list(last.values())


def publish_key(key: ReceiptKey, *, office_id: str, terminal_id: str, at: datetime) -> None:
    """Keep a terminal's public key for who checks receipts; again changes nothing. Inside writing()."""
    rows.create_unless_there(
        OfficeKey, kid=key.kid, office_id=office_id, terminal_id=terminal_id, training=key.training, made_at=at,
        public=base64.urlsafe_b64encode(key.public).rstrip(b"=").decode(),
    )  # fmt: skip


def published_keys() -> list[OfficeKey]:
    """The public keys of all terminals of this database, oldest first."""
    return list(OfficeKey.select().order_by(OfficeKey.id))
