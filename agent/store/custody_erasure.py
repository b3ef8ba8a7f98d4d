"""Erase what phones' events say of people; ids, hours, hashes and the hashes of their pictures stay."""

from __future__ import annotations

from typing import Any

from agent.store.custody_events import DeviceEvent
from agent.store.dossiers import Dossier
from agent.store.items import Item


def forget(dossier: Dossier) -> None:
    """Empty the bodies of the events about the dossier's items, and what their couriers were told. Inside writing().

    A refusal names who was to receive; its code stays.
    """
    for row in _events(dossier):
        left = {"pictures": sorted(_pictures(row.body))}
        DeviceEvent.update(body=left, message="").where(DeviceEvent.id == row.id).execute()


def pictures(dossier: Dossier) -> set[str]:
    """The vault objects that events about the dossier's items name, before and after they were emptied."""
    return {sha256 for row in _events(dossier) for sha256 in _pictures(row.body)}


def _events(dossier: Dossier) -> list[DeviceEvent]:
    items = Item.select(Item.id).where(Item.dossier == dossier)
    return list(DeviceEvent.select(DeviceEvent.id, DeviceEvent.body).where(DeviceEvent.item.in_(items)))


def _pictures(body: dict[str, Any]) -> set[str]:
    proof = body.get("proof")
    named = [proof.get("signature"), proof.get("photo")] if isinstance(proof, dict) else []
    return {str(one) for one in [*named, *body.get("pictures", ())] if one}
