"""A dossier's timeline over the API: what every ledger says of it, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.accounts.access import Purpose, record_access
from agent.domain.roles import Action
from agent.store import pages
from agent.store.journal import JournalEntry
from agent.web.api import api
from agent.web.api.dossiers import open_dossier
from agent.web.api.operation import Call, operation
from agent.web.api.paging import PAGING, asked, cut
from agent.web.context import site


@dataclass(frozen=True)
class EntryOut:
    """One entry: `words` for people, `kind` and `body` (ids and codes only) for programs, `hash` from its chain."""

    id: str
    ledger: str
    kind: str
    at: datetime
    actor: str
    who: str
    words: str
    body: dict[str, Any]
    hash: str


@dataclass(frozen=True)
class Timeline:
    """A page of entries, newest first; `next` is the cursor of the following page, null at the end."""

    items: list[EntryOut]
    next: str | None


@operation(api, "get", "/dossiers/<uid>/timeline", Action.VIEW_DOSSIER, gives=Timeline, query=PAGING)
def get_timeline(call: Call, uid: str) -> Timeline:
    """What happened to a dossier, newest first: custody, money and the dossier's own ledger."""
    wanted = asked()
    with site().store.reading():
        dossier = open_dossier(call, uid, Action.VIEW_DOSSIER)
        entries, following = cut(pages.journal(dossier, wanted), wanted, lambda entry: int(entry.id))
        shown = _told(list(entries))
    record_access(site(), call.user, dossier=dossier.uid, purpose=Purpose.FOLLOW_UP, what="api timeline")
    return Timeline(shown, following)


def _told(entries: list[JournalEntry]) -> list[EntryOut]:
    from agent.store import desk
    from agent.web.counter.words import timeline, usernames

    told = timeline(entries, desk.user_names(usernames(entries)))
    return [
        EntryOut(str(e.uid), e.ledger, e.kind, e.at, e.actor, t.who, t.words, e.body, e.hash)
        for e, t in zip(entries, told, strict=True)
    ]
