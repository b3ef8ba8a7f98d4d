"""Erase the personal data of a dossier's rows; numbers, states, digests and the journal stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from peewee import SQL, fn

from agent.domain.retention import Kind
from agent.store import (
    citizen,
    custody_erasure,
    delivery_erasure,
    inbox,
    journal,
    outbox,
    paper_facts,
    places,
    readings,
    retention,
    search,
)
from agent.store.bank import BankLine
from agent.store.base import require_writing
from agent.store.delivery import Authorisation
from agent.store.dossiers import Contact, Dossier, Fee, Party, Subject, Supplement
from agent.store.handoffs import StatusMessage
from agent.store.items import CustodyEvent, Item, Proof, Result
from agent.store.minutes import MinutesLine, MinutesNote
from agent.store.paper_facts import PaperUse
from agent.store.papers import Page, Paper
from agent.store.readings import PageReading, PaperText
from agent.store.reconciliation import Difference
from agent.store.retention import Lying
from agent.store.values import erase_values

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


def files_of(dossier: Dossier) -> set[Lying]:
    """The vault objects that belong to this dossier and to no other, with each terminal that may hold them."""
    files, found = _files(dossier), set[Lying]()
    for terminal_id in places.of_dossier(dossier, own_pages(dossier)):
        own = files - _named_elsewhere(dossier, files, terminal_id)
        found |= {(terminal_id, sha256) for sha256 in own | readings.words_of_alone(own, terminal_id)}
    return found


def objects_of_kind(dossier: Dossier, kind: Kind) -> set[Lying]:
    """The vault objects of one kind of a dossier's material, as `files_of`; those that others need too are among them.

    What it uses again of another dossier's papers is a copy like its own.
    """
    papers = list(Paper.select().where(Paper.dossier == dossier))
    copies = {sha256 for paper in papers for sha256 in (paper.copy_sha256, paper.signed_sha256) if sha256}
    pages, files, words = own_pages(dossier), set[str](), set[Lying]()
    if kind is Kind.COPIES:
        files = copies | _used(dossier) | (_once_named(dossier, "papers", "replaced") - pages)
    elif kind is Kind.MASTERS:
        files = pages - copies
    elif kind is Kind.TEXTS:
        files = _hashes([PaperText.select(PaperText.sha256).where(PaperText.dossier == dossier)])
        for terminal_id, alone in pages_alone(dossier).items():
            words |= {(terminal_id, sha256) for sha256 in readings.words_of_alone(alone, terminal_id)}
    return words | {(terminal_id, sha256) for terminal_id in places.of_dossier(dossier, pages) for sha256 in files}


def pages_alone(dossier: Dossier) -> dict[str, set[str]]:
    """By terminal, the page images of the dossier that no other living one has there."""
    mine = own_pages(dossier)
    terminals = places.of_dossier(dossier, mine)
    return {terminal_id: mine - _named_elsewhere(dossier, mine, terminal_id) for terminal_id in terminals}


def own_pages(dossier: Dossier) -> set[str]:
    """The page images that were filed under the dossier, those that were taken out again too."""
    return _hashes([Page.select(Page.sha256).where(Page.dossier == dossier)]) | _once_named(dossier, "page", "pages")


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
    inbox.forget(dossier, _files(dossier))
    forget_readings(dossier, at=at)
    erase_values(dossier)
    paper_facts.forget(dossier)
    citizen.forget(dossier)
    _erase_words(dossier)
    _erase_proofs(dossier)
    custody_erasure.forget(dossier)
    delivery_erasure.forget(dossier)
    outbox.erase_payloads(dossier.id)
    search.remove(dossier.id)
    codes = [code for code in (dossier.provisional, dossier.official) if code]
    search.index(dossier.id, office_id=dossier.office_id, names=[], codes=codes, phones=[])


def forget_readings(dossier: Dossier, *, at: datetime) -> None:
    """Say that what was read on the dossier's own pages is erased, and make no text files of it. Inside writing()."""
    for terminal_id, alone in pages_alone(dossier).items():
        readings.forget(alone, at=at, terminal_id=terminal_id)
    readings.make_no_texts(dossier, at=at)


def _erase_words(dossier: Dossier) -> None:
    """Free text that may name a person, and paper codes, which begin with the owner's number."""
    items = Item.select(Item.id).where(Item.dossier == dossier)
    CustodyEvent.update(note="").where(CustodyEvent.item.in_(items)).execute()
    StatusMessage.update(note="", detail={}).where(StatusMessage.dossier == dossier).execute()
    counted = MinutesLine.select(MinutesLine.minutes).where(MinutesLine.dossier == dossier)
    MinutesNote.update(words="").where(MinutesNote.minutes.in_(counted)).execute()
    Supplement.update(requests=[]).where(Supplement.dossier == dossier).execute()
    Difference.update(reason="").where(Difference.key == dossier.provisional).execute()
    Fee.update(waived_reason="").where(Fee.dossier == dossier).execute()
    BankLine.update(description="").where(BankLine.dossier == dossier).execute()
    Page.update(name="", reason="", accepted_reason="", seen={}).where(Page.dossier == dossier).execute()
    for paper in Paper.select().where(Paper.dossier == dossier):
        said = paper.evidence.get("signature", {})
        rests_on = {
            kind: said[kind] for kind in ("chain", "ocsp", "crls") if kind in said
        }  # certificates of authorities
        left = {"signature": rests_on} if rests_on else {}
        Paper.update(code=f"{ERASED_CODE}{paper.uid}", evidence=left).where(Paper.id == paper.id).execute()
    untouched = (Paper.dossier == dossier) & (Paper.signed_sha256 == Paper.copy_sha256)
    Paper.update(signer="").where(untouched).execute()  # signed by whoever brought it, not by the clerk


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
        PaperText.select(PaperText.sha256).where(PaperText.dossier == dossier),
        delivery_erasure.pictures(dossier),
    ]
    return _hashes(queries) | _used(dossier) | _once_named(dossier) | custody_erasure.pictures(dossier)


def _used(dossier: Dossier) -> set[str]:
    """The signed copies of other dossiers that this one uses again."""
    return _hashes([PaperUse.select(PaperUse.sha256).where(PaperUse.dossier == dossier)])


def _once_named(dossier: Dossier, *names: str) -> set[str]:
    """The vault objects that its rows named before a page was taken out or a copy made anew: the journal knows."""
    found: set[str] = set()
    for entry in journal.entries("dossier", dossier_id=dossier.id):
        for name in names or ("page", "pages", "papers", "replaced"):
            held = entry.body.get(name, [])
            found.update([held] if isinstance(held, str) else held)
    return {sha256 for sha256 in found if sha256}


def needed(sha256: str, terminal_id: str) -> bool:
    """Whether what is alive still names an object of a terminal's vault; inside a transaction.

    That is a living dossier whose files may lie there, a page that waits there, or a reading that was made there.
    """
    words = PageReading.select(PageReading.words_sha256).where(
        (PageReading.terminal_id == terminal_id)
        & (PageReading.words_sha256 == sha256)
        & (PageReading.state != readings.ERASED)
    )
    return bool(_named_elsewhere(None, {sha256}, terminal_id) | _hashes([words]))


def _named_elsewhere(dossier: Dossier | None, files: set[str], terminal_id: str) -> set[str]:
    """Which of a terminal's objects other dossiers or waiting pages name too: the same bytes are kept once there.

    Dossiers that are erased or have nothing at the terminal, and objects whose time is over in one, do not count.
    """
    some = list(files)
    pairs = {(sha256, held) for query in _naming(dossier, some) for sha256, held in query.tuples()}
    pairs -= retention.over_among({sha256 for sha256, _ in pairs})
    here = {held for held, at in places.of_dossiers({held for _, held in pairs}) if at == terminal_id}
    waiting = _hashes([inbox.waiting_among(some, terminal_id)])
    return waiting | {sha256 for sha256, held in pairs if held in here}


def _naming(besides: Dossier | None, some: list[str]) -> Iterator[Any]:
    """Queries of (object, dossier) of all living dossiers but one, for these objects."""
    named: list[Any] = [
        Page.sha256, Paper.copy_sha256, Paper.signed_sha256, PaperText.sha256, PaperUse.sha256,
    ]  # fmt: skip
    for column in named:
        owner = column.model.dossier
        yield column.model.select(column, owner).where(_living(owner, besides) & column.in_(some))
    sighted: Any = Authorisation.photo_sha256
    shown = Authorisation.select(sighted, Item.dossier).join(Item)
    yield shown.where(_living(Item.dossier, besides) & sighted.in_(some))
    proofs: list[Any] = [Proof.signature_sha256, Proof.photo_sha256]
    for column in proofs:
        for thing in (Item, Result):
            query = Proof.select(column, thing.dossier).join(thing)
            yield query.where(_living(thing.dossier, besides) & column.in_(some))


def _living(owner: Any, besides: Dossier | None) -> Any:
    """Whether the dossier that this column names is not erased, and not the one that is asked about."""
    row = Dossier.alias()
    alive = fn.EXISTS(row.select(SQL("1")).where((row.id == owner) & (row.salt != b"")))
    return alive if besides is None else alive & (owner != besides.id)


def _hashes(queries: list[Any]) -> set[str]:
    return {sha256 for query in queries for row in query.tuples() for sha256 in row if sha256}
