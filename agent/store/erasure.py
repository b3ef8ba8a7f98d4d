"""Erase the personal data of a dossier's rows; numbers, states, digests and the journal stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from agent.store import journal, outbox, search
from agent.store.base import require_writing
from agent.store.dossiers import Contact, Dossier, Party, Subject, Supplement
from agent.store.handoffs import StatusMessage
from agent.store.items import CustodyEvent, Item, Proof, Result
from agent.store.papers import Page, Paper
from agent.store.reconciliation import Difference

ERASED_CODE: Final = "ERASED-"
_EMPTY_PERSON: Final = dict.fromkeys(
    ("name", "id_type", "id_number", "birth_date", "sex", "address", "phone", "email"), ""
)


def dossiers_of_person(id_number: str) -> list[Dossier]:
    """Dossiers in which a person or organisation of this number is a party and is not erased yet."""
    named = Subject.select(Subject.id).where((Subject.id_number == id_number) & Subject.erased_at.is_null())
    parties = Party.select(Party.dossier).where(Party.subject.in_(named))
    return list(Dossier.select().where(Dossier.id.in_(parties)).order_by(Dossier.id))


def is_erased(dossier: Dossier) -> bool:
    """Whether the dossier's personal data was erased."""
    return not dossier.salt


def files_of(dossier: Dossier) -> set[str]:
    """SHA-256 of the vault objects that belong to this dossier and to no other."""
    files = _files(dossier)
    return files - _named_elsewhere(dossier, files)


def erase_rows(dossier: Dossier, *, at: datetime) -> None:
    """Empty every personal column and destroy the salts, in the caller's write transaction; again changes nothing.

    The vault's objects are the caller's: `files_of` names them, before and after.
    """
    require_writing("erasure.erase_rows")
    mine = Party.dossier == dossier
    people = Party.select(Party.subject).where(mine)
    alive = Subject.id.in_(people) & Subject.erased_at.is_null()
    Subject.update(**_EMPTY_PERSON, salt=b"", erased_at=at).where(alive).execute()
    Party.update(relation="", authorisation="").where(mine).execute()
    Contact.update(name="", phone="", email="", address="").where(Contact.dossier == dossier).execute()
    Dossier.update(content="", salt=b"", problem="").where(Dossier.id == dossier.id).execute()
    dossier.content, dossier.salt, dossier.problem = "", b"", ""
    _erase_words(dossier)
    _erase_proofs(dossier)
    outbox.erase_payloads(dossier.id)
    search.remove(dossier.id)
    codes = [code for code in (dossier.provisional, dossier.official) if code]
    search.index(dossier.id, office_id=dossier.office_id, names=[], codes=codes, phones=[])


def _erase_words(dossier: Dossier) -> None:
    """Free text that may name a person, and paper codes, which begin with the owner's number."""
    items = Item.select(Item.id).where(Item.dossier == dossier)
    CustodyEvent.update(note="").where(CustodyEvent.item.in_(items)).execute()
    StatusMessage.update(note="", detail={}).where(StatusMessage.dossier == dossier).execute()
    Supplement.update(requests=[]).where(Supplement.dossier == dossier).execute()
    Difference.update(reason="").where(Difference.key == dossier.provisional).execute()
    Page.update(name="", reason="", accepted_reason="").where(Page.dossier == dossier).execute()
    for paper in Paper.select().where(Paper.dossier == dossier):
        Paper.update(code=f"{ERASED_CODE}{paper.uid}", evidence={}).where(Paper.id == paper.id).execute()


def _erase_proofs(dossier: Dossier) -> None:
    Proof.update(
        receiver="", relation="", authorisation="", identity_type="", identity_last4="", position={}
    ).where(_proofs_of(dossier)).execute()  # fmt: skip


def _proofs_of(dossier: Dossier) -> Any:
    items = Item.select(Item.id).where(Item.dossier == dossier)
    results = Result.select(Result.id).where(Result.dossier == dossier)
    return Proof.item.in_(items) | Proof.result.in_(results)


def _files(dossier: Dossier) -> set[str]:
    """The vault objects that this dossier's rows name."""
    queries: list[Any] = [
        Page.select(Page.sha256).where(Page.dossier == dossier),
        Paper.select(Paper.copy_sha256, Paper.signed_sha256).where(Paper.dossier == dossier),
        Proof.select(Proof.signature_sha256, Proof.photo_sha256).where(_proofs_of(dossier)),
    ]
    return _hashes(queries) | _once_named(dossier)


def _once_named(dossier: Dossier) -> set[str]:
    """The vault objects that its rows named before a page was taken out or a copy made anew: the journal knows."""
    found: set[str] = set()
    for entry in journal.entries("dossier", dossier_id=dossier.id):
        for name in ("page", "pages", "papers", "replaced"):
            held = entry.body.get(name, [])
            found.update([held] if isinstance(held, str) else held)
    return {sha256 for sha256 in found if sha256}


def _named_elsewhere(dossier: Dossier, files: set[str]) -> set[str]:
    """Which of these objects rows of other dossiers name too: the same bytes are kept once."""
    some = list(files)
    others = Proof.id.not_in(Proof.select(Proof.id).where(_proofs_of(dossier)))
    queries: list[Any] = [
        Page.select(Page.sha256).where((Page.dossier != dossier) & Page.sha256.in_(some)),
        Paper.select(Paper.copy_sha256).where((Paper.dossier != dossier) & Paper.copy_sha256.in_(some)),
        Paper.select(Paper.signed_sha256).where((Paper.dossier != dossier) & Paper.signed_sha256.in_(some)),
        Proof.select(Proof.signature_sha256).where(others & Proof.signature_sha256.in_(some)),
        Proof.select(Proof.photo_sha256).where(others & Proof.photo_sha256.in_(some)),
    ]
    return _hashes(queries)


def _hashes(queries: list[Any]) -> set[str]:
    return {sha256 for query in queries for row in query.tuples() for sha256 in row if sha256}
