"""Which objects of the vault the rows name, and which of them must be there: what a check of the vault goes by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent.store.dossiers import Dossier
from agent.store.inbox import InboxPage
from agent.store.items import Proof
from agent.store.journal import JournalEntry, entries
from agent.store.minutes import Minutes
from agent.store.paper_facts import PaperUse
from agent.store.papers import Page, Paper
from agent.store.phones import PhoneBlob
from agent.store.readings import ERASED, PageReading, PaperText
from agent.store.retention import ErasedObject, over_among

_PAGE = 500  # rows that are held at a time


@dataclass(frozen=True)
class Named:
    """One object that a row names; `must`: this terminal's vault must hold it."""

    sha256: str
    must: bool
    what: str  # Vietnamese, with the dossier's number; names nobody


def named(terminal_id: str) -> Iterator[Named]:
    """All that rows name, some more than once; inside reading(). What was erased is not named."""
    over, lies = _Over(), _Lies(terminal_id)
    for dossier, row in _of_dossiers(Page, "dossier"):
        if not over(dossier, row.sha256):
            yield Named(row.sha256, lies(dossier, row.sha256), f"trang gốc của hồ sơ {dossier.provisional}")
    for dossier, row in _of_dossiers(Paper, "dossier"):
        number = dossier.provisional
        for sha256, what in ((row.copy_sha256, "bản sao"), (row.signed_sha256, "bản đã ký")):
            if sha256 and not over(dossier, sha256):
                yield Named(sha256, lies(dossier, sha256), f"{what} của hồ sơ {number}")
        for sha256 in _rests_on(row):
            yield Named(sha256, lies(dossier, row.signed_sha256 or ""), f"chứng cứ chữ ký của hồ sơ {number}")
    for dossier, row in _of_dossiers(PaperUse, "dossier"):
        if not over(dossier, row.sha256):
            yield Named(row.sha256, False, f"giấy tờ dùng lại trong hồ sơ {dossier.provisional}")
    for dossier, row in _of_dossiers(PaperText, "dossier"):
        if row.sha256 and not over(dossier, row.sha256):
            yield Named(row.sha256, row.terminal_id == terminal_id, "tệp chữ kèm giấy tờ")
    for paper in _by_id(Paper.select(Paper, Dossier).join(Dossier).where(Dossier.salt == b"")):
        for sha256 in _rests_on(paper):  # shared with the other papers of that clerk, and nothing of the citizen
            yield Named(sha256, False, "chứng cứ chữ ký của một hồ sơ đã xóa")
    yield from _beside(terminal_id)
    yield from _once_named()


def _rests_on(paper: Paper) -> list[str]:
    """Chain, OCSP answers and CRLs of a paper's signature."""
    said = paper.evidence.get("signature", {})
    return [sha256 for kind in ("chain", "ocsp", "crls") for sha256 in said.get(kind, [])]


def _beside(terminal_id: str) -> Iterator[Named]:
    """Proofs of delivery, signatures on minutes, words of pages, and pages that wait in the inbox."""
    for proof in _by_id(Proof.select()):
        for sha256 in (proof.signature_sha256, proof.photo_sha256):
            if sha256:
                yield Named(sha256, False, "bằng chứng phát")
    for signed in _by_id(Minutes.select().where(Minutes.signature_sha256.is_null(False))):
        yield Named(signed.signature_sha256, signed.terminal_id == terminal_id, f"chữ ký trên biên bản {signed.number}")
    for row in _by_id(PageReading.select().where(PageReading.state != ERASED)):
        if row.words_sha256:
            yield Named(row.words_sha256, row.terminal_id == terminal_id, "chữ đọc được của một trang")
    for blob in _by_id(PhoneBlob.select().where(PhoneBlob.terminal_id == terminal_id)):
        yield Named(blob.sha256, False, "ảnh từ điện thoại bưu tá")
    for row in _by_id(InboxPage.select()):
        waits = row.filed_at is None and row.discarded_at is None
        yield Named(row.sha256, waits and row.terminal_id == terminal_id, "trang chờ xếp")


def _once_named() -> Iterator[Named]:
    """Pages that were taken out and copies that were made anew: kept until their dossier is erased."""
    living = Dossier.select(Dossier.id).where(Dossier.salt != b"")
    entries = JournalEntry.select().where((JournalEntry.ledger == "dossier") & JournalEntry.dossier_id.in_(living))
    for entry in _by_id(entries):
        for name in ("page", "pages", "papers", "replaced", "text"):
            held = entry.body.get(name, [])
            for sha256 in [held] if isinstance(held, str) else held:
                if len(sha256) == 64:
                    yield Named(sha256, False, "trang hoặc bản sao đã thay")


def _of_dossiers(model: Any, name: str) -> Iterator[tuple[Dossier, Any]]:
    """The rows of dossiers that are not erased, with their dossier."""
    query = model.select(model, Dossier).join(Dossier, on=getattr(model, name)).where(Dossier.salt != b"")
    for row in _by_id(query):
        yield getattr(row, name), row


class _Over:
    """Which objects may not be read any more in a dossier; of the dossier that was asked about last."""

    def __init__(self) -> None:
        self._of, self._hashes = 0, set[str]()

    def __call__(self, dossier: Dossier, sha256: str) -> bool:
        if self._of != dossier.id:
            rows: Any = ErasedObject.select(ErasedObject.sha256).where(ErasedObject.dossier == dossier).tuples()
            held = {one for (one,) in rows}
            self._of, self._hashes = dossier.id, {one for one, of in over_among(held) if of == dossier.id}
        return sha256 in self._hashes


class _Lies:
    """Whether an object must lie at a terminal: it brought it in, as the journal says, or received the dossier."""

    def __init__(self, terminal_id: str) -> None:
        self._terminal, self._of, self._first = terminal_id, 0, dict[str, str]()

    def __call__(self, dossier: Dossier, sha256: str) -> bool:
        if self._of != dossier.id:
            self._of, self._first = dossier.id, {}
            for entry in entries("dossier", dossier_id=dossier.id):
                for name in ("page", "pages", "papers"):
                    held = entry.body.get(name, [])
                    for one in [held] if isinstance(held, str) else held:
                        self._first.setdefault(one, entry.terminal_id)
        return self._first.get(sha256, dossier.terminal_id) == self._terminal


def _by_id(query: Any) -> Iterator[Any]:
    """The rows of a query in pages, so that a large table takes little memory."""
    model, last = query.model, 0
    while True:
        page = list(query.where(model.id > last).order_by(model.id).limit(_PAGE))
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].id
