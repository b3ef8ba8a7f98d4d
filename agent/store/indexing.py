"""What a dossier is found by: its parties' names, its numbers, its telephones."""

from __future__ import annotations

from agent.store import search
from agent.store.dossiers import Contact, Dossier, Party, Subject
from agent.store.items import Item


def index_dossier(dossier: Dossier) -> None:
    """Make the dossier findable by what its rows say now, inside writing()."""
    people = list(Subject.select(Subject).join(Party).where(Party.dossier == dossier))
    contact = Contact.get_or_none(Contact.dossier == dossier)
    items = [item.number for item in Item.select(Item.number).where(Item.dossier == dossier)]
    names = [person.name for person in people] + ([contact.name] if contact else [])
    phones = [person.phone for person in people] + ([contact.phone] if contact else [])
    search.index(
        dossier.id,
        office_id=dossier.office_id,
        names=[name for name in names if name],
        codes=[code for code in (dossier.provisional, dossier.official, *items) if code],
        phones=[phone for phone in phones if phone],
    )
