"""A dossier's journal entries under roots that the province signed (đối chứng): made for a bundle, and checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from agent.domain import merkle
from agent.domain.canonical import canonical_json, digest
from agent.reconcile.chains import RECEIPTS
from agent.reconcile.heads import exchanges, name_of, span

FOLDER: Final = "exchanges/"
ANCHORS: Final = "anchors.json"
Plain = Mapping[str, Any]


# --- what goes into a bundle -------------------------------------------------------------------
def gather(journal: Sequence[Plain], office: str, terminal: str) -> dict[str, bytes]:
    """The exchanges that cover these entries, as the province signed them, and each entry's path; inside reading()."""
    members: dict[str, bytes] = {}
    anchors = []
    for number, exchange in enumerate(exchanges(office), start=1):
        file = f"{FOLDER}{number:04d}"
        for head in exchange.given:
            covered = [one for one in journal if _covers(head, one, name_of(one["ledger"], one["chain"] or terminal))]
            if not covered:
                continue
            members |= {f"{file}.json": exchange.document or b"", f"{file}.cms": exchange.signature or b""}
            hashes = span(covered[0]["ledger"], covered[0]["chain"], head["since"], head["sequence"])
            anchors += [_anchor(one, head, hashes, f"{file}.json") for one in covered]
    return members | {ANCHORS: canonical_json(anchors)} if members else {}


def _covers(head: Plain, entry: Plain, name: str) -> bool:
    return bool(head["root"]) and head["chain"] == name and head["since"] <= entry["seq"] <= head["sequence"]


def _anchor(entry: Plain, head: Plain, hashes: Sequence[str], file: str) -> dict[str, Any]:
    return {
        "exchange": file,
        "head": head["chain"],
        "since": head["since"],
        "until": head["sequence"],
        "ledger": entry["ledger"],
        "chain": entry["chain"],
        "seq": entry["seq"],
        "path": merkle.path(hashes, entry["seq"] - head["since"]),
    }


# --- what a verifier makes of it ---------------------------------------------------------------
def anchored(journal: Sequence[Plain], anchors: Sequence[Plain], signed: Mapping[str, Plain]) -> list[str]:
    """Entries that are not those whose root the province signed, and entries that lack their path."""
    entries = {(one["ledger"], one["chain"], one["seq"]): one for one in journal}
    problems, shown = [], set[tuple[str, tuple[str, str, int]]]()
    for anchor in anchors:
        place = (anchor["ledger"], anchor["chain"], anchor["seq"])
        shown.add((anchor["exchange"], place))
        exchange, entry = signed[anchor["exchange"]], entries[place]
        size, index = anchor["until"] - anchor["since"] + 1, anchor["seq"] - anchor["since"]
        root = merkle.climb(entry["hash"], index, size, anchor["path"])
        given = {(one["chain"], one["since"], one["sequence"]): one["root"] for one in exchange["given"]}
        if not root or given.get((anchor["head"], anchor["since"], anchor["until"])) != root:
            problems.append(f"{_where(entry)} không phải bút toán mà tỉnh đã ký lúc {exchange['at']}: sổ bị viết lại.")
    return problems + [
        f"{_where(entry)} thiếu đường đối chứng tới đầu sổ tỉnh đã ký lúc {exchange['at']}."
        for file, exchange in signed.items()
        for place, entry in entries.items()
        if (file, place) not in shown and any(_covers(head, entry, _name(head, entry)) for head in exchange["given"])
    ]


def _name(head: Plain, entry: Plain) -> str:
    """The name by which this head would be the entry's; a database of one terminal leaves the chain unnamed."""
    return name_of(entry["ledger"], entry["chain"] or head["chain"].partition("@")[2])


def _where(entry: Plain) -> str:
    return f"Bút toán {entry['seq']} của sổ “{entry['ledger']}”"


def chained(receipts: Mapping[str, Plain], signed: Mapping[str, Plain]) -> list[str]:
    """Receipts that do not follow each other, or are not what the province signed as its last one."""
    placed = [(one["office"], one["sequence"], name, one) for name, one in receipts.items() if one.get("sequence")]
    return [*_neighbours(sorted(placed, key=lambda one: one[:3])), *_last(placed, signed)]


def _neighbours(placed: Sequence[tuple[str, int, str, Plain]]) -> Iterator[str]:
    for (office, sequence, name, one), (other, following, after, next_one) in pairwise(placed):
        if office == other and sequence == following:
            yield f"Tỉnh đã ký hai biên nhận cùng số {sequence}: {name} và {after}."
        elif (office, sequence + 1) == (other, following) and next_one["previous"] != digest(canonical_json(one)):
            yield f"Biên nhận {after} của tỉnh không nối với {name}."


def _last(placed: Sequence[tuple[str, int, str, Plain]], signed: Mapping[str, Plain]) -> Iterator[str]:
    for exchange in signed.values():
        for head in exchange["heads"]:
            for office, sequence, name, one in placed:
                mine = (RECEIPTS, exchange["office"], head["sequence"])
                if (head["chain"], office, sequence) == mine and digest(canonical_json(one)) != head["hash"]:
                    yield f"Biên nhận {name} khác với đầu chuỗi biên nhận mà tỉnh đã ký lúc {exchange['at']}."


def read_exchanges(members: Mapping[str, bytes]) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """The anchors and the signed exchanges of a bundle, empty when it has none."""
    anchors = json.loads(members[ANCHORS]) if ANCHORS in members else []
    signed = {
        name: json.loads(data) for name, data in members.items() if name.startswith(FOLDER) and name.endswith(".json")
    }
    return anchors, signed
