"""What a dossier is found by: its parties' names, its numbers, its telephones."""

from __future__ import annotations

from collections.abc import Iterable

from agent.store import search
from agent.store.dossiers import Contact, Dossier, Party, Subject
from agent.store.items import Item


def index_dossier(dossier: Dossier) -> None:
    """Make the dossier findable by what its rows say now, inside writing()."""
    people = list(Subject.select(Subject).join(Party).where(Party.dossier == dossier))
    contact = Contact.get_or_none(Contact.dossier == dossier)
    items = [item.number for item in Item.select(Item.number).where(Item.dossier == dossier)]
    reachable = people + ([contact] if contact else [])
    _index(dossier, [(one.name, one.phone) for one in reachable], items)


def index_received(dossier: Dossier, reachable: Iterable[tuple[str, str]]) -> None:
    """Make a dossier that was just received findable by these names and telephones, inside writing()."""
    _index(dossier, reachable, (), new=True)


def _index(dossier: Dossier, reachable: Iterable[tuple[str, str]], items: Iterable[str], *, new: bool = False) -> None:
    reachable = list(reachable)
    search.index(
        dossier.id,
        office_id=dossier.office_id,
        names=[name for name, _ in reachable if name],
        codes=[code for code in (dossier.provisional, dossier.official, *items) if code],
        phones=[phone for _, phone in reachable if phone],
        new=new,
    )
