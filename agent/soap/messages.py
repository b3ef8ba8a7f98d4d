"""Plain values to the contract's XML and back, without any network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import pybase64

from agent.domain.canonical_codec import (
    Facet,
    Member,
    Range,
    facet_of,
    from_plain,
    instant_text,
    item_kind,
    members,
    nested,
    parse_instant,
)
from agent.errors import RuleViolation
from agent.ports import BucketDigest, LedgerRow, StatusChange, UploadState
from agent.ports_province import Receipt
from agent.soap.contract import NAMESPACE, qualified

if TYPE_CHECKING:
    from lxml.etree import _Element

T = TypeVar("T")

ITEMS = {
    "procedures": "procedure",
    "documents": "document",
    "components": "component",
    "files": "file",
    "fees": "fee",
    "results": "result",
    "requests": "request",
    "changes": "change",
    "digests": "digest",
    "buckets": "bucket",
    "rows": "row",
    "items": "item",
    "operations": "operation",
    "features": "feature",
    "payments": "payment",
    "answers": "answer",
    "events": "event",
    "refusals": "refusal",
    "heads": "head",
    "conflicts": "conflict",
}
"""Lists travel in a wrapper: `<files><file/>…</files>`."""

NEVER_EMPTY = frozenset({"dueAt"})
"""Elements that are left out when empty, because their type has no empty value."""


# --- to XML ------------------------------------------------------------------------------------
def soap_value(plain: Any) -> Any:
    """Plain JSON in the shape of the schema: wrappers around lists, what is absent left out."""
    if not isinstance(plain, Mapping):
        return plain
    made: dict[str, Any] = {}
    for name, value in plain.items():
        if value is None or (name in NEVER_EMPTY and value == ""):
            continue
        if isinstance(value, list | tuple):
            made[name] = {ITEMS[name]: [soap_value(item) for item in value]} if value else {}
        else:
            made[name] = soap_value(value)
    return made


def element_of(name: str, plain: Any) -> _Element:
    """One element of the contract from plain values, in the order in which they are given."""
    from lxml import etree

    root = etree.Element(qualified(name), nsmap={"t": NAMESPACE})
    _fill(root, plain)
    return root


def _fill(parent: _Element, plain: Any) -> None:
    from lxml import etree

    if not isinstance(plain, Mapping):
        parent.text = _written(plain)
        return
    for name, value in plain.items():
        if value is None or (name in NEVER_EMPTY and value == ""):
            continue
        child = etree.SubElement(parent, qualified(name))
        if isinstance(value, list | tuple):
            for item in value:
                _fill(etree.SubElement(child, qualified(ITEMS[name])), item)
        else:
            _fill(child, value)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return pybase64.b64encode_as_string(value)
    if isinstance(value, datetime):
        return instant_text(value)
    return str(value)


# --- from XML ----------------------------------------------------------------------------------
def plain_of(element: _Element) -> Any:
    """The values of a validated element as text, dicts and lists."""
    name = local_name(element)
    if name in ITEMS:
        return [plain_of(child) for child in element]
    if len(element):
        return {local_name(child): plain_of(child) for child in element}
    return element.text or ""


def local_name(element: _Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def canonical_of(kind: type[T], element: _Element) -> T:
    """Rebuild a canonical dataclass from validated XML; RuleViolation when a value is not canonical."""
    return from_plain(kind, _canonical_plain(kind, element))


def _canonical_plain(kind: type, element: _Element) -> dict[str, Any]:
    children = {local_name(child): child for child in element}
    return {member.json: _canonical_value(member, children.get(member.json)) for member in members(kind)}


def _canonical_value(member: Member, child: _Element | None) -> Any:
    kind = member.kind
    inner, group = item_kind(kind), nested(kind)
    if inner is not None:
        return [] if child is None else [_canonical_plain(inner, item) for item in child]
    if group is not None:
        return None if child is None else _canonical_plain(group, child)
    text = "" if child is None else child.text or ""
    facet = facet_of(kind)
    if kind is bool:
        return truth(text)
    if isinstance(facet, Range):
        return int(text)
    if isinstance(facet, Facet) and facet.instant and text:
        return _whole_instant(text, member.json)
    return text.strip() if isinstance(kind, type) and issubclass(kind, StrEnum) else text


def _whole_instant(text: str, path: str) -> str:
    instant = parse_instant(text.strip(), path)
    if instant.microsecond:
        raise RuleViolation(f"Thời điểm “{path}” phải tròn giây.", code="canonical")
    return instant_text(instant)


def truth(text: str) -> bool:
    """An xs:boolean."""
    return text.strip() in ("true", "1")


# --- the contract's answers as the port's values -----------------------------------------------
def receipt_of(plain: Mapping[str, str]) -> Receipt:
    """A receipt (biên nhận)."""
    return Receipt(
        key=plain["key"],
        number=plain["number"],
        digest=plain["digest"],
        at=parse_instant(plain["at"]),
        duplicate=truth(plain["duplicate"]),
        document=pybase64.b64decode(plain["document"]),
        signature=pybase64.b64decode(plain["signature"]),
    )


def upload_of(plain: Mapping[str, str]) -> UploadState:
    """How much of a file the province holds."""
    return UploadState(plain["sha256"], int(plain["received"]), truth(plain["complete"]))


def procedure_of(plain: Mapping[str, str]) -> dict[str, Any]:
    """A catalogue entry: code, name, field, version (int), validFrom, validUntil, active (bool)."""
    texts = {name: plain.get(name, "") for name in ("code", "name", "field", "validFrom", "validUntil")}
    return {**texts, "version": int(plain["version"]), "active": truth(plain["active"])}


def reusable_of(plain: Mapping[str, str]) -> dict[str, Any]:
    """A reusable paper: paperCode, componentCode, name, sha256, number, validUntil (day or ""), at, valid (or None)."""
    names = ("paperCode", "componentCode", "name", "sha256", "number", "validUntil")
    valid = truth(plain["valid"]) if plain.get("valid") else None
    return {**{name: plain.get(name, "") for name in names}, "at": parse_instant(plain["at"]), "valid": valid}


def change_of(plain: Mapping[str, Any]) -> StatusChange:
    """One entry of the status feed."""
    due = str(plain.get("dueAt", ""))
    return StatusChange(
        cursor=int(plain["cursor"]),
        number=plain["number"],
        version=int(plain["version"]),
        status=int(plain["status"]),
        at=parse_instant(plain["at"]),
        body=plain.get("body", ""),
        handler=plain.get("handler", ""),
        note=plain.get("note", ""),
        due_at=parse_instant(due) if due else None,
        results=tuple({key: str(value) for key, value in item.items()} for item in plain.get("results", ())),
        requests=tuple({key: str(value) for key, value in item.items()} for item in plain.get("requests", ())),
    )


def bucket_from(plain: Mapping[str, str]) -> BucketDigest:
    """A bucket's digest."""
    return BucketDigest(plain["bucket"], int(plain["count"]), plain["digest"])


def bucket_plain(bucket: BucketDigest) -> dict[str, Any]:
    """A bucket's digest as it is sent."""
    return {"bucket": bucket.bucket, "count": bucket.count, "digest": bucket.digest}


def row_of(plain: Mapping[str, Any]) -> LedgerRow:
    """A dossier of the province's ledger."""
    return LedgerRow(
        key=plain["key"],
        number=plain["number"],
        digest=plain["digest"],
        status=int(plain["status"]),
        fee=int(plain["fee"]),
        files=tuple(sorted(plain.get("files", ()))),
        items=tuple(sorted(plain.get("items", ()))),
        at=parse_instant(plain["at"]),
    )


def row_plain(row: LedgerRow) -> dict[str, Any]:
    """A dossier of a ledger as it is sent."""
    return {
        "key": row.key,
        "number": row.number,
        "digest": row.digest,
        "status": row.status,
        "fee": row.fee,
        "files": list(row.files),
        "items": list(row.items),
        "at": row.at,
    }
