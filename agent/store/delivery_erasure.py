"""Erase what the delivery office's rows and claim files say of people; dates, codes, amounts and states stay."""

from __future__ import annotations

from typing import Any

from agent.store.claims import Claim, ClaimEntry
from agent.store.delivery import Authorisation, ItemPlan
from agent.store.dossiers import Dossier
from agent.store.items import Item


def forget(dossier: Dossier) -> None:
    """Empty every personal column of the dossier's items. Inside writing()."""
    items = Item.select(Item.id).where(Item.dossier == dossier)
    ItemPlan.update(agreed="", forward_to="").where(ItemPlan.item.in_(items)).execute()
    Authorisation.update(proxy="", number="", identity_last4="").where(Authorisation.item.in_(items)).execute()
    claims = Claim.select(Claim.id).where(Claim.item.in_(items))
    ClaimEntry.update(words="").where(ClaimEntry.claim.in_(claims)).execute()
    Claim.update(complainant="", contact="").where(Claim.item.in_(items)).execute()


def pictures(dossier: Dossier) -> Any:
    """The query of the vault objects that these rows name."""
    items = Item.select(Item.id).where(Item.dossier == dossier)
    return Authorisation.select(Authorisation.photo_sha256).where(Authorisation.item.in_(items))
