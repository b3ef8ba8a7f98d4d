"""Append-only ledgers of hash-chained entries."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from peewee import BigIntegerField, IntegerField, TextField

from agent.domain.json_text import canonical_text
from agent.store import gathered, rows
from agent.store.base import Model, Owned, current, require_writing
from agent.store.fields import JsonField, ShaField, UidField, UtcField, utc_text

GENESIS: Final = "0" * 64  # what the first entry of a chain follows
_PAGE = 1000  # entries read at a time by verify()


class JournalEntry(Owned):
    """One fact, never changed: `hash` = SHA-256(previous hash bytes || RFC 8785 JSON of the other fields)."""

    ledger = TextField()
    chain = TextField()  # "" on SQLite (one writer), the terminal on PostgreSQL
    seq = IntegerField()  # 1, 2, 3 … within the chain
    uid = UidField(unique=True)
    kind = TextField()
    at = UtcField()
    actor = TextField()
    dossier_id = BigIntegerField(null=True, index=True)
    body = JsonField()  # ids, codes and commitments; never personal data
    prev = ShaField()
    hash = ShaField()

    class Meta:
        indexes = (
            (("ledger", "chain", "seq"), True),
            (("ledger", "dossier_id"), False),
            (("ledger", "office_id", "id"), False),  # what an office has not told the province yet
        )


class JournalHead(Model):
    """The last entry of each chain: finds the next number fast, and shows a tail that was cut off."""

    ledger = TextField()
    chain = TextField()
    seq = IntegerField()
    hash = ShaField()

    class Meta:
        indexes = ((("ledger", "chain"), True),)


DDL: Final = {
    "sqlite": [
        f"CREATE TRIGGER journal_entry_no_{verb} BEFORE {verb.upper()} ON journal_entry "
        "BEGIN SELECT RAISE(ABORT, 'journal_entry is append-only'); END"
        for verb in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'journal_entry is append-only'; END $$",
        "CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry "
        "EXECUTE FUNCTION journal_append_only()",
    ],
}


def append(
    ledger: str,
    kind: str,
    *,
    uid: uuid.UUID,
    at: datetime,
    actor: str,
    office_id: str,
    terminal_id: str,
    dossier_id: int | None,
    body: dict[str, Any],
) -> JournalEntry:
    """Add one entry at the end of the ledger's chain, in the caller's write transaction; it has no id yet."""
    require_writing("journal.append")
    chain = _chain(terminal_id)
    row_id, seq, last = _locked_head(ledger, chain)
    entry = JournalEntry(
        ledger=ledger,
        chain=chain,
        seq=seq + 1,
        uid=uid,
        kind=kind,
        at=at,
        actor=actor,
        office_id=office_id,
        terminal_id=terminal_id,
        dossier_id=dossier_id,
        body=body,
        prev=last,
    )
    entry.hash = entry_hash(entry)
    gathered.add(JournalEntry, entry.__data__)
    _move_head(ledger, chain, (row_id, entry.seq, entry.hash))
    return entry


def extend(ledger: str, entries: Sequence[Mapping[str, Any]], *, terminal_id: str) -> None:
    """Add many entries at the end of the ledger's chain in one go, in the caller's write transaction.

    Each names kind, uid, at, actor, office_id, dossier_id and body, as `append` takes them.
    """
    require_writing("journal.extend")
    if not entries:
        return
    chain = _chain(terminal_id)
    row_id, seq, last = _locked_head(ledger, chain)
    made = []
    for values in entries:
        seq += 1
        entry = JournalEntry(ledger=ledger, chain=chain, seq=seq, terminal_id=terminal_id, prev=last, **values)
        entry.hash = last = entry_hash(entry)
        made.append(entry.__data__)
    for start in range(0, len(made), _PAGE // 2):
        gathered.add(JournalEntry, *made[start : start + _PAGE // 2])
    _move_head(ledger, chain, (row_id, seq, last))


def hold(terminal_id: str) -> None:
    """Take the terminal's chains for this transaction before anything is added: whoever wants a further lock does."""
    require_writing("journal.hold")
    _chain(terminal_id)


def _chain(terminal_id: str) -> str:
    if current().dialect == "sqlite":
        return ""
    gathered.once(("chains", terminal_id), lambda: _lock_chains(terminal_id))
    return terminal_id


def _lock_chains(terminal_id: str) -> None:
    # all chains of a terminal under one lock, so that two of its transactions cannot wait for each other
    current().database.execute_sql("SELECT pg_advisory_xact_lock(7701, hashtext(%s))", (terminal_id,))


def _locked_head(ledger: str, chain: str) -> tuple[int, int, str]:
    """Row, number and hash of a chain's end."""
    return gathered.once(("head", ledger, chain), lambda: _read_head(ledger, chain))


def _read_head(ledger: str, chain: str) -> tuple[int, int, str]:
    found = rows.first(JournalHead, ledger=ledger, chain=chain)
    found = found or rows.create(JournalHead, ledger=ledger, chain=chain, seq=0, hash=GENESIS)
    return found.id, found.seq, found.hash


def _move_head(ledger: str, chain: str, end: tuple[int, int, str]) -> None:
    gathered.know(("head", ledger, chain), end)
    gathered.change(JournalHead, end[0], seq=end[1], hash=end[2])


def hashed_fields(entry: JournalEntry) -> dict[str, Any]:
    """What an entry's hash is made of beside the hash of the entry before it."""
    return {
        "ledger": entry.ledger,
        "chain": entry.chain,
        "seq": entry.seq,
        "uid": str(entry.uid),
        "kind": entry.kind,
        "at": utc_text(entry.at),
        "actor": entry.actor,
        "office": entry.office_id,
        "terminal": entry.terminal_id,
        "dossier": entry.dossier_id,
        "body": entry.body,
    }


def entry_hash(entry: JournalEntry) -> str:
    """The hash that the entry must have, computed from its other fields."""
    return hashlib.sha256(bytes.fromhex(entry.prev) + canonical_text(hashed_fields(entry)).encode()).hexdigest()


def entries(ledger: str, *, dossier_id: int | None = None) -> list[JournalEntry]:
    """A ledger's entries in the order they were written; of one dossier when `dossier_id` is given."""
    gathered.written()
    query = JournalEntry.select().where(JournalEntry.ledger == ledger)
    if dossier_id is not None:
        query = query.where(JournalEntry.dossier_id == dossier_id)
    return list(query.order_by(JournalEntry.id))


def head(ledger: str, chain: str = "") -> tuple[int, str]:
    """Number and hash of a chain's last entry; (0, GENESIS) for an empty chain."""
    gathered.written()
    found = JournalHead.get_or_none((JournalHead.ledger == ledger) & (JournalHead.chain == chain))
    return (0, GENESIS) if found is None else (found.seq, found.hash)


def verify(ledger: str | None = None) -> list[str]:
    """Recompute every hash and link; what does not hold, in words. Empty when sound."""
    with current().reading():
        problems: list[str] = []
        for name, chain in chains(ledger):
            problems += _verify_chain(name, chain)
        return problems


def chains(ledger: str | None = None) -> list[tuple[str, str]]:
    """The ledgers and their chains that there are."""
    found: set[tuple[str, str]] = set()
    for model in (JournalHead, JournalEntry):
        query: Any = model.select(model.ledger, model.chain).distinct()
        if ledger is not None:
            query = query.where(model.ledger == ledger)
        found.update(query.tuples())
    return sorted(found)


def _verify_chain(ledger: str, chain: str) -> list[str]:
    problems = []
    where = f"Sổ “{ledger}”" + (f" quầy {chain}" if chain else "")
    seq, last = 0, GENESIS
    for entry in _walk(ledger, chain):
        if entry.seq != seq + 1:
            problems.append(f"{where}: thiếu bút toán từ số {seq + 1} đến {entry.seq - 1}.")
        elif entry.prev != last:
            problems.append(f"{where}: bút toán số {entry.seq} không nối với bút toán trước.")
        if entry.hash != entry_hash(entry):
            problems.append(f"{where}: bút toán số {entry.seq} ({entry.kind}) đã bị sửa.")
        seq, last = entry.seq, entry.hash
    if (seq, last) != head(ledger, chain):
        problems.append(f"{where}: đuôi sổ không khớp, sổ ghi {head(ledger, chain)[0]} bút toán mà còn {seq}.")
    return problems


def _walk(ledger: str, chain: str) -> Iterator[JournalEntry]:
    mine = (JournalEntry.ledger == ledger) & (JournalEntry.chain == chain)
    last = 0
    while True:
        page = list(
            JournalEntry.select().where(mine & (JournalEntry.seq > last)).order_by(JournalEntry.seq).limit(_PAGE)
        )
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].seq


def commitment(value: str | bytes, salt: bytes) -> str:
    """HMAC-SHA256 of the value (text as UTF-8) under its salt of 16 bytes or more, in hex.

    Proves later what was recorded; says nothing to anyone once the salt is deleted.
    """
    if len(salt) < 16:
        raise ValueError("a commitment needs a salt of 16 bytes or more")
    data = value.encode() if isinstance(value, str) else value
    return hmac.new(salt, data, hashlib.sha256).hexdigest()
