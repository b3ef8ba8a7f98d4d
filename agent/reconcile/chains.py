"""Breaks in what was signed: the province's chain of receipts, its heads, and our journal against the heads we gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from agent.domain.canonical import NO_DIGEST
from agent.store.exchanges import HeadExchange, ReceiptLink
from agent.store.handoffs import ProvinceReceipt
from agent.store.journal import JournalEntry

RECEIPTS: Final = "receipts"
PROVINCE, OFFICE = "province", "office"
BATCH: Final = 500
"""Receipts that are linked in one transaction."""


@dataclass(frozen=True)
class Break:
    """Something that cannot be true together with what was signed before: whose it is, and in words."""

    side: str
    words: str


def link_receipts() -> int:
    """Give receipts that have none their place in the chain, some at a time; how many. Inside writing()."""
    linked = ReceiptLink.select(ReceiptLink.receipt)
    fresh = ProvinceReceipt.select().where(ProvinceReceipt.id.not_in(linked)).order_by(ProvinceReceipt.id)
    rows = [_link(one) for one in fresh.limit(BATCH)]
    if rows:
        ReceiptLink.insert_many(rows).execute()
    return len(rows)


def _link(receipt: ProvinceReceipt) -> dict[str, Any]:
    said = _read(receipt.document)
    sequence, previous = said.get("sequence"), said.get("previous")
    chained = isinstance(sequence, int) and sequence > 0 and isinstance(previous, str)
    return {
        "receipt": receipt.id,
        "office_id": str(said.get("office", "")) if chained else "",
        "sequence": sequence if chained else 0,
        "previous": previous if chained else None,
        "hash": hashlib.sha256(receipt.document).hexdigest(),
    }


def _read(document: bytes) -> dict[str, Any]:
    try:
        said = json.loads(document)
    except ValueError:  # a province that signs no receipts
        return {}
    return said if isinstance(said, dict) else {}


def breaks(office: str, terminal: str) -> list[Break]:
    """Every break of the office's chains, the province's first; inside a transaction, and nothing stops for it."""
    held = HeadExchange.select().where((HeadExchange.office_id == office) & HeadExchange.done).order_by(HeadExchange.id)
    exchanges = list(held)
    return [*_receipts(office), *_heads(office, exchanges), *_exchanges(exchanges), *_journal(exchanges, terminal)]


def _receipts(office: str) -> Iterator[Break]:
    """Neighbours that do not fit; receipts that another terminal holds leave gaps, which are no break."""
    chained = (ReceiptLink.office_id == office) & (ReceiptLink.sequence > 0)
    rows = ReceiptLink.select(ReceiptLink, ProvinceReceipt.id, ProvinceReceipt.key).join(ProvinceReceipt).where(chained)
    for one, after in pairwise(rows.order_by(ReceiptLink.sequence, ReceiptLink.id).iterator()):
        told = f"{after.receipt.key} (số {after.sequence} trong chuỗi biên nhận)"
        if one.sequence == after.sequence and one.hash != after.hash:
            yield Break(PROVINCE, f"Tỉnh đã ký hai biên nhận cùng số {one.sequence}: {one.receipt.key} và {told}.")
        elif one.sequence + 1 == after.sequence and after.previous != one.hash:
            yield Break(PROVINCE, f"Biên nhận {told} không nối với biên nhận trước, {one.receipt.key}.")


def _heads(office: str, exchanges: list[HeadExchange]) -> Iterator[Break]:
    """What the province signed as its last receipt, against the receipts we hold and against its other heads."""
    last = {"sequence": 0, "hash": NO_DIGEST}
    for exchange in exchanges:
        for head in exchange.heads:
            if head["chain"] != RECEIPTS:
                continue
            held = ReceiptLink.get_or_none(
                (ReceiptLink.office_id == office) & (ReceiptLink.sequence == head["sequence"])
            )
            if held is not None and head["sequence"] > 0 and held.hash != head["hash"]:
                words = f"biên nhận số {head['sequence']} bưu cục giữ ({held.receipt.key}) khác với đầu chuỗi tỉnh ký"
                yield Break(PROVINCE, f"Ngày {exchange.day}: {words}.")
            shorter = head["sequence"] < last["sequence"]
            if shorter or (head["sequence"] == last["sequence"] and head["hash"] != last["hash"]):
                words = f"chuỗi biên nhận của tỉnh {'ngắn đi' if shorter else 'đổi'} ở số {last['sequence']}"
                yield Break(PROVINCE, f"Ngày {exchange.day}: {words} so với lần tỉnh đã ký trước.")
            last = head


def _exchanges(exchanges: list[HeadExchange]) -> Iterator[Break]:
    """Two exchanges that follow the same one, and what the province said of ours; a lost answer leaves a gap only."""
    seen: dict[str, HeadExchange] = {}
    for exchange in exchanges:
        previous = str(_read(exchange.document or b"").get("previous", ""))
        fork = seen.setdefault(previous, exchange)
        if fork is not exchange:
            words = (
                f"Tỉnh đã ký hai lần trao đổi đầu sổ nối cùng một lần trước: ngày {fork.day} và ngày {exchange.day}."
            )
            yield Break(PROVINCE, words)
        for head in exchange.conflicts:
            yield Break(
                OFFICE,
                f"Ngày {exchange.day} tỉnh báo: sổ {head['chain']} của bưu cục trái với đầu sổ đã đưa ở bút toán "
                f"{head['sequence']}.",
            )


def _journal(exchanges: list[HeadExchange], terminal: str) -> Iterator[Break]:
    """Our own entries against the heads that the province signed."""
    for exchange in exchanges:
        for head in exchange.given:
            ledger, _, where = head["chain"].partition("@")
            mine = (JournalEntry.ledger == ledger) & (JournalEntry.seq == head["sequence"])
            chains = {where, ""} if where == terminal else {where}
            entry = JournalEntry.get_or_none(mine & JournalEntry.chain.in_(chains))
            if head["sequence"] and (entry is None or entry.hash != head["hash"]):
                what = "không còn" if entry is None else "đã bị viết lại"
                words = f"Bút toán {head['sequence']} của sổ “{ledger}” {what} sau khi tỉnh ký ngày {exchange.day}."
                yield Break(OFFICE, words)
