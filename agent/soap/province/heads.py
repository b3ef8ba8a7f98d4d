"""The sandbox's exchange of journal heads: it keeps those it is given, says where they contradict, and signs."""

from __future__ import annotations

from typing import Any

from agent.domain.canonical import NO_DIGEST, canonical_json, digest
from agent.domain.canonical_codec import instant_text
from agent.soap.answers import head_of
from agent.soap.province.submissions import Submissions

Plain = dict[str, Any]
RECEIPTS = "receipts"
"""The chain of which the sandbox gives the head: the receipts that it signed for the office."""


def exchange(desk: Submissions, plain: Plain) -> Plain:
    """Keep the office's heads and answer with ours, both in one signed text that names the exchange before it."""
    ledger, office = desk.ledger, plain["office"]
    desk.rules.agency_of(office)
    given = [head_of(one).plain() for one in plain.get("heads") or ()]
    at = instant_text(desk.now())
    with ledger.writing():
        conflicts = [found for head in given for found in _contradicted(desk, office, head, given)]
        for head in given:
            _keep(desk, office, head, at)
        before = ledger.row("SELECT document FROM exchanges WHERE office = :office ORDER BY id DESC", office=office)
        heads = [receipts_head(desk, office)]
        document = canonical_json(
            {
                "operation": "GetJournalHead",
                "office": office,
                "at": at,
                "given": given,
                "heads": heads,
                "conflicts": conflicts,
                "previous": digest(before["document"]) if before else NO_DIGEST,
            }
        )
        signature = desk.sign(document)
        ledger.run(
            "INSERT INTO exchanges (office, at, document, signature) VALUES (:office, :at, :document, :signature)",
            office=office,
            at=at,
            document=document,
            signature=signature,
        )
        ledger.note(at, "GetJournalHead", office, f"{len(given)} heads, {len(conflicts)} conflicts")
    return {
        "office": office,
        "at": at,
        "document": document,
        "signature": signature,
        "heads": heads,
        "conflicts": conflicts,
    }


def receipts_head(desk: Submissions, office: str) -> Plain:
    """Number and hash of the last receipt that was signed for the office."""
    last = desk.ledger.row(
        "SELECT sequence, document FROM receipts WHERE office = :office ORDER BY sequence DESC LIMIT 1", office=office
    )
    sequence, hash_ = (last["sequence"], digest(last["document"])) if last else (0, NO_DIGEST)
    return {"chain": RECEIPTS, "sequence": sequence, "hash": hash_, "since": 0, "root": ""}


def _contradicted(desk: Submissions, office: str, head: Plain, given: list[Plain]) -> list[Plain]:
    """Heads given before that cannot both be true: the same number with another hash, or one beyond the last now."""
    last = max(one["sequence"] for one in given if one["chain"] == head["chain"])
    return desk.ledger.rows(
        "SELECT chain, sequence, hash, since, root FROM heads WHERE office = :office AND chain = :chain AND"
        " ((sequence > :sequence AND :last) OR (sequence = :sequence AND hash <> :hash))"
        " ORDER BY sequence DESC LIMIT 1",
        office=office,
        chain=head["chain"],
        sequence=head["sequence"],
        hash=head["hash"],
        last=head["sequence"] == last,
    )


def _keep(desk: Submissions, office: str, head: Plain, at: str) -> None:
    desk.ledger.run(
        "INSERT OR IGNORE INTO heads (office, chain, sequence, hash, since, root, at)"
        " VALUES (:office, :chain, :sequence, :hash, :since, :root, :at)",
        office=office,
        at=at,
        **head,
    )
