"""The daily exchange of journal heads (trao đổi đầu sổ): the province signs ours, we keep its; who rewrites is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from agent import log
from agent.clock import local
from agent.domain import merkle
from agent.errors import HandoffNotOffered
from agent.ports_province import HeadExchange as Exchanged
from agent.ports_province import JournalHead
from agent.reconcile.chains import BATCH, link_receipts
from agent.site import Site
from agent.store import journal
from agent.store.exchanges import HeadExchange
from agent.store.journal import JournalEntry

logger = log.get(__name__)
SPAN: Final = 4096
"""Entries under one root: a path then has at most 12 hashes."""
MOST: Final = 200
ABANDONED: Final = timedelta(minutes=10)
"""After so long a claim without an answer is taken over."""


def exchange_heads(site: Site) -> bool:
    """Exchange the heads of this office once a local day; whether it was done now. HandoffError offline."""
    office, now = site.settings.office.id, site.clock.now()
    day = local(now).date().isoformat()
    _link_all(site)
    with site.store.writing():
        held = HeadExchange.get_or_none((HeadExchange.office_id == office) & (HeadExchange.day == day))
        if held is not None and (held.done or held.claimed_at > now - ABANDONED):
            return False
        if held is None:
            held = HeadExchange(office_id=office, day=day, given=[], heads=[], conflicts=[])
        held.claimed_at = now
        held.save()
    with site.store.reading():
        ours = list(our_heads(office, site.settings.terminal.id))[:MOST]
    try:
        answer = site.province().journal_head(office=office, ours=ours)
    except HandoffNotOffered:
        logger.info("the province exchanges no journal heads")
        return False
    with site.store.writing():
        _keep(held.id, ours, answer)
    for head in answer.conflicts:
        logger.error("journal %s was given before with another head at %s", head.chain, head.sequence)
    return True


def _link_all(site: Site) -> None:
    while True:
        with site.store.writing():
            if link_receipts() < BATCH:
                return


def our_heads(office: str, terminal: str) -> Iterator[JournalHead]:
    """A head for each span of entries since the last exchange, of every chain; the last entry alone if none is new."""
    for ledger, chain in journal.chains():
        last, hash_ = journal.head(ledger, chain)
        name = name_of(ledger, chain or terminal)
        first = _given_until(office, name) + 1
        if first > last:
            yield JournalHead(name, last, hash_)
        for since in range(first, last + 1, SPAN):
            until = min(last, since + SPAN - 1)
            hashes = span(ledger, chain, since, until)
            yield JournalHead(name, until, hashes[-1], since, merkle.root(hashes))


def name_of(ledger: str, terminal: str) -> str:
    """A chain's name outside: each terminal with a database of its own has chains of its own."""
    return f"{ledger}@{terminal}"


def span(ledger: str, chain: str, since: int, until: int) -> list[str]:
    """The hashes of a chain's entries `since` to `until`, in order."""
    mine = (JournalEntry.ledger == ledger) & (JournalEntry.chain == chain)
    found: Any = JournalEntry.select(JournalEntry.hash).where(mine & JournalEntry.seq.between(since, until))
    return [str(row[0]) for row in found.order_by(JournalEntry.seq).tuples()]


def exchanges(office: str) -> list[HeadExchange]:
    """The exchanges that were answered, oldest first."""
    mine = (HeadExchange.office_id == office) & HeadExchange.done
    return list(HeadExchange.select().where(mine).order_by(HeadExchange.id))


def _given_until(office: str, name: str) -> int:
    given = [head["sequence"] for one in exchanges(office) for head in one.given if head["chain"] == name]
    return max(given, default=0)


def _keep(row: int, ours: list[JournalHead], answer: Exchanged) -> None:
    HeadExchange.update(
        done=True,
        given=[head.plain() for head in ours],
        heads=[head.plain() for head in answer.heads],
        conflicts=[head.plain() for head in answer.conflicts],
        document=answer.document,
        signature=answer.signature,
    ).where(HeadExchange.id == row).execute()
